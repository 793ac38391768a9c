// The page as a clinician uses it: entering a case and reading the answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerReferenceCase, askForAnswer, chipsOf, fillShortCase, openPage, tabTo, typeChips, usesBrowser } from './browser.mjs';

const site = usesBrowser();
let page;

async function open(options) {
  page = await openPage(site, options);
  return page;
}

test('the reference case is entered and answered by keyboard alone', async () => {
  await open();
  await tabTo(page, '#age');
  await page.keyboard.type('65');
  await tabTo(page, '#symptoms-input');
  for (const symptom of ['chest pain', 'shortness of breath', 'diaphoresis']) {
    await page.keyboard.type(symptom);
    await page.keyboard.press('Enter');
  }
  await tabTo(page, '[name=severity]');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await tabTo(page, '#preexisting_conditions-input');
  for (const disease of ['hypertension', 'type 2 diabetes']) {
    await page.keyboard.type(disease);
    await page.keyboard.press('Enter');
  }
  await tabTo(page, '.lab-test input');
  await page.keyboard.type('12345-6');
  await page.keyboard.press('Tab');
  await page.keyboard.type('0.5');
  await tabTo(page, '#add-lab');
  await page.keyboard.press('Enter');
  await page.keyboard.type('67890-1');
  await page.keyboard.press('Tab');
  await page.keyboard.type('140');

  const sent = await askForAnswer(page);
  assert.deepEqual(sent, {
    age: 65, symptoms: ['chest pain', 'shortness of breath', 'diaphoresis'], severity: 'severe',
    preexisting_conditions: ['hypertension', 'type 2 diabetes'], lab_results: { '12345-6': 0.5, '67890-1': 140 },
  });
  const first = page.locator('.condition').first();
  await first.waitFor();
  assert.match(await first.locator('.condition-name').textContent(), /acute myocardial infarction/i);
  const evidence = (await first.locator('.evidence-text').allTextContents()).join('\n').toLowerCase();
  for (const symptom of ['chest pain', 'shortness of breath', 'diaphoresis']) assert.ok(evidence.includes(symptom), `${symptom} in:\n${evidence}`);
  const tests = (await first.locator('.condition-tests').textContent()).toLowerCase();
  for (const wanted of ['ecg', 'troponin', 'echocardiogram']) assert.ok(tests.includes(wanted), `${wanted} in: ${tests}`);
  assert.ok(parseInt(await first.locator('.confidence').textContent(), 10) >= 65);
  const known = (await page.locator('.known .condition-name').allTextContents()).join(', ').toLowerCase();
  assert.ok(known.includes('hypertension') && known.includes('type 2 diabetes'), known);
  assert.deepEqual(page.seen.complaints, []);
});

test('the urgency stands above all else and says its reasons', async () => {
  await open();
  await answerReferenceCase(page);
  assert.equal(await page.locator('#answer-content > :not(.case-summary)').first().getAttribute('class'), 'urgency emergency');
  assert.ok(await page.locator('.urgency li').count() > 0);
  assert.match(await page.locator('#status').textContent(), /emergency.*acute myocardial infarction/i);
});

test('a lab that was not used is named in the list and beside its field', async () => {
  await open();
  await answerReferenceCase(page);
  await page.click('.warnings summary');
  assert.equal(await page.locator('.warnings li').count(), 2);
  const besides = await page.locator('.lab-row.has-warning .message').allTextContents();
  assert.equal(besides.length, 2);
  assert.ok(besides[0].includes('12345-6'), besides[0]);
  await page.locator('.warnings .link-button').last().click();
  assert.equal(await page.evaluate(() => document.activeElement.value), '67890-1');
});

test('completion: typing, arrows and Enter add the chosen finding', async () => {
  await open();
  await page.focus('#symptoms-input');
  await page.keyboard.type('chest');
  await page.waitForSelector('#symptoms-input-list [role=option]');
  assert.equal(await page.getAttribute('#symptoms-input', 'aria-expanded'), 'true');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const active = page.locator('[role=option][aria-selected=true]');
  assert.equal(await active.getAttribute('id'), await page.getAttribute('#symptoms-input', 'aria-activedescendant'));
  const name = await active.locator('.suggestion-name').textContent();
  await page.keyboard.press('Enter');
  assert.deepEqual(await chipsOf(page, 'symptoms'), [name]);
  assert.equal(await page.getAttribute('#symptoms-input', 'aria-expanded'), 'false');
});

test('completion: Escape closes the list and Enter then takes the words as typed', async () => {
  await open();
  await page.focus('#symptoms-input');
  await page.keyboard.type('chest');
  await page.waitForSelector('#symptoms-input-list [role=option]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('[role=listbox]:visible').count(), 0);
  await page.keyboard.type(' feels odd');
  await page.keyboard.press('Enter');
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['chest feels odd']);
});

test('completion: a click on a suggestion takes it', async () => {
  await open();
  await page.focus('#absent_findings-input');
  await page.keyboard.type('fev');
  const option = page.locator('#absent_findings-input-list [role=option]').first();
  const name = await option.locator('.suggestion-name').textContent();
  await option.click();
  assert.deepEqual(await chipsOf(page, 'absent_findings'), [name]);
});

test('chips: Backspace removes the last, arrows and Delete any other, twice the same stays once', async () => {
  await open();
  await typeChips(page, 'symptoms', ['cough', 'fever', 'Cough', 'rash', 'chills']);
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['cough', 'fever', 'rash', 'chills']);
  await page.keyboard.press('Backspace');
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['cough', 'fever', 'rash']);
  for (const key of ['ArrowLeft', 'ArrowLeft', 'Delete']) await page.keyboard.press(key);
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['cough', 'rash']);
  await page.click('button[aria-label="Remove cough"]');
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['rash']);
});

test('chips: several pasted lines become several chips, and half-typed words are not lost', async () => {
  await open();
  await page.focus('#symptoms-input');
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', 'dry cough\nfever at night\n\n');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await page.keyboard.type('tired all day');
  await page.focus('#age');
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['dry cough', 'fever at night', 'tired all day']);
});

test('chips: a click elsewhere hits although the half-typed words become a chip', async () => {
  await open();
  await typeChips(page, 'symptoms', ['chest pain', 'sweating']);
  await page.keyboard.type('a pain that goes into the left arm and the jaw');
  const target = await page.locator('[name=severity][value=severe]').boundingBox();
  await page.mouse.move(target.x + target.width / 2, target.y + 5);
  await page.mouse.down();
  await page.mouse.up();
  assert.equal(await page.isChecked('[name=severity][value=severe]'), true);
  await page.waitForFunction(() => document.querySelectorAll('[data-chips="symptoms"] .chip').length === 3);
});

test('everything that is entered is sent, in the units of the contract', async () => {
  await open();
  await fillShortCase(page, { age: '31', symptoms: ['headache'], severity: 'severe' });
  await page.check('[name=sex][value=female]');
  await page.check('[name=pregnant][value=yes]');
  await page.fill('#gestation-weeks', '30,5');
  await page.check('[name=setting][value=emergency]');
  await page.check('[name=onset][value=sudden]');
  await page.fill('#duration', '2');
  await page.selectOption('#duration-unit', 'weeks');
  await page.fill('#narrative', 'Blurred vision since Monday.');
  await typeChips(page, 'absent_findings', ['fever']);
  await typeChips(page, 'family_history', ['pre-eclampsia']);
  await page.fill('#systolic_mmhg', '168');
  await page.fill('#temperature_c', '36,8');
  const sent = await askForAnswer(page);
  assert.deepEqual(sent, {
    age: 31, symptoms: ['headache'], severity: 'severe', sex: 'female', pregnant: { value: true, gestation_weeks: 30.5 },
    setting: 'emergency', onset: 'sudden', duration_days: 14, narrative: 'Blurred vision since Monday.',
    absent_findings: ['fever'], family_history: ['pre-eclampsia'], vitals: { systolic_mmhg: 168, temperature_c: 36.8 },
  });
  await page.waitForSelector('.urgency');
});

test('an infant of 7 months is a fraction of a year, and is not asked about pregnancy', async () => {
  await open();
  await page.check('[name=sex][value=female]');
  await page.selectOption('#age-unit', 'months');
  await fillShortCase(page, { age: '7' });
  assert.equal(await page.locator('#pregnancy-row').isVisible(), false);
  const sent = await askForAnswer(page);
  assert.equal(sent.age, 0.583333);
});

test('pregnancy is asked only where it can be, and not sent where it cannot', async () => {
  await open();
  await fillShortCase(page, { age: '30' });
  await page.check('[name=sex][value=female]');
  await page.check('[name=pregnant][value=yes]');
  assert.equal(await page.locator('#gestation-weeks').isVisible(), true);
  await page.check('[name=sex][value=male]');
  assert.equal(await page.locator('#pregnancy-row').isVisible(), false);
  assert.equal('pregnant' in await askForAnswer(page), false);
});

test('a lab found by name is sent under its LOINC code with the chosen unit', async () => {
  await open();
  await fillShortCase(page, { symptoms: ['thirst'] });
  await page.focus('.lab-test input');
  await page.keyboard.type('glucose');
  await page.waitForSelector('.lab-test [role=option]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.lab-part').className), 'lab-part lab-value');
  await page.keyboard.type('22');
  await page.selectOption('.lab-unit select', 'mmol/L');
  const sent = await askForAnswer(page);
  const [[code, result]] = Object.entries(sent.lab_results);
  assert.match(code, /^\d{1,7}-\d$/);
  assert.deepEqual(result, { value: 22, unit: 'mmol/L' });
});

test('the story comes back with what was understood underlined, at the right places', async () => {
  await open();
  await fillShortCase(page, { age: '65', symptoms: ['nausea'] });
  await page.fill('#narrative', '  Señora – 😀 –   woke with crushing chest pain.\nNo fever.');
  await askForAnswer(page);
  const story = page.locator('.story');
  await story.waitFor();
  const shown = async (selector) => (await story.locator(selector).allTextContents()).join(' | ').toLowerCase();
  assert.match(await shown('.is-present'), /chest pain/);
  assert.match(await shown('.is-absent'), /^(no )?fever/);
  assert.match(await story.textContent(), /^Señora – 😀 – woke with /);
  const legend = (await page.locator('.legend li').allTextContents()).join(' | ');
  assert.match(legend, /present \| not there/);
});

test('a changed case marks the answer as out of date, a cleared one can be taken back', async () => {
  await open();
  await answerReferenceCase(page);
  assert.equal(await page.locator('#stale-notice').isVisible(), false);
  await page.fill('#age', '30');
  assert.equal(await page.locator('#stale-notice').isVisible(), true);
  await page.click('#clear-case');
  assert.equal(await page.locator('.urgency').count(), 0);
  assert.equal(await page.inputValue('#age'), '');
  assert.deepEqual(await chipsOf(page, 'symptoms'), []);
  await page.click('#form-notice .link-button');
  assert.equal(await page.inputValue('#age'), '30');
  assert.deepEqual(await chipsOf(page, 'symptoms'), ['chest pain', 'shortness of breath', 'diaphoresis']);
  assert.equal(await page.locator('.lab-test input').first().inputValue(), '12345-6');
});

test('the page says what it is for, what it is calibrated on and that this is trial mode', async () => {
  await open();
  assert.match(await page.locator('#trial-notice').textContent(), /trial mode/i);
  assert.equal(await page.locator('#trial-notice').isVisible(), true);
  assert.match(await page.locator('.page-header').textContent(), /a clinician decides/i);
  await answerReferenceCase(page);
  const footer = await page.locator('.answer-footer').textContent();
  assert.match(footer, /calibrated on /i);
  assert.match(footer, /not your local prevalence/i);
  assert.match(footer, /health professionals/i);
  assert.match(footer, /Request [0-9a-f-]{36} · model \S+/);
});
