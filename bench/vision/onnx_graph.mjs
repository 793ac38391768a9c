// Writes the ONNX graph of an image network as an exporter of torchvision's would: from a folder as vision_bench has it (config.json,
// model.safetensors), normalised colours [1, 3, side, side] to logits, batch normalisations as nodes of their own. ONNX Runtime folds
// those that follow a convolution, fuses what it can and chooses its own layout.
//
//   node bench/vision/onnx_graph.mjs MODEL_DIR OUT.onnx
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Float, OnnxGraph } from '../encoder/onnx_file.mjs';
import { Safetensors } from '../encoder/safetensors.mjs';

const EPSILON = 1e-5;
const DENSE_BLOCKS = [6, 12, 24, 16];
const STAGES = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]];  // expansion, channels, blocks, stride

class ImageGraph {
  graph = new OnnxGraph();

  constructor(config, file) {
    this.config = config;
    this.file = file;
    this.none = this.graph.constant('float', [], Float32Array.of(0));
    this.six = this.graph.constant('float', [], Float32Array.of(6));
  }

  constant(name) {
    return this.graph.constant('float', this.file.shapeOf(name), this.file.floats(name), name);
  }

  /** TensorFlow's SAME pads an odd one below and to the right. */
  pads(kernel, stride) {
    const half = kernel >> 1;
    const before = this.config.padding === 'tensorflow' && stride === 2 ? half - 1 : half;
    return [before, before, half, half];
  }

  conv(x, name, { stride = 1, group = 1 } = {}) {
    const [, , kernel] = this.file.shapeOf(`${name}.weight`);
    const inputs = [x, this.constant(`${name}.weight`)];
    if (this.file.has(`${name}.bias`)) inputs.push(this.constant(`${name}.bias`));
    return this.graph.node('Conv', inputs, { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: this.pads(kernel, stride), group });
  }

  norm(x, name) {
    const values = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => this.constant(`${name}.${part}`));
    return this.graph.node('BatchNormalization', [x, ...values], { epsilon: new Float(EPSILON) });
  }

  relu(x) {
    return this.graph.node('Relu', [x]);
  }

  relu6(x) {
    return this.graph.node('Clip', [x, this.none, this.six]);
  }

  /** Of MobileNetV2: a convolution and, unless it has a bias, the normalisation that is the next module. */
  normed(x, name, options) {
    const out = this.conv(x, name, options);
    return this.file.has(`${name}.bias`) ? out : this.norm(out, name.replace(/\d+$/, (number) => Number(number) + 1));
  }

  densenet(film) {
    let x = this.relu(this.norm(this.conv(film, 'features.conv0', { stride: 2 }), 'features.norm0'));
    x = this.graph.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    DENSE_BLOCKS.forEach((layers, index) => {
      const maps = [x];
      for (let layer = 1; layer <= layers; ++layer) {
        const name = `features.denseblock${index + 1}.denselayer${layer}`;
        const all = maps.length > 1 ? this.graph.node('Concat', maps, { axis: 1 }) : x;
        const narrow = this.conv(this.relu(this.norm(all, `${name}.norm1`)), `${name}.conv1`);
        maps.push(this.conv(this.relu(this.norm(narrow, `${name}.norm2`)), `${name}.conv2`));
      }
      x = this.graph.node('Concat', maps, { axis: 1 });
      if (index === DENSE_BLOCKS.length - 1) return;
      const name = `features.transition${index + 1}`;
      x = this.graph.node('AveragePool', [this.conv(this.relu(this.norm(x, `${name}.norm`)), `${name}.conv`)], { kernel_shape: [2, 2], strides: [2, 2] });
    });
    return this.relu(this.norm(x, 'features.norm5'));
  }

  mobilenet(film) {
    let x = this.relu6(this.normed(film, 'features.0.0', { stride: 2 }));
    let channels = 32, number = 1;
    for (const [expansion, outputs, blocks, stage] of STAGES)
      for (let block = 0; block < blocks; ++block, ++number) {
        const name = `features.${number}.conv`;
        const stride = block === 0 ? stage : 1;
        const module = expansion > 1 ? 1 : 0;
        const wide = module ? this.relu6(this.normed(x, `${name}.0.0`)) : x;
        const filtered = this.relu6(this.normed(wide, `${name}.${module}.0`, { stride, group: channels * expansion }));
        const out = this.normed(filtered, `${name}.${module + 1}`);
        x = stride === 1 && channels === outputs ? this.graph.node('Add', [x, out]) : out;
        channels = outputs;
      }
    return this.relu6(this.normed(x, `features.${number}.0`));
  }

  dense(x, name, options) {
    return this.graph.node('Gemm', [x, this.constant(`${name}.weight`), this.constant(`${name}.bias`)], { transB: 1 }, options);
  }

  write(out) {
    const { architecture, side, labels } = this.config;
    const film = this.graph.input('film', 'float', [1, 3, side, side]);
    const map = architecture === 'densenet121' ? this.densenet(film) : this.mobilenet(film);
    const features = this.graph.node('Flatten', [this.graph.node('GlobalAveragePool', [map])], { axis: 1 });
    this.dense(this.relu(this.dense(features, 'head.hidden')), 'head.classes', { name: 'logits' });
    this.graph.output('logits', 'float', [1, labels.length]);
    this.graph.write(out);
  }
}

export const readConfig = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'));

export function writeOnnx(folder, out) {
  const file = new Safetensors(path.join(folder, 'model.safetensors'));
  new ImageGraph(readConfig(folder), file).write(out);
  file.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeOnnx(process.argv[2], process.argv[3]);
