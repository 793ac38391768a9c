// The page for films against the real server, decoder and model, with films written by the test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chestValues, dicomFilm } from '../support/dicom.mjs';
import { send } from '../support/http.mjs';
import { pngOf } from '../support/png.mjs';
import { openPage, usesBrowser } from './browser.mjs';
import { chooseFilm, greyOf, nextFrame } from './films.mjs';

const [WIDTH, HEIGHT, SIDE] = [512, 420, 48];
const PATCHES = [{ left: 16, top: 16, side: SIDE, value: 200 }, { left: 230, top: 180, side: SIDE, value: 2100 }, { left: 440, top: 350, side: SIDE, value: 3900 }];
const TITLES = { normal: 'Normal', pneumonia: 'Pneumonia', requires_further_evaluation: 'Look again' };

const site = usesBrowser();
const values = chestValues(WIDTH, HEIGHT, PATCHES);
let page;

/** A test that needs an image model; a server without one is no fault of the page. */
function filmTest(name, act) {
  test(name, async (context) => {
    const { films } = (await send(site.server, { path: '/api/v1/about' })).json;
    if (!films.ready) {
      context.skip(films.reason);
      return;
    }
    page = await openPage(site, { path: '/films' });
    await act();
  });
}

const film = (changes = {}) => dicomFilm({ width: WIDTH, height: HEIGHT, values, ...changes });

/** Sends a file and gives {status, json} of the response once the page has shown it. */
async function sendFile(bytes) {
  if (bytes) await chooseFilm(page, bytes);
  const [response] = await Promise.all([page.waitForResponse((one) => one.url().includes('/images/predict')), page.click('#read-film')]);
  await page.waitForFunction(() => document.querySelector('.verdict') || !document.getElementById('error-summary').hidden);
  await nextFrame(page);
  return { status: response.status(), json: await response.json() };
}

const problem = () => page.locator('#error-summary').innerText();

/** The greys at the middles of the patches, while the film is shown whole; read at once, for Chromium complains of several times. */
function patchGreys() {
  return page.evaluate(([width, height, patches]) => {
    const canvas = document.getElementById('film-canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const scale = Math.min(canvas.width / width, canvas.height / height);
    return patches.map(({ left, top, side }) => {
      const x = Math.round((canvas.width - scale * width) / 2 + scale * (left + side / 2));
      const y = Math.round((canvas.height - scale * height) / 2 + scale * (top + side / 2));
      return data[4 * (y * canvas.width + x)];
    });
  }, [WIDTH, HEIGHT, PATCHES]);
}

const greysIn = (centre, width) => PATCHES.map(({ value }) => greyOf(value, centre, width));

/** Those values that came other than they were sent. */
function changedValues(picture, sent) {
  return page.evaluate(async ([given, wanted]) => {
    const { filmOf } = await import('/static/scripts/films/film_pixels.js');
    const film = await filmOf(given);
    return wanted.length !== film.values.length ? film.values.length : wanted.filter((value, position) => value !== film.values[position]).length;
  }, [picture, [...sent]]);
}

filmTest('before a film is chosen the page says whose films the model knows', async () => {
  const { ages } = (await send(site.server, { path: '/api/v1/about' })).json.films;
  assert.match(await page.locator('#known-ages').innerText(), new RegExp(`${ages.least_years} to ${ages.most_years} years`));
});

filmTest('a DICOM film: answered, every value as it was sent, shown in the window of the file', async () => {
  await page.evaluate(() => {
    window.said = [];
    new MutationObserver(() => window.said.push(document.getElementById('sending-text').textContent))
      .observe(document.getElementById('sending-text'), { childList: true });
  });
  const { status, json } = await sendFile(film({ window: { centre: 1900, width: 3000 } }));
  assert.equal(status, 200);
  assert.equal(await page.locator('#verdict-title').textContent(), TITLES[json.diagnosis]);
  assert.equal(await changedValues(json.film_picture, values), 0);
  assert.deepEqual(await patchGreys(), greysIn(1900, 3000));
  assert.match(await page.locator('#film-numbers').textContent(), /Centre 1,900 · width 3,000/);
  const text = await page.locator('#answer-content').innerText();
  for (const part of [/DICOM, DX/, /PA/, /512 × 420 pixels/, new RegExp(json.request_id), new RegExp(json.model_version), /At an error rate of \d+ %/]) assert.match(text, part);
  assert.ok(text.includes(json.reason) && text.includes(json.disclaimer));
  const said = await page.evaluate(() => window.said);
  assert.match(said[0], /^Sending… 0 %/);
  assert.match(said.at(-1), /Reading the film/);
  assert.deepEqual(page.seen.complaints, []);
  assert.deepEqual(page.seen.requests.filter((address) => !address.startsWith(`${site.server.url}/`)), []);
  assert.equal(site.server.log().includes('SURNAME'), false);
});

filmTest('the heat map of the answer lies over the film, as strong as the slider says', async () => {
  await sendFile(film());
  const pixels = () => page.evaluate(() => {
    const canvas = document.getElementById('film-canvas');
    return [...canvas.getContext('2d').getImageData(0, canvas.height / 2, canvas.width, 1).data];
  });
  const colour = (all) => all.reduce((sum, _, position) => (position % 4 === 0 ? sum + Math.abs(all[position] - all[position + 2]) : sum), 0);
  assert.equal(colour(await pixels()), 0);
  const strengths = [];
  for (const strength of ['50', '100', '0']) {
    await page.locator('#overlay-strength').fill(strength);
    await nextFrame(page);
    strengths.push(colour(await pixels()));
  }
  assert.ok(strengths[0] > 0 && strengths[1] > strengths[0] * 1.5, strengths.join(' '));
  assert.equal(strengths[2], 0);
});

filmTest('MONOCHROME1 and rescaled values are shown as they are meant', async () => {
  const { json } = await sendFile(film({ photometric: 'MONOCHROME1', intercept: -1000, slope: 2, window: { centre: 3000, width: 7000 } }));
  assert.equal(json.film_picture.inverted, true);
  const expected = PATCHES.map(({ value }) => 255 - greyOf(2 * value - 1000, 3000, 7000));
  (await patchGreys()).forEach((grey, position) => assert.ok(Math.abs(grey - expected[position]) <= 1, `${grey} for ${expected[position]}`));
});

filmTest('a PNG is read with a warning, and the age is taken from the form', async () => {
  const pixels = Buffer.from(values.map((value) => value >> 4));
  await page.fill('#film-age', '3');
  const { status } = await sendFile(pngOf({ width: WIDTH, height: HEIGHT, channels: 1, pixels }));
  assert.equal(status, 200);
  const text = await page.locator('#answer-content').innerText();
  assert.match(text, /PNG or JPEG file says nothing about patient[\s\S]*Age entered\s+3 years/);
  assert.doesNotMatch(text, /age is not known/);
  assert.deepEqual(await patchGreys(), PATCHES.map(({ value }) => greyOf((value >> 4) * 257, 32768, 65536)));
});

filmTest('an age that no one has is marked', async () => {
  await page.fill('#film-age', '151');
  assert.equal((await sendFile(film())).status, 422);
  assert.match(await page.locator('#film-age-message').textContent(), /0 to 150/);
});

filmTest('of several frames the one that was named is shown', async () => {
  const other = chestValues(WIDTH, HEIGHT, PATCHES.map((patch) => ({ ...patch, value: 4095 - patch.value })));
  const both = new Uint16Array(2 * values.length);
  both.set(values);
  both.set(other, values.length);
  assert.equal((await sendFile(film({ values: both, frames: 2 }))).status, 422);
  assert.match(await page.locator('#film-frame-message').textContent(), /2 frames/);
  await page.fill('#film-frame', '1');
  const { status, json } = await sendFile();
  assert.equal(status, 200);
  assert.equal(await changedValues(json.film_picture, other), 0);
});

filmTest('what is no chest film is refused with its reason, and without an answer', async () => {
  const refusals = [
    [415, Buffer.from('no film at all, but some text'), /DICOM/],
    [422, film({ values: new Uint16Array(values.length).fill(1000) }), /blank/],
    [422, film({ bodyPart: 'HAND' }), /another part of the body/],
    [422, film({ view: 'LL' }), /lateral/],
    [422, film({ modality: 'CT' }), /CT/],
  ];
  for (const [wanted, bytes, reason] of refusals) {
    const { status, json } = await sendFile(bytes);
    assert.equal(status, wanted, json.detail);
    assert.match(await problem(), reason);
    assert.match(await problem(), new RegExp(json.request_id));
    assert.equal(await page.locator('.verdict').count(), 0);
    assert.equal(await page.locator('#viewer').isVisible(), false);
  }
});
