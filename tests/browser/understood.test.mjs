// The words of the case as they were understood: underlined in the right places, told apart, explained on a click.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, askForAnswer, fillShortCase, openPage, tabTo, typeChips, usesBrowser, waitForSteps } from './browser.mjs';

const STORY = 'Señora – 😀 – chest pain, no fever, cough last year, father: gout; perhaps flu. BP 165/95.';

const site = usesBrowser();
let page;

function placeOf(words) {
  const begin = Buffer.byteLength(STORY.slice(0, STORY.indexOf(words)));
  return { field: 'narrative', item: 0, begin, end: begin + Buffer.byteLength(words) };
}

const mention = (words, finding, more = {}) =>
  ({ finding, polarity: 'present', subject: 'patient', past: false, uncertain: false, ...placeOf(words), ...more });

const UNDERSTOOD = [
  mention('chest pain', 'chest pain'), mention('fever', 'fever', { polarity: 'absent' }), mention('cough last year', 'cough', { past: true }),
  mention('father: gout', 'gout in the family', { subject: 'relative' }), mention('flu', 'influenza', { uncertain: true }),
];

/** Shows an answer of the real server with what it understood, and the evidence of its first candidate, replaced. */
async function showStory(options) {
  page = await openPage(site, options);
  await page.route('**/api/v1/diagnose', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.understood = UNDERSTOOD;
    answer.candidates[0].evidence = [
      { text: 'chest pain', weight: 1.9, source: 'finding', id: 'chest_pain', spans: [placeOf('chest pain')] },
      { text: 'systolic blood pressure BP 165/95 (high)', weight: -0.2, source: 'measurement', id: 'systolic_pressure', spans: [placeOf('BP 165/95')] },
    ];
    await route.fulfill({ response, json: answer });
  });
  await page.fill('#narrative', `  ${STORY.replaceAll(' – ', ' –\n\t')} `);
  await fillShortCase(page);
  await askForAnswer(page);
  await page.waitForSelector('.story');
}

const wordOf = (locator) => locator.evaluate((mark) => mark.firstChild.textContent);

test('each reading underlines its own words, whatever characters stand before them, and the rest stays plain', async () => {
  await showStory();
  const shown = await page.locator('.story mark').evaluateAll((marks) => marks.map((mark) => [mark.firstChild.textContent, mark.className, mark.title]));
  assert.deepEqual(shown, [
    ['chest pain', 'is-present', 'chest pain, present'],
    ['fever', 'is-absent', 'fever, not there'],
    ['cough last year', 'is-past', 'cough, in the past'],
    ['father: gout', 'is-family', 'gout in the family, in the family'],
    ['flu', 'is-uncertain', 'influenza, uncertain, not counted'],
    ['BP 165/95', 'is-known', 'systolic blood pressure BP 165/95 (high), measured'],
  ]);
  const plain = await page.locator('.story').evaluate((story) => [...story.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent));
  assert.deepEqual(plain, ['Señora – 😀 – ', ', no ', ', ', ', ', '; perhaps ', '. ', '.']);
});

test('the readings differ in the line itself, not in its colour alone, and the legend shows each', async () => {
  await showStory();
  const lines = await page.locator('.story mark').evaluateAll((marks) => marks.map((mark) => {
    const { textDecorationStyle, textDecorationThickness } = getComputedStyle(mark);
    return `${textDecorationStyle} ${textDecorationThickness}`;
  }));
  assert.equal(new Set(lines).size, 6, lines.join(', '));
  const legend = await page.locator('.legend li').allTextContents();
  assert.deepEqual(legend, ['present', 'not there', 'known disease or measured', 'in the past', 'in the family', 'uncertain, not counted', 'no line: no finding']);
});

test('a click on an underlined word says which finding it became and which conditions it moved', async () => {
  await showStory();
  const meaning = page.locator('.word-meaning');
  assert.equal(await meaning.isVisible(), false);
  const [pain, fever] = [page.locator('.story mark').nth(0), page.locator('.story mark').nth(1)];
  await pain.click();
  assert.match(await meaning.textContent(), /^chest pain was read as chest pain, present\. It speaks for .+? \(strong\)/);
  assert.equal(await pain.getAttribute('aria-expanded'), 'true');
  await fever.click();
  assert.match(await meaning.textContent(), /^fever was read as fever, not there\. It moves none/);
  assert.equal(await pain.getAttribute('aria-expanded'), 'false');
  await fever.click();
  assert.equal(await meaning.isVisible(), false);
});

test('the words are explained by keyboard too', async () => {
  await showStory();
  await page.focus('#go-to-next');
  await tabTo(page, '.story mark');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.match(await page.locator('.word-meaning').textContent(), /^fever was read/);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.word-meaning').isVisible(), false);
  await page.keyboard.press('Space');
  assert.equal(await page.locator('.word-meaning').isVisible(), true);
});

test('the explanation is in sight although its word is far above the end of a long story', async () => {
  page = await openPage(site, PHONE);
  await page.fill('#narrative', `Crushing chest pain. ${'It was an ordinary day at the office. '.repeat(120)}`);
  await fillShortCase(page);
  await askForAnswer(page);
  await waitForSteps(page);
  await page.locator('.story mark').first().click();
  const { top, bottom } = await page.locator('.word-meaning').evaluate((line) => line.getBoundingClientRect());
  assert.ok(top > 0 && bottom <= PHONE.viewport.height, `${top} to ${bottom}`);
});

test('entries show their own words underlined: lower case, blanks and empty entries do not shift them', async () => {
  page = await openPage(site);
  await typeChips(page, 'symptoms', ['\u200b\u200b', 'İİ Chest  Pain', 'zzgrmpf', 'wheezing']);
  await typeChips(page, 'absent_findings', ['fever']);
  await typeChips(page, 'preexisting_conditions', ['hypertension']);
  await page.fill('#age', '50');
  await page.check('[name=severity][value=mild]');
  await askForAnswer(page);
  const entry = (text) => page.locator('.entry', { hasText: text });
  await entry('wheezing').waitFor();
  assert.equal(await wordOf(entry('Chest Pain').locator('mark')), 'Chest Pain');
  assert.equal(await entry('zzgrmpf').locator('mark').count(), 0);
  assert.match(await entry('zzgrmpf').textContent(), /not understood/);
  assert.equal(await entry('wheezing').locator('mark').getAttribute('class'), 'is-present');
  assert.equal(await entry('fever').locator('mark').getAttribute('class'), 'is-absent');
  assert.equal(await entry('hypertension').locator('mark').getAttribute('class'), 'is-known');
  assert.deepEqual(await page.locator('.entries dt').allTextContents(), ['Symptoms and signs', 'Looked for and not there', 'History']);
});

test('the real server: present, absent and relatives in one sentence with accents', async () => {
  page = await openPage(site);
  await page.fill('#narrative', 'Señora García 😀: crushing chest pain, no fever. Her father had a heart attack.');
  await fillShortCase(page, { age: '65', symptoms: ['nausea'] });
  await askForAnswer(page);
  await page.waitForSelector('.story');
  assert.match(await wordOf(page.locator('.story .is-present').first()), /chest pain/);
  assert.match(await wordOf(page.locator('.story .is-absent')), /fever$/);
  assert.match(await wordOf(page.locator('.story .is-family')), /heart attack/);
});
