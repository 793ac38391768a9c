// Reads and writes safetensors (docs/formats/safetensors.md): F32, F16, BF16, and I8 with one scale a row in "<name>.scale".
// It trusts the file: what is read here is ours. Osler's own reader, which trusts nothing, is src/neural/safetensors.h.
import fs from 'node:fs';

const ALIGNMENT = 64;
const LENGTH_BYTES = 8;
const BYTES = { F32: 4, F16: 2, BF16: 2, I8: 1 };

/** A file open for reading: names, shapeOf(name), floats(name), close(). */
export class Safetensors {
  constructor(path) {
    this.path = path;
    this.handle = fs.openSync(path, 'r');
    const length = Number(this.bytes(0, LENGTH_BYTES).readBigUInt64LE());
    this.header = JSON.parse(this.bytes(LENGTH_BYTES, length).toString('utf8'));
    delete this.header.__metadata__;
    this.dataBegin = LENGTH_BYTES + length;
    this.names = Object.keys(this.header);
  }

  bytes(position, length) {
    const buffer = Buffer.from(new ArrayBuffer(length));  // aligned for every type of number
    for (let done = 0; done < length;) {
      const read = fs.readSync(this.handle, buffer, done, length - done, position + done);
      if (read === 0) throw new Error(`${this.path} ends within its tensors`);
      done += read;
    }
    return buffer;
  }

  has(name) {
    return name in this.header;
  }

  entry(name) {
    if (!this.has(name)) throw new Error(`${this.path} lacks ${name}`);
    return this.header[name];
  }

  shapeOf(name) {
    return this.entry(name).shape;
  }

  /** The values of a tensor as a Float32Array, row by row. */
  floats(name) {
    const { dtype, data_offsets: [begin, end], shape } = this.entry(name);
    const { buffer } = this.bytes(this.dataBegin + begin, end - begin);
    if (dtype === 'F32') return new Float32Array(buffer);
    if (dtype === 'BF16') return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
    if (dtype === 'F16') return Float32Array.from(new Uint16Array(buffer), fromHalf);
    if (dtype === 'I8') return scaledRows(new Int8Array(buffer), this.floats(`${name}.scale`), shape);
    throw new Error(`${this.path}: ${name} is ${dtype}`);
  }

  close() {
    fs.closeSync(this.handle);
  }
}

function scaledRows(whole, scales, [rows]) {
  const width = whole.length / rows;
  return Float32Array.from(whole, (value, i) => value * scales[Math.floor(i / width)]);
}

function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Writes tensors, {name: {type, shape, data}}; `data` is a typed array, or a function that makes it when it is its turn. */
export function writeSafetensors(path, tensors) {
  const names = Object.keys(tensors).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const header = {};
  let end = 0;
  for (const name of names) {
    const { type, shape } = tensors[name];
    const begin = end;
    end += shape.reduce((product, size) => product * size, BYTES[type]);
    header[name] = { dtype: type, shape, data_offsets: [begin, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil((LENGTH_BYTES + text.length) / ALIGNMENT) * ALIGNMENT - LENGTH_BYTES;
  const head = Buffer.alloc(LENGTH_BYTES + padded, ' ');
  head.writeBigUInt64LE(BigInt(padded));
  text.copy(head, LENGTH_BYTES);
  const handle = fs.openSync(path, 'w');
  writeAll(handle, head);
  for (const name of names) {
    const { data } = tensors[name];
    const values = typeof data === 'function' ? data() : data;
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const [begin, stop] = header[name].data_offsets;
    if (bytes.length !== stop - begin) throw new Error(`${name} has ${bytes.length} bytes, its shape says ${stop - begin}`);
    writeAll(handle, bytes);
  }
  fs.closeSync(handle);
}

/** All bytes of a buffer: a single write may take fewer. */
export function writeAll(handle, bytes) {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(handle, bytes, done, bytes.length - done);
}
