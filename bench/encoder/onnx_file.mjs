// Writes an ONNX file: nodes, constants, inputs and outputs as the Protocol Buffers messages of onnx.proto (field numbers from
// there). Only what a BERT needs. Bytes of tensors are not copied until they go to disk.
import fs from 'node:fs';
import { writeAll } from './safetensors.mjs';

const VARINT = 0, BYTES = 2, FIXED32 = 5;  // wire types
const IR_VERSION = 9;
const OPSETS = [['', 20], ['com.microsoft', 1]];
export const TYPE = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 };
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 };

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A message on its way: pieces in order, and their bytes in all. */
class Message {
  pieces = [];
  size = 0;

  push(...pieces) {
    for (const piece of pieces) {
      this.pieces.push(piece);
      this.size += piece.length;
    }
    return this;
  }

  int(field, value) {
    return this.push(varint((field << 3) | VARINT), varint(value));
  }

  float(field, value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return this.push(varint((field << 3) | FIXED32), bytes);
  }

  bytes(field, bytes) {
    return this.push(varint((field << 3) | BYTES), varint(bytes.length), bytes);
  }

  text(field, text) {
    return this.bytes(field, Buffer.from(text));
  }

  message(field, inner) {
    this.push(varint((field << 3) | BYTES), varint(inner.size));
    for (const piece of inner.pieces) this.push(piece);
    return this;
  }
}

function attributeProto(name, value) {
  const message = new Message().text(1, name);
  if (Array.isArray(value)) {
    for (const one of value) message.int(8, one);
    return message.int(20, ATTRIBUTE.ints);
  }
  if (typeof value === 'string') return message.text(4, value).int(20, ATTRIBUTE.string);
  if (value instanceof Float) return message.float(2, value.value).int(20, ATTRIBUTE.float);
  return message.int(3, value).int(20, ATTRIBUTE.int);
}

function valueInfo(name, type, dimensions) {
  const shape = new Message();
  for (const size of dimensions) shape.message(1, typeof size === 'number' ? new Message().int(1, size) : new Message().text(2, size));
  return new Message().text(1, name).message(2, new Message().message(1, new Message().int(1, type).message(2, shape)));
}

/** A number that is written as a float attribute; plain numbers are whole. */
export class Float {
  constructor(value) {
    this.value = value;
  }
}

export class OnnxGraph {
  graph = new Message();
  count = 0;

  /** Adds a node and returns the name of its output, or the names if there are several. */
  node(operator, inputs, attributes = {}, { outputs = 1, domain = '', name } = {}) {
    const id = `${operator}_${this.count++}`;
    const made = outputs === 1 ? [name ?? id] : Array.from({ length: outputs }, (_, i) => `${id}_${i}`);
    const node = new Message();
    for (const input of inputs) node.text(1, input);
    for (const output of made) node.text(2, output);
    node.text(3, id).text(4, operator);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attributeProto(key, value));
    if (domain) node.text(7, domain);
    this.graph.message(1, node);
    return outputs === 1 ? made[0] : made;
  }

  /** An operator of ONNX Runtime's own. */
  contrib(operator, inputs, attributes = {}, options = {}) {
    return this.node(operator, inputs, attributes, { ...options, domain: 'com.microsoft' });
  }

  /** A constant; `values` is a typed array that fits `type`. Returns its name. */
  constant(type, dimensions, values, name = `constant_${this.count++}`) {
    const tensor = new Message();
    for (const size of dimensions) tensor.int(1, size);
    tensor.int(2, TYPE[type]).text(8, name).bytes(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    this.graph.message(5, tensor);
    return name;
  }

  input(name, type, dimensions) {
    this.graph.message(11, valueInfo(name, TYPE[type], dimensions));
    return name;
  }

  output(name, type, dimensions) {
    this.graph.message(12, valueInfo(name, TYPE[type], dimensions));
  }

  write(path) {
    const model = new Message().int(1, IR_VERSION).text(2, 'osler-bench').message(7, this.graph.text(2, 'bert'));
    for (const [domain, version] of OPSETS) model.message(8, new Message().text(1, domain).int(2, version));
    const handle = fs.openSync(path, 'w');
    for (const piece of model.pieces) writeAll(handle, piece);
    fs.closeSync(handle);
  }
}
