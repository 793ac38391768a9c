// Writes the ONNX graph of a BERT for sequence classification, from a directory as Hugging Face has it (config.json,
// model.safetensors): inputs input_ids, attention_mask, token_type_ids [batch, length]; outputs logits, last_hidden_state.
//
// Which operators serve ONNX Runtime best is measured, not assumed: VARIANTS holds the ways to write the same network. int8 is done
// as onnxruntime's dynamic quantisation does it: weights signed, a scale for each output; activations unsigned, one scale for all.
//
//   node bench/encoder/onnx_graph.mjs MODEL_DIR VARIANT OUT.onnx
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Float, OnnxGraph, TYPE } from './onnx_file.mjs';
import { Safetensors } from './safetensors.mjs';

/**
 * plain: standard operators, which the runtime fuses itself (int8 becomes MatMulIntegerToFloat and DynamicQuantizeMatMul).
 * multihead: query, key and value in one product (DynamicQuantizeMatMul), MultiHeadAttention without the mask, for which it has a
 * faster path: right for a batch of 1. fused: what the runtime's own BERT optimiser makes (Attention or QAttention, and
 * SkipLayerNormalization, which is slow). Tried and left out, as no faster: FastGelu, biases within Gemm, MatMulNBits of 8 bits.
 */
export const VARIANTS = {
  'fp32-plain': { int8: false, attention: 'plain' },
  'fp32-multihead': { int8: false, attention: 'multihead' },
  'fp32-fused': { int8: false, attention: 'fused' },
  'int8-plain': { int8: true, attention: 'plain' },
  'int8-multihead': { int8: true, attention: 'multihead' },
  'int8-fused': { int8: true, attention: 'fused' },
};

const GELUS = { gelu: 'none', gelu_python: 'none', gelu_new: 'tanh', gelu_fast: 'tanh', gelu_pytorch_tanh: 'tanh' };
const MASKED_OUT = -10000;  // added to scores
const INT8_LIMIT = 127;

export const readConfig = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'));

function concatenated(arrays) {
  const out = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}

/** [rows][width] to [width][rows], in tiles that stay in the cache. */
export function transposed(values, width) {
  const TILE = 32;
  const rows = values.length / width;
  const out = new values.constructor(values.length);
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < width; left += TILE)
      for (let row = top; row < Math.min(top + TILE, rows); ++row)
        for (let column = left; column < Math.min(left + TILE, width); ++column) out[column * rows + row] = values[row * width + column];
  return out;
}

/** Signed, symmetric, a scale for each row of [outputs][inputs]. */
export function quantisedRows(values, inputs) {
  const whole = new Int8Array(values.length);
  const scales = new Float32Array(values.length / inputs);
  for (let row = 0; row < scales.length; ++row) {
    let largest = 0;
    for (let i = row * inputs; i < (row + 1) * inputs; ++i) largest = Math.max(largest, Math.abs(values[i]));
    scales[row] = largest / INT8_LIMIT || 1;
    for (let i = row * inputs; i < (row + 1) * inputs; ++i) whole[i] = Math.round(values[i] / scales[row]);
  }
  return { whole, scales };
}

/** Tensors by their name without "bert."; old checkpoints say gamma and beta. */
class Weights {
  constructor(file) {
    this.file = file;
  }

  floats(name) {
    const old = name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
    return this.file.floats([`bert.${name}`, name, `bert.${old}`, old].find((one) => this.file.has(one)) ?? name);
  }
}

class BertGraph {
  constructor(config, weights, variant) {
    this.config = config;
    this.weights = weights;
    this.variant = variant;
    this.graph = new OnnxGraph();
    this.quantised = new Map();  // by the activations' name: int8, scale, zero point
  }

  /** Constants. */
  floats(dimensions, values) {
    return this.graph.constant('float', dimensions, values);
  }
  scalar(value) {
    return this.floats([], Float32Array.of(value));
  }
  whole(...values) {
    return this.graph.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }
  vector(name) {
    const values = this.weights.floats(name);
    return this.floats([values.length], values);
  }
  table(name) {
    const values = this.weights.floats(name);
    return this.floats([values.length / this.config.hidden_size, this.config.hidden_size], values);
  }

  biasOf(names) {
    const values = concatenated(names.map((name) => this.weights.floats(`${name}.bias`)));
    return this.floats([values.length], values);
  }

  /** The weights of several layers side by side, [inputs][outputs] as ONNX has it. */
  matrixOf(names, inputs) {
    const rows = concatenated(names.map((name) => this.weights.floats(`${name}.weight`)));
    return this.floats([inputs, rows.length / inputs], transposed(rows, inputs));
  }

  /** The same in int8: {whole, scales}. */
  int8Of(names, inputs) {
    const { whole, scales } = quantisedRows(concatenated(names.map((name) => this.weights.floats(`${name}.weight`))), inputs);
    return { whole: this.graph.constant('int8', [inputs, scales.length], transposed(whole, inputs)), scales: this.floats([scales.length], scales) };
  }

  /** [int8, scale, zero point] of activations, made once. */
  quantise(x) {
    if (!this.quantised.has(x)) this.quantised.set(x, this.graph.node('DynamicQuantizeLinear', [x], {}, { outputs: 3 }));
    return this.quantised.get(x);
  }

  /** x times the weights of several layers side by side, plus their biases. */
  dense(x, names, inputs) {
    const { graph, variant: { int8, attention } } = this;
    if (!int8) return graph.node('Add', [graph.node('MatMul', [x, this.matrixOf(names, inputs)]), this.biasOf(names)]);
    const { whole, scales } = this.int8Of(names, inputs);
    if (attention !== 'plain') return graph.contrib('DynamicQuantizeMatMul', [x, whole, scales, '', this.biasOf(names)]);
    const [quantised, scale, zero] = this.quantise(x);
    const sums = graph.node('Cast', [graph.node('MatMulInteger', [quantised, whole, zero])], { to: TYPE.float });
    return graph.node('Add', [graph.node('Mul', [sums, graph.node('Mul', [scale, scales])]), this.biasOf(names)]);
  }

  norm(x, name, output) {
    return this.graph.node('LayerNormalization', [x, this.vector(`${name}.LayerNorm.weight`), this.vector(`${name}.LayerNorm.bias`)],
      { axis: -1, epsilon: this.epsilon }, { name: output });
  }

  get epsilon() {
    return new Float(this.config.layer_norm_eps ?? 1e-12);
  }

  /** LayerNorm(x + dense(y)). */
  addAndNorm(x, y, name, inputs, output) {
    const made = this.dense(y, [`${name}.dense`], inputs);
    if (this.variant.attention !== 'fused') return this.norm(this.graph.node('Add', [made, x]), name, output);
    return this.graph.contrib('SkipLayerNormalization',
      [made, x, this.vector(`${name}.LayerNorm.weight`), this.vector(`${name}.LayerNorm.bias`)], { epsilon: this.epsilon }, { name: output });
  }

  /** gelu(dense(x)). */
  intermediate(x, name) {
    const { graph, config: { hidden_size: inputs, hidden_act: activation = 'gelu' } } = this;
    const made = this.dense(x, [name], inputs);
    return activation === 'relu' ? graph.node('Relu', [made]) : graph.node('Gelu', [made], { approximate: GELUS[activation] });
  }

  attention(x, name) {
    const names = ['query', 'key', 'value'].map((part) => `${name}.${part}`);
    const kind = this.variant.attention;
    if (kind === 'fused') return this.fusedAttention(x, names);
    return kind === 'multihead' ? this.multiheadAttention(x, names) : this.plainAttention(x, names);
  }

  fusedAttention(x, names) {
    const { graph, config: { hidden_size: hidden, num_attention_heads: heads } } = this;
    const bias = this.biasOf(names);
    if (!this.variant.int8) return graph.contrib('Attention', [x, this.matrixOf(names, hidden), bias, this.mask], { num_heads: heads });
    const { whole, scales } = this.int8Of(names, hidden);
    const [quantised, scale, zero] = this.quantise(x);
    return graph.contrib('QAttention', [quantised, whole, bias, scale, scales, this.mask, zero], { num_heads: heads });
  }

  multiheadAttention(x, names) {
    const { graph, config: { hidden_size: hidden, num_attention_heads: heads } } = this;
    const parts = graph.node('Split', [this.dense(x, names, hidden)], { axis: -1, num_outputs: names.length }, { outputs: names.length });
    return graph.contrib('MultiHeadAttention', parts, { num_heads: heads });
  }

  plainAttention(x, names) {
    const { graph, config: { hidden_size: hidden, num_attention_heads: heads } } = this;
    const byHead = (part, order) =>
      graph.node('Transpose', [graph.node('Reshape', [this.dense(x, [part], hidden), this.whole(0, 0, heads, hidden / heads)])], { perm: order });
    const [query, key, value] = [byHead(names[0], [0, 2, 1, 3]), byHead(names[1], [0, 2, 3, 1]), byHead(names[2], [0, 2, 1, 3])];
    const scores = graph.node('Div', [graph.node('MatMul', [query, key]), this.scalar(Math.sqrt(hidden / heads))]);
    const weights = graph.node('Softmax', [graph.node('Add', [scores, this.mask])], { axis: -1 });
    const context = graph.node('Transpose', [graph.node('MatMul', [weights, value])], { perm: [0, 2, 1, 3] });
    return graph.node('Reshape', [context, this.whole(0, 0, hidden)]);
  }

  addMask() {
    const { graph } = this;
    if (this.variant.attention !== 'plain') {
      this.mask = graph.node('Cast', ['attention_mask'], { to: TYPE.int32 });
      return;
    }
    const spread = graph.node('Unsqueeze', ['attention_mask', this.whole(1, 2)]);
    const absent = graph.node('Sub', [this.scalar(1), graph.node('Cast', [spread], { to: TYPE.float })]);
    this.mask = graph.node('Mul', [absent, this.scalar(MASKED_OUT)]);
  }

  embeddings() {
    const { graph } = this;
    const words = graph.node('Gather', [this.table('embeddings.word_embeddings.weight'), 'input_ids'], { axis: 0 });
    const types = graph.node('Gather', [this.table('embeddings.token_type_embeddings.weight'), 'token_type_ids'], { axis: 0 });
    const length = graph.node('Gather', [graph.node('Shape', ['input_ids']), this.whole(1)], { axis: 0 });
    const places = graph.node('Slice', [this.table('embeddings.position_embeddings.weight'), this.whole(0), length, this.whole(0)]);
    return this.norm(graph.node('Add', [graph.node('Add', [words, types]), places]), 'embeddings');
  }

  /** The first token through pooler and classifier, which stays fp32 in every variant, as in Osler. */
  addHead(hidden) {
    const { graph, config: { hidden_size: width } } = this;
    const first = graph.node('Gather', [hidden, graph.constant('int64', [], BigInt64Array.of(0n))], { axis: 1 });
    const pooled = graph.node('Tanh', [this.dense(first, ['pooler.dense'], width)]);
    const bias = this.weights.floats('classifier.bias');
    graph.node('Gemm', [pooled, this.matrixOf(['classifier'], width), this.vector('classifier.bias')], {}, { name: 'logits' });
    graph.output('logits', 'float', ['batch', bias.length]);
    graph.output('last_hidden_state', 'float', ['batch', 'length', width]);
  }

  build() {
    const { config: { num_hidden_layers: layers, hidden_size: hidden, intermediate_size: wide } } = this;
    for (const name of ['input_ids', 'attention_mask', 'token_type_ids']) this.graph.input(name, 'int64', ['batch', 'length']);
    this.addMask();
    let x = this.embeddings();
    for (let layer = 0; layer < layers; ++layer) {
      const name = `encoder.layer.${layer}`;
      const attended = this.addAndNorm(x, this.attention(x, `${name}.attention.self`), `${name}.attention.output`, hidden);
      const inner = this.intermediate(attended, `${name}.intermediate.dense`);
      x = this.addAndNorm(attended, inner, `${name}.output`, wide, layer + 1 === layers ? 'last_hidden_state' : undefined);
    }
    this.addHead(x);
    return this.graph;
  }
}

/** Writes the graph of the BERT in `folder` to `file`, as the variant of that name has it. */
export function writeOnnx(folder, variantName, file) {
  const variant = VARIANTS[variantName];
  if (!variant) throw new Error(`no variant ${variantName}; there are ${Object.keys(VARIANTS).join(', ')}`);
  const weights = new Safetensors(path.join(folder, 'model.safetensors'));
  new BertGraph(readConfig(folder), new Weights(weights), variant).build().write(file);
  weights.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeOnnx(...process.argv.slice(2, 5));
