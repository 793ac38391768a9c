// Osler's encoder beside ONNX Runtime and transformers: the same weights and ids, one thread, one core, one run. All take turns in
// every round, so that a slow spell of the machine meets everybody, and each keeps its best; bf16 has fp32 as its counterpart, since
// ONNX Runtime multiplies no bf16 on a CPU. Prints a table in Markdown and writes build/bench/encoder/compare.jsonl.
//
//   node bench/encoder/compare.mjs [MODEL_DIR ...]       random models (bert-base and small) when none is named
//     --lengths 128,512 --precisions fp32,bf16,int8 --rounds 3 --seconds 2 --core LAST|none --transformers
//     --encoder-bench FILE    build/release/bin/encoder_bench by default
//
// Ours: `encoder_bench --model DIR --length N --precision P --seconds S --logits FILE` prints a JSON line with best_ms, median_ms and
// length, and writes {"logits": [...]}. The ids are those of session.mjs.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../../tests/support/server.mjs';
import { machine } from '../machine.mjs';
import { largestDifference, rounds } from '../turns.mjs';
import { readConfig } from './onnx_graph.mjs';
import { SHAPES, writeRandomModel } from './random_model.mjs';

const MODELS = ['small', 'bert-base'];
const COUNTERPART = { fp32: 'fp32', bf16: 'fp32', int8: 'int8' };
const STRUCTURES = ['plain', 'multihead'];  // the fastest is kept; `fused` never was
const GRACE_SECONDS = 120;  // to load a model and to write its graph

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lengths: { type: 'string', default: '128,512' }, precisions: { type: 'string', default: 'fp32,bf16,int8' }, rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' }, core: { type: 'string', default: String(os.cpus().length - 1) },
    transformers: { type: 'boolean', default: false }, 'encoder-bench': { type: 'string', default: path.join(repository, 'build/release/bin/encoder_bench') },
  },
});
const folder = path.join(repository, 'build/bench/encoder');
const precisions = options.precisions.split(',');
const runOnnx = fileURLToPath(new URL('run_onnx.mjs', import.meta.url));

/** Who is measured for a model and a length: {name, run()}. */
function contestants(model, length) {
  const common = ['--length', String(length), '--seconds', options.seconds];
  const logits = (name) => path.join(folder, `logits-${path.basename(model)}-${length}-${name}.json`);
  const ours = precisions.map((precision) => ({
    name: `osler ${precision}`, logits: logits(`osler-${precision}`),
    command: [options['encoder-bench'], '--model', model, ...common, '--precision', precision, '--logits', logits(`osler-${precision}`)],
  }));
  const theirs = [...new Set(precisions.map((precision) => COUNTERPART[precision]))].flatMap((precision) => [
    ...STRUCTURES.map((structure) => ({
      name: `onnx ${precision} ${structure}`, logits: logits(`${precision}-${structure}`),
      command: [process.execPath, runOnnx, model, ...common, '--precision', precision, '--variant', `${precision}-${structure}`, '--logits', logits(`${precision}-${structure}`)],
    })),
    ...(options.transformers ? [{
      name: `transformers ${precision}`, command: [process.execPath, runOnnx, model, ...common, '--precision', precision, '--transformers'],
    }] : []),
  ]);
  return [...ours, ...theirs];
}

const readLogits = (file) => (file && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).logits : undefined);

/** A row for each precision: ours, the best of theirs, how far both logits are from ONNX Runtime's fp32 ones. */
function rowsFor(model, length) {
  const list = contestants(model, length);
  for (const { logits } of list) if (logits) fs.rmSync(logits, { force: true });
  const best = rounds(list, Number(options.rounds), { core: options.core, timeoutSeconds: Number(options.seconds) + GRACE_SECONDS });
  const logitsOf = (name) => readLogits(list.find((one) => one.name === name)?.logits);
  const reference = logitsOf(`onnx fp32 ${STRUCTURES[0]}`);
  return precisions.map((precision) => {
    const theirPrecision = COUNTERPART[precision];
    const [theirs] = STRUCTURES.map((structure) => `onnx ${theirPrecision} ${structure}`).filter((name) => best.has(name)).sort((a, b) => best.get(a).best_ms - best.get(b).best_ms);
    const [osler, onnx] = [best.get(`osler ${precision}`), best.get(theirs)];
    return {
      model: path.basename(model), length, precision, osler_ms: osler?.best_ms, onnx_precision: theirPrecision, onnx_variant: onnx?.variant,
      onnx_ms: onnx?.best_ms, ratio: osler && onnx ? onnx.best_ms / osler.best_ms : undefined, transformers_ms: best.get(`transformers ${theirPrecision}`)?.best_ms,
      osler_difference: largestDifference(logitsOf(`osler ${precision}`), reference), onnx_difference: largestDifference(logitsOf(theirs), reference),
      largest_logit: reference && Math.max(...reference.map(Math.abs)), onnx_version: onnx?.runtime,
    };
  });
}

const shown = (value, digits = 2) => (value === undefined ? '-' : value.toFixed(digits));
const small = (value) => (value === undefined ? '-' : value.toExponential(1));

function print(rows) {
  const { cpu, flags } = machine();
  console.log(`\n${cpu}, ${flags.join(' ')}; core ${options.core}, best of ${options.rounds} rounds of ${options.seconds} s; ${rows.find((row) => row.onnx_version)?.onnx_version}\n`);
  console.log('| model | ids | precision | Osler ms | ONNX Runtime ms | as | ratio | text to logits, transformers ms | logits off, Osler | logits off, ONNX Runtime | largest logit |');
  console.log('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const row of rows)
    console.log(`| ${row.model} | ${row.length} | ${row.precision} | ${shown(row.osler_ms)} | ${shown(row.onnx_ms)} | ${row.onnx_variant ?? '-'} | ${shown(row.ratio)} | ` +
      `${shown(row.transformers_ms)} | ${small(row.osler_difference)} | ${small(row.onnx_difference)} | ${shown(row.largest_logit)} |`);
}

/** The directories named, or random models, made where they are missing. */
function models() {
  if (positionals.length > 0) return positionals.map((name) => path.resolve(name));
  return MODELS.map((name) => {
    const made = path.join(folder, name);
    if (!fs.existsSync(path.join(made, 'model.safetensors'))) writeRandomModel(made, SHAPES[name]);
    return made;
  });
}

fs.mkdirSync(folder, { recursive: true });
const results = path.join(folder, 'compare.jsonl');
fs.rmSync(results, { force: true });
const rows = [];
for (const model of models())
  for (const length of options.lengths.split(',').map(Number)) {
    if (length > readConfig(model).max_position_embeddings) continue;
    for (const row of rowsFor(model, length)) {
      rows.push(row);
      fs.appendFileSync(results, `${JSON.stringify(row)}\n`);
      console.error(JSON.stringify(row));
    }
  }
print(rows);
console.log(`\nwritten to ${path.relative(repository, results)}`);
