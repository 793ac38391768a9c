// What the tests of the page for films share: an answer made by hand, and ways to choose, send and look at a film.
import { pngOf } from '../support/png.mjs';
import { openPage } from './browser.mjs';

const ADDRESS = '**/api/v1/images/predict?*';

/** 400 x 320 values: 1000 everywhere but for squares of 80 of the values in PATCHES, by their middle. */
export const FILM = { width: 400, height: 320, ground: 1000 };
export const PATCHES = { dark: { x: 80, y: 80, value: 300 }, middle: { x: 200, y: 160, value: 2000 }, bright: { x: 320, y: 240, value: 3500 } };
const HALF_PATCH = 40;

export function pictureOf(values, width, height) {
  const pixels = Buffer.alloc(values.length * 3);
  values.forEach((value, position) => pixels.set([value >> 8, value & 255], position * 3));
  return pngOf({ width, height, channels: 3, pixels }).toString('base64');
}

function patchedValues() {
  const values = new Uint16Array(FILM.width * FILM.height).fill(FILM.ground);
  for (const { x, y, value } of Object.values(PATCHES))
    for (let row = y - HALF_PATCH; row < y + HALF_PATCH; row += 1)
      values.fill(value, row * FILM.width + x - HALF_PATCH, row * FILM.width + x + HALF_PATCH);
  return values;
}

/** Red with an opacity of 127 on the right half, nothing on the left. */
function heatMapOf(width = 200, height = 160) {
  const pixels = Buffer.alloc(width * height * 4);
  for (let position = 0; position < width * height; position += 1) if (position % width >= width / 2) pixels.set([202, 0, 32, 127], position * 4);
  return pngOf({ width, height, channels: 4, pixels }).toString('base64');
}

/** As the server answers, about the film above. */
export function answerOf(changes = {}, picture = {}) {
  return {
    request_id: '0b6f4c3e-2f0e-4b4b-9f7e-0a2f7d3c9a11', model_version: 'osler-cxr 1.0.0', diagnosis: 'pneumonia', confidence: 0.93,
    all_probabilities: [0.07, 0.93], labels: ['normal', 'pneumonia'], prediction_set: ['pneumonia'], error_rate: 0.05,
    reason: 'Only pneumonia fits this film at an error rate of 5 %.', grounds: [], review_urgency: 'priority', outlier_share: 0.41,
    quality: [{ code: 'view_unknown', text: 'The file does not say from where the film was taken.' }],
    film: { source: 'dicom', width: 2400, height: 1920, pixel_aspect: 1, modality: 'DX', view: 'PA', photometric: 'MONOCHROME2', transfer_syntax: '1.2.840.10008.1.2.1' },
    warnings: ['The age is not known.'], disclaimer: 'This answer is no report.', processing_time_ms: 134.2,
    heatmap: { png: heatMapOf(), towards: 'pneumonia', largest: 4.2, note: 'Where it looked, not an outline of disease.' },
    film_picture: {
      png: pictureOf(patchedValues(), FILM.width, FILM.height), encoding: 'value = red * 256 + green', width: FILM.width, height: FILM.height,
      value_intercept: 0, value_slope: 1, window_centre: 2048, window_width: 4096, inverted: false, ...picture,
    },
    ...changes,
  };
}

/** The page as a server with an image model gives it, whether this one has a model or not. */
export function openFilmPage(site, options) {
  const films = { ready: true, version: 'osler-cxr 1.0.0' };
  return openPage(site, { path: '/films', prepare: (page) => page.route('**/api/v1/about', (route) => route.fulfill({ json: { trial: true, authentication: 'none', films } })), ...options });
}

/** It with a film chosen; `answer` (of answerOf) comes in the server's place. */
export async function openFilms(site, { answer = answerOf(), ...options } = {}) {
  const page = await openFilmPage(site, options);
  await answerInstead(page, (route) => route.fulfill({ json: answer }));
  await chooseFilm(page);
  return page;
}

export async function answerInstead(page, handler) {
  await page.unroute(ADDRESS);
  await page.route(ADDRESS, handler);
}

export function chooseFilm(page, bytes = Buffer.from('a film'), name = 'SURNAME^GIVEN.dcm') {
  return page.setInputFiles('#film-file', { name, mimeType: 'application/octet-stream', buffer: bytes });
}

/** Sends what was chosen and waits for its answer. */
export async function readFilm(page) {
  await page.click('#read-film');
  await page.waitForSelector('.verdict');
  await nextFrame(page);
}

export const nextFrame = (page) => page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));

/** Drops files on the document as the desktop does: `sizes` of their bytes. */
export function dropFilms(page, sizes) {
  return page.evaluate((all) => {
    const dataTransfer = new DataTransfer();
    all.forEach((size, position) => dataTransfer.items.add(new File([new Uint8Array(size)], `film ${position}`)));
    const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector('#answer').dispatchEvent(event);
    return event.defaultPrevented;
  }, sizes);
}

/** Where pixel (x, y) of the film lies in the window while the film is shown as a whole, worked out by hand. */
export async function placeOf(page, { x, y }) {
  const box = await page.locator('#film-canvas').boundingBox();
  const scale = Math.min(box.width / FILM.width, box.height / FILM.height);
  return { x: box.x + (box.width - scale * FILM.width) / 2 + scale * x, y: box.y + (box.height - scale * FILM.height) / 2 + scale * y };
}

/** [red, green, blue] of the canvas at a point of the window. */
export async function colourAt(page, { x, y }) {
  await nextFrame(page);
  return page.evaluate(([left, top]) => {
    const canvas = document.getElementById('film-canvas');
    const box = canvas.getBoundingClientRect();
    const zoom = canvas.width / box.width;
    return [...canvas.getContext('2d').getImageData(Math.round((left - box.left) * zoom), Math.round((top - box.top) * zoom), 1, 1).data.slice(0, 3)];
  }, [x, y]);
}

/** What a value is shown as in a window, by the standard's formula (PS3.3 C.11.2.1.3.2). */
export const greyOf = (value, centre, width) => Math.round(255 * Math.min(1, Math.max(0, (value - centre) / width + 0.5)));

/** The greys of the three patches. */
export async function patchGreys(page) {
  const greys = [];
  for (const patch of Object.values(PATCHES)) {
    const [red, green, blue] = await colourAt(page, await placeOf(page, patch));
    if (red !== green || red !== blue) throw new Error(`not grey: ${red} ${green} ${blue}`);
    greys.push(red);
  }
  return greys;
}

export const patchesIn = (centre, width) => Object.values(PATCHES).map(({ value }) => greyOf(value, centre, width));
