// Three servers over one PostgreSQL and one Valkey (or Redis) behind HAProxy: one killed under load costs no acknowledged request, a rolling restart
// costs none at all, and every record is there once.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { makeCredentials } from '../support/certificates.mjs';
import { freePort, haproxyMissing, startHaproxy } from '../support/haproxy.mjs';
import { startLoad, wait } from '../support/load.mjs';
import { postgresOrReason } from '../support/postgres.mjs';
import { redisOrReason } from '../support/redis.mjs';
import { randomFrom, requestWith, seedOfThisRun } from '../support/requests.mjs';
import { startServer, temporaryFolder } from '../support/server.mjs';
import { auditedIds, verifyAudit } from '../support/stored.mjs';

const REPLICAS = 3;
const KEY = 'ward-key-0123456789abcdef0123456789';
const authorised = { 'X-API-Key': KEY };

const { postgres, reason: withoutPostgres } = await postgresOrReason();
const { redis, reason: withoutRedis } = await redisOrReason();
const skip = withoutPostgres || withoutRedis || haproxyMissing();
let folder, credentials, database, proxy, random;
const replicas = [];

/** Starts replica `number`, at the port and in the folder that it always has. */
async function start(number) {
  const dataDir = path.join(folder, `replica-${number}`);
  fs.mkdirSync(dataDir, { recursive: true });
  const port = replicas[number]?.port ?? await freePort();
  const env = { ...credentials.settings, DATABASE_URL: database.url, RATE_LIMIT_URL: redis.url, PORT: String(port), LOG_LEVEL: 'info', TRUSTED_PROXIES: '127.0.0.1' };
  replicas[number] = await startServer({ dataDir, env });
}

before(async () => {
  if (skip) return;
  random = randomFrom(seedOfThisRun());
  folder = temporaryFolder('osler-replicas');
  credentials = makeCredentials(folder, { ward: { role: 'clinician', key: KEY } });
  database = await postgres.createDatabase();
  await Promise.all(Array.from({ length: REPLICAS }, (_, number) => start(number)));  // all migrate the empty database at once
  proxy = await startHaproxy(folder, { ports: replicas.map(({ port }) => port), certificate: credentials.both, ca: credentials.certificate });
  await untilReachable();
});
after(async () => {
  await proxy?.stop();
  for (const replica of replicas) replica?.kill('SIGKILL');
  await Promise.all(replicas.map((replica) => replica?.exited));
  await postgres?.stop();
  await redis?.stop();
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
});

const load = (clients = 6) => startLoad(() => [proxy], random, { clients, headers: authorised, ca: credentials.ca });

async function untilReachable() {
  const end = Date.now() + 15_000;
  for (;;) {
    const answer = await send(proxy, { path: '/health/ready', ca: credentials.ca }).catch(() => ({ status: 0 }));
    if (answer.status === 200) return;
    assert.ok(Date.now() < end, `the proxy answers ${answer.status}: ${proxy.log().slice(-1000)}`);
    await wait(100);
  }
}

async function assertNothingLost(acknowledged) {
  const records = await database.recordedIds();
  assert.deepEqual([...acknowledged].filter((id) => !records.has(id)), [], 'records are missing');
  const entries = new Set(replicas.flatMap(({ dataDir }) => [...auditedIds(dataDir)]));
  assert.deepEqual([...acknowledged].filter((id) => !entries.has(id)), [], 'audit entries are missing');
}

test('all three answer, each with a log of its own', { skip }, async () => {
  const running = load();
  await running.more(150);
  await running.stop();
  assert.deepEqual([...running.statuses.keys()], [200], running.lastRefusal);
  for (const { dataDir } of replicas) assert.ok(auditedIds(dataDir).size > 10, 'every replica has a share');
  await assertNothingLost(running.acknowledged);
});

test('one killed under load costs no acknowledged request', { skip }, async () => {
  const running = load();
  for (let victim = 0; victim < REPLICAS; ++victim) {
    await running.more(40);
    replicas[victim].kill('SIGKILL');
    await replicas[victim].exited;
    await running.more(40);
    await start(victim);
  }
  await running.stop();
  for (const status of running.statuses.keys()) assert.ok([200, 502, 503].includes(status), `${status}: ${running.lastRefusal}`);
  await assertNothingLost(running.acknowledged);
});

test('a rolling restart costs no request at all', { skip }, async () => {
  await untilReachable();
  await wait(1500);  // until the proxy has seen all three up
  const running = load();
  for (let number = 0; number < REPLICAS; ++number) {
    await running.more(30);
    replicas[number].kill('SIGTERM');
    assert.equal((await replicas[number].exited).code, 0, replicas[number].log().slice(-2000));
    await start(number);
    await wait(1500);
  }
  await running.more(30);
  await running.stop();
  assert.deepEqual([...running.statuses.keys()], [200], `${JSON.stringify([...running.statuses])} ${running.lastRefusal}`);
  assert.equal(running.broken, 0, String(running.lastProblem));
  await assertNothingLost(running.acknowledged);
});

test('the rate limit counts over all replicas', { skip }, async () => {
  const allowed = 40;
  const dataDirs = [0, 1].map((number) => path.join(folder, `limited-${number}`));
  const servers = [];
  try {
    for (const dataDir of dataDirs) {
      fs.mkdirSync(dataDir, { recursive: true });
      servers.push(await startServer({ dataDir, env: { ...credentials.settings, DATABASE_URL: database.url, RATE_LIMIT_URL: redis.url, RATE_LIMIT_PER_MINUTE: String(allowed) } }));
    }
    const began = Date.now();
    let answered = 0;
    for (let i = 0; i < 2 * allowed; ++i)
      if ((await diagnose(servers[i % 2], requestWith(), { headers: authorised, ca: credentials.ca })).status === 200) answered += 1;
    const refilled = Math.ceil(((Date.now() - began) / 60_000) * allowed);
    assert.ok(answered >= 1 && answered <= allowed + refilled, `${answered} of at most ${allowed} + ${refilled}`);
  } finally {
    for (const server of servers) server.kill('SIGKILL');
    await Promise.all(servers.map(({ exited }) => exited));
  }
});

test('the logs of all replicas verify', { skip }, async () => {
  for (const replica of replicas) {
    replica.kill('SIGTERM');
    await replica.exited;
    const report = await verifyAudit(replica.dataDir, { ...credentials.settings, DATABASE_URL: database.url });
    assert.equal(report.code, 0, report.stdout + report.stderr);
  }
});
