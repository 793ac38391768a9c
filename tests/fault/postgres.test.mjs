// PostgreSQL on its bad days, seen through a gate: refusing, hanging, cut in the middle, slow, garbled, killed, restarted. A request is answered with its
// record stored, or with 503; nothing acknowledged is lost; and the server recovers by itself.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { startLoad, wait } from '../support/load.mjs';
import { postgresOrReason } from '../support/postgres.mjs';
import { randomFrom, requestWith, seedOfThisRun } from '../support/requests.mjs';
import { startServer, temporaryFolder } from '../support/server.mjs';
import { auditedIds, verifyAudit } from '../support/stored.mjs';
import { tcpGate } from '../support/tcp_gate.mjs';

const RECOVERS_WITHIN_MS = 20_000;

const { postgres, reason } = await postgresOrReason();
let database, gate, server, dataDir, random;

before(async () => {
  if (!postgres) return;
  random = randomFrom(seedOfThisRun());
  database = await postgres.createDatabase();
  gate = await tcpGate(postgres.port);
  dataDir = temporaryFolder('osler-postgres');
  server = await startServer({ dataDir, env: { DATABASE_URL: database.urlThrough(gate.port), LOG_LEVEL: 'info' } });
});
after(async () => {
  await server?.stop();
  await gate?.close();
  await postgres?.stop();
  if (dataDir) fs.rmSync(dataDir, { recursive: true, force: true });
});

/** Answers without a diagnosis: 503, or 504 where the database kept the server waiting. */
const refusedOf = (load) => (load.statuses.get(503) ?? 0) + (load.statuses.get(504) ?? 0);

/** Runs `trouble` under load, then shows that requests are answered again, and that what was acknowledged is stored and audited. */
async function survives(trouble, { mustRefuse = true } = {}) {
  await gate.set('pass');
  const load = startLoad(() => [server], random, { clients: 4 });
  await load.more(20);
  await trouble(load);
  const refused = refusedOf(load);
  await load.more(20, RECOVERS_WITHIN_MS);
  await load.stop();
  for (const status of load.statuses.keys()) assert.ok([200, 503, 504].includes(status), `${status}: ${load.lastRefusal}`);
  if (mustRefuse) assert.ok(refused > 0, 'nothing was refused meanwhile, so nothing was tried');
  assert.equal((await send(server, { path: '/health/ready' })).status, 200);
  const records = await database.recordedIds();
  const entries = auditedIds(dataDir);
  assert.deepEqual([...load.acknowledged].filter((id) => !records.has(id)), [], 'records are missing');
  assert.deepEqual([...load.acknowledged].filter((id) => !entries.has(id)), [], 'audit entries are missing');
}

/** Waits until requests are refused, so that the trouble is known to have been felt. */
async function untilRefused(load) {
  const before = refusedOf(load);
  const end = Date.now() + 60_000;
  while (refusedOf(load) < before + 3) {
    assert.ok(Date.now() < end, `nothing was refused: ${JSON.stringify([...load.statuses])}`);
    await wait(20);
  }
}

const during = (mode, options) => async (load) => {
  await gate.set(mode, options);
  await untilRefused(load);
  await gate.set('pass');
};

test('PostgreSQL that refuses connections', { skip: reason }, () => survives(during('refuse')));
test('PostgreSQL that takes connections and hangs', { skip: reason }, () => survives(during('hang')));
test('PostgreSQL whose answers are garbled', { skip: reason }, () => survives(during('corrupt')));
test('connections that are cut in the middle of an answer', { skip: reason }, () => survives(during('drop', { afterBytes: 200 })));
test('connections that are cut again and again', { skip: reason }, () => survives(async () => {
  for (let i = 0; i < 20; ++i) {
    gate.cut();
    await wait(20 + random() * 60);
  }
}, { mustRefuse: false }));

for (const [mode, options] of [['delay', { ms: 40 }], ['slice', {}], ['throttle', { bytesASecond: 400_000 }]]) {
  test(`PostgreSQL behind a network that is slow (${mode})`, { skip: reason }, () => survives(async (load) => {
    await gate.set(mode, options);
    await load.more(10, 60_000);  // slower, and answered
    await gate.set('pass');
  }, { mustRefuse: false }));
}

test('PostgreSQL that is killed and started again', { skip: reason }, () => survives(async (load) => {
  await postgres.kill();
  await untilRefused(load);
  await postgres.start();
}));

test('PostgreSQL that is restarted in good order', { skip: reason }, () => survives(() => postgres.restart(), { mustRefuse: false }));

test('a server whose PostgreSQL is away does not start, and says why in one line', { skip: reason }, async () => {
  await gate.set('refuse');
  try {
    await assert.rejects(startServer({ env: { DATABASE_URL: database.urlThrough(gate.port) } }), (problem) => {
      assert.match(problem.message, /code 1/);
      assert.match(problem.message, /database/i);
      assert.ok(!problem.message.includes(database.password ?? '\0'), 'the password is not shown');
      return true;
    });
  } finally {
    await gate.set('pass');
  }
});

test('the audit log verifies after all of it', { skip: reason }, async () => {
  assert.equal((await diagnose(server, requestWith())).status, 200);
  server.kill('SIGTERM');
  await server.exited;
  const report = await verifyAudit(dataDir, { DATABASE_URL: database.url });
  assert.equal(report.code, 0, report.stdout + report.stderr);
});
