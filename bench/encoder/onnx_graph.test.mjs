// The graphs written for ONNX Runtime, and the files that go in and out. Needs no npm package: whether the graphs compute what a BERT does is
// checked by ONNX Runtime itself, in onnx_runtime.test.mjs, where it is installed; here they must be byte for byte the ones it was checked on.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../../tests/support/server.mjs';
import { VARIANTS, quantisedRows, transposed, writeOnnx } from './onnx_graph.mjs';
import { SHAPES, normalFrom, writeRandomModel } from './random_model.mjs';
import { Safetensors, writeSafetensors } from './safetensors.mjs';
import { ACTIVATIONS, writeTestModel } from './test_model.mjs';
import { timedIds } from './vocabulary.mjs';

/** SHA-256 of each variant's files, one for each activation in turn. */
const CHECKED = {
  'fp32-plain': 'b46efebd7bc0b33de85c0cc977add5ae626f54e64eabb4b0921da773bc802c09',
  'fp32-multihead': 'b83278a0bb58626d8f6f3457f3821619d31f23f90fd0584dbe02c6e290b470f8',
  'fp32-fused': '587174cf80da3c05ebf7e92c5c81f4693d2ad09242cfc727155e0033ffcfe745',
  'int8-plain': 'f8b07dcdb0ffc9db6ee9eb93541a95081aa4b2911528515c5b2ca7293f147084',
  'int8-multihead': '3601281e920ebca3db26e74ca93bbec4b94713149c33b7b219754a9d64189d5e',
  'int8-fused': 'e1645187e641dd476cd82c2e008b16b657c6f184ac24dd837a1b3a2e075c50ba',
};
const HOW = `the graph is no longer the one that ONNX Runtime was checked on. If that is meant: npm ci --ignore-scripts --prefix bench/encoder (474 MB),
then node --test bench/encoder/onnx_runtime.test.mjs, and when it passes put the new hash into CHECKED`;

const folder = temporaryFolder('osler-encoder-bench');
after(() => fs.rmSync(folder, { recursive: true, force: true }));

for (const variant of Object.keys(VARIANTS))
  test(`${variant} is byte for byte the graph that ONNX Runtime was checked on`, () => {
    const hash = createHash('sha256');
    for (const activation of ACTIVATIONS) {
      const model = writeTestModel(path.join(folder, activation), activation);
      const file = path.join(model, `${variant}.onnx`);
      writeOnnx(model, variant, file);
      hash.update(fs.readFileSync(file));
    }
    assert.equal(hash.digest('hex'), CHECKED[variant], HOW);
  });

test('a variant that there is not is refused by name', () => {
  const model = writeTestModel(path.join(folder, 'unknown'), 'gelu');
  assert.throws(() => writeOnnx(model, 'fp64', path.join(folder, 'none.onnx')), /no variant fp64; there are fp32-plain, /);
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
