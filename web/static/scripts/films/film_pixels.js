// From the pictures in an answer to what can be drawn. Nothing is loaded from an address: the content policy allows no data: or blob: picture.

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let position = 0; position < text.length; position += 1) bytes[position] = text.charCodeAt(position);
  return bytes;
}

/** The PNG as it is, no colour changed. Whoever asks closes it. */
export function bitmapOf(base64) {
  return createImageBitmap(new Blob([bytesOf(base64)], { type: 'image/png' }), { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
}

function pixelsOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

/** The values of the film: red * 256 + green. Throws where the browser does not give the pixels back as they were. */
function valuesOf(pixels) {
  const values = new Uint16Array(pixels.length / 4);
  let blue = 0;
  for (let value = 0, pixel = 0; value < values.length; value += 1, pixel += 4) {
    values[value] = pixels[pixel] * 256 + pixels[pixel + 1];
    blue |= pixels[pixel + 2];
  }
  if (blue !== 0) throw new Error('The browser changed the pixels.');
  return values;
}

/**
 * `film_picture` of an answer as {width, height, values, intercept, slope, window, inverted}: `values` row by row, a modality value is
 * intercept + slope * value. Rejects where the picture cannot be read exactly, as in browsers that blur what pages read.
 */
export async function filmOf(picture) {
  const bitmap = await bitmapOf(picture.png);
  try {
    return {
      width: bitmap.width, height: bitmap.height, values: valuesOf(pixelsOf(bitmap)),
      intercept: picture.value_intercept, slope: picture.value_slope,
      window: { centre: picture.window_centre, width: picture.window_width }, inverted: picture.inverted,
    };
  } finally {
    bitmap.close();
  }
}
