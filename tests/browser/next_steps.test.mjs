// What would help most: questions answered with one click, the list renewed in its place, the way back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PHONE, answerReferenceCase, askForAnswer, chipsOf, fillShortCase, openPage, tabTo, typeChips, usesBrowser, waitForSteps,
} from './browser.mjs';

const change = (from, to) => [{ condition: 'pulmonary embolism', condition_id: 'pulmonary_embolism', from, to }];
const STEP = {
  finding: 'arm pain', finding_id: 'arm_pain', kind: 'symptom', how: 'question', ask: 'Is there arm pain?', gain: 0.1,
  if_present: change(0.41, 0.72), if_absent: change(0.41, 0.36),
  reply: { present: { field: 'symptoms', text: 'arm pain' }, absent: { field: 'absent_findings', text: 'arm pain' } },
};
const LAB_STEP = {
  ...STEP, finding: 'raised troponin', how: 'laboratory', ask: 'Measure troponin I: raised troponin?',
  reply: { present: { field: 'symptoms', text: 'raised troponin' }, absent: { field: 'absent_findings', text: 'raised troponin' } },
};
const FAMILY_STEP = { ...STEP, finding: 'gout', ask: 'In the family: gout?', reply: { present: { field: 'family_history', text: 'gout' }, absent: null } };

const site = usesBrowser();
let page;
let diagnoses;   // the answers that the page got, in order

async function open(options) {
  page = await openPage(site, options);
  diagnoses = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/api/v1/diagnose')) diagnoses.push(response);
  });
}

async function openAnswered(options) {
  await open(options);
  await answerReferenceCase(page);
  await waitForSteps(page);
}

/** Gives these steps in the server's place. */
const giveSteps = (steps) => page.route('**/api/v1/next*', (route) => route.fulfill({ json: { next: steps, warnings: [] } }));

const button = (word, nth = 0) => page.locator('.step-button', { hasText: new RegExp(`^${word}$`) }).nth(nth);
const said = () => page.locator('.next-said').textContent();
const shownList = () => page.locator('.conditions .condition').evaluateAll((all) =>
  all.map((entry) => `${entry.querySelector('.condition-name').textContent} ${entry.querySelector('.confidence').textContent}`));
const shownSteps = () => page.locator('.step-ask').evaluateAll((all) => all.map((ask) => ask.firstChild.textContent));

async function clickAndWait(locator) {
  const before = await said();
  await locator.click();
  await page.waitForFunction((text) => document.querySelector('.next-said').textContent !== text, before);
  await waitForSteps(page);
}

test('each step says what it is, what a yes and a no would change, and asks the server for six', async () => {
  await open();
  const asked = page.waitForRequest((request) => request.url().includes('/api/v1/next'));
  await giveSteps([STEP, { ...STEP, how: 'bedside_test', ask: 'Measure heart rate: tachycardia?', finding: 'tachycardia' }]);
  await answerReferenceCase(page);
  await page.waitForSelector('.step');
  assert.match((await asked).url(), /\/api\/v1\/next\?limit=6$/);
  assert.deepEqual((await asked).postDataJSON(), diagnoses[0].request().postDataJSON());
  const first = page.locator('.step').first();
  assert.match(await first.locator('.step-ask').textContent(), /^Is there arm pain\? Question$/);
  assert.match(await page.locator('.step .tag').nth(1).textContent(), /Bedside test/);
  const outcomes = (await first.locator('.step-outcome').allTextContents()).map((text) => text.replace(' →  to ', ' to '));
  assert.deepEqual(outcomes, ['Yes▲ pulmonary embolism 41 % to 72 %', 'No▼ pulmonary embolism 41 % to 36 %']);
});

test('the steps come after the differential and never hold it up', async () => {
  await open();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route('**/api/v1/next*', async (route) => {
    await held;
    await route.continue();
  });
  await answerReferenceCase(page);
  assert.ok((await shownList()).length >= 10);
  assert.equal(await page.locator('.step').count(), 0);
  assert.equal(await page.getAttribute('.next-steps', 'aria-busy'), 'true');
  release();
  await page.waitForSelector('.step');
  assert.equal(await page.locator('.step').count(), 6);
});

test('Yes adds the chip, asks for one diagnosis, and list and questions are the new ones', async () => {
  await openAnswered();
  const [before, steps] = [await shownList(), await shownSteps()];
  const answered = await button('Yes').evaluate((element) => element.getAttribute('aria-label').replace(/^Yes: /, ''));
  await clickAndWait(button('Yes'));
  const sent = diagnoses[1].request().postDataJSON();
  assert.equal(diagnoses.length, 2);
  assert.ok([...sent.symptoms, ...(sent.preexisting_conditions ?? [])].includes(answered));
  assert.ok([...await chipsOf(page, 'symptoms'), ...await chipsOf(page, 'preexisting_conditions')].includes(answered));
  const answer = await diagnoses[1].json();
  const confidences = await page.locator('.conditions .confidence').allTextContents();
  assert.equal(Math.round(answer.candidates[0].confidence * 100), parseInt(confidences[0], 10));
  assert.notDeepEqual(await shownList(), before);
  assert.notDeepEqual(await shownSteps(), steps);
  assert.equal((await shownSteps()).some((ask) => ask.includes(`${answered}?`)), false);
  assert.match(await said(), new RegExp(`^Entered: ${answered}: yes\\. Undo`));
  assert.ok((await said()).includes(`Most likely now: ${answer.candidates[0].condition}, ${confidences[0]}`));
  assert.ok(await page.locator('.tag.changed').count() > 0);
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
  assert.deepEqual(page.seen.complaints, []);
});

test('the new first diagnosis is announced', async () => {
  await openAnswered();
  await clickAndWait(button('Yes'));
  const { candidates: [first] } = await diagnoses[1].json();
  const announced = await page.locator('#status').textContent();
  assert.match(announced, /^Entered: .+: yes\. Most likely now: /);
  assert.ok(announced.includes(first.condition));
  assert.equal(await page.getAttribute('#status', 'aria-live'), 'polite');
});

test('No enters the finding as looked for and not there', async () => {
  await openAnswered();
  await clickAndWait(button('No'));
  const [absent] = await chipsOf(page, 'absent_findings');
  assert.deepEqual(diagnoses[1].request().postDataJSON().absent_findings, [absent]);
  assert.match(await said(), new RegExp(`^Entered: ${absent}: no\\.`));
});

test('Undo takes back one answer after the other, and everything is as before', async () => {
  await openAnswered();
  const [list, steps, chips] = [await shownList(), await shownSteps(), await chipsOf(page, 'symptoms')];
  await clickAndWait(button('No'));
  const second = [await shownList(), await shownSteps()];
  await clickAndWait(button('Yes'));
  const undo = page.locator('.next-said button');
  await clickAndWait(undo);
  assert.deepEqual([await shownList(), await shownSteps()], second);
  assert.match(await undo.textContent(), /^Undo “.+: no” too$/);
  await clickAndWait(undo);
  assert.deepEqual([await shownList(), await shownSteps()], [list, steps]);
  assert.deepEqual(await chipsOf(page, 'symptoms'), chips);
  assert.deepEqual(await chipsOf(page, 'absent_findings'), []);
  assert.equal(await undo.count(), 0);
  assert.match(await page.locator('#status').textContent(), /^Taken back: .* Most likely now: /);
  assert.equal(diagnoses.length, 5);
});

for (const [where, options] of [['a wide screen', {}], ['a phone', PHONE]]) {
  test(`an answer moves nothing else on ${where}`, async () => {
    await openAnswered(options);
    await page.locator('.condition').nth(1).evaluate((entry) => { entry.open = true; });
    await page.locator('.next-steps').evaluate((section) => section.scrollIntoView());
    const opened = page.locator('.condition').nth(1);
    const id = await opened.getAttribute('data-condition-id');
    const top = () => page.locator('.next-steps').evaluate((section) => section.getBoundingClientRect().top);
    const before = await top();
    await clickAndWait(button('Yes'));
    assert.ok(Math.abs(await top() - before) < 2, `from ${before} to ${await top()}`);
    assert.equal(await page.locator(`[data-condition-id="${id}"]`).evaluate((entry) => entry.open), true);
    await clickAndWait(page.locator('.next-said button'));
    assert.ok(Math.abs(await top() - before) < 2, `from ${before} to ${await top()} after Undo`);
    assert.equal(await page.locator('.next-said').evaluate((line) => document.activeElement === line), true);
  });
}

test('what was entered and its Undo stay in sight at the last of the steps', async () => {
  await openAnswered();
  await page.locator('.step').last().scrollIntoViewIfNeeded();
  await page.locator('.next-steps').evaluate((section) => section.scrollIntoView({ block: 'end' }));
  await clickAndWait(button('No', 5));
  const seen = await page.locator('.next-said button').evaluate((undo) => {
    const { left, top, width, height } = undo.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2) === undo;
  });
  assert.equal(seen, true);
});

test('the second click of a double click answers nothing', async () => {
  await openAnswered();
  await button('Yes').dblclick();
  await page.waitForSelector('.next-said button');
  await waitForSteps(page);
  assert.equal(diagnoses.length, 2);
});

test('by keyboard: to the first step, Enter, and the next Tab is Undo', async () => {
  await openAnswered();
  await page.focus('#go-to-next');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'next-title');
  await tabTo(page, '.step-button');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.next-said button');
  await waitForSteps(page);
  await tabTo(page, '.next-said button');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Undo .+: yes$/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.next-said').textContent.startsWith('Taken back'));
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['chest pain', 'shortness of breath', 'diaphoresis']);
});

test('a lab step adds a row for its test, ready for the value; Yes and No are there too', async () => {
  await open();
  await giveSteps([LAB_STEP]);
  await fillShortCase(page, { symptoms: ['chest pain'] });
  await askForAnswer(page);
  await page.waitForSelector('.step');
  assert.equal(await button('Yes').count() + await button('No').count(), 2);
  await button('Add result').click();
  await page.waitForFunction(() => document.activeElement.closest('.lab-value'));
  assert.deepEqual(await page.locator('.lab-test input').evaluateAll((inputs) => inputs.map((input) => input.value)), ['troponin I']);
  await page.keyboard.type('0.9');
  const sent = await askForAnswer(page);
  assert.deepEqual(Object.values(sent.lab_results), [{ value: 0.9, unit: 'ng/mL' }]);
  assert.match(Object.keys(sent.lab_results)[0], /^\d{1,7}-\d$/);
  await waitForSteps(page);
  await button('Add result').click();
  await page.waitForFunction(() => document.activeElement.closest('.lab-value')?.querySelector('input').value === '0.9');
  assert.equal(await page.locator('.lab-row').count(), 1);
});

test('a lab step whose test the server does not know still gives a row with its name', async () => {
  await open();
  await giveSteps([LAB_STEP]);
  await page.route('**/api/v1/complete*', (route) => route.abort());
  await answerReferenceCase(page);
  await button('Add result').click();
  await page.waitForFunction(() => document.activeElement.value === 'troponin I');
  assert.equal(await page.locator('.lab-row').count(), 3);
});

test('a no that cannot be entered is not offered', async () => {
  await open();
  await giveSteps([FAMILY_STEP]);
  await answerReferenceCase(page);
  await page.waitForSelector('.step');
  assert.equal(await button('No').count(), 0);
  await clickAndWait(button('Yes'));
  assert.deepEqual(await chipsOf(page, 'family_history'), ['gout']);
});

test('Undo of an answer whose chip was removed by hand only asks anew, and waits for no steps', async () => {
  await openAnswered();
  const list = await shownList();
  await clickAndWait(button('No'));
  await page.route('**/api/v1/next*', () => {});   // never answered
  await page.locator('[data-chips="absent_findings"] .chip-remove').click();
  await page.locator('.next-said button').click();
  await page.waitForFunction(() => document.querySelector('.next-said').textContent.startsWith('Taken back'));
  assert.deepEqual(await shownList(), list);
  assert.equal(await page.locator('.next-problem').isVisible(), false);
});

test('when the diagnosis fails, the form is as it was, the list stays, and the next click works', async () => {
  await openAnswered();
  const list = await shownList();
  await page.route('**/api/v1/diagnose', (route) => route.fulfill({ status: 503, json: { title: 'Busy', status: 503 } }));
  await button('Yes').click();
  await page.waitForSelector('.next-problem', { state: 'visible' });
  assert.match(await page.locator('.next-problem').textContent(), /^Not entered\. The server is busy/);
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['chest pain', 'shortness of breath', 'diaphoresis']);
  assert.deepEqual(await shownList(), list);
  assert.equal(await page.locator('#error-summary').isVisible(), false);
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
  await page.unroute('**/api/v1/diagnose');
  await clickAndWait(button('Yes'));
  assert.equal(await page.locator('.next-problem').isVisible(), false);
});

test('when the next steps fail, a quiet line says so under an untouched list, and they can be asked for again', async () => {
  await open();
  await page.route('**/api/v1/next*', (route) => route.abort());
  await answerReferenceCase(page);
  await page.waitForSelector('.next-problem', { state: 'visible' });
  assert.match(await page.locator('.next-problem').textContent(), /next questions could not be had.*did not answer/);
  assert.equal(await page.locator('#error-summary').isVisible(), false);
  assert.ok((await shownList()).length >= 10);
  await page.unroute('**/api/v1/next*');
  await page.click('.next-problem button');
  await page.waitForSelector('.step');
  assert.equal(await page.locator('.next-problem').isVisible(), false);
});

test('no step left says so', async () => {
  await open();
  await giveSteps([]);
  await answerReferenceCase(page);
  await page.waitForSelector('.next-problem', { state: 'visible' });
  assert.match(await page.locator('.next-problem').textContent(), /No further question/);
});

test('an entry that needs attention comes first: nothing is entered, nothing is sent', async () => {
  await openAnswered();
  await page.fill('#age', '');
  for (let pressed = 0; pressed < 2; pressed += 1) await button('Yes', pressed).click();
  assert.equal(await page.locator('#age-message').textContent(), 'The age is needed.');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'age');
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['chest pain', 'shortness of breath', 'diaphoresis']);
  assert.equal(diagnoses.length, 1);
});

test('a full list of symptoms takes no answer and says why', async () => {
  await open();
  await giveSteps([STEP]);
  await fillShortCase(page, { symptoms: ['chest pain', ...Array.from({ length: 19 }, (_, n) => `complaint ${n}`)] });
  await askForAnswer(page);
  await page.waitForSelector('.step');
  await button('Yes').click();
  assert.match(await page.locator('.next-problem').textContent(), /“arm pain” could not be entered/);
  assert.equal(diagnoses.length, 1);
});

test('steps that were asked for an earlier case never replace those of a later one', async () => {
  await open();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  let calls = 0;
  await page.route('**/api/v1/next*', async (route) => {
    calls += 1;
    if (calls > 1) await route.fulfill({ json: { next: [STEP], warnings: [] } });
    else {
      await held;
      await route.fulfill({ json: { next: [LAB_STEP], warnings: [] } });
    }
  });
  await answerReferenceCase(page);
  await typeChips(page, 'symptoms', ['nausea']);
  await askForAnswer(page);
  await page.waitForSelector('.step');
  const late = page.waitForResponse((response) => response.url().includes('/api/v1/next'));
  release();
  await (await late).finished();
  assert.deepEqual(await shownSteps(), ['Is there arm pain?']);
});

test('leaving a field that was typed in does not make its answer out of date', async () => {
  await open(PHONE);
  await fillShortCase(page);
  await page.focus('#narrative');
  await page.keyboard.type('Crushing chest pain.');
  await askForAnswer(page);
  await waitForSteps(page);
  await page.focus('#age');
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
  await page.fill('#age', '41');
  assert.equal(await page.locator('#stale-notice').isVisible(), true);
  await page.fill('#age', '40');
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
});

test('a new case has nothing to undo', async () => {
  await openAnswered();
  await clickAndWait(button('No'));
  await page.click('#clear-case');
  assert.equal(await page.locator('.step').count(), 0);
  await answerReferenceCase(page);
  await waitForSteps(page);
  assert.equal(await page.locator('.next-said button').count(), 0);
});
