// The graphs written for ONNX Runtime compute what a plain BERT computes; the files that go in and out are read back as written.
//   npm ci --ignore-scripts --prefix bench/encoder && node --test bench/encoder/onnx_graph.test.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../../tests/support/server.mjs';
import { VARIANTS, quantisedRows, readConfig, transposed, writeOnnx } from './onnx_graph.mjs';
import { plainForward } from './plain_bert.mjs';
import { SHAPES, configOf, normalFrom, randomTensors, writeRandomModel } from './random_model.mjs';
import { Safetensors, writeSafetensors } from './safetensors.mjs';
import { feedsOf, openSession, timedIds } from './session.mjs';

const FP32_TOLERANCE = 1e-4;
const INT8_TOLERANCE = 0.05;
const WIDE = 10;  // random weights this many times larger make attention and gelu leave their linear parts
const IDS = [101, 5, 999, 17, 17, 300, 102];

const folder = temporaryFolder('osler-encoder-bench');
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A small random model whose matrices are WIDE times those of random_model.mjs; returns its folder. */
function modelOf(activation) {
  const out = path.join(folder, activation);
  fs.mkdirSync(out, { recursive: true });
  const config = { ...configOf(SHAPES.tiny), hidden_act: activation };
  fs.writeFileSync(path.join(out, 'config.json'), JSON.stringify(config));
  const tensors = randomTensors(config, 7, 1);
  for (const [name, tensor] of Object.entries(tensors)) {
    const make = tensor.data;
    if (name.endsWith('.weight') && !name.includes('LayerNorm')) tensor.data = () => make().map((value) => value * WIDE);
  }
  writeSafetensors(path.join(out, 'model.safetensors'), tensors);
  return out;
}

function expected(model, ids) {
  const file = new Safetensors(path.join(model, 'model.safetensors'));
  const read = new Map();
  const floats = (name) => {
    if (!read.has(name)) read.set(name, file.floats(name));
    return read.get(name);
  };
  const result = plainForward(readConfig(model), floats, ids);
  file.close();
  return result;
}

async function run(model, variant, sequences) {
  const file = path.join(model, `${variant}.onnx`);
  writeOnnx(model, variant, file);
  return (await openSession(file)).run(feedsOf(sequences));
}

function largestDifference(a, b) {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

for (const activation of ['gelu', 'gelu_new', 'relu'])
  for (const variant of Object.keys(VARIANTS))
    test(`${variant} with ${activation} computes what a plain BERT does`, async () => {
      const model = modelOf(activation);
      const plain = expected(model, IDS);
      const tolerance = variant.startsWith('fp32') ? FP32_TOLERANCE : INT8_TOLERANCE * Math.max(...plain.logits.map(Math.abs));
      const { logits, last_hidden_state: hidden } = await run(model, variant, [IDS]);
      assert.deepEqual(hidden.dims, [1, IDS.length, 32]);
      assert.ok(largestDifference(logits.data, plain.logits) < tolerance, `logits are off by ${largestDifference(logits.data, plain.logits)}`);
      if (variant.startsWith('fp32')) assert.ok(largestDifference(hidden.data, plain.hidden.flat()) < FP32_TOLERANCE);
    });

test('a batch gives what its sequences give alone in fp32', async () => {
  const model = modelOf('gelu');
  const other = IDS.map((id) => id - 1);
  const { logits } = await run(model, 'fp32-plain', [IDS, other]);
  assert.ok(largestDifference(logits.data, [...expected(model, IDS).logits, ...expected(model, other).logits]) < FP32_TOLERANCE);
});

test('masked ids change nothing where the graph has a mask', async () => {
  const model = modelOf('gelu');
  for (const variant of ['fp32-plain', 'fp32-fused']) {
    const file = path.join(model, `${variant}.onnx`);
    writeOnnx(model, variant, file);
    const feeds = feedsOf([[...IDS, 0, 0]]);
    feeds.attention_mask.data.fill(0n, IDS.length);
    const { logits } = await (await openSession(file)).run(feeds);
    assert.ok(largestDifference(logits.data, expected(model, IDS).logits) < FP32_TOLERANCE, variant);
  }
});

test('safetensors of every type are read as they were written', () => {
  const file = path.join(folder, 'types.safetensors');
  const floats = Float32Array.of(1, -2.5, 0, 1e-20, 3e20, 0.1);
  writeSafetensors(file, {
    f32: { type: 'F32', shape: [2, 3], data: floats },
    bf16: { type: 'BF16', shape: [4], data: Uint16Array.of(0x3f80, 0xc020, 0, 0x7f00) },
    f16: { type: 'F16', shape: [6], data: Uint16Array.of(0x3c00, 0xc100, 0, 1, 0x7bff, 0x03ff) },
    whole: { type: 'I8', shape: [2, 2], data: Int8Array.of(127, -127, 1, 0) },
    'whole.scale': { type: 'F32', shape: [2], data: Float32Array.of(0.5, 2) },
  });
  const read = new Safetensors(file);
  assert.deepEqual(read.floats('f32'), floats);
  assert.deepEqual([...read.floats('bf16')], [1, -2.5, 0, 2 ** 127]);
  assert.deepEqual([...read.floats('f16')], [1, -2.5, 0, 2 ** -24, 65504, 1023 * 2 ** -24]);
  assert.deepEqual([...read.floats('whole')], [63.5, -63.5, 2, 0]);
  assert.deepEqual(read.shapeOf('whole'), [2, 2]);
  assert.throws(() => read.floats('absent'), /lacks absent/);
  read.close();
  const size = Number(fs.readFileSync(file).readBigUInt64LE());
  assert.equal((8 + size) % 64, 0);
});

test('quantised rows are within half a step, and a row of zeros stays zero', () => {
  const normal = normalFrom(3);
  const values = Float32Array.from({ length: 60 }, (_, i) => (i < 20 ? 0 : normal()));
  const { whole, scales } = quantisedRows(values, 20);
  values.forEach((value, i) => assert.ok(Math.abs(whole[i] * scales[Math.floor(i / 20)] - value) <= scales[Math.floor(i / 20)] * 0.5001));
  assert.ok(whole.subarray(0, 20).every((value) => value === 0));
});

test('transposing twice gives the matrix back', () => {
  const values = Float32Array.from({ length: 35 * 41 }, (_, i) => i);
  assert.equal(transposed(values, 41)[1], 41);
  assert.deepEqual(transposed(transposed(values, 41), 35), values);
});

test('a random model is the same for the same seed, its vocabulary as long as its embedding', () => {
  const [one, two, other] = ['one', 'two', 'other'].map((name) => path.join(folder, name));
  writeRandomModel(one, SHAPES.tiny, { labels: 7, seed: 1 });
  writeRandomModel(two, SHAPES.tiny, { labels: 7, seed: 1 });
  writeRandomModel(other, SHAPES.tiny, { labels: 7, seed: 2 });
  const bytes = (model) => fs.readFileSync(path.join(model, 'model.safetensors'));
  assert.ok(bytes(one).equals(bytes(two)) && !bytes(one).equals(bytes(other)));
  const vocabulary = fs.readFileSync(path.join(one, 'vocab.txt'), 'utf8').trimEnd().split('\n');
  assert.equal(new Set(vocabulary).size, SHAPES.tiny.vocab_size);
  assert.equal(vocabulary[101], '[CLS]');
  assert.equal(JSON.parse(fs.readFileSync(path.join(one, 'labels.json'), 'utf8')).length, 7);
  assert.deepEqual(timedIds(one, 3), [101, 1 + (7919 % 999), 1 + (15838 % 999)]);
});
