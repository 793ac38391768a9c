// ONNX Runtime computes from the written graphs what a plain BERT computes. Only where it is installed, for it is large:
//   npm ci --ignore-scripts --prefix bench/encoder
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { temporaryFolder } from '../../tests/support/server.mjs';
import { VARIANTS, readConfig, writeOnnx } from './onnx_graph.mjs';
import { plainForward } from './plain_bert.mjs';
import { Safetensors } from './safetensors.mjs';
import { ACTIVATIONS, writeTestModel } from './test_model.mjs';

const FP32_TOLERANCE = 1e-4;
const INT8_TOLERANCE = 0.05;
const IDS = [101, 5, 999, 17, 17, 300, 102];

const installed = fs.existsSync(fileURLToPath(new URL('node_modules/onnxruntime-node/package.json', import.meta.url)));
if (!installed) test('ONNX Runtime and the written graphs', { skip: 'not installed: npm ci --ignore-scripts --prefix bench/encoder, 474 MB' }, () => {});
const { feedsOf, openSession } = installed ? await import('./session.mjs') : {};
const check = (name, body) => installed && test(name, body);

const folder = temporaryFolder('osler-onnx-runtime');
after(() => fs.rmSync(folder, { recursive: true, force: true }));

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

for (const activation of ACTIVATIONS)
  for (const variant of Object.keys(VARIANTS))
    check(`${variant} with ${activation} computes what a plain BERT does`, async () => {
      const model = writeTestModel(path.join(folder, activation), activation);
      const plain = expected(model, IDS);
      const tolerance = variant.startsWith('fp32') ? FP32_TOLERANCE : INT8_TOLERANCE * Math.max(...plain.logits.map(Math.abs));
      const { logits, last_hidden_state: hidden } = await run(model, variant, [IDS]);
      assert.deepEqual(hidden.dims, [1, IDS.length, 32]);
      assert.ok(largestDifference(logits.data, plain.logits) < tolerance, `logits are off by ${largestDifference(logits.data, plain.logits)}`);
      if (variant.startsWith('fp32')) assert.ok(largestDifference(hidden.data, plain.hidden.flat()) < FP32_TOLERANCE);
    });

check('a batch gives what its sequences give alone in fp32', async () => {
  const model = writeTestModel(path.join(folder, 'gelu'), 'gelu');
  const other = IDS.map((id) => id - 1);
  const { logits } = await run(model, 'fp32-plain', [IDS, other]);
  assert.ok(largestDifference(logits.data, [...expected(model, IDS).logits, ...expected(model, other).logits]) < FP32_TOLERANCE);
});

check('masked ids change nothing where the graph has a mask', async () => {
  const model = writeTestModel(path.join(folder, 'gelu'), 'gelu');
  for (const variant of ['fp32-plain', 'fp32-fused']) {
    const file = path.join(model, `${variant}.onnx`);
    writeOnnx(model, variant, file);
    const feeds = feedsOf([[...IDS, 0, 0]]);
    feeds.attention_mask.data.fill(0n, IDS.length);
    const { logits } = await (await openSession(file)).run(feeds);
    assert.ok(largestDifference(logits.data, expected(model, IDS).logits) < FP32_TOLERANCE, variant);
  }
});
