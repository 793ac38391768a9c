// Requests a second of Osler's whole server beside a Node server that runs the same encoder on ONNX Runtime (node_server.mjs, with one
// worker and with one for each core): the same bodies, driven by wrk, taking turns in every round, each keeping its best. Osler also
// reasons with its network, and records and audits every answer durably; the Node server does not.
//
//   node bench/encoder/compare_servers.mjs MODEL_DIR [--rounds 2] [--seconds 5] [--connections 1,32] [--set NAME=VALUE ...]
//     --set    settings of Osler's server, so that it serves the encoder of MODEL_DIR
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository, startServer } from '../../tests/support/server.mjs';
import { syntheticCases } from '../cases.mjs';
import { machine } from '../machine.mjs';
import { load } from '../wrk.mjs';

const CASES = 200;
const START_WITHIN_MS = 60_000;

const { values: options, positionals: [model] } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '2' }, seconds: { type: 'string', default: '5' }, connections: { type: 'string', default: '1,32' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
if (!model) throw new Error('usage: compare_servers.mjs MODEL_DIR [--rounds N] [--seconds S] [--connections 1,32] [--set NAME=VALUE ...]');
const folder = path.join(repository, 'build/bench/encoder');
const settings = Object.fromEntries(options.set.map((text) => text.split(/=(.*)/s).slice(0, 2)));

async function startOsler() {
  const dataDir = path.join(folder, 'data');
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.mkdirSync(dataDir, { recursive: true });
  return startServer({ dataDir, env: { LOG_LEVEL: 'info', RATE_LIMIT_PER_MINUTE: '1000000', ...settings } });
}

/** node_server.mjs, as {url, pid, stop()}. */
function startNode(workers) {
  const script = fileURLToPath(new URL('node_server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, model, '--workers', String(workers)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return new Promise((resolve, reject) => {
    const refuse = (problem) => {
      child.kill('SIGKILL');
      reject(new Error(`node_server.mjs ${problem}`));
    };
    const timer = setTimeout(() => refuse('did not start in time'), START_WITHIN_MS);
    ended.then(() => refuse('ended'));
    child.stdout.on('data', (text) => {
      const url = /listening on (\S+)/.exec(text)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve({ url, pid: child.pid, stop });
    });
  });
}

/** The figures of one server by number of connections. */
async function measure(start, bodies) {
  const server = await start();
  const target = { folder, method: 'POST', path: '/api/v1/diagnose', bodies };
  const figures = {};
  try {
    await load(server, { connections: 4, seconds: 1, ...target });  // warm
    for (const connections of options.connections.split(',').map(Number))
      figures[connections] = await load(server, { connections, seconds: Number(options.seconds), ...target });
  } finally {
    await server.stop();
  }
  return figures;
}

async function casesOf() {
  const server = await startOsler();
  try {
    return await syntheticCases(server, CASES);
  } finally {
    await server.stop();
  }
}

async function run() {
  const cores = os.cpus().length;
  const list = [['Osler', startOsler], ...[...new Set([1, cores])].map((workers) => [`Node, ${workers} worker${workers > 1 ? 's' : ''}`, () => startNode(workers)])];
  const bodies = await casesOf();
  const best = new Map();
  for (let round = 0; round < Number(options.rounds); ++round)
    for (const [name, start] of round % 2 === 0 ? list : [...list].reverse())
      for (const [connections, figures] of Object.entries(await measure(start, bodies))) {
        const key = JSON.stringify([name, Number(connections)]);
        if (!(best.get(key)?.perSecond >= figures.perSecond)) best.set(key, figures);
      }
  return [...best].map(([key, { perSecond, p50Ms, p99Ms, notOk, broken }]) => {
    const [server, connections] = JSON.parse(key);
    return { model: path.basename(path.resolve(model)), server, connections, per_second: perSecond, p50_ms: p50Ms, p99_ms: p99Ms, not_ok: notOk + broken };
  });
}

fs.mkdirSync(folder, { recursive: true });
const rows = await run();
fs.writeFileSync(path.join(folder, 'compare_servers.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
console.log(`\n${machine().cpu}, ${os.cpus().length} cores; ${CASES} bodies, best of ${options.rounds} rounds of ${options.seconds} s\n`);
console.log('| server | connections | requests / s | p50 ms | p99 ms | answers other than 200 |');
console.log('|---|---|---|---|---|---|');
for (const row of rows) console.log(`| ${row.server} | ${row.connections} | ${row.per_second.toFixed(0)} | ${row.p50_ms.toFixed(2)} | ${row.p99_ms.toFixed(2)} | ${row.not_ok} |`);
