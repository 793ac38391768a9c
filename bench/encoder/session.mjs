// One ONNX Runtime session on one thread.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { writeOnnx } from './onnx_graph.mjs';

export const { Tensor } = ort;
export const runtimeVersion = ort.env.versions.node ?? ort.env.versions.common;

export const sessionOptions = ({ threads = 1 } = {}) => ({
  executionProviders: ['cpu'], executionMode: 'sequential', graphOptimizationLevel: 'all', logSeverityLevel: 3,
  intraOpNumThreads: threads, interOpNumThreads: 1, extra: { session: { intra_op: { allow_spinning: '0' } } },
});

const WRITERS = ['onnx_graph.mjs', 'onnx_file.mjs', 'safetensors.mjs'].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** The graph of that variant, written if it is not there or older than the weights or than what writes it. */
export function onnxFile(folder, variant, out) {
  const file = path.join(out, `${variant}.onnx`);
  const sources = ['model.safetensors', 'config.json'].map((name) => path.join(folder, name));
  const changed = Math.max(...[...sources, ...WRITERS].map((name) => fs.statSync(name).mtimeMs));
  if (!fs.existsSync(file) || fs.statSync(file).mtimeMs < changed) {
    fs.mkdirSync(out, { recursive: true });
    writeOnnx(folder, variant, `${file}.part`);
    fs.renameSync(`${file}.part`, file);
  }
  return file;
}

/** A session on a file of onnxFile(). */
export const openSession = (file, options) => ort.InferenceSession.create(file, { ...sessionOptions(), ...options });

/** Feeds for a batch of sequences of one length. */
export function feedsOf(sequences) {
  const dimensions = [sequences.length, sequences[0].length];
  const tensor = (values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dimensions);
  const ids = sequences.flat();
  return { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)), token_type_ids: tensor(ids.map(() => 0)) };
}
