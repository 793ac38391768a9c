// JPEG files written by hand, for tests: baseline, grey, one value for each block of 8 by 8 pixels (ITU-T T.81).
const marker = (code, content = Buffer.alloc(0)) => {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
};

// The table K.3 for differences of the mean, and one for the other coefficients that has only the code "0": there are none.
const MEAN_LENGTHS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const MEAN_CODES = ['00', '010', '011', '100', '101', '110', '1110', '11110', '111110', '1111110', '11111110', '111111110'];
const NO_MORE = '0';

/** The bits of one block whose mean differs by `difference` from the one before. */
function blockBits(difference) {
  const size = difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
  const value = difference < 0 ? difference + (1 << size) - 1 : difference;
  return MEAN_CODES[size] + (size ? value.toString(2).padStart(size, '0') : '') + NO_MORE;
}

function scanOf({ width, height, pixels }) {
  let bits = '', before = 0;
  for (let row = 0; row < height; row += 8) {
    for (let column = 0; column < width; column += 8) {
      let sum = 0;
      for (let y = row; y < row + 8; y += 1) for (let x = column; x < column + 8; x += 1) sum += pixels[y * width + x];
      const mean = Math.round(sum / 64) - 128;
      bits += blockBits(mean - before);
      before = mean;
    }
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const bytes = [];
  for (let at = 0; at < bits.length; at += 8) {
    const byte = parseInt(bits.slice(at, at + 8), 2);
    bytes.push(...(byte === 0xff ? [byte, 0] : [byte]));
  }
  return Buffer.from(bytes);
}

/** `pixels`: height * width bytes, row by row; both sides are multiples of 8. `more`: further segments [code, content], such as 0xfe for a comment. */
export function jpegOf({ width, height, pixels, more = [] }) {
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 1);
  frame.writeUInt16BE(width, 3);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]), ...more.map(([code, content]) => marker(code, content)),
    marker(0xdb, Buffer.from([0, ...Array(64).fill(8)])), marker(0xc0, frame),
    marker(0xc4, Buffer.from([0x00, ...MEAN_LENGTHS, ...MEAN_CODES.keys()])), marker(0xc4, Buffer.from([0x10, 1, ...Array(15).fill(0), 0])),
    marker(0xda, Buffer.from([1, 1, 0x00, 0, 63, 0])), scanOf({ width, height, pixels }), Buffer.from([0xff, 0xd9]),
  ]);
}
