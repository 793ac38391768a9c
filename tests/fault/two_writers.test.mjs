// Two servers on one SQLite file, each with an audit log of its own: slower than one, and nothing is lost or harmed. Two on one audit log: refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startLoad } from '../support/load.mjs';
import { randomFrom, seedOfThisRun } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { auditedIds, integrityOf, recordedIds, verifyAudit } from '../support/stored.mjs';

const REQUESTS = 300;

test('two servers write one SQLite file, and nothing acknowledged is lost', async () => {
  const random = randomFrom(seedOfThisRun());
  const dataDir = temporaryFolder('osler-two');
  const auditOf = (number) => path.join(dataDir, 'audit', `server-${number}`);
  const servers = [];
  try {
    for (const number of [1, 2]) servers.push(await startServer({ dataDir, env: { AUDIT_DIR: auditOf(number), LOG_LEVEL: 'info' } }));
    const load = startLoad(() => servers, random, { clients: 6 });
    await load.more(REQUESTS, 60_000);
    servers[0].kill('SIGKILL');
    await servers[0].exited;
    servers[0] = await startServer({ dataDir, env: { AUDIT_DIR: auditOf(1), LOG_LEVEL: 'info' } });
    await load.more(REQUESTS, 60_000);
    await load.stop();
    for (const status of load.statuses.keys()) assert.ok(status === 200 || status === 503, `${status}: ${load.lastRefusal}`);
    for (const server of servers) {
      server.kill('SIGTERM');
      await server.exited;
    }
    assert.equal(integrityOf(dataDir), 'ok');
    const records = recordedIds(dataDir);
    const entries = auditedIds(dataDir);
    assert.deepEqual([...load.acknowledged].filter((id) => !records.has(id)), [], 'records are missing');
    assert.deepEqual([...load.acknowledged].filter((id) => !entries.has(id)), [], 'audit entries are missing');
    for (const number of [1, 2]) {
      const report = await verifyAudit(dataDir, { AUDIT_DIR: auditOf(number) });
      assert.equal(report.code, 0, report.stdout + report.stderr);
    }
  } finally {
    for (const server of servers) server.kill('SIGKILL');
    await Promise.all(servers.map(({ exited }) => exited));
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a second server on the same audit log does not start, and the first goes on', async () => {
  const dataDir = temporaryFolder('osler-two');
  const first = await startServer({ dataDir });
  try {
    const other = { DATABASE_URL: `sqlite:///${path.join(dataDir, 'other.sqlite')}` };
    await assert.rejects(startServer({ dataDir, env: other }), /The store of records is missing or empty/);
    assert.equal((await runOsler(['migrate'], { dataDir, env: other })).code, 0);
    await assert.rejects(startServer({ dataDir, env: other }), /Another process writes this audit log/);
    const load = startLoad(() => [first], randomFrom(seedOfThisRun()), { clients: 1 });
    await load.more(5);
    await load.stop();
  } finally {
    await first.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});
