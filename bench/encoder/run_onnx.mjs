// Times a BERT on ONNX Runtime: one thread, a batch of one, the ids of session.mjs. Prints one JSON line.
//
//   node bench/encoder/run_onnx.mjs MODEL_DIR --length 128 --precision fp32|int8 --seconds 5
//     --variant NAME    one of onnx_graph.mjs; else the best of the precision that was measured
//     --expect FILE     JSON list of logits for the same ids, or {"logits": [...]}: prints the largest difference
//     --logits FILE     writes its own logits, as {"logits": [...]}
//     --transformers    through @huggingface/transformers: each call from a text to logits; the text makes as many ids
//     --out DIR         where the graphs are written; build/bench/encoder/onnx/<model> by default
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../../tests/support/server.mjs';
import { feedsOf, onnxFile, openSession, runtimeVersion } from './session.mjs';
import { timedIds } from './vocabulary.mjs';

const LEAST_RUNS = 5;
const WARM_RUNS = 2;
const BEST = { fp32: 'fp32-multihead', int8: 'int8-multihead' };

const { values: options, positionals: [folder] } = parseArgs({
  allowPositionals: true,
  options: {
    length: { type: 'string', default: '128' }, precision: { type: 'string', default: 'fp32' }, seconds: { type: 'string', default: '5' },
    variant: { type: 'string' }, expect: { type: 'string' }, logits: { type: 'string' }, transformers: { type: 'boolean', default: false }, out: { type: 'string' },
  },
});
if (!folder || !BEST[options.precision]) throw new Error('usage: run_onnx.mjs MODEL_DIR --length N --precision fp32|int8 --seconds S');
const model = path.basename(path.resolve(folder));
const variant = options.variant ?? BEST[options.precision];
const out = options.out ?? path.join(repository, 'build/bench/encoder/onnx', model);
const length = Number(options.length);

const largestDifference = (a, b) => {
  if (a.length !== b.length) throw new Error(`${a.length} logits, expected ${b.length}`);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
};

/** {logits(): Promise, ...what is worth saying}: straight on a session. */
async function openDirect() {
  const session = await openSession(onnxFile(folder, variant, out));
  const feeds = feedsOf([timedIds(folder, length)]);
  return { runtime: `onnxruntime-node ${runtimeVersion}`, logits: async () => (await session.run(feeds, ['logits'])).logits.data };
}

/** The same through transformers; checks that the logits are those of a session on the ids of its tokenizer. */
async function openThroughTransformers() {
  const { openTransformers, timedText, transformersVersion } = await import('./transformers_model.mjs');
  const opened = await openTransformers(folder, variant, out);
  const text = timedText(folder, length);
  const ids = opened.tokenize(text);
  if (ids.length !== length) throw new Error(`the text makes ${ids.length} ids, not ${length}`);
  const session = await openSession(onnxFile(folder, variant, out));
  const direct = (await session.run(feedsOf([ids]), ['logits'])).logits.data;
  return {
    runtime: `@huggingface/transformers ${transformersVersion}`, logits: () => opened.logits(text),
    extra: { difference_to_session: largestDifference(await opened.logits(text), direct) },
  };
}

async function timesOf(work, seconds) {
  for (let i = 0; i < WARM_RUNS; ++i) await work();
  const times = [];
  const until = performance.now() + seconds * 1000;
  while (times.length < LEAST_RUNS || performance.now() < until) {
    const since = performance.now();
    await work();
    times.push(performance.now() - since);
  }
  return times.sort((a, b) => a - b);
}

const since = performance.now();
if (!options.transformers) onnxFile(folder, variant, out);
const opened = await (options.transformers ? openThroughTransformers() : openDirect());
const loadMs = performance.now() - since;
const logits = Array.from(await opened.logits());
const times = await timesOf(opened.logits, Number(options.seconds));
const line = {
  runtime: opened.runtime, model, precision: options.precision, variant, length, best_ms: times[0], median_ms: times[times.length >> 1],
  runs: times.length, load_ms: loadMs, ...opened.extra,
};
if (options.expect) {
  const parsed = JSON.parse(fs.readFileSync(options.expect, 'utf8'));
  line.largest_difference = largestDifference(logits, parsed.logits ?? parsed);
  line.largest_logit = Math.max(...logits.map(Math.abs));
}
if (options.logits) fs.writeFileSync(options.logits, JSON.stringify({ logits }));
console.log(JSON.stringify(line));
