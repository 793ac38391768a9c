// What looking for similar cases costs: POST /api/v1/diagnose on the real server with 0, 1,000 and 100,000 stored cases, and its memory. Build the program that
// fills the store first: `ninja -C build/release fill_cases`. Prints a line for each; best of its runs.
//   OSLER_BENCH_SECONDS=5 OSLER_BENCH_RUNS=3 node bench/similar/similar_cases.mjs [counts...]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { send } from '../../tests/support/http.mjs';
import { oslerBinary, repository, startServer } from '../../tests/support/server.mjs';
import { syntheticCases } from '../cases.mjs';
import { load } from '../wrk.mjs';

const SECONDS = Number(process.env.OSLER_BENCH_SECONDS ?? 5);
const RUNS = Number(process.env.OSLER_BENCH_RUNS ?? 3);
const COUNTS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [0, 1000, 100_000];
const folder = path.join(repository, 'build/bench/similar');
const env = { LOG_LEVEL: 'info' };
const residentMb = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

fs.rmSync(folder, { recursive: true, force: true });
for (const count of COUNTS) {
  const dataDir = path.join(folder, String(count));
  fs.mkdirSync(dataDir, { recursive: true });
  const first = await startServer({ dataDir, env });
  const cases = await syntheticCases(first, 200);
  const settings = first.env;
  await first.stop();
  for (const left of ['osler.sqlite', 'osler.sqlite-wal', 'osler.sqlite-shm', 'audit']) fs.rmSync(path.join(dataDir, left), { recursive: true, force: true });   // of the synthetic cases
  await (await startServer({ dataDir, env })).stop();
  const began = performance.now();
  if (count > 0) execFileSync(path.join(path.dirname(oslerBinary), 'fill_cases'), [String(count)], { env: settings, input: cases.join('\n'), stdio: ['pipe', 'ignore', 'inherit'] });
  const filled = (performance.now() - began) / 1000;
  const server = await startServer({ dataDir, env });
  const target = { method: 'POST', path: '/api/v1/diagnose', bodies: cases, folder };
  const asked = performance.now();
  const { json } = await send(server, { method: 'POST', path: '/api/v1/diagnose', body: cases[0], headers: { 'Content-Type': 'application/json' } });
  const firstMs = performance.now() - asked;
  await load(server, { ...target, connections: 4, seconds: 2 });
  for (const connections of [1, 32]) {
    let best;
    for (let run = 0; run < RUNS; ++run) {
      const figures = await load(server, { ...target, connections, seconds: SECONDS });
      if (!best || figures.p50Ms < best.p50Ms) best = figures;
    }
    console.log(`${count} stored, ${connections} connections: p50 ${best.p50Ms.toFixed(2)} ms, p99 ${best.p99Ms.toFixed(2)} ms, ${best.perSecond.toFixed(0)}/s, ${best.serverCpuMs.toFixed(2)} ms of CPU each, ${best.notOk} not 200`);
  }
  const { text } = await send(server, { path: '/api/v1/metrics' });
  console.log(`  filled in ${filled.toFixed(1)} s; first answer ${firstMs.toFixed(0)} ms with ${json.similar_cases.length} similar; resident ${residentMb(server.pid).toFixed(0)} MB; ${/^diagnostic_similar_cases_left_out_total (\d+)/m.exec(text)?.[1]} answers without`);
  await server.stop();
}
