// "What weighs": signed bars for the entries, coloured words, asked for about the case that was answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  SMALLEST_CONTRAST, askForAnswer, contrasts, fillShortCase, openPage, tabTo, typeChips, usesBrowser, waitForSteps, widerThanTheirPlace,
} from './browser.mjs';

const SYMPTOM = 'Übelkeit seit gestern, chest pain';
const STORY = 'Übelkeit – seit gestern 😀. No fever; his father had gout.';
const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
const EXPLAINING = /\/api\/v1\/diagnose\?.*explain=/;

const site = usesBrowser();
let page;
let asked;   // the requests for an explanation

/** [method, id of the condition] */
function queryOf(request) {
  const query = new URL(request.url()).searchParams;
  return [query.get('explain'), query.get('condition')];
}

/** An answered case; resolves to what was sent for it and the answer of the server. */
async function openAnswered(options) {
  page = await openPage(site, options);
  asked = [];
  page.on('request', (request) => {
    if (EXPLAINING.test(request.url())) asked.push(request);
  });
  await page.fill('#narrative', STORY);
  await typeChips(page, 'preexisting_conditions', ['asthma']);
  await page.fill('#heart_rate_bpm', '118');
  await fillShortCase(page, { symptoms: [SYMPTOM, 'cough'] });
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/diagnose'));
  const sent = await askForAnswer(page);
  const answer = await (await answered).json();
  await page.waitForSelector('.urgency');
  return { sent, answer };
}

/** A place of the story or of the first symptom, as the server counts: in bytes. */
function placeOf(words, field = 'narrative') {
  const text = field === 'narrative' ? STORY : SYMPTOM;
  const begin = Buffer.byteLength(text.slice(0, text.indexOf(words)));
  return { field, item: 0, begin, end: begin + Buffer.byteLength(words), text: words.toLowerCase() };
}

const unit = (text, value, error = 0, more = {}) => ({ field: 'severity', item: 0, begin: 0, end: 0, text, value, standard_error: error, ...more });
const shap = (units, more = {}) => ({ method: 'shap', with_none: -7, with_all: 0, evaluations: 1234, exact: true, largest_standard_error: 0, units, ...more });
const lime = (words, fidelity = 0.91) => ({ method: 'lime', with_none: -7, with_all: 0, evaluations: 300, exact: false, fidelity, words });

/** Gives these explanations by method beside the answer that is on the page. */
async function explainWith(answer, explanations, change = {}) {
  await page.route(EXPLAINING, (route) => {
    const [method] = queryOf(route.request());
    return route.fulfill({ json: { ...answer, ...change, explanation: explanations[method] } });
  });
}

async function showUnits(explanation, options) {
  const { answer } = await openAnswered(options);
  await explainWith(answer, { shap: explanation });
  await button().click();
  await page.waitForSelector('.weighs-content > *');
}

async function showWords(words, options) {
  const { answer } = await openAnswered(options);
  await explainWith(answer, { shap: shap([unit('severe', 1)]), lime: lime(words) });
  await button().click();
  await page.waitForSelector('.weights');
  await choose('Words');
  await page.waitForFunction(() => /word/i.test(document.querySelector('.weighs-content').textContent));
}

const button = (nth = 0) => page.locator('.weighs-button').nth(nth);
const choose = (label, nth = 0) => page.locator('.weighs-panel').nth(nth).locator('label', { hasText: label }).click();
const said = () => page.locator('.weighs-content').first().textContent();

/** The rows as they are drawn: bar and whisker from -1 (left end) to 1 (right end), the zero line at 0. */
const rows = () => page.locator('.condition').first().locator('li.weight-row').evaluateAll((all) => all.map((row) => {
  const track = row.querySelector('.weight-track').getBoundingClientRect();
  const ends = (name) => {
    const box = row.querySelector(name)?.getBoundingClientRect();
    return box && [box.left, box.right].map((x) => (2 * (x - track.left)) / track.width - 1);
  };
  return {
    text: row.querySelector('.weight-text').textContent, odds: row.querySelector('.weight-odds').textContent,
    value: row.querySelector('.weight-value').textContent.trim(), bar: ends('.weight-bar'), whisker: ends('.weight-whisker'),
    shown: row.checkVisibility(),
  };
}));

function assertNear(ends, expected) {
  assert.ok(ends && ends.every((end, at) => Math.abs(end - expected[at]) < 0.03), `drawn from ${ends}, not ${expected}`);
}

test('a click asks for the shares of that condition of the case that was answered, and shows all of them', async () => {
  const { sent, answer } = await openAnswered();
  const response = page.waitForResponse((one) => EXPLAINING.test(one.url()));
  await button().click();
  const { explanation } = await (await response).json();
  await page.waitForSelector('.weights');
  assert.deepEqual(queryOf(asked[0]), ['shap', answer.candidates[0].condition_id]);
  assert.deepEqual(asked[0].postDataJSON(), { ...sent, patient_id: answer.patient_id });
  const drawn = await rows();
  assert.ok(explanation.units.length >= 8, `${explanation.units.length} units`);
  assert.equal(drawn.length, explanation.units.length);
  explanation.units.forEach(({ value, standard_error: error }, at) => {
    assert.equal(parseFloat(drawn[at].value.replace('−', '-')) || 0, Number(value.toFixed(2)) || 0);
    assert.equal(Boolean(drawn[at].whisker), error > 0, drawn[at].text);
    const [left, right] = drawn[at].bar;
    if (Math.abs(value) > 0.1) assert.ok(value > 0 ? left > -0.02 && right > 0 : left < 0 && right < 0.02, `${value} drawn from ${left} to ${right}`);
  });
  assert.match(await said(), explanation.exact ? /Exact, not estimated/ : /Estimated from [\d,]+ versions of the case/);
  assert.deepEqual(page.seen.complaints, []);
});

test('what was answered is explained although the form has changed since', async () => {
  const { sent, answer } = await openAnswered();
  await page.fill('#narrative', 'Something else.');
  await page.fill('#age', '');
  await button().click();
  await page.waitForSelector('.weights');
  assert.deepEqual(asked[0].postDataJSON(), { ...sent, patient_id: answer.patient_id });
  assert.equal(await page.locator('#error-summary').isVisible(), false);
});

test('bars go right for and left against one zero line, by size, with what it does to the odds; nothing is no row', async () => {
  await showUnits(shap([unit('weak', 0.1), unit('nought', 0), unit('strong', Math.log(25)), unit('other', -Math.log(5))], { with_none: -7.6, with_all: 3.5 }));
  const drawn = await rows();
  assert.deepEqual(drawn.map((row) => [row.text, row.odds, row.value]),
    [['strong · severity', '×25 odds', '+3.22'], ['other · severity', '÷5.0 odds', '−1.61'], ['weak · severity', '×1.1 odds', '+0.10']]);
  [[0, 1], [-0.5, 0], [0, 0.1 / Math.log(25)]].forEach((ends, at) => assertNear(drawn[at].bar, ends));
  assert.deepEqual(drawn.map((row) => row.whisker), [undefined, undefined, undefined]);
  assert.match(await said(), /All entries together take it from 0\.05 % to 97 %\./);
  assert.match(await said(), /Exact, not estimated\./);
});

test('small shares do not fill the track', async () => {
  await showUnits(shap([unit('severe', Math.log(5) / 4)]));
  assertNear((await rows())[0].bar, [0, 0.25]);
});

test('an estimate has its standard error as a whisker; what lies within two of them is unclear', async () => {
  await showUnits(shap([unit('clear', 4, 1), unit('doubtful', -1.9, 1)], { exact: false, largest_standard_error: 1 }));
  const [clear, doubtful] = await rows();
  assertNear(clear.whisker, [0.6, 1]);
  assertNear(doubtful.whisker, [-0.58, -0.18]);
  assert.deepEqual([clear.odds, clear.value], ['×55 odds', '+4.00 ± 1.00']);
  assert.deepEqual([doubtful.odds, doubtful.value], ['unclear', '−1.90 ± 1.00']);
  assert.match(await said(), /Estimated from 1,234 versions of the case, ± 1\.00 at most/);
  assert.match(await said(), /Unclear: less than twice its standard error/);
});

test('an estimate without an error says that it is rough', async () => {
  await showUnits(shap([unit('severe', 2, null)], { exact: false, largest_standard_error: null }));
  const [row] = await rows();
  assert.deepEqual([row.odds, row.value, row.whisker], ['≈ ×7.4 odds', '+2.00', undefined]);
  assert.match(await said(), /Read with care\. There was too little time/);
});

test('of thirty entries the largest stand open and the rest is one click away, with how little it is', async () => {
  await showUnits(shap(Array.from({ length: 30 }, (_, n) => unit(`entry ${n}`, 3 / (n + 1)))));
  assert.deepEqual((await rows()).map((row) => row.shown), Array.from({ length: 30 }, (_, n) => n < 8));
  assert.equal(await page.locator('.weights-rest summary').textContent(), '22 more, at most ×1.4 or ÷1.4');
  await page.click('.weights-rest summary');
  assert.ok((await rows()).every((row) => row.shown));
});

test('an entry is shown as the caller wrote it; one without text by its field', async () => {
  await showUnits(shap([
    unit('', 4, 0, placeOf(SYMPTOM, 'symptoms')), unit('', 3, 0, placeOf('No fever;')),
    unit('history of asthma', 2, 0, { field: 'preexisting_conditions', end: 6 }), unit('heart rate high', 1, 0, { field: 'vitals' }),
    unit('', 0.5, 0, { field: 'age' }), unit('past the end', 0.4, 0, { field: 'narrative', end: 999 }), unit('', 0.3, 0, { field: 'new' }),
  ]));
  assert.deepEqual((await rows()).map((row) => row.text), [`${SYMPTOM} · symptom`, 'No fever; · story', 'asthma · history', 'heart rate high · vital sign',
    'age', 'past the end · story', 'something entered']);
});

test('where nothing weighs, that is said', async () => {
  const { answer } = await openAnswered();
  await explainWith(answer, { shap: shap([unit('severe', 0)]), lime: lime([{ ...placeOf('fever'), value: 0 }]) });
  await button().click();
  await page.locator('.weighs-content', { hasText: 'Nothing that you entered weighs' }).waitFor();
  await choose('Words');
  await page.locator('.weighs-content', { hasText: 'No word weighs for or against it' }).waitFor();
  assert.equal(await page.locator('.weights').count(), 0);
});

/** Coloured words of the text, without what only screen readers hear: [words, class, what is heard]. */
const coloured = () => page.locator('.coloured .word').evaluateAll((all) => all.map((word) =>
  [word.firstChild.textContent, word.className, word.querySelector('.visually-hidden').textContent.trim()]));

test('words are coloured where they stand, whatever characters stand before them; the line tells for from against', async () => {
  const strongest = Math.log(10);
  await showWords([
    { ...placeOf('Übelkeit', 'symptoms'), value: strongest }, { ...placeOf('chest pain', 'symptoms'), value: -0.6 * strongest },
    { ...placeOf('😀.'), value: 0.3 * strongest }, { ...placeOf('fever;'), value: -0.8 * strongest }, { ...placeOf('seit gestern'), value: 0.1 },
  ]);
  assert.deepEqual(await coloured(), [
    ['😀.', 'word for-1', '(for, ×2.0 odds)'], ['fever;', 'word against-3', '(against, ÷6.3 odds)'],
    ['Übelkeit', 'word for-3', '(for, ×10 odds)'], ['chest pain', 'word against-2', '(against, ÷4.0 odds)'],
  ]);
  const shown = await page.locator('.coloured').evaluate((texts) => {
    const copy = texts.cloneNode(true);
    copy.querySelectorAll('.visually-hidden').forEach((heard) => heard.remove());
    return [...copy.querySelectorAll('.story, .entry')].map((text) => text.textContent);
  });
  assert.deepEqual(shown, [STORY, SYMPTOM, 'cough', 'asthma']);
  const line = (name) => page.locator(`.coloured .${name}`).first().evaluate((word) => {
    const { textDecorationStyle: style, textDecorationThickness: thickness } = getComputedStyle(word);
    return [style, parseFloat(thickness)];
  });
  const lines = await Promise.all(['for-1', 'for-3', 'against-2', 'against-3'].map(line));
  assert.deepEqual(lines, [['solid', 1], ['solid', 4], ['dashed', 2], ['dashed', 4]]);
  assert.match(await page.locator('.weighs-content .legend').textContent(), /for it.*against it.*up to ×10 or ÷10; plain: hardly anything/);
  assert.deepEqual((await rows()).map((row) => row.text).slice(0, 2), ['Übelkeit · symptom', 'fever; · story']);
});

test('the real words of the case are coloured, and their rows carry the same numbers', async () => {
  await openAnswered();
  await button().click();
  const response = page.waitForResponse((one) => one.url().includes('explain=lime'));
  await choose('Words');
  const { explanation } = await (await response).json();
  await page.waitForSelector('.coloured');
  const words = await coloured();
  assert.ok(words.length >= 2, JSON.stringify(words));
  const given = explanation.words.map((word) => word.text.toLowerCase());
  assert.deepEqual(words.filter(([text]) => !given.includes(text.toLowerCase())), []);
  assert.equal((await rows()).length, explanation.words.filter((word) => word.value !== 0).length);
  assert.match(await said(), /Single words explain \d\.\d\d of the change/);
  assert.deepEqual(page.seen.complaints, []);
});

test('words that all weigh little stay pale', async () => {
  await showWords([{ ...placeOf('fever;'), value: 0.2 }]);
  assert.deepEqual((await coloured()).map(([, name]) => name), ['word for-1']);
});

test('the fidelity of the words is said in plain words', async () => {
  const { answer } = await openAnswered();
  const cases = [[0.912, /^Single words explain 0\.91 of the change.*under 0\.7 read with care/], [0.5, /^Read with care\. Single words explain 0\.50/],
    [-0.4, /^Read with care\. Single words explain 0\.00/], [null, /is not known\. Read with care/]];
  for (const [nth, [fidelity, text]] of cases.entries()) {
    await page.unroute(EXPLAINING);
    await explainWith(answer, { shap: shap([unit('severe', 1)]), lime: lime([{ ...placeOf('fever;'), value: 1 }], fidelity) });
    if (nth > 0) await page.locator('.condition').nth(nth).locator('summary').first().click();
    await button(nth).click();
    await choose('Words', nth);
    const content = page.locator('.weighs-content').nth(nth);
    await content.locator('.coloured').waitFor();
    assert.match(await content.textContent(), text);
  }
});

test('while it works it says so, and no click, of whatever kind, asks twice', async () => {
  const { answer } = await openAnswered();
  const explanations = { shap: shap([unit('severe', 1)]), lime: lime([{ ...placeOf('fever;'), value: 1 }]) };
  const release = {};
  const held = Object.fromEntries(Object.keys(explanations).map((method) => [method, new Promise((resolve) => { release[method] = resolve; })]));
  await page.route(EXPLAINING, async (route) => {
    const [method] = queryOf(route.request());
    await held[method];
    await route.fulfill({ json: { ...answer, explanation: explanations[method] } });
  });
  await button().click();
  await page.locator('.weighs-panel .busy-notice').first().waitFor({ state: 'visible' });
  assert.equal(await page.locator('.weighs-panel').first().getAttribute('aria-busy'), 'true');
  await button().click();
  assert.equal(await page.locator('.weighs-panel').first().isVisible(), false);
  assert.equal(await button().getAttribute('aria-expanded'), 'false');
  await button().dblclick();
  for (const label of ['Words', 'Entries', 'Words', 'Entries']) await choose(label);
  const late = page.waitForResponse((response) => response.url().includes('explain=lime'));
  release.lime();
  await (await late).finished();
  assert.equal(await page.locator('.weighs-panel .busy-notice').first().isVisible(), true);
  assert.equal(await said(), '');
  release.shap();
  await page.waitForSelector('.weights');
  assert.equal(await page.locator('.weighs-panel .busy-notice').first().isVisible(), false);
  assert.equal(await page.locator('.weighs-panel').first().getAttribute('aria-busy'), 'false');
  assert.deepEqual((await rows()).map((row) => row.text), ['severe · severity'], 'what was chosen last');
  await choose('Words');
  await page.waitForSelector('.coloured');
  assert.deepEqual(asked.map((request) => queryOf(request)[0]), ['shap', 'lime']);
  assert.deepEqual(page.seen.complaints, []);
});

test('a failure is said beside the button, leaves the answer alone, and can be tried again', async () => {
  await openAnswered();
  await page.route(EXPLAINING, (route) => route.fulfill({ status: 503, json: { title: 'Busy', status: 503 } }));
  await button().click();
  const problem = page.locator('.weighs-problem').first();
  await problem.waitFor({ state: 'visible' });
  assert.match(await problem.textContent(), /^What weighs could not be had\. The server is busy/);
  assert.equal(await page.locator('#error-summary').isVisible(), false);
  assert.equal(await page.locator('.urgency').isVisible(), true);
  await page.unroute(EXPLAINING);
  await problem.locator('button').click();
  await page.waitForSelector('.weights');
  assert.equal(await problem.isVisible(), false);
});

test('an answer without an explanation, or with another confidence, says so', async () => {
  const { answer } = await openAnswered();
  await explainWith(answer, { lime: lime([{ ...placeOf('fever;'), value: 1 }]) }, { candidates: [{ ...answer.candidates[0], confidence: 0.77 }] });
  await button().click();
  await page.locator('.weighs-problem').first().waitFor({ state: 'visible' });
  assert.match(await page.locator('.weighs-problem').first().textContent(), /no longer counts it among the likely conditions/);
  await choose('Words');
  await page.waitForSelector('.coloured');
  assert.match(await said(), /^The server gives it 77 % now, not \d+ % as above\. Diagnose again\./);
});

test('every suspected condition can be explained by itself, a known one not', async () => {
  const { answer } = await openAnswered();
  assert.equal(await page.locator('.weighs-button').count(), await page.locator('.conditions .condition').count());
  assert.ok(await page.locator('.known .condition').count() > 0);
  assert.equal(await page.locator('.known .weighs-button').count(), 0);
  await explainWith(answer, { shap: shap([unit('severe', 1)]) });
  await page.locator('.condition').nth(2).locator('summary').click();
  await button(2).click();
  await page.waitForSelector('.weights');
  assert.deepEqual(asked.map((request) => queryOf(request)[1]), [answer.candidates[2].condition_id]);
  assert.equal(await page.locator('.condition').nth(2).locator('.weights').count(), 1);
});

test('a new answer is not explained by the old one', async () => {
  await openAnswered();
  await button().click();
  await page.waitForSelector('.weights');
  await waitForSteps(page);
  await page.locator('.step-button').first().click();
  await page.waitForSelector('.next-said button');
  assert.equal(await page.locator('.weights').count(), 0);
  assert.equal(asked.length, 1);
});

test('by keyboard: to the button, Enter, then the arrow keys change to words; what weighs is announced', async () => {
  const { answer } = await openAnswered();
  await explainWith(answer, { shap: shap([unit('severe', 2), unit('cough', -1)]), lime: lime([{ ...placeOf('fever;'), value: 1 }]) });
  await page.focus('#answer-title');
  await tabTo(page, '.weighs-button');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.weights');
  assert.equal(await button().getAttribute('aria-expanded'), 'true');
  assert.match(await button().textContent(), new RegExp(`^What weighs for ${answer.candidates[0].condition}$`));
  assert.equal(await page.locator('#status').textContent(),
    `What weighs for ${answer.candidates[0].condition}. Most: severe, ×7.4 odds; cough, ÷2.7 odds.`);
  await tabTo(page, '.weighs-panel input');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('.coloured');
  assert.equal(await page.evaluate(() => document.activeElement.value), 'lime');
});

for (const colorScheme of ['light', 'dark']) {
  test(`coloured words and rows are readable in the ${colorScheme} colours`, async () => {
    const words = ['Übelkeit', 'seit', 'gestern', 'No', 'fever;', 'father'].map((text, at) => ({ ...placeOf(text), value: (at % 2 ? -1 : 1) * (0.4 + 0.1 * at) }));
    await showWords(words, { colorScheme });
    const found = await page.evaluate(contrasts);
    const depths = await page.evaluate(() => [...new Set([...document.querySelectorAll('.coloured .word')].map((word) => getComputedStyle(word).backgroundColor))]);
    assert.ok(depths.length >= 4, `${depths.length} colours`);
    assert.ok(['Übelkeit', 'fever;', 'for it'].every((text) => found.some((entry) => entry.text === text)));
    assert.deepEqual(found.filter((entry) => entry.contrast < SMALLEST_CONTRAST), []);
  });
}

/** Parts of the rows that leave their row or do not hold their text. Runs in the page. */
function partsThatStickOut() {
  const parts = [...document.querySelectorAll('li.weight-row')].filter((row) => row.checkVisibility())
    .flatMap((row) => [...row.querySelectorAll('.weight-track *, .weight-odds, .weight-value')].map((part) => ({ row, part })));
  return parts.filter(({ row, part }) => part.getBoundingClientRect().right > row.getBoundingClientRect().right + 1 || part.scrollWidth > part.clientWidth + 1)
    .map(({ part }) => part.className);
}

test('thirty long entries and their words fit into every width', async () => {
  const long = (n) => `${'a very long sentence of the patient '.repeat(12)}${'x'.repeat(90)} ${n}`;
  const units = Array.from({ length: 30 }, (_, n) => unit(long(n), 20 - n, 9));
  const { answer } = await openAnswered();
  await explainWith(answer, { shap: shap(units, { exact: false, largest_standard_error: 9 }), lime: lime([{ ...placeOf('fever;'), value: 9 }]) });
  await button().click();
  await page.click('.weights-rest summary');
  for (const label of ['Entries', 'Words']) {
    await choose(label);
    await page.waitForSelector(label === 'Entries' ? '.weights-rest' : '.coloured');
    for (const width of [320, 390, 1023, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await page.evaluate(widerThanTheirPlace), [], `${label} at ${width} px`);
      const outside = await page.evaluate(partsThatStickOut);
      assert.deepEqual(outside, [], `${label} at ${width} px`);
    }
  }
});

test('on paper stands what is open, whole and without its buttons; printing asks for nothing', async () => {
  const { answer } = await openAnswered();
  await explainWith(answer, { shap: shap([unit('severe '.repeat(80), 2)]) });
  await button().click();
  await page.waitForSelector('.weights');
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.weights').isVisible(), true);
  assert.equal(await page.locator('.weighs-button:visible, .weighs-panel fieldset:visible').count(), 0);
  assert.equal(await page.locator('.weight-text').evaluate((text) => text.scrollHeight > text.clientHeight + 1), false);
  assert.equal(asked.length, 1);
});

test('hostile text in an explanation is shown as text', async () => {
  const hostile = { ...unit(HOSTILE, 2), field: HOSTILE };
  const { answer } = await openAnswered();
  await explainWith(answer, { shap: shap([hostile, unit('x', 1, 0, { field: 'toString' })]), lime: lime([{ ...hostile, field: 'constructor' }]) });
  await button().click();
  await page.waitForSelector('.weights');
  assert.ok((await said()).includes(HOSTILE));
  await choose('Words');
  await page.waitForSelector('.coloured');
  assert.ok((await said()).includes(HOSTILE));
  assert.equal(await page.locator('#answer-content img, #answer-content script').count(), 0);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(page.seen.complaints, []);
});
