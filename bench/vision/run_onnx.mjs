// Times an image network on ONNX Runtime in fp32: one thread, one film, that of vision_bench. Prints one line of JSON.
//
//   node bench/vision/run_onnx.mjs MODEL_DIR --seconds 2 [--logits FILE]        npm ci --ignore-scripts --prefix bench/encoder
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Tensor, openSession, runtimeVersion } from '../encoder/session.mjs';
import { readConfig, writeOnnx } from './onnx_graph.mjs';

const LEAST_RUNS = 3;

/** vision_bench's fixed_film, in normalised colours. */
function feeds({ side, mean, deviation }) {
  const colours = new Float32Array(3 * side * side);
  for (let i = 0; i < colours.length; ++i) {
    const colour = Math.floor(i / (side * side)), at = i % (side * side);
    const of = (value) => (Array.isArray(value) ? value[colour] : value);
    colours[i] = (((at * 7919) % 256) / 255 - of(mean)) / of(deviation);
  }
  return { film: new Tensor('float32', colours, [1, 3, side, side]) };
}

const { values: options, positionals: [folder] } = parseArgs({
  allowPositionals: true, options: { seconds: { type: 'string', default: '2' }, logits: { type: 'string' } },
});
const file = path.join(folder, 'model.onnx');
if (!fs.existsSync(file)) writeOnnx(folder, file);
const session = await openSession(file);
const film = feeds(readConfig(folder));
const run = async () => (await session.run(film)).logits.data;
const logits = Array.from(await run());
if (options.logits) fs.writeFileSync(options.logits, JSON.stringify({ logits }));
const times = [], cpuTimes = [];
const until = performance.now() + Number(options.seconds) * 1000;
while (times.length < LEAST_RUNS || performance.now() < until) {
  const since = performance.now(), before = process.cpuUsage();
  await run();
  times.push(performance.now() - since);
  const { user, system } = process.cpuUsage(before);
  cpuTimes.push((user + system) / 1000);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ runtime: `onnxruntime-node ${runtimeVersion}`, best_ms: times[0], cpu_ms: Math.min(...cpuTimes), median_ms: times[times.length >> 1], runs: times.length }));
