// What the page must never do: reach another server, keep or show patient data where it does not belong, run a text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerReferenceCase, askForAnswer, openPage, typeChips, usesBrowser, waitForSteps } from './browser.mjs';

const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'"\`\${hacked}&lt;b&gt;`;

const site = usesBrowser();
let page;

/** Addresses that lead away from the server; what a page makes itself (data:, blob:) does not. */
function foreignRequests() {
  return page.seen.requests.filter((address) => !address.startsWith(`${site.server.url}/`) && !/^(data|blob):/.test(address));
}

test('the page asks no other server for anything and logs nothing', async () => {
  page = await openPage(site);
  await answerReferenceCase(page);
  await page.fill('.lab-test input', 'glu');
  assert.ok(page.seen.requests.length > 10);
  assert.deepEqual(foreignRequests(), []);
  assert.deepEqual(page.seen.complaints, []);
});

for (const [path, content] of [['/api/docs', '.swagger-ui .title'], ['/api/redoc', '.redoc-wrap h1']]) {
  test(`${path} asks no other server for anything and logs nothing`, async () => {
    page = await openPage(site, { path });
    await page.locator(content).first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.match(await page.locator(content).first().textContent(), /Osler/i);
    assert.deepEqual(foreignRequests(), []);
    assert.deepEqual(page.seen.complaints, []);
  });
}

test('patient data stays out of the address, the title, storage and cookies', async () => {
  page = await openPage(site);
  const title = await page.title();
  await page.fill('#narrative', 'canary-in-the-story');
  await answerReferenceCase(page);
  await page.waitForSelector('.urgency');
  assert.equal(page.url(), `${site.server.url}/`);
  assert.equal(await page.title(), title);
  const kept = await page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length, history.length]);
  assert.deepEqual(kept.slice(0, 4), [0, 0, '', 0]);
  assert.equal(page.seen.requests.some((address) => address.includes('canary')), false);
});

test('long words typed into a field are not sent for completion', async () => {
  page = await openPage(site);
  await page.focus('#symptoms-input');
  const sent = page.waitForRequest((request) => request.url().includes('/complete'));
  await page.keyboard.type('cough');
  await sent;
  await page.keyboard.insertText(`${'x'.repeat(80)}`);
  await page.keyboard.press('Enter');
  assert.equal(page.seen.requests.some((address) => address.includes('xxxx')), false);
});

test('hostile text in every field comes back as text', async () => {
  page = await openPage(site);
  await page.fill('#age', '50');
  for (const field of ['symptoms', 'absent_findings', 'preexisting_conditions', 'family_history']) await typeChips(page, field, [HOSTILE]);
  await typeChips(page, 'symptoms', ['cough']);
  await page.check('[name=severity][value=mild]');
  await page.fill('#narrative', `${HOSTILE} chest pain ${HOSTILE}`);
  await askForAnswer(page);
  await page.waitForSelector('.urgency');
  assert.equal(await page.locator('[data-chips="symptoms"] .chip-text').first().textContent(), HOSTILE);
  assert.ok((await page.locator('.story').textContent()).includes(HOSTILE));
  await page.locator('.story mark').first().click();
  assert.match(await page.locator('.word-meaning').textContent(), /chest pain/);
  assert.ok((await page.locator('.entries').textContent()).includes(HOSTILE));
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(page.seen.complaints, []);
});

/** The same value with every text in it but `kept` replaced by the hostile one. */
function poisoned(value, name = '') {
  if (typeof value === 'string') return ['status', 'field', 'polarity', 'how'].includes(name) ? value : HOSTILE;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, name));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poisoned(item, key)]));
}

test('hostile text in every part of an answer, a completion and a problem is shown as text', async () => {
  page = await openPage(site);
  await page.route('**/api/v1/diagnose', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: poisoned(await response.json()) });
  });
  await page.route('**/api/v1/next*', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: poisoned(await response.json()) });
  });
  await page.route('**/api/v1/complete*', (route) => route.fulfill({ json: [{ id: HOSTILE, name: HOSTILE, kind: HOSTILE, code: HOSTILE }] }));
  await answerReferenceCase(page);
  await waitForSteps(page);
  assert.equal(await page.locator('.step').count(), 6);
  await page.locator('mark').first().click();
  assert.ok((await page.locator('.word-meaning').textContent()).includes(HOSTILE));
  await page.locator('.step-button').first().click();
  await page.waitForSelector('.next-said button');
  assert.ok((await page.locator('.next-said').textContent()).includes(HOSTILE));
  await page.focus('#symptoms-input');
  await page.keyboard.type('img');
  await page.waitForSelector('[role=option]');
  assert.equal(await page.locator('.suggestion-name').textContent(), HOSTILE);
  assert.ok((await page.locator('#answer-content').textContent()).split('window.hacked=1').length > 20);
  assert.equal(await page.locator('#answer-content img, #answer-content script').count(), 0);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(page.seen.complaints, []);
});

test('an inline script does not run: the content policy holds', async () => {
  page = await openPage(site);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.hacked = 1';
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.match(page.seen.complaints.join('\n'), /Content Security Policy/i);
});
