// The page around the film: choosing and sending it, the answer in words, problems, privacy, looks. The answers are made by hand;
// films.test.mjs asks the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, SMALLEST_CONTRAST, contrasts, openPage, tabTo, usesBrowser, widerThanTheirPlace } from './browser.mjs';
import { answerInstead, answerOf, chooseFilm, dropFilms, openFilmPage, openFilms, readFilm } from './films.mjs';

const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
const SMALLEST_TARGET = 44;
const LOOK_AGAIN = { diagnosis: 'requires_further_evaluation', all_probabilities: [0.59, 0.41], prediction_set: ['normal', 'pneumonia'], grounds: ['both_fit'], confidence: 0.59,
  reason: 'Normal and pneumonia both fit this film: it cannot be told which.' };
const NORMAL = { diagnosis: 'normal', all_probabilities: [0.996, 0.004], prediction_set: ['normal'], review_urgency: 'routine', reason: 'Only normal fits this film.' };

const site = usesBrowser();
let page;

const said = async () => (await page.locator('#answer-content').innerText()).replace(/\n+/g, '\n');
const problem = () => page.locator('#error-summary').innerText();

/** What is sent, without being sent: [[name, value or file name], ...] and the address. */
async function watchForms() {
  await page.evaluate(() => {
    window.sent = [];
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function watched(form) {
      window.sent.push([...form.entries()].map(([name, value]) => [name, typeof value === 'string' ? value : [value.name, value.size]]));
      return send.call(this, form);
    };
  });
}

test('both pages lead to each other', async () => {
  page = await openPage(site);
  await page.click('.page-links >> text=Films');
  await page.waitForSelector('#drop-zone');
  assert.equal(await page.locator('.page-links [aria-current=page]').textContent(), 'Films');
  await page.click('.page-links >> text=Case');
  await page.waitForSelector('#case-form');
});

test('the film is sent under no name, with the age, and asks for film and heat map', async () => {
  page = await openFilms(site);
  await watchForms();
  await page.fill('#film-age', '3,5');
  await readFilm(page);
  assert.deepEqual(await page.evaluate(() => window.sent), [[['age_years', '3.5'], ['file', ['film', 6]]]]);
  const address = page.seen.requests.find((url) => url.includes('/predict'));
  assert.equal(address, `${site.server.url}/api/v1/images/predict?heatmap=1&film=1`);
});

test('by keyboard: the file button is reached, and a chosen film is one Enter away from its answer', async () => {
  page = await openFilmPage(site);
  const chooser = page.waitForEvent('filechooser');   // long before it is needed: the browser is told of it on the way
  await answerInstead(page, (route) => route.fulfill({ json: answerOf() }));
  await tabTo(page, '#film-file');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles({ name: 'chest.dcm', mimeType: '', buffer: Buffer.from('film') });
  await page.keyboard.press('Enter');
  await page.waitForSelector('.verdict');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'film-canvas');
});

test('a film may be dropped anywhere; what is no film is said before anything is sent', async () => {
  page = await openFilmPage(site);
  assert.equal(await dropFilms(page, [2_500_000]), true, 'the browser does not open the file in the place of the page');
  assert.match(await page.locator('#drop-title').textContent(), /film 0 · 2\.5 MB/);
  for (const [sizes, text] of [[[5, 5], /One film at a time/], [[0], /empty file or a folder/], [[64 * 1024 * 1024 + 1], /67\.1 MB.*at most/]]) {
    await dropFilms(page, sizes);
    assert.match(await problem(), text);
    assert.match(await page.locator('#drop-title').textContent(), /film 0 · 2\.5 MB/);
  }
  assert.equal(page.seen.requests.some((url) => url.includes('predict')), false);
});

test('nothing is sent without a film or with an age in words', async () => {
  page = await openFilmPage(site);
  await page.fill('#film-age', 'three');
  await page.click('#read-film');
  assert.match(await problem(), /2 entries[\s\S]*A film is needed[\s\S]*not a number/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'film-file');
  await page.fill('#film-age', '3');
  assert.equal(await page.locator('#film-age-message').isVisible(), false);
  assert.equal(page.seen.requests.some((url) => url.includes('predict')), false);
});

test('pneumonia: the answer with its probability, what fits, quality, warnings and facts', async () => {
  page = await openFilms(site);
  await readFilm(page);
  const text = await said();
  for (const part of [/Pneumonia\nThe film looks like pneumonia\.\nOnly pneumonia fits/, /Review: Priority/, /Probability of pneumonia\n93 %/, /At an error rate of 5 %: only pneumonia fits/,
    /does not say from where/, /The age is not known/, /DICOM, DX/, /PA/, /2,400 × 1,920 pixels/, /400 × 320: to look along/, /41 %/, /This answer is no report/, /osler-cxr 1\.0\.0 · 134 ms/, /0b6f4c3e/])
    assert.match(text, part);
  const share = await page.locator('.bar').evaluate((bar) => bar.firstElementChild.getBoundingClientRect().width / bar.getBoundingClientRect().width);
  assert.ok(Math.abs(share - 0.93) < 0.005, `drawn as ${share}`);
  assert.match(await page.locator('#status').textContent(), /answer is ready. Pneumonia. Probability of pneumonia 93 %. Review: priority/);
});

test('normal says that only pneumonia was looked for', async () => {
  page = await openFilms(site, { answer: answerOf(NORMAL) });
  await readFilm(page);
  assert.match(await said(), /Normal\nNo sign of pneumonia found\.\n[\s\S]*other disease is not ruled out[\s\S]*Review: Routine[\s\S]*<1 %[\s\S]*only normal fits/);
});

test('"look again" looks neither like an error nor like a diagnosis', async () => {
  page = await openFilms(site);
  const looks = () => page.locator('.verdict').evaluate((verdict) => {
    const { backgroundColor, borderTopColor, borderTopStyle } = getComputedStyle(verdict);
    return [backgroundColor, borderTopColor, borderTopStyle, verdict.querySelector('.urgency-symbol').textContent, verdict.closest('[role=alert]') === null];
  });
  const seen = [];
  for (const changes of [{}, NORMAL, LOOK_AGAIN]) {
    await answerInstead(page, (route) => route.fulfill({ json: answerOf(changes) }));
    await chooseFilm(page);
    await readFilm(page);
    seen.push(await looks());
  }
  const danger = await page.locator('#error-summary').evaluate((summary) => getComputedStyle(summary).backgroundColor);
  const [, , again] = seen;
  assert.equal(new Set([...seen.map(([background]) => background), danger]).size, 4);
  assert.deepEqual(again.slice(2), ['dashed', '?', true]);
  const text = await said();
  assert.match(text, /Look again\nThis film requires further evaluation[\s\S]*it cannot be told which[\s\S]*41 %[\s\S]*normal and pneumonia both fit[\s\S]*not an answer/);
  assert.doesNotMatch(text, /59 %/);
  assert.equal(await page.locator('.bar-fill.open').count(), 1);
  await answerInstead(page, (route) => route.fulfill({ json: answerOf({ ...LOOK_AGAIN, prediction_set: [], error_rate: undefined }) }));
  await readAgain();
  assert.match(await said(), /What fits: neither normal nor pneumonia fits/);
  await answerInstead(page, (route) => route.fulfill({ json: answerOf({ ...LOOK_AGAIN, prediction_set: [] }) }));
  await readAgain();
  assert.doesNotMatch(await said(), /not named here/, 'where no kind is named, nothing can be said of those that are not');
});

async function readAgain() {
  await page.evaluate(() => document.querySelector('.verdict').remove());
  await readFilm(page);
}

test('another film takes the old one, its answer and the age of its patient away at once', async () => {
  page = await openFilms(site);
  await page.fill('#film-age', '3');
  await readFilm(page);
  await chooseFilm(page, Buffer.from('another film'), 'other.dcm');
  assert.equal(await page.locator('.verdict').count(), 0);
  assert.equal(await page.locator('#viewer').isVisible(), false);
  assert.equal(await page.locator('#answer-empty').isVisible(), true);
  assert.equal(await page.inputValue('#film-age'), '');
  const blank = await page.evaluate(() => {
    const canvas = document.getElementById('film-canvas');
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.every((value, position) => position % 4 === 3 || value === 0);
  });
  assert.ok(blank);
});

test('an answer that is late for its film is not shown', async () => {
  page = await openFilms(site);
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await answerInstead(page, async (route) => {
    await held;
    await route.fulfill({ json: answerOf() }).catch(() => {});   // the page has hung up
  });
  await page.click('#read-film');
  await chooseFilm(page, Buffer.from('another film'), 'other.dcm');
  assert.equal(await page.locator('#sending').isVisible(), false);
  await answerInstead(page, (route) => route.fulfill({ json: answerOf(NORMAL) }));
  release();
  await readFilm(page);
  assert.equal(await page.locator('#verdict-title').textContent(), 'Normal');
  assert.deepEqual(page.seen.complaints, []);
});

test('another age marks the answer as out of date', async () => {
  page = await openFilms(site);
  await page.fill('#film-age', '4');
  await readFilm(page);
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
  await page.fill('#film-age', '40');
  assert.equal(await page.locator('#stale-notice').isVisible(), true);
  await page.fill('#film-age', '4');
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
});

test('while it is read the page says so, asks once, and can be told to stop', async () => {
  page = await openFilms(site);
  let asked = 0;
  await answerInstead(page, () => { asked += 1; });
  await page.click('#read-film');
  await page.waitForSelector('#sending', { state: 'visible' });
  assert.match(await page.locator('#sending-text').textContent(), /Sending… 0 %/);
  assert.equal(await page.getAttribute('#answer', 'aria-busy'), 'true');
  await page.click('#read-film', { force: true });
  await page.click('#cancel-sending');
  assert.equal(await page.locator('#sending').isVisible(), false);
  assert.equal(await page.getAttribute('#answer', 'aria-busy'), 'false');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'read-film');
  assert.equal(asked, 1);
  assert.equal(await page.locator('#error-summary').isVisible(), false);
  await answerInstead(page, (route) => route.fulfill({ json: answerOf() }));
  await readFilm(page);
  assert.deepEqual(page.seen.complaints, []);
});

test('problems of the server are said in its words, and the old answer goes', async () => {
  page = await openFilms(site);
  await readFilm(page);
  const refused = async (handler) => {
    await answerInstead(page, handler);
    await page.click('#read-film');
    await page.waitForFunction(() => !document.getElementById('error-summary').hidden);
    assert.equal(await page.locator('.verdict').count(), 0);
    return problem();
  };
  const document = (status, detail, headers = {}) => (route) => route.fulfill({
    status, headers, contentType: 'application/problem+json', json: { title: 'A title', status, detail, request_id: 'the-request-id' } });
  assert.match(await refused(document(413, 'The body may hold 5 bytes.')), /too large for this server/);
  assert.match(await refused(document(415, 'The file is neither DICOM, PNG nor JPEG.')), /neither DICOM, PNG nor JPEG[\s\S]*the-request-id/);
  assert.match(await refused(document(422, 'The picture is blank.')), /blank/);
  assert.match(await refused(document(429, '', { 'Retry-After': '7' })), /Too many requests.*7 seconds/);
  assert.match(await refused(document(503, 'No model is installed.')), /No model is installed/);
  assert.match(await refused(document(504, 'x')), /took too long/);
  assert.match(await refused((route) => route.fulfill({ status: 502, body: '<html>gateway</html>' })), /could not answer/);
  assert.match(await refused((route) => route.fulfill({ status: 200, body: 'no answer' })), /could not answer/);
  assert.match(await refused((route) => route.abort()), /did not answer/);
});

test('fields that the server refuses are marked where they are', async () => {
  page = await openFilms(site);
  await answerInstead(page, (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', json: {
    title: 'x', status: 422, errors: [{ pointer: '/age_years', problem: 'The age is not a number in range.', allowed: '0 to 150, in years' }] } }));
  await page.fill('#film-age', '200');
  await page.click('#read-film');
  await page.waitForSelector('.film-age-field.has-error');
  assert.match(await page.locator('#film-age-message').textContent(), /not a number in range\. Allowed: 0 to 150, in years\./);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'film-age');
});

test('a file of several frames asks for one', async () => {
  page = await openFilms(site);
  assert.equal(await page.locator('#film-frame').isVisible(), false);
  await answerInstead(page, (route) => (route.request().url().includes('frame=3') ? route.fulfill({ json: answerOf() })
    : route.fulfill({ status: 422, contentType: 'application/problem+json', json: { status: 422, detail: 'The file holds 8 frames; name a frame, 0 to 7.' } })));
  await page.click('#read-film');
  await page.waitForSelector('#film-frame', { state: 'visible' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'film-frame');
  assert.match(await page.locator('#film-frame-message').textContent(), /8 frames/);
  await page.keyboard.type('3');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.verdict');
  await chooseFilm(page, Buffer.from('another film'));
  assert.equal(await page.locator('#film-frame').isVisible(), false);
  assert.equal(await page.inputValue('#film-frame'), '');
});

test('a server that needs a key asks for it and gets it as a bearer token', async () => {
  page = await openFilms(site);
  const keys = [];
  await answerInstead(page, (route) => {
    const key = route.request().headers().authorization;
    keys.push(key);
    return key ? route.fulfill({ json: answerOf() }) : route.fulfill({ status: 401, json: { title: 'Authentication is required', status: 401 } });
  });
  await page.click('#read-film');
  await page.waitForSelector('#access-key', { state: 'visible' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'access-key');
  await page.keyboard.type('the-key');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.verdict');
  assert.deepEqual(keys, [undefined, 'Bearer the-key']);
});

test('a server without an image model says so before a film is chosen', async () => {
  page = await openFilmPage(site);
  await page.route('**/api/v1/about', (route) => route.fulfill({ json: { trial: true, authentication: 'none', films: { ready: false, reason: 'There is no model.' } } }));
  await page.reload();
  await page.waitForFunction(() => !document.getElementById('error-summary').hidden);
  assert.match(await problem(), /reads no films now. There is no model/);
  assert.equal(await page.isDisabled('#read-film'), true);
});

test('nothing is kept, no other server is asked, nothing is complained of', async () => {
  page = await openFilms(site);
  const title = await page.title();
  await readFilm(page);
  await page.locator('#overlay-strength').fill('60');
  assert.equal(page.url(), `${site.server.url}/films`);
  assert.equal(await page.title(), title);
  assert.deepEqual(await page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length, (await caches.keys()).length]), [0, 0, '', 0, 0]);
  assert.ok(page.seen.requests.length > 10);
  assert.deepEqual(page.seen.requests.filter((address) => !address.startsWith(`${site.server.url}/`)), [], 'no data: and no blob: address either');
  assert.equal(page.seen.requests.some((address) => address.includes('SURNAME')), false);
  assert.deepEqual(page.seen.complaints, []);
});

function poisoned(value, name = '') {
  if (typeof value === 'string') return name === 'png' ? value : HOSTILE;
  if (Array.isArray(value)) return value.map((item) => (name === 'labels' ? item : poisoned(item, name)));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poisoned(item, key)]));
}

test('hostile text in every part of an answer and in the name of the file is shown as text', async () => {
  page = await openFilms(site, { answer: poisoned(answerOf()) });
  await chooseFilm(page, Buffer.from('film'), `${HOSTILE.replaceAll('/', '')}.dcm`);
  await readFilm(page);
  assert.ok((await said()).split('window.hacked=1').length > 12);
  assert.equal(await page.locator('#answer-content img, #answer-content script, #film-pane img').count(), 0);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(page.seen.complaints, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`every text is readable in the ${colorScheme} colours, and around the film it is dark`, async () => {
    page = await openFilms(site, { colorScheme, answer: answerOf(LOOK_AGAIN) });
    await readFilm(page);
    await page.click('#help-button');
    const found = await page.evaluate(contrasts);
    assert.ok(found.length > 50, `${found.length} texts`);
    assert.deepEqual(found.filter((entry) => entry.contrast < SMALLEST_CONTRAST), []);
    assert.equal(await page.locator('#viewer').evaluate((viewer) => getComputedStyle(viewer).backgroundColor), 'rgb(0, 0, 0)');
  });
}

for (const width of [320, 360, 600, 768, 1024, 1440]) {
  test(`nothing scrolls sideways at ${width} px`, async () => {
    page = await openFilms(site, { viewport: { width, height: 800 } });
    await readFilm(page);
    await page.click('#help-button');
    assert.deepEqual(await page.evaluate(widerThanTheirPlace), []);
    assert.equal(await page.locator('#verdict-link').isVisible(), width < 1024);
  });
}

test('wide screens show the film on the left, larger than the answer on the right', async () => {
  page = await openFilms(site);
  await readFilm(page);
  const [film, answer] = [await page.locator('#film-pane').boundingBox(), await page.locator('#answer').boundingBox()];
  assert.ok(film.x + film.width <= answer.x);
  const canvas = await page.locator('#film-canvas').boundingBox();
  assert.ok(canvas.width > 800 && canvas.height > 500, `${canvas.width} x ${canvas.height}`);
  const [whole, window] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
  assert.ok(whole <= window, 'the panes scroll, the page around them does not');
});

test('on a phone the film comes into view, the answer below it, and what is pressed is large enough for a thumb', async () => {
  page = await openFilms(site, PHONE);
  await readFilm(page);
  await page.waitForFunction(() => Math.abs(document.getElementById('viewer').getBoundingClientRect().top) < 40);
  const [film, answer] = [await page.locator('#film-pane').boundingBox(), await page.locator('#answer').boundingBox()];
  assert.ok(film.y + film.height <= answer.y);
  assert.match(await page.locator('#verdict-link').textContent(), /^Pneumonia/);
  const small = await page.evaluate((least) => [...document.querySelectorAll('button, input:not(.visually-hidden), .drop-zone')]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < least).map((element) => element.outerHTML.slice(0, 80)), SMALLEST_TARGET);
  assert.deepEqual(small, []);
  await page.click('#verdict-link');
  await page.waitForFunction(() => document.querySelector('.verdict').getBoundingClientRect().top < innerHeight / 2);
});

test('every control has a name, ids are unique, references resolve, headings have no gaps', async () => {
  page = await openFilms(site);
  await readFilm(page);
  const wrong = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    const nameless = [...document.querySelectorAll('input, button, a[href], section, form, nav, canvas, progress, [role=group]')].filter((element) => {
      const names = [element.getAttribute('aria-label'), element.getAttribute('aria-labelledby'), element.labels?.[0]?.textContent, element.matches('button, a') && element.textContent];
      return names.every((name) => !name?.trim());
    });
    const dangling = ['aria-describedby', 'aria-controls', 'aria-labelledby', 'for'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].flatMap((element) => element.getAttribute(name).split(' ')).filter((id) => !ids.includes(id)));
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map((heading) => Number(heading.tagName[1]));
    return { repeated: ids.filter((id, position) => ids.indexOf(id) !== position), nameless: nameless.map((element) => element.outerHTML.slice(0, 100)), dangling,
      gaps: levels.filter((level, position) => level > (levels[position - 1] ?? 0) + 1) };
  });
  assert.deepEqual(wrong, { repeated: [], nameless: [], dangling: [], gaps: [] });
});

test('on paper there are film and answer, without the form, the tools and the name of the file', async () => {
  page = await openFilms(site);
  await page.fill('#film-age', '3');
  await readFilm(page);
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['#film-form', '.viewer-bar', '#overlay-bar']) assert.equal(await page.locator(hidden).isVisible(), false, hidden);
  const text = await page.locator('body').innerText();
  assert.doesNotMatch(text, /SURNAME/);
  assert.match(text, /Centre 2,048[\s\S]*Pneumonia[\s\S]*3 years/);
  const box = await page.locator('#film-canvas').boundingBox();
  assert.ok(box.height > 300 && await page.locator('.verdict').isVisible());
  assert.ok((await page.pdf()).length > 10_000);
});
