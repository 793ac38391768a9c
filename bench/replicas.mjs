// What replicas add: requests a second of POST /api/v1/diagnose through HAProxy over one PostgreSQL and one Valkey (or Redis), with one worker thread a
// replica, for one, two and three of them. On two cores the third has no core of its own: proxy, database and load generator share them.
//   OSLER_BENCH_SECONDS=5 OSLER_BENCH_RUNS=3 node bench/replicas.mjs
import fs from 'node:fs';
import path from 'node:path';
import { makeCredentials } from '../tests/support/certificates.mjs';
import { freePort, startHaproxy } from '../tests/support/haproxy.mjs';
import { send } from '../tests/support/http.mjs';
import { wait } from '../tests/support/load.mjs';
import { postgresOrReason } from '../tests/support/postgres.mjs';
import { redisOrReason } from '../tests/support/redis.mjs';
import { startServer, temporaryFolder } from '../tests/support/server.mjs';
import { syntheticCases } from './cases.mjs';
import { load } from './wrk.mjs';

const SECONDS = Number(process.env.OSLER_BENCH_SECONDS ?? 5);
const RUNS = Number(process.env.OSLER_BENCH_RUNS ?? 3);
const MOST_REPLICAS = 3;
const CONNECTIONS = 16;
const KEY = 'bench-key-0123456789abcdef0123456789';

const { postgres, reason: withoutPostgres } = await postgresOrReason();
const { redis, reason: withoutRedis } = await redisOrReason();
if (!postgres || !redis) throw new Error(withoutPostgres || withoutRedis);
const folder = temporaryFolder('osler-bench-replicas');
const credentials = makeCredentials(folder, { ward: { role: 'clinician', key: KEY } });
const trial = await startServer({});
const bodies = await syntheticCases(trial, 300);
await trial.stop();

async function untilReady(proxy) {
  while ((await send(proxy, { path: '/health/ready', ca: credentials.ca }).catch(() => ({}))).status !== 200) await wait(100);
}

for (let count = 1; count <= MOST_REPLICAS; ++count) {
  const database = await postgres.createDatabase();
  const replicas = [];
  for (let number = 0; number < count; ++number) {
    const dataDir = path.join(folder, `${count}-${number}`);
    fs.mkdirSync(dataDir);
    const env = { ...credentials.settings, DATABASE_URL: database.url, RATE_LIMIT_URL: redis.url, PORT: String(await freePort()), LOG_LEVEL: 'info', TRUSTED_PROXIES: '127.0.0.1',
      WORKER_THREADS: '1', RATE_LIMIT_PER_MINUTE: '1000000' };
    replicas.push(await startServer({ dataDir, env }));
  }
  const proxy = await startHaproxy(folder, { ports: replicas.map(({ port }) => port), certificate: credentials.both, ca: credentials.certificate });
  await untilReady(proxy);
  let best;
  for (let run = 0; run < RUNS; ++run) {
    const figures = await load({ url: proxy.url, pid: replicas[0].pid }, { method: 'POST', path: '/api/v1/diagnose', bodies, folder, connections: CONNECTIONS, seconds: SECONDS, headers: { 'X-API-Key': KEY } });
    if (!best || figures.perSecond > best.perSecond) best = figures;
  }
  console.log(`${count} replicas, ${CONNECTIONS} connections: ${best.perSecond.toFixed(0)}/s, p50 ${best.p50Ms.toFixed(1)} ms, p99 ${best.p99Ms.toFixed(1)} ms, ${best.notOk + best.broken} not 200`);
  await proxy.stop();
  for (const replica of replicas) await replica.stop();
}
await postgres.stop();
await redis.stop();
fs.rmSync(folder, { recursive: true, force: true });
