// DICOM files written by hand, for tests: Explicit VR Little Endian, one grey picture of 12 bits in 16, and nothing of a patient.
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const DIGITAL_X_RAY = '1.2.840.10008.5.1.4.1.1.1.1';
const LONG_FORMS = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);
const LEVELS = 4096;

/** One element (PS3.5 7.1.2); texts are padded to an even length, numbers are 16 bits. */
function element(group, number, representation, value) {
  const isText = typeof value === 'string';
  let content = isText ? Buffer.from(value, 'latin1') : value;
  if (typeof value === 'number') {
    content = Buffer.alloc(2);
    content.writeUInt16LE(value);
  }
  if (content.length % 2 === 1) content = Buffer.concat([content, Buffer.from(representation === 'UI' ? '\0' : ' ')]);
  const isLong = LONG_FORMS.has(representation);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(representation, 4, 'latin1');
  if (isLong) head.writeUInt32LE(content.length, 8);
  else head.writeUInt16LE(content.length, 6);
  return Buffer.concat([head, content]);
}

function metaInformation(transferSyntax) {
  const elements = Buffer.concat([
    element(0x0002, 0x0001, 'OB', Buffer.from([0, 1])),
    element(0x0002, 0x0002, 'UI', DIGITAL_X_RAY),
    element(0x0002, 0x0003, 'UI', '1.2.826.0.1.3680043.9.7.1'),
    element(0x0002, 0x0010, 'UI', transferSyntax),
    element(0x0002, 0x0012, 'UI', '1.2.826.0.1.3680043.9.7'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), element(0x0002, 0x0000, 'UL', length), elements]);
}

/**
 * A film of `values` (Uint16Array, row by row, below 4096; of several frames one after the other). `window`: {centre, width}; `age` as "003Y"; `more`:
 * further elements [group, number, representation, value], of other tags; the rest as the attributes of their names. Returns a Buffer.
 */
export function dicomFilm({ width, height, values, frames = 1, window = { centre: 2048, width: 4096 }, photometric = 'MONOCHROME2', modality = 'DX',
  bodyPart = 'CHEST', view = 'PA', age = '003Y', intercept = 0, slope = 1, transferSyntax = EXPLICIT_LITTLE_ENDIAN, more = [] }) {
  const pixels = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const elements = [
    [0x0008, 0x0016, 'UI', DIGITAL_X_RAY],
    [0x0008, 0x0018, 'UI', '1.2.826.0.1.3680043.9.7.1'],
    [0x0008, 0x0060, 'CS', modality],
    [0x0010, 0x1010, 'AS', age],
    [0x0018, 0x0015, 'CS', bodyPart],
    [0x0018, 0x5101, 'CS', view],
    [0x0028, 0x0002, 'US', 1],
    [0x0028, 0x0004, 'CS', photometric],
    ...(frames > 1 ? [[0x0028, 0x0008, 'IS', String(frames)]] : []),
    [0x0028, 0x0010, 'US', height],
    [0x0028, 0x0011, 'US', width],
    [0x0028, 0x0100, 'US', 16],
    [0x0028, 0x0101, 'US', 12],
    [0x0028, 0x0102, 'US', 11],
    [0x0028, 0x0103, 'US', 0],
    [0x0028, 0x1050, 'DS', String(window.centre)],
    [0x0028, 0x1051, 'DS', String(window.width)],
    [0x0028, 0x1052, 'DS', String(intercept)],
    [0x0028, 0x1053, 'DS', String(slope)],
    [0x7fe0, 0x0010, 'OW', pixels],
    ...more,
  ].sort(([group, number], [otherGroup, other]) => group - otherGroup || number - other);
  return Buffer.concat([metaInformation(transferSyntax), ...elements.map((one) => element(...one))]);
}

/**
 * Something like a chest: a body, two lungs, a heart, ribs, and grain. `patches` [{left, top, side, value}] are drawn over it, each of one
 * value, for tests that compute by hand. Returns the values for dicomFilm().
 */
export function chestValues(width, height, patches = []) {
  const values = new Uint16Array(width * height);
  const inside = (x, y, middleX, middleY, radiusX, radiusY) => Math.max(0, 1 - ((x - middleX) / radiusX) ** 2 - ((y - middleY) / radiusY) ** 2);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [x, y] = [column / width, row / height];
      const body = 2600 * Math.min(1, 3 * inside(x, y, 0.5, 0.6, 0.5, 0.75));
      const lungs = 1700 * Math.min(1, 2 * (inside(x, y, 0.28, 0.5, 0.17, 0.36) + inside(x, y, 0.73, 0.5, 0.17, 0.36)));
      const heart = 900 * Math.min(1, 2 * inside(x, y, 0.56, 0.65, 0.16, 0.2));
      const ribs = 160 * Math.max(0, Math.sin(55 * (y + 0.4 * (x - 0.5) ** 2)));
      const grain = ((column * 7919 + row * 104729) % 61) - 30;
      values[row * width + column] = Math.max(0, Math.min(LEVELS - 1, Math.round(300 + body - lungs + heart + ribs + grain)));
    }
  }
  for (const { left, top, side, value } of patches)
    for (let row = top; row < top + side; row += 1) values.fill(value, row * width + left, row * width + left + side);
  return values;
}
