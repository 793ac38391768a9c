// PNG files written by hand, for tests: 8 bits a channel, no filter.
import zlib from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 };   // grey; red, green, blue; and opacity

function crcOf(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  crc.writeUInt32BE(crcOf(body));
  return Buffer.concat([length, body, crc]);
}

/** `pixels`: height * width * channels bytes, row by row. `more`: further chunks [name, content]. */
export function pngOf({ width, height, channels, pixels, more = [] }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, COLOUR_TYPES[channels]], 8);
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let row = 0; row < height; row += 1)
    rows.set(pixels.subarray(row * width * channels, (row + 1) * width * channels), row * (1 + width * channels) + 1);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), ...more.map((one) => chunk(...one)), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
