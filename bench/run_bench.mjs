// ./run bench: start-up time, latency and throughput of POST /api/v1/diagnose on the real server with durable writes on.
// Prints a table with the machine named and writes build/bench.json. Each figure is the best of its runs: other work on the
// machine can only make it worse. GET /health/live on the same machine is the reference that ratios refer to.
//
//   OSLER_BENCH_SECONDS=10 OSLER_BENCH_RUNS=3 node bench/run_bench.mjs
import fs from 'node:fs';
import path from 'node:path';
import { repository, startServer } from '../tests/support/server.mjs';
import { syntheticCases } from './cases.mjs';
import { fdatasyncMs, machine } from './machine.mjs';
import { load } from './wrk.mjs';

const SECONDS = Number(process.env.OSLER_BENCH_SECONDS ?? 10);
const RUNS = Number(process.env.OSLER_BENCH_RUNS ?? 3);
const STARTS = 5;
const CASES = 300;
const BUDGET = { startMs: 1000, p50Ms: 5, p99Ms: 15, perSecond: 400, residentMb: 300 };

const folder = path.join(repository, 'build/bench');
const env = { LOG_LEVEL: 'info', RATE_LIMIT_PER_MINUTE: '1000000' };

function freshFolder(name) {
  const full = path.join(folder, name);
  fs.rmSync(full, { recursive: true, force: true });
  fs.mkdirSync(full, { recursive: true });
  return full;
}

/** Milliseconds from spawning to a 200 of /health/ready, an empty store each time: best of some. */
async function startMs() {
  const times = [];
  for (let i = 0; i < STARTS; ++i) {
    const dataDir = freshFolder('start');
    const since = performance.now();
    const server = await startServer({ dataDir, env });
    times.push(performance.now() - since);
    await server.stop();
  }
  return Math.min(...times);
}

const residentMb = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** The best run of several by requests a second. */
async function bestOf(runs, measure) {
  let best;
  for (let i = 0; i < runs; ++i) {
    const figures = await measure();
    if (!best || figures.perSecond > best.perSecond) best = figures;
  }
  return best;
}

async function measureServer() {
  const server = await startServer({ dataDir: freshFolder('data'), env });
  try {
    const idleMb = residentMb(server.pid);
    const cases = await syntheticCases(server, CASES);
    const run = (connections, target) => load(server, { connections, seconds: SECONDS, folder, ...target });
    const diagnose = { method: 'POST', path: '/api/v1/diagnose', bodies: cases };
    const live = { method: 'GET', path: '/health/live', bodies: [''] };
    await load(server, { connections: 4, seconds: 2, folder, ...diagnose });  // warm
    const one = await bestOf(RUNS, () => run(1, diagnose));
    const many = await bestOf(RUNS, () => run(32, diagnose));
    const reference = await bestOf(1, () => run(32, live));
    return { distinctCases: cases.length, one, many, reference, idleMb, loadedMb: residentMb(server.pid) };
  } finally {
    await server.stop();
  }
}

function print(figures) {
  const { one, many, reference } = figures.server;
  const row = (what, value, budget = '') => console.log(`  ${what.padEnd(44)}${value.padStart(14)}   ${budget}`);
  console.log(`\n${figures.machine.cpu}, ${figures.machine.cores} cores, ${figures.machine.memoryGb} GB, ${figures.machine.system}`);
  console.log(`flags: ${figures.machine.flags.join(' ') || 'none of AVX2, AVX-512, VNNI, AMX'}\n`);
  row('fdatasync after appending 4 KB, median', `${figures.fdatasyncMs.toFixed(3)} ms`);
  row(`start to ready, best of ${STARTS}`, `${figures.startMs.toFixed(0)} ms`, `budget ${BUDGET.startMs} ms`);
  row('diagnose, 1 connection, p50', `${one.p50Ms.toFixed(2)} ms`, `budget ${BUDGET.p50Ms} ms`);
  row('diagnose, 1 connection, p99', `${one.p99Ms.toFixed(2)} ms`, `budget ${BUDGET.p99Ms} ms`);
  row('diagnose, 1 connection', `${one.perSecond.toFixed(0)} /s`);
  row('diagnose, 32 connections', `${many.perSecond.toFixed(0)} /s`, `budget ${BUDGET.perSecond} /s on 2 cores`);
  row('diagnose, 32 connections, p50', `${many.p50Ms.toFixed(2)} ms`);
  row('diagnose, 32 connections, p99', `${many.p99Ms.toFixed(2)} ms`);
  row('reference: /health/live, 32 connections', `${reference.perSecond.toFixed(0)} /s`, `diagnose is 1 / ${(reference.perSecond / many.perSecond).toFixed(1)} of it`);
  row('server CPU a diagnosis, 32 connections', `${many.serverCpuMs.toFixed(2)} ms`);
  row('CPU of the load generator (wrk), 32 connections', `${(many.wrkCpu * 100).toFixed(0)} %`, 'of one core');
  row('answers other than 200', String(one.notOk + many.notOk), 'not counted above');
  row('resident memory, idle / after load', `${figures.server.idleMb.toFixed(0)} / ${figures.server.loadedMb.toFixed(0)} MB`, `budget ${BUDGET.residentMb} MB`);
  console.log(`\n${figures.server.distinctCases} distinct synthetic cases; best of ${RUNS} runs of ${SECONDS} s; each answer's record and audit entry were synced first.`);
}

fs.mkdirSync(folder, { recursive: true });
const figures = { date: new Date().toISOString(), machine: machine(), fdatasyncMs: fdatasyncMs(folder), startMs: await startMs(), server: await measureServer(), budget: BUDGET };
fs.writeFileSync(path.join(repository, 'build/bench.json'), `${JSON.stringify(figures, null, 2)}\n`);
print(figures);
console.log('written to build/bench.json');
