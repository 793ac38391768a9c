// The film on its canvas: exact values, window, place, keys, heat map. The answers are made by hand; films.test.mjs asks the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, tabTo, usesBrowser } from './browser.mjs';
import { FILM, PATCHES, answerOf, chooseFilm, colourAt, greyOf, nextFrame, openFilmPage, openFilms, patchGreys, patchesIn, pictureOf, placeOf, readFilm } from './films.mjs';

const site = usesBrowser();
let page;

async function open(options) {
  page = await openFilms(site, options);
  await readFilm(page);
}

const numbers = () => page.locator('#film-numbers').textContent();

async function drag(from, by, options) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down(options);
  await page.mouse.move(from.x + by.x / 2, from.y + by.y / 2);
  await page.mouse.move(from.x + by.x, from.y + by.y);
  await page.mouse.up(options);
}

const middleOfCanvas = () => placeOf(page, { x: FILM.width / 2, y: FILM.height / 2 });

test('every value of 16 bits comes through exactly', async () => {
  page = await openFilmPage(site);
  const all = Uint16Array.from({ length: 65536 }, (_, position) => (position * 40503) & 65535);
  const wrong = await page.evaluate(async (png) => {
    const { filmOf } = await import('/static/scripts/films/film_pixels.js');
    const film = await filmOf({ png, value_intercept: -1024, value_slope: 0.5, window_centre: 40, window_width: 400, inverted: true });
    const different = film.values.findIndex((value, position) => value !== ((position * 40503) & 65535));
    return { different, count: film.values.length, ...film, values: null };
  }, pictureOf(all, 256, 256));
  assert.deepEqual(wrong, { different: -1, count: 65536, width: 256, height: 256, values: null, intercept: -1024, slope: 0.5, window: { centre: 40, width: 400 }, inverted: true });
});

test('a browser that changes the pixels shows the answer and says why there is no film', async () => {
  const film = answerOf();
  film.film_picture.png = film.heatmap.png;   // blue where there must be none
  await open({ answer: film });
  assert.equal(await page.locator('#viewer').isVisible(), false);
  assert.match(await page.locator('#answer-content').textContent(), /does not give pages the exact pixels/);
  assert.equal(await page.locator('#verdict-title').textContent(), 'Pneumonia');
});

test('a film is shown whole, in the window of its file', async () => {
  await open();
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096));
  assert.match(await numbers(), /^Centre 2,048 · width 4,096 · zoom \d+ %$/);
  const outside = await placeOf(page, { x: -10, y: 100 });
  assert.deepEqual(await colourAt(page, outside), [0, 0, 0]);
});

test('the lookup table is the standard\'s formula for every value', async () => {
  page = await openFilmPage(site);
  const cases = [[40, 400, -1024, 1], [2048, 4096, 0, 1], [0.25, 0.5, 0, 1 / 65536], [1000, 1, 0, 1]];
  const tables = await page.evaluate(async (all) => {
    const { fillLookupTable } = await import('/static/scripts/films/window_levels.js');
    return all.map(([centre, width, intercept, slope]) => [false, true].map((inverted) => {
      const table = new Uint32Array(65536);
      fillLookupTable(table, { centre, width }, { intercept, slope }, inverted);
      return [...table];
    }));
  }, cases);
  cases.forEach(([centre, width, intercept, slope], position) => {
    const [upright, inverted] = tables[position];
    for (let value = 0; value < 65536; value += 1) {
      const grey = greyOf(intercept + slope * value, centre, width);
      if (upright[value] !== 0xff000000 + grey * 0x010101) assert.fail(`${cases[position]}: ${value} is ${upright[value].toString(16)}, not ${grey}`);
      const other = inverted[value] & 255;
      if (Math.abs(255 - grey - other) > 1) assert.fail(`${cases[position]}, inverted: ${value} is ${other}, not ${255 - grey}`);
    }
  });
});

test('dragging to the right widens the window, dragging down raises its centre, a double click takes both back', async () => {
  await open();
  await drag(await middleOfCanvas(), { x: 128, y: 0 });
  assert.match(await numbers(), /Centre 2,048 · width 8,192/);
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 8192));
  await drag(await middleOfCanvas(), { x: -256, y: 0 });
  assert.match(await numbers(), /Centre 2,048 · width 2,048/);
  await drag(await middleOfCanvas(), { x: 0, y: 64 });
  assert.match(await numbers(), /Centre 2,560 · width 2,048/);
  assert.deepEqual(await patchGreys(page), patchesIn(2560, 2048));
  const { x, y } = await middleOfCanvas();
  await page.mouse.dblclick(x, y);
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096));
});

test('no drag leads out of what the film holds', async () => {
  await open();
  for (let round = 0; round < 6; round += 1) await drag(await middleOfCanvas(), { x: 200, y: 200 });
  assert.match(await numbers(), /Centre 10,240 · width 16,384/);
  for (let round = 0; round < 12; round += 1) await drag(await middleOfCanvas(), { x: -300, y: 0 });
  assert.match(await numbers(), /width 1 /);
});

test('presets: the full range of the film, and the window of its file', async () => {
  await open();
  await page.click('[data-act=fullRange]');
  assert.deepEqual(await patchGreys(page), [0, greyOf(2000, 1900, 3200), 255]);
  assert.match(await numbers(), /Centre 1,900 · width 3,200/);
  await page.click('[data-act=fileWindow]');
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096));
});

test('a film of MONOCHROME1 is shown the other way round, and Invert turns it', async () => {
  await open({ answer: answerOf({}, { inverted: true }) });
  const upright = patchesIn(2048, 4096);
  (await patchGreys(page)).forEach((grey, position) => assert.ok(Math.abs(255 - grey - upright[position]) <= 1));
  await page.click('#invert-film');
  assert.deepEqual(await patchGreys(page), upright);
  assert.equal(await page.getAttribute('#invert-film', 'aria-pressed'), 'true');
  assert.match(await numbers(), /inverted/);
});

test('modality values, not stored ones, make window and numbers', async () => {
  await open({ answer: answerOf({}, { value_intercept: -1000, value_slope: 0.25, window_centre: -500, window_width: 1000 }) });
  const expected = Object.values(PATCHES).map(({ value }) => greyOf(-1000 + 0.25 * value, -500, 1000));
  assert.deepEqual(await patchGreys(page), expected);
  assert.match(await numbers(), /Centre -500.0 · width 1,000.0/);
});

test('the wheel zooms and what is under the cursor stays there', async () => {
  await open();
  const corner = await placeOf(page, { x: PATCHES.bright.x - 38, y: PATCHES.bright.y - 38 });
  const before = await colourAt(page, { x: corner.x - 30, y: corner.y - 30 });
  await page.mouse.move(corner.x, corner.y);
  for (let turn = 0; turn < 4; turn += 1) await page.mouse.wheel(0, -200);
  await nextFrame(page);
  assert.deepEqual(await colourAt(page, { x: corner.x + 4, y: corner.y + 4 }), Array(3).fill(greyOf(3500, 2048, 4096)));
  assert.deepEqual(before, Array(3).fill(greyOf(FILM.ground, 2048, 4096)));
  const fit = Number(/zoom (\d+)/.exec(await numbers())[1]);
  for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, 200);
  await nextFrame(page);
  assert.ok(Number(/zoom (\d+)/.exec(await numbers())[1]) < fit / 3.9, 'four turns of 200 are a factor of four');
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096), 'never smaller than the whole film, and then in the middle again');
});

test('places: any zoom about any point of the film keeps it, and the middle of the box never leaves the film', async () => {
  page = await openFilmPage(site);
  const faults = await page.evaluate(async () => {
    const { fitted, inNewBox, moved, zoomed } = await import('/static/scripts/films/film_place.js');
    const found = [];
    for (const film of [{ width: 1259, height: 1536 }, { width: 1536, height: 300 }]) {
      const box = { width: 900, height: 600 };
      let place = fitted(film, box);
      for (let step = 0; step < 400; step += 1) {
        const on = { x: film.width * ((step * 0.618) % 1), y: film.height * ((step * 0.414) % 1) };
        const point = { x: place.x + place.scale * on.x, y: place.y + place.scale * on.y };
        const near = zoomed(place, 1.3, point, film, box);
        const off = Math.hypot(near.x + near.scale * on.x - point.x, near.y + near.scale * on.y - point.y);
        if (off > 1e-6 && near.scale > place.scale) found.push(['moved', step, off]);
        place = moved(step % 9 === 8 ? fitted(film, box) : near, 400 * Math.sin(step), 400 * Math.cos(step * 2), film, box);
        const middle = { x: (box.width / 2 - place.x) / place.scale, y: (box.height / 2 - place.y) / place.scale };
        if (middle.x < -1e-6 || middle.y < -1e-6 || middle.x > film.width + 1e-6 || middle.y > film.height + 1e-6) found.push(['lost', step]);
        const back = inNewBox(inNewBox(place, film, box, { width: 300, height: 700 }), film, { width: 300, height: 700 }, box);
        if (Math.hypot(back.x - place.x, back.y - place.y) > 1e-6) found.push(['resized', step]);
      }
    }
    return found;
  });
  assert.deepEqual(faults, []);
});

test('the film is moved in hand mode, with the middle button, with the space bar, and the window stays', async () => {
  await open();
  const at = await placeOf(page, PATCHES.middle);
  const moves = async (act) => {
    await page.click('[data-act=reset]');
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -400);   // twice as large: the patch is half as high as the canvas
    const before = await colourAt(page, at);
    await act();
    const after = await colourAt(page, at);
    assert.deepEqual([before[0], after[0]], [greyOf(2000, 2048, 4096), greyOf(FILM.ground, 2048, 4096)]);
    assert.match(await numbers(), /Centre 2,048 · width 4,096/);
  };
  const box = await page.locator('#film-canvas').boundingBox();
  const far = { x: 0, y: -0.4 * box.height };
  await moves(() => drag({ x: at.x, y: at.y }, far, { button: 'middle' }));
  await moves(async () => {
    await page.focus('#film-canvas');
    await page.keyboard.down(' ');
    await drag({ x: at.x, y: at.y }, far);
    await page.keyboard.up(' ');
  });
  await page.click('[data-tool=move]');
  assert.deepEqual(await page.locator('[data-tool]').evaluateAll((all) => all.map((tool) => tool.getAttribute('aria-pressed'))), ['false', 'true']);
  await moves(() => drag({ x: at.x, y: at.y }, far));
});

test('two fingers zoom about their middle; one moves the film, or the page where there is nothing to move', async () => {
  await open(PHONE);
  assert.equal(await page.getAttribute('[data-tool=move]', 'aria-pressed'), 'true');
  const touchAction = () => page.locator('#film-canvas').evaluate((canvas) => canvas.style.touchAction);
  assert.equal(await touchAction(), 'pan-y');
  await page.locator('#film-canvas').scrollIntoViewIfNeeded();
  const { x, y } = await placeOf(page, PATCHES.middle);
  const client = await page.context().newCDPSession(page);
  const touch = (type, points) => client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map((point, id) => ({ ...point, id })) });
  await touch('touchStart', [{ x: x - 20, y }, { x: x + 20, y }]);
  for (const apart of [30, 40, 50, 60]) await touch('touchMove', [{ x: x - apart, y }, { x: x + apart, y }]);
  await touch('touchEnd', []);
  await nextFrame(page);
  const zoom = Number(/zoom (\d+)/.exec(await numbers())[1]) / 100;
  const fit = Math.min(...await page.locator('#film-canvas').evaluate((canvas, film) => [canvas.clientWidth / film.width, canvas.clientHeight / film.height], FILM));
  assert.ok(Math.abs(zoom - 3 * fit) < 0.05 * zoom, `${zoom} is not three times ${fit}`);
  assert.deepEqual(await colourAt(page, { x, y }), Array(3).fill(greyOf(2000, 2048, 4096)));
  assert.equal(await touchAction(), 'none');
});

test('everything is to be had by keyboard', async () => {
  await open();
  await tabTo(page, '#film-canvas');
  const fit = Number(/zoom (\d+)/.exec(await numbers())[1]);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
    await nextFrame(page);
    return numbers();
  };
  assert.ok(Math.abs(Number(/zoom (\d+)/.exec(await press('+', '+'))[1]) - fit * 1.5625) < 2);
  const before = await colourAt(page, await placeOf(page, PATCHES.middle));
  await press(...Array(8).fill('ArrowDown'));
  assert.notDeepEqual(await colourAt(page, await placeOf(page, PATCHES.middle)), before);
  assert.equal(Number(/zoom (\d+)/.exec(await press('-', '-', '-'))[1]), fit);
  assert.match(await press(...Array(16).fill('Shift+ArrowRight')), /Centre 2,048 · width 8,192/);
  assert.match(await press('Shift+ArrowDown', 'Shift+ArrowDown'), /Centre 2,560 · width 8,192/);
  assert.match(await press('2'), /Centre 1,900 · width 3,200/);
  assert.match(await press('1'), /Centre 2,048 · width 4,096/);
  assert.match(await press('i'), /inverted/);
  const reset = await press('+', '2', '0');
  assert.match(reset, /Centre 2,048 · width 4,096/);
  assert.doesNotMatch(reset, /inverted/);
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096));
  await page.focus('#film-age');
  assert.doesNotMatch(await press('i', '2', '+'), /inverted|3,200/);
});

test('the keys are listed on request', async () => {
  await open();
  assert.equal(await page.locator('#viewer-help').isVisible(), false);
  await page.click('#help-button');
  assert.equal(await page.locator('#viewer-help').isVisible(), true);
  assert.equal(await page.getAttribute('#help-button', 'aria-expanded'), 'true');
});

test('the heat map is off at first and comes over the film as strong as the slider says', async () => {
  await open();
  const [left, right] = [await placeOf(page, PATCHES.dark), await placeOf(page, PATCHES.bright)];
  const grey = greyOf(3500, 2048, 4096);
  assert.deepEqual(await colourAt(page, right), [grey, grey, grey]);
  assert.match(await page.locator('#overlay-bar').textContent(), /off[\s\S]*for pneumonia[\s\S]*against[\s\S]*not an outline/);
  for (const [key, strength] of [['End', 1], ['Home', 0]]) {
    await page.focus('#overlay-strength');
    await page.keyboard.press(key);
    const share = (strength * 127) / 255;
    const expected = [202, 0, 32].map((colour) => colour * share + grey * (1 - share));
    (await colourAt(page, right)).forEach((value, channel) => assert.ok(Math.abs(value - expected[channel]) <= 2, `${value} for ${expected[channel]}`));
    assert.deepEqual(await colourAt(page, left), Array(3).fill(greyOf(300, 2048, 4096)), 'nothing where the map says nothing');
  }
  assert.equal(await page.locator('#overlay-value').textContent(), 'off');
});

test('the heat map goes with the film when it is zoomed', async () => {
  await open();
  await page.locator('#overlay-strength').fill('100');
  const at = await placeOf(page, { x: 190, y: 160 });   // 10 left of where the map begins, inside the patch in the middle
  await page.mouse.move(at.x, at.y);
  await page.mouse.wheel(0, -800);
  const scale = (await placeOf(page, { x: 1, y: 0 })).x - (await placeOf(page, { x: 0, y: 0 })).x;
  const [before, after] = [await colourAt(page, { x: at.x + 4 * 8 * scale, y: at.y }), await colourAt(page, { x: at.x + 4 * 12 * scale, y: at.y })];
  assert.equal(before[0], before[1]);
  assert.ok(after[0] > after[1] + 40, `${after}`);
});

test('with the next film the heat map is off, and window and place are those of its file', async () => {
  await open();
  await page.locator('#overlay-strength').fill('100');
  await page.click('[data-act=fullRange]');
  await page.click('#invert-film');
  await page.click('[data-act=zoomIn]');
  await chooseFilm(page, Buffer.from('another film'));
  await readFilm(page);
  assert.equal(await page.inputValue('#overlay-strength'), '0');
  assert.equal(await page.locator('#overlay-value').textContent(), 'off');
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096));
});

test('without a heat map there is no slider', async () => {
  const { heatmap, ...answer } = answerOf();
  assert.ok(heatmap);
  await open({ answer });
  assert.equal(await page.locator('#overlay-bar').isVisible(), false);
});

test('the film keeps its place and stays sharp when the window gets another size', async () => {
  await open();
  await page.setViewportSize({ width: 1100, height: 800 });
  await nextFrame(page);
  assert.deepEqual(await patchGreys(page), patchesIn(2048, 4096));
  const sizes = await page.locator('#film-canvas').evaluate((canvas) => [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight, devicePixelRatio]);
  assert.ok(sizes.every((size) => Math.abs(size - sizes[2]) < 0.01), sizes.join(' '));
});
