// A disk that fills up under a running server: 503, nothing stored is harmed, and it goes on when there is room again.
// As root on a small file system of its own; otherwise under a limit on the size of files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { startServer, temporaryFolder } from '../support/server.mjs';
import { auditedIds, integrityOf, recordedIds, verifyAudit } from '../support/stored.mjs';

const MOST_REQUESTS = 3000;

function mountSmallDisk() {
  const folder = temporaryFolder('osler-disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    fs.rmdirSync(folder);
    return undefined;
  }
}

function unmount(folder) {
  execFileSync('umount', [folder], { stdio: 'ignore' });
  fs.rmdirSync(folder);
}

const longRequest = () => requestWith({ narrative: 'A long story. '.repeat(1200) });

/** Diagnoses until one is not 200: {acknowledged, refused}. */
async function untilRefused(server, acknowledged) {
  for (let i = 0; i < MOST_REQUESTS; ++i) {
    const answer = await diagnose(server, longRequest());
    if (answer.status !== 200) return answer;
    acknowledged.push(answer.json.request_id);
  }
  return assert.fail('the disk never filled up');
}

async function assertKept(dataDir, acknowledged) {
  assert.equal(integrityOf(dataDir), 'ok');
  const records = recordedIds(dataDir);
  const entries = auditedIds(dataDir);
  assert.deepEqual(acknowledged.filter((id) => !records.has(id)), [], 'records are missing');
  assert.deepEqual(acknowledged.filter((id) => !entries.has(id)), [], 'audit entries are missing');
  const report = await verifyAudit(dataDir);
  assert.equal(report.code, 0, report.stdout + report.stderr);
}

const canMount = process.getuid() === 0;

test('a full disk is a 503, and with room again the server goes on by itself', { skip: canMount ? false : 'mounting a small disk needs root' }, async (t) => {
  const disk = mountSmallDisk();
  if (!disk) return t.skip('this machine does not let root mount a tmpfs');
  let server;
  try {
    server = await startServer({ dataDir: disk });
    const acknowledged = [];
    assert.equal((await diagnose(server, requestWith())).status, 200);
    const filler = path.join(disk, 'filler');
    fillUp(filler);
    const refused = await untilRefused(server, acknowledged);
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.headers['content-type'], /problem\+json/);
    assert.ok(refused.headers['retry-after']);
    assert.ok(!('diagnoses' in refused.json), 'no answer without its audit entry');
    assert.equal((await send(server, { path: '/health/live' })).status, 200, 'it is alive');
    assert.equal((await diagnose(server, longRequest())).status, 503, 'and stays closed to what does not fit');
    fs.rmSync(filler);
    await untilAnswered(server, acknowledged);
    await server.stop();
    await assertKept(disk, acknowledged);
  } finally {
    server?.kill('SIGKILL');  // a failure above must not leave a server on the disk
    await server?.exited;
    unmount(disk);
  }
  return undefined;
});

/** Leaves a few hundred kilobytes. */
function fillUp(file) {
  const { bavail, bsize } = fs.statfsSync(path.dirname(file));
  fs.writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - 300 * 1024)));
}

async function untilAnswered(server, acknowledged) {
  const end = Date.now() + 20_000;
  for (;;) {
    const answer = await diagnose(server, requestWith());
    if (answer.status === 200) return acknowledged.push(answer.json.request_id);
    assert.equal(answer.status, 503, answer.text);
    if (Date.now() > end) return assert.fail(`still ${answer.status} 20 s after there was room: ${answer.text}\n${server.log().slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('files that may not grow are a 503, and nothing stored is harmed', async () => {
  const dataDir = temporaryFolder();
  try {
    const first = await startServer({ dataDir });
    const acknowledged = [(await diagnose(first, requestWith())).json.request_id];
    await first.stop();
    // 512-byte blocks in bash: no file over 600 KiB.
    const limited = await startServer({ dataDir, wrapper: ['bash', '-c', 'trap "" XFSZ; ulimit -f 600; exec "$@"', 'bash'] });
    const refused = await untilRefused(limited, acknowledged);
    assert.equal(refused.status, 503, refused.text);
    assert.equal((await send(limited, { path: '/health/live' })).status, 200);
    limited.kill('SIGKILL');
    await limited.exited;
    const again = await startServer({ dataDir });
    const answer = await diagnose(again, requestWith());
    assert.equal(answer.status, 200, answer.text);
    acknowledged.push(answer.json.request_id);
    await again.stop();
    await assertKept(dataDir, acknowledged);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});
