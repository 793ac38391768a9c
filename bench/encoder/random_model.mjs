// Makes a Hugging Face directory of a BERT for sequence classification with random weights, the same for the same seed: weights
// and biases normal with 0.02 as BERT begins its training, layer norms near 1. Speed does not depend on what the weights are.
//
//   node bench/encoder/random_model.mjs bert-base|small OUT_DIR [--labels 300] [--seed 1]
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { writeSafetensors } from './safetensors.mjs';
import { madeUpVocabulary } from './vocabulary.mjs';

const SPREAD = 0.02;

export const SHAPES = {
  'bert-base': { num_hidden_layers: 12, hidden_size: 768, num_attention_heads: 12, intermediate_size: 3072, vocab_size: 30522 },
  small: { num_hidden_layers: 4, hidden_size: 256, num_attention_heads: 4, intermediate_size: 1024, vocab_size: 24576 },
  tiny: { num_hidden_layers: 2, hidden_size: 32, num_attention_heads: 4, intermediate_size: 64, vocab_size: 1000 },
};

export function configOf(shape) {
  return {
    architectures: ['BertForSequenceClassification'], model_type: 'bert', hidden_act: 'gelu', layer_norm_eps: 1e-12,
    max_position_embeddings: 512, type_vocab_size: 2, position_embedding_type: 'absolute', pad_token_id: 0, ...shape,
  };
}

/** Normal numbers by Box and Muller from xorshift32. */
export function normalFrom(seed) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  let spare;
  const even = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(even()));
    const angle = 2 * Math.PI * even();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** {name: {type, shape, data}} for writeSafetensors; the values of a tensor are made when it is written. */
export function randomTensors(config, labels, seed) {
  const { num_hidden_layers: layers, hidden_size: hidden, intermediate_size: wide } = config;
  const normal = normalFrom(seed);
  const tensors = {};
  const add = (name, shape, middle = 0) => {
    const size = shape.reduce((product, one) => product * one, 1);
    tensors[name] = { type: 'F32', shape, data: () => Float32Array.from({ length: size }, () => middle + SPREAD * normal()) };
  };
  const dense = (name, inputs, outputs) => {
    add(`${name}.weight`, [outputs, inputs]);
    add(`${name}.bias`, [outputs]);
  };
  const norm = (name) => {
    add(`${name}.LayerNorm.weight`, [hidden], 1);
    add(`${name}.LayerNorm.bias`, [hidden]);
  };
  const rows = { word_embeddings: config.vocab_size, position_embeddings: config.max_position_embeddings, token_type_embeddings: config.type_vocab_size };
  for (const [name, count] of Object.entries(rows)) add(`bert.embeddings.${name}.weight`, [count, hidden]);
  norm('bert.embeddings');
  for (let layer = 0; layer < layers; ++layer) {
    const name = `bert.encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) dense(`${name}.attention.self.${part}`, hidden, hidden);
    dense(`${name}.attention.output.dense`, hidden, hidden);
    norm(`${name}.attention.output`);
    dense(`${name}.intermediate.dense`, hidden, wide);
    dense(`${name}.output.dense`, wide, hidden);
    norm(`${name}.output`);
  }
  dense('bert.pooler.dense', hidden, hidden);
  dense('classifier', hidden, labels);
  return tensors;
}

/** Labels with codes of the right form: A00, A01, ... */
export function madeUpLabels(count) {
  const code = (i) => `${String.fromCharCode(65 + Math.floor(i / 100))}${String(i % 100).padStart(2, '0')}`;
  return Array.from({ length: count }, (_, i) => ({ id: `condition_${i}`, code: code(i) }));
}

/** Writes config.json, model.safetensors, vocab.txt and labels.json into `folder`. */
export function writeRandomModel(folder, shape, { labels = 300, seed = 1 } = {}) {
  const config = configOf(shape);
  const names = madeUpLabels(labels);
  config.id2label = Object.fromEntries(names.map(({ id }, i) => [i, id]));
  config.label2id = Object.fromEntries(names.map(({ id }, i) => [id, i]));
  config.problem_type = 'multi_label_classification';
  fs.mkdirSync(folder, { recursive: true });
  const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
  write('config.json', `${JSON.stringify(config, null, 2)}\n`);
  write('labels.json', `${JSON.stringify(names)}\n`);
  write('vocab.txt', `${madeUpVocabulary(config.vocab_size).join('\n')}\n`);
  writeSafetensors(path.join(folder, 'model.safetensors'), randomTensors(config, labels, seed));
}

function main() {
  const { values, positionals: [name, folder] } = parseArgs({
    allowPositionals: true, options: { labels: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' } },
  });
  if (!SHAPES[name] || !folder) throw new Error(`usage: random_model.mjs ${Object.keys(SHAPES).join('|')} OUT_DIR [--labels N] [--seed N]`);
  writeRandomModel(folder, SHAPES[name], { labels: Number(values.labels), seed: Number(values.seed) });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
