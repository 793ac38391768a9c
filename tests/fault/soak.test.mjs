// Mixed work for some minutes (./run soak MINUTES for more): no error, and memory that does not grow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metric, send } from '../support/http.mjs';
import { oneCase, startLoad, wait } from '../support/load.mjs';
import { randomFrom, seedOfThisRun } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';
import { verifyAudit } from '../support/stored.mjs';

const MINUTES = Number(process.env.OSLER_SOAK_MINUTES ?? 3);
const SAMPLES = 60;
const PAUSE_MS = 15;             // some half of what the server can do
const WARM_SHARE = 1 / 3;        // caches fill, the allocator settles
const INDEX_BYTES_A_CASE = 556;  // what the embedded store keeps of each case to look for similar ones: 256 numbers of 16 bits, 44 bytes beside (src/cases/vector_index.h)
const MOST_GROWTH_MB_AN_HOUR = Number(process.env.OSLER_SOAK_GROWTH ?? 10);   // beyond that
const MOST_JITTER_MB = 6;        // what one sample may be off

/** Megabytes an hour, by least squares. */
function slopeOf(samples) {
  const meanTime = samples.reduce((sum, one) => sum + one.hours, 0) / samples.length;
  const meanSize = samples.reduce((sum, one) => sum + one.megabytes, 0) / samples.length;
  const above = samples.reduce((sum, one) => sum + (one.hours - meanTime) * (one.megabytes - meanSize), 0);
  return above / samples.reduce((sum, one) => sum + (one.hours - meanTime) ** 2, 0);
}

async function residentMegabytes(server) {
  return metric((await send(server, { path: '/api/v1/metrics' })).text, 'process_resident_memory_bytes') / 2 ** 20;
}

test(`${MINUTES} minutes of mixed work: no error, memory flat`, async () => {
  const random = randomFrom(seedOfThisRun());
  const server = await startServer({ env: { LOG_LEVEL: 'info' } });
  try {
    const bodies = Array.from({ length: 1000 }, () => oneCase(random));
    const load = startLoad(() => [server], random, { clients: 4, pauseMs: PAUSE_MS, body: () => bodies[Math.floor(random() * bodies.length)] });
    const began = Date.now();
    const samples = [];
    for (let i = 1; i <= SAMPLES; ++i) {
      await wait(Math.max(0, began + (i * MINUTES * 60_000) / SAMPLES - Date.now()));
      for (const path of ['/api/v1/complete?q=cou', '/api/v1/metrics', '/health/ready', '/']) assert.equal((await send(server, { path })).status, 200);
      const index = (load.acknowledged.size * INDEX_BYTES_A_CASE) / 2 ** 20;
      samples.push({ hours: (Date.now() - began) / 3_600_000, megabytes: await residentMegabytes(server) - index });
    }
    await load.stop();
    assert.deepEqual([...load.statuses.keys()], [200], `${JSON.stringify([...load.statuses])} ${load.lastRefusal}`);
    assert.equal(load.broken, 0, String(load.lastProblem));
    const settled = samples.slice(Math.floor(samples.length * WARM_SHARE));
    const slope = slopeOf(settled);
    const allowed = MOST_GROWTH_MB_AN_HOUR + MOST_JITTER_MB / (settled.at(-1).hours - settled[0].hours);
    console.log(`note: ${load.acknowledged.size} requests in ${MINUTES} min, resident ${samples.at(-1).megabytes.toFixed(0)} MB without the index of cases, slope ${slope.toFixed(1)} MB/h`);
    assert.ok(slope <= allowed, `memory grows by ${slope.toFixed(1)} MB an hour: ${settled.map((one) => one.megabytes.toFixed(0)).join(' ')}`);
    assert.equal(server.events().filter(({ level }) => level === 'error').length, 0, server.log().slice(-2000));
    server.kill('SIGTERM');
    await server.exited;
    const report = await verifyAudit(server.dataDir);
    assert.equal(report.code, 0, report.stdout);
  } finally {
    await server.stop();
  }
});
