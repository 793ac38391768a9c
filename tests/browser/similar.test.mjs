// Past cases like this one below the differential, and the form for what it turned out to be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PHONE, SMALLEST_CONTRAST, answerReferenceCase, askForAnswer, contrasts, fillShortCase, openPage, tabTo, usesBrowser, waitForSteps, widerThanTheirPlace,
} from './browser.mjs';

const SIMILAR = [
  { request_id: '0d4f5b1e-6c57-4f0a-9d43-2f1c8c6f7e11', similarity: 0.9312, shared_findings: ['chest pain', 'diaphoresis'], age_band: '65-74', sex: 'male',
    outcome: { condition: 'acute myocardial infarction', condition_id: 'acute_myocardial_infarction', condition_code: 'I21', confirmed_on: '' }, suspected: null },
  { request_id: '0d4f5b1e-6c57-4f0a-9d43-2f1c8c6f7e12', similarity: 0.78, shared_findings: [], age_band: 'under 1', sex: 'female', outcome: null,
    suspected: { condition: 'unstable angina', condition_id: 'unstable_angina', condition_code: 'I20', confidence: 0.31 } },
];
const site = usesBrowser();

/** The same case once more by another visitor: a page of its own, so a patient of its own. */
async function answerShortCase(page) {
  await fillShortCase(page);
  const [response] = await Promise.all([page.waitForResponse((one) => one.url().endsWith('/api/v1/diagnose')), askForAnswer(page)]);
  await page.waitForSelector('.urgency');
  return response.json();
}

async function openWithSimilar(options) {
  const page = await openPage(site, options);
  await page.route('**/api/v1/diagnose', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, similar_cases: SIMILAR } });
  });
  await answerReferenceCase(page);
  return page;
}

test('a case that was answered before is shown below the differential', async () => {
  const first = await openPage(site);
  await answerShortCase(first);
  const second = await openPage(site);
  const answer = await answerShortCase(second);
  assert.ok(answer.similar_cases.length >= 1);
  assert.equal(await second.locator('.similar-case').count(), answer.similar_cases.length);
  const order = await second.evaluate(() => [...document.querySelectorAll('#differential-title, #similar-title, #next-title')].map(({ id }) => id));
  assert.deepEqual(order, ['differential-title', 'similar-title', 'next-title']);
  assert.deepEqual(second.seen.complaints, []);
});

test('the first visitor is shown none, and no empty section', async () => {
  const page = await openPage(site);
  await page.route('**/api/v1/diagnose', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, similar_cases: [] } });
  });
  await answerReferenceCase(page);
  assert.equal(await page.locator('.similar-cases').count(), 0);
});

test('each says what it turned out to be or what was suspected, who it was, and what both have', async () => {
  const page = await openWithSimilar();
  const [first, second] = await page.locator('.similar-case').allTextContents();
  assert.match(first, /acute myocardial infarction confirmedman, 65 to 74 years.*0\.93.*chest pain, diaphoresis/);
  assert.match(second, /unstable angina suspected, 31 %girl, under 1 year.*0\.78/);
  const widths = await page.locator('.similarity .bar').evaluateAll((bars) => bars.map((bar) => bar.firstChild.offsetWidth / bar.offsetWidth));
  assert.ok(Math.abs(widths[0] - 0.9312) < 0.02 && Math.abs(widths[1] - 0.78) < 0.02, widths.join(', '));
});

test('an answer to a next question is of the same patient, a change of the form is not', async () => {
  const page = await openPage(site);
  const sent = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/v1/diagnose')) sent.push(request.postDataJSON());
  });
  const answer = await answerShortCase(page);
  await waitForSteps(page);
  await page.locator('.step-button', { hasText: /^No$/ }).first().click();
  await page.waitForSelector('.next-said button');
  assert.equal(sent[0].patient_id, undefined);
  assert.equal(sent[1].patient_id, answer.patient_id);
  await page.fill('#age', '41');
  await askForAnswer(page);
  await page.waitForFunction(() => document.querySelector('#stale-notice').hidden);
  assert.equal(sent[2].patient_id, undefined);
});

test('by keyboard: a candidate is chosen, the outcome recorded, and the next visitor sees it', async () => {
  const page = await openPage(site);
  const answer = await answerShortCase(page);
  const [candidate] = answer.candidates;
  await page.locator('.outcome > summary').focus();
  await page.keyboard.press('Enter');
  await tabTo(page, '#outcome-condition');
  await page.keyboard.type(candidate.condition.slice(0, 8));
  await page.waitForSelector('.outcome .suggestion');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('#outcome-condition'), candidate.condition);
  await tabTo(page, '#outcome-note');
  await page.keyboard.type('seen again on day three');
  const [request] = await Promise.all([page.waitForRequest((one) => one.url().endsWith('/outcome')), page.keyboard.press('Enter')]);
  assert.ok(request.url().endsWith(`/api/v1/cases/${answer.request_id}/outcome`));
  assert.deepEqual(request.postDataJSON(), { condition: candidate.condition_id, note: 'seen again on day three' });
  await page.waitForSelector('#outcome-message:not([hidden])');
  assert.match(await page.locator('#outcome-message').textContent(), /^Recorded: .+ \([A-Z]\d/);
  const next = await openPage(site);
  const seen = (await answerShortCase(next)).similar_cases.find(({ request_id: id }) => id === answer.request_id);
  assert.equal(seen.outcome.condition_id, candidate.condition_id);
  assert.ok((await next.locator('.tag.confirmed').count()) >= 1);
  assert.equal((await next.content()).includes('day three'), false);
});

test('a code is taken as well, and what is neither is refused on the page', async () => {
  const page = await openPage(site);
  await answerShortCase(page);
  await page.locator('.outcome > summary').click();
  let asked = 0;
  page.on('request', (request) => { asked += request.url().endsWith('/outcome') ? 1 : 0; });
  await page.fill('#outcome-condition', 'something else');
  await page.click('.outcome-form button');
  assert.match(await page.locator('#outcome-message').textContent(), /ICD-10/);
  assert.equal(asked, 0);
  await page.fill('#outcome-condition', 'a41.9');
  await page.click('.outcome-form button');
  await page.waitForFunction(() => document.querySelector('#outcome-message').textContent.startsWith('Recorded: A41.9') || document.querySelector('#outcome-message').textContent.includes('(A41'));
  assert.equal(asked, 1);
});

test('a failure is said, and the form stays as it was', async () => {
  const page = await openPage(site);
  await answerShortCase(page);
  await page.route('**/outcome', (route) => route.fulfill({ status: 503, json: { title: 'Busy', status: 503 } }));
  await page.locator('.outcome > summary').click();
  await page.fill('#outcome-condition', 'I26');
  await page.click('.outcome-form button');
  await page.waitForSelector('#outcome-message.error:not([hidden])');
  assert.match(await page.locator('#outcome-message').textContent(), /^Not recorded\./);
  assert.equal(await page.inputValue('#outcome-condition'), 'I26');
});

for (const [where, options] of [['a wide screen', {}], ['a phone', PHONE], ['a dark screen', { colorScheme: 'dark' }]]) {
  test(`it is legible and fits ${where}`, async () => {
    const page = await openWithSimilar(options);
    await page.locator('.outcome > summary').click();
    const weak = (await page.evaluate(contrasts)).filter(({ contrast }) => contrast < SMALLEST_CONTRAST);
    assert.deepEqual(weak, []);
    assert.deepEqual(await page.evaluate(widerThanTheirPlace), []);
    if (process.env.SCREENSHOTS) await page.locator('.similar-cases').screenshot({ path: `${process.env.SCREENSHOTS}/similar-${where.replaceAll(' ', '-')}.png` });
    if (process.env.SCREENSHOTS) await page.locator('.outcome').screenshot({ path: `${process.env.SCREENSHOTS}/outcome-${where.replaceAll(' ', '-')}.png` });
  });
}
