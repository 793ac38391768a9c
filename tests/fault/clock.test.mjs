// A wall clock that jumps by a year, back and forth, under load: requests are answered, nothing is lost, and the audit log, whose order is its index and
// not its time, verifies.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { clockLibrary } from '../support/clock.mjs';
import { startLoad, wait } from '../support/load.mjs';
import { randomFrom, seedOfThisRun } from '../support/requests.mjs';
import { startServer, temporaryFolder } from '../support/server.mjs';
import { auditedIds, recordedIds, verifyAudit } from '../support/stored.mjs';

const JUMPS = ['+0', '+1y', '-1y', '+1h', '-1h', '+400d', '+0'];

test('jumps of the wall clock cost nothing', { skip: clockLibrary() ? false : 'libfaketime is not installed' }, async () => {
  const dataDir = temporaryFolder('osler-clock');
  const file = path.join(dataDir, 'offset');
  const jump = (offset) => {
    fs.writeFileSync(`${file}.new`, `${offset}\n`);
    fs.renameSync(`${file}.new`, file);
  };
  jump(JUMPS[0]);
  const server = await startServer({ dataDir, env: { LD_PRELOAD: clockLibrary(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', LOG_LEVEL: 'info' } });
  try {
    const load = startLoad(() => [server], randomFrom(seedOfThisRun()), { clients: 3 });
    for (const offset of JUMPS) {
      jump(offset);
      await wait(100);
      await load.more(30);
    }
    await load.stop();
    assert.deepEqual([...load.statuses.keys()], [200], load.lastRefusal);
    server.kill('SIGTERM');
    assert.equal((await server.exited).code, 0);
    const records = recordedIds(dataDir);
    const entries = auditedIds(dataDir);
    assert.deepEqual([...load.acknowledged].filter((id) => !records.has(id) || !entries.has(id)), []);
    const years = new Set(timesIn(path.join(dataDir, 'audit')).map((time) => time.slice(0, 4)));
    assert.ok(years.size >= 2, `the clock did jump: ${[...years]}`);
    const report = await verifyAudit(dataDir);
    assert.equal(report.code, 0, report.stdout + report.stderr);
  } finally {
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});

function timesIn(folder) {
  const texts = fs.readdirSync(folder).filter((name) => name.startsWith('entries-')).map((name) => fs.readFileSync(path.join(folder, name), 'latin1'));
  return texts.flatMap((text) => [...text.matchAll(/"time":"([^"]+)"/g)].map(([, time]) => time));
}
