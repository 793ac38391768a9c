// Windowing: from the 16-bit values of a film to grey levels. A window is {centre, width} in modality values (PS3.3 C.11.2).

export const LEVELS = 65536;
const PIXELS_TO_DOUBLE = 128;   // dragged to the right, the window gets twice as wide
const PIXELS_OF_WIDTH = 256;    // dragged down, the centre moves by one width

/**
 * Fills `table`, a Uint32Array of LEVELS, with the opaque grey pixel of each value: 0 at the lower end of the window and 255 at
 * the upper, linear between (LINEAR_EXACT); the other way round where `inverted`.
 */
export function fillLookupTable(table, { centre, width }, { intercept, slope }, inverted) {
  for (let value = 0; value < LEVELS; value += 1) {
    const share = Math.min(1, Math.max(0, (intercept + slope * value - centre) / width + 0.5));
    const grey = Math.round(255 * (inverted ? 1 - share : share));
    table[value] = (0xff000000 | (grey * 0x010101)) >>> 0;
  }
}

/** From the lowest value of the film to its highest. */
export function fullRange(film) {
  let [lowest, highest] = [LEVELS, -1];
  for (const value of film.values) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const width = Math.abs(film.slope) * (highest - lowest);
  return { centre: film.intercept + (film.slope * (lowest + highest)) / 2, width: width > 0 ? width : Math.abs(film.slope) };
}

/** The window after a drag of (x, y) pixels that began with `start`: equal ways change narrow windows by little and wide ones by much. */
export function draggedWindow(start, x, y) {
  return { centre: start.centre + (y * start.width) / PIXELS_OF_WIDTH, width: start.width * 2 ** (x / PIXELS_TO_DOUBLE) };
}

/** Within reach of what the film holds: from one step of its values to four times `range`, its full range or the file's window. */
export function boundedWindow({ centre, width }, range, slope) {
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  return {
    centre: clamp(centre, range.centre - 2 * range.width, range.centre + 2 * range.width),
    width: clamp(width, Math.min(Math.abs(slope), range.width), 4 * range.width),
  };
}
