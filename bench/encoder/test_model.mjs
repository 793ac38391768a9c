// A tiny BERT for the tests of the graphs. Its weights are made by whole-number arithmetic alone, so that they are the same bits on every machine and
// version of Node, and large enough that attention and gelu leave their linear parts.
import fs from 'node:fs';
import path from 'node:path';
import { SHAPES, configOf, randomTensors } from './random_model.mjs';
import { writeSafetensors } from './safetensors.mjs';

export const ACTIVATIONS = ['gelu', 'gelu_new', 'relu'];

const LABELS = 7;
const WIDTH_OF_MATRICES = 0.7, WIDTH_OF_VECTORS = 0.07;

/** Even between -0.5 and 0.5, by a linear congruence (Numerical Recipes). */
function evenFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

/** Writes config.json and model.safetensors into `folder`; returns it. */
export function writeTestModel(folder, activation) {
  const config = { ...configOf(SHAPES.tiny), hidden_act: activation };
  const even = evenFrom(7);
  const tensors = randomTensors(config, LABELS, 1);
  for (const [name, tensor] of Object.entries(tensors)) {
    const size = tensor.shape.reduce((product, one) => product * one, 1);
    const width = tensor.shape.length === 2 ? WIDTH_OF_MATRICES : WIDTH_OF_VECTORS;
    const middle = name.endsWith('LayerNorm.weight') ? 1 : 0;
    tensor.data = Float32Array.from({ length: size }, () => middle + width * even());
  }
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
  return folder;
}
