// What the page does when something is wrong: in the case, with the server, on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillShortCase, openPage, usesBrowser } from './browser.mjs';

const site = usesBrowser();
let page;

async function open() {
  page = await openPage(site);
  return page;
}

const messageAt = (pointer) => page.locator(`[data-pointer="${pointer}"] > .message`);
const focused = () => page.evaluate(() => document.activeElement.id);

/** Answers the next diagnoses in the server's place. */
function answerInstead(handler) {
  return page.route('**/api/v1/diagnose', handler);
}

test('an empty case: each needed field is marked, the first has the focus, nothing is sent', async () => {
  await open();
  await page.click('#diagnose');
  for (const pointer of ['/age', '/symptoms', '/severity']) assert.match(await messageAt(pointer).textContent(), /needed/);
  assert.equal(await focused(), 'age');
  assert.equal(await page.getAttribute('#age', 'aria-invalid'), 'true');
  assert.equal(await page.locator('#error-summary li').count(), 3);
  assert.equal(page.seen.requests.some((address) => address.includes('diagnose')), false);
  await page.locator('#error-summary button').last().click();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'severity');
});

test('a mark goes as soon as its field is changed', async () => {
  await open();
  await page.click('#diagnose');
  await page.keyboard.type('40');
  assert.equal(await messageAt('/age').isVisible(), false);
  assert.equal(await page.getAttribute('#age', 'aria-invalid'), null);
  assert.equal(await messageAt('/severity').isVisible(), true);
});

test('words where a number belongs are named before anything is sent', async () => {
  await open();
  await fillShortCase(page, { age: 'old' });
  await page.fill('#duration', 'long');
  await page.fill('.lab-test input', 'something');
  await page.fill('.lab-value input', 'high');
  await page.click('#diagnose');
  assert.match(await messageAt('/age').textContent(), /not a number/);
  assert.match(await messageAt('/duration_days').textContent(), /not a number/);
  assert.match(await page.locator('.lab-row .message').textContent(), /LOINC/);
});

test('the fields that the server refuses are marked where they are', async () => {
  await open();
  await fillShortCase(page, { age: '151' });
  await page.fill('#temperature_c', '1001');
  await page.click('#diagnose');
  await messageAt('/age').waitFor();
  assert.match(await messageAt('/age').textContent(), /out of range.*0 to 150/);
  assert.match(await messageAt('/vitals/temperature_c').textContent(), /out of range/);
  assert.equal(await focused(), 'age');
  assert.equal(await page.locator('.urgency').count(), 0);
});

test('an error in one entry of a list marks that chip', async () => {
  await open();
  await answerInstead((route) => route.fulfill({
    status: 422, contentType: 'application/problem+json',
    json: { title: 'x', status: 422, errors: [{ pointer: '/symptoms/1', problem: 'is too long', allowed: 'a shorter one' }] },
  }));
  await fillShortCase(page);
  await page.click('#diagnose');
  await page.waitForSelector('.chip.has-error');
  assert.equal(await page.locator('.chip.has-error .chip-text').textContent(), 'fever');
  assert.equal(await focused(), 'symptoms-input');
});

test('a symptom that was not understood is marked and named', async () => {
  await open();
  await fillShortCase(page, { symptoms: ['cough', 'zzgrmpf zzqq'] });
  await page.click('#diagnose');
  await page.waitForSelector('.chip.has-warning');
  assert.equal(await page.locator('.chip.has-warning .chip-text').textContent(), 'zzgrmpf zzqq');
  assert.equal(await messageAt('/symptoms').isVisible(), true);
});

test('a server that is away, busy or broken is told apart in plain words', async () => {
  await open();
  await fillShortCase(page);
  const said = async (handler) => {
    await page.unroute('**/api/v1/diagnose');
    await answerInstead(handler);
    await page.click('#diagnose');
    await page.waitForFunction(() => !document.getElementById('error-summary').hidden);
    return page.locator('#error-summary').textContent();
  };
  const problem = (status, headers = {}) => (route) => route.fulfill({
    status, headers, contentType: 'application/problem+json', json: { title: 'A title', status, detail: 'A detail.', request_id: 'the-request-id' },
  });
  assert.match(await said((route) => route.abort()), /did not answer/);
  assert.match(await said(problem(429, { 'Retry-After': '7' })), /Too many requests.*7 seconds/);
  assert.match(await said(problem(503)), /busy/);
  assert.match(await said(problem(500)), /A detail\..*the-request-id/);
  assert.match(await said((route) => route.fulfill({ status: 502, body: '<html>gateway</html>' })), /could not answer/);
});

test('a server that needs a key asks for it and sends it as a bearer token', async () => {
  await open();
  const keys = [];
  await answerInstead((route) => {
    const key = route.request().headers().authorization;
    keys.push(key);
    return key ? route.continue() : route.fulfill({ status: 401, json: { title: 'Authentication is required', status: 401 } });
  });
  await fillShortCase(page);
  await page.click('#diagnose');
  await page.waitForSelector('#access-key', { state: 'visible' });
  assert.equal(await focused(), 'access-key');
  await page.keyboard.type('the-key');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.urgency');
  assert.deepEqual(keys, [undefined, 'Bearer the-key']);
});

test('while the answer takes its time the page says so, and asks only once', async () => {
  await open();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  let asked = 0;
  await answerInstead(async (route) => {
    asked += 1;
    await held;
    await route.continue();
  });
  await fillShortCase(page);
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('#busy-notice', { state: 'visible' });
  assert.equal(await page.getAttribute('#answer', 'aria-busy'), 'true');
  await page.keyboard.press('Control+Enter');
  await page.click('#diagnose', { force: true });
  release();
  await page.waitForSelector('.urgency');
  assert.equal(await page.locator('#busy-notice').isVisible(), false);
  assert.equal(await page.getAttribute('#answer', 'aria-busy'), 'false');
  assert.equal(asked, 1);
});
