// Osler's image networks beside ONNX Runtime: the same weights and film, one thread, one core, one run; the same rules as
// bench/encoder/compare.mjs. ONNX Runtime convolves in fp32 (x86 has no bf16 there), ours in fp32 and bf16. Compared is processor time:
// on one thread that never waits it is what a quiet machine takes, and others who take turns on the core do not lengthen it. Prints a
// table in Markdown and writes build/bench/vision/compare.jsonl.
//
//   node bench/vision/compare.mjs [MODEL_DIR ...]        random DenseNet121 and MobileNetV2 of side 224 when none is named
//     --rounds 3 --seconds 2 --core LAST|none --vision-bench FILE     build/release/bin/vision_bench by default
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../../tests/support/server.mjs';
import { machine } from '../machine.mjs';
import { largestDifference, rounds } from '../turns.mjs';
import { readConfig } from './onnx_graph.mjs';

const GRACE_SECONDS = 60;  // to load a model and to write its graph
const RANDOM = ['densenet121', 'mobilenet_v2'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '2' }, core: { type: 'string', default: String(os.cpus().length - 1) },
    'vision-bench': { type: 'string', default: path.join(repository, 'build/release/bin/vision_bench') },
  },
});
const folder = path.join(repository, 'build/bench/vision');
const bench = options['vision-bench'];

function models() {
  if (positionals.length > 0) return positionals.map((name) => path.resolve(name));
  return RANDOM.map((architecture) => {
    const made = path.join(folder, architecture);
    if (!fs.existsSync(made)) execFileSync(bench, ['--make', architecture, '--model', made]);
    return made;
  });
}

function rowOf(model) {
  const logits = (name) => path.join(folder, `logits-${name}.json`);
  const ours = (precision) => ({
    name: precision, command: [bench, '--model', model, '--precision', precision, '--seconds', options.seconds, '--logits', logits(precision)],
  });
  const theirs = {
    name: 'onnx', command: [process.execPath, fileURLToPath(new URL('run_onnx.mjs', import.meta.url)), model, '--seconds', options.seconds, '--logits', logits('onnx')],
  };
  const list = [ours('fp32'), ours('bf16'), theirs];
  for (const { name } of list) fs.rmSync(logits(name), { force: true });
  const best = rounds(list, Number(options.rounds), { core: options.core, timeoutSeconds: Number(options.seconds) + GRACE_SECONDS }, 'cpu_ms');
  const read = (name) => (fs.existsSync(logits(name)) ? JSON.parse(fs.readFileSync(logits(name), 'utf8')).logits : undefined);
  const [fp32, bf16, onnx] = list.map(({ name }) => best.get(name)?.cpu_ms);
  const { architecture, side } = readConfig(model);
  return {
    model: architecture, side, best_wall_ms: Object.fromEntries([...best].map(([name, line]) => [name, line.best_ms])), fp32_ms: fp32, bf16_ms: bf16, onnx_fp32_ms: onnx, fp32_ratio: onnx / fp32, bf16_ratio: onnx / bf16,
    fp32_difference: largestDifference(read('fp32'), read('onnx')), bf16_difference: largestDifference(read('bf16'), read('onnx')),
    largest_logit: read('onnx') && Math.max(...read('onnx').map(Math.abs)), onnx_version: best.get('onnx')?.runtime,
  };
}

function print(rows) {
  const { cpu, flags } = machine();
  console.log(`\n${cpu}, ${flags.join(' ')}; core ${options.core}, processor time, best of ${options.rounds} rounds of ${options.seconds} s; ${rows[0].onnx_version}\n`);
  console.log('| network | side | Osler fp32 ms | Osler bf16 ms | ONNX Runtime fp32 ms | its time over fp32 | over bf16 | logits off, fp32 | logits off, bf16 | largest logit |');
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  const shown = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '-');
  const small = (value) => (value === undefined ? '-' : value.toExponential(1));
  for (const row of rows)
    console.log(`| ${row.model} | ${row.side} | ${shown(row.fp32_ms)} | ${shown(row.bf16_ms)} | ${shown(row.onnx_fp32_ms)} | ${shown(row.fp32_ratio)} | ` +
      `${shown(row.bf16_ratio)} | ${small(row.fp32_difference)} | ${small(row.bf16_difference)} | ${shown(row.largest_logit)} |`);
}

fs.mkdirSync(folder, { recursive: true });
const rows = models().map(rowOf);
fs.writeFileSync(path.join(folder, 'compare.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
print(rows);
