// The page's own arithmetic, run in the browser it is written for.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openPage, usesBrowser } from './browser.mjs';

const site = usesBrowser();
let page;

beforeEach(async () => {
  page = await openPage(site);
});

/** Calls a function of one of the page's modules with each list of arguments. */
const callEach = (module, name, calls) => page.evaluate(async ([file, called, each]) => {
  const script = await import(`/static/scripts/${file}`);
  return each.map((values) => script[called](...values));
}, [module, name, calls]);

test('a percentage never claims certainty it does not have', async () => {
  assert.deepEqual(await callEach('numbers.js', 'percent', [[0], [0.0001], [0.0099], [0.01], [0.654], [0.994], [0.995], [0.9999], [1]]),
    ['0 %', '<1 %', '<1 %', '1 %', '65 %', '99 %', '>99 %', '>99 %', '100 %']);
});

test('below 1 % chances keep two decimals where they are compared', async () => {
  assert.deepEqual(await callEach('numbers.js', 'finePercent', [[0.00001], [0.0004], [0.00999], [0.01], [0.97]]), ['<0.01 %', '0.04 %', '1.00 %', '1 %', '97 %']);
});

test('a change of the log-odds is said as what it does to the odds', async () => {
  const change = (factor) => [Math.log(factor)];
  assert.deepEqual(await callEach('numbers.js', 'oddsFactor', [change(3.2), change(1 / 3.2), change(9.96), change(1 / 42.4), change(990), change(1001), change(1e-9)]),
    ['×3.2', '÷3.2', '×10', '÷42', '×990', '>×1000', '>÷1000']);
  assert.deepEqual(await callEach('numbers.js', 'oddsFactor', [[0], [0.04], [-0.04], change(1 / 1.06)]), ['×1.0', '×1.0', '×1.0', '÷1.1']);
  assert.deepEqual(await callEach('numbers.js', 'signed', [[1.25], [-0.5], [0.004], [-0.004]]), ['+1.25', '−0.50', '0.00', '0.00']);
});

test('numbers are read with a point or a comma, and nothing else is a number', async () => {
  assert.deepEqual(await callEach('numbers.js', 'parseNumber', [['38.5'], ['38,5'], [' 7 '], ['.5'], ['-2'], ['3.']]), [38.5, 38.5, 7, 0.5, -2, 3]);
  const none = await callEach('numbers.js', 'parseNumber', [['1e5'], ['0x10'], ['1.2.3'], ['Infinity'], ['ten'], ['1 000'], ['-']]);
  assert.ok(none.every(Number.isNaN), JSON.stringify(none));
});

test('ages and durations are converted', async () => {
  assert.deepEqual(await callEach('numbers.js', 'inYears', [[65, 'years'], [6, 'months'], [10, 'days']]), [65, 0.5, 0.0273785]);
  assert.deepEqual(await callEach('numbers.js', 'inDays', [[12, 'hours'], [2, 'weeks'], [1, 'years']]), [0.5, 14, 365.25]);
});

test('UCUM units are written as on a report', async () => {
  const units = { Cel: '°C', '10*9/L': '10⁹/L', '10*12/L': '10¹²/L', 'umol/L': 'µmol/L', 'mm[Hg]': 'mmHg', 'mg/dL': 'mg/dL', 'mmol/mol': 'mmol/mol',
    'm[IU]/L': 'mIU/L', '[IU]/L': 'IU/L', 'ug/L': 'µg/L', '%': '%', '{INR}': 'INR', '10*3/uL': '10³/µL', 'ng/mL{FEU}': 'ng/mL FEU', 'ng{FEU}/mL': 'ng FEU/mL', '{score}': 'score',
    '{#}/[HPF]': '#/HPF', '[pH]': 'pH', um3: 'µm³', '/mm3': '/mm³', 'k[IU]/L': 'kIU/L', 'ukat/L': 'µkat/L', 'mL/min/{1.73_m2}': 'mL/min/1.73 m²' };
  assert.deepEqual(await callEach('numbers.js', 'readableUnit', Object.keys(units).map((unit) => [unit])), Object.values(units));
});

test('white space is folded as the server folds it', async () => {
  assert.deepEqual(await callEach('folded_text.js', 'fold', [['  a \n\t b\u00a0\u2003c\u200b \r\n'], [''], ['\u0000x\u0007y']]), ['a b c', '', 'x y']);
});

test('a text is cut at bytes, not characters, and no mention can lose or repeat a part of it', async () => {
  const cut = async (text, mentions) => (await callEach('folded_text.js', 'cutAtMentions', [[text, mentions]]))[0]
    .map((piece) => [piece.text, piece.mentions.map((mention) => mention.id)]);
  const text = 'é😀 chest pain';
  assert.deepEqual(await cut(text, [{ id: 1, begin: 7, end: 17 }]), [['é😀 ', []], ['chest pain', [1]]]);
  assert.deepEqual(await cut(text, [{ id: 1, begin: 7, end: 12 }, { id: 2, begin: 7, end: 17 }, { id: 3, begin: 13, end: 17 }]),
    [['é😀 ', []], ['chest pain', [2, 1, 3]]], 'what overlaps stands together, the longest first');
  assert.deepEqual(await cut('had a cough last year', [{ id: 1, begin: 0, end: 11 }, { id: 2, begin: 6, end: 21 }]), [['had a cough last year', [2, 1]]]);
  assert.deepEqual(await cut('ab', [{ id: 1, begin: 1, end: 2 }, { id: 2, begin: 0, end: 1 }]), [['a', [2]], ['b', [1]]], 'what touches stands apart');
  assert.deepEqual(await cut(text, [{ id: 1, begin: 13, end: 99 }, { id: 2, begin: 5, end: 5 }, { id: 3, begin: -4, end: 2 }]), [[text, []]]);
  assert.deepEqual(await cut(text, [{ id: 1, begin: 1, end: 7 }, { id: 2, begin: 3, end: 6 }]), [[text, []]], 'no character is cut in two');
  assert.deepEqual(await cut('', []), []);
});

test('a symptom is cut where its lower case is counted', async () => {
  const pieces = await page.evaluate(async () => {
    const { cutAtMentions } = await import('/static/scripts/folded_text.js');
    return cutAtMentions('İ K Chest Pain', [{ begin: 6, end: 16 }], (character) => character.toLowerCase()).map((piece) => piece.text);
  });
  assert.deepEqual(pieces, ['İ K ', 'Chest Pain']);
});
