// 'Why' and 'Why not' of each condition.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerReferenceCase, openPage, usesBrowser } from './browser.mjs';

const FIRST = {
  supporting_evidence: ['chest pain', 'sweating', 'how common it is at this age and sex'], opposing_evidence: ['cough', 'arm pain not mentioned'],
  evidence: [
    { text: 'chest pain', weight: 2, source: 'finding', id: '', spans: [] }, { text: 'arm pain not mentioned', weight: -0.25, source: 'silence', id: '', spans: [] },
    { text: 'cough', weight: -1, source: 'finding', id: '', spans: [] }, { text: 'sweating', weight: 0.5, source: 'finding', id: '', spans: [] },
  ],
};

const site = usesBrowser();
let page;

/** The reference case, its first condition with `evidence` in the place of its own. */
async function showFirst(evidence) {
  page = await openPage(site);
  await page.route('**/api/v1/diagnose', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    Object.assign(answer.diagnoses[0], evidence);
    await route.fulfill({ response, json: answer });
  });
  await answerReferenceCase(page);
}

const rowsUnder = (title) => page.locator('.condition').first().evaluate((condition, wanted) => {
  const heading = [...condition.querySelectorAll('h5')].find((h5) => h5.textContent === wanted);
  const track = (row) => row.querySelector('.evidence-track');
  return [...heading.nextElementSibling.querySelectorAll('.evidence-row')].map((row) => ({
    text: row.querySelector('.evidence-text').textContent,
    bar: track(row) && row.querySelector('.evidence-bar').className.replace('evidence-bar ', ''),
    share: track(row) && row.querySelector('.evidence-bar').getBoundingClientRect().width / (track(row).getBoundingClientRect().width - 1),
  }));
}, title);

test('what speaks for and against stands apart, each with its weight; what is missing comes last', async () => {
  await showFirst(FIRST);
  const why = await rowsUnder('Why');
  assert.deepEqual(why.map((row) => row.text), ['chest pain, strong evidence for', 'sweating, weak evidence for', 'how common it is at this age and sex']);
  assert.deepEqual(why.map((row) => row.bar), ['for', 'for', null]);
  const whyNot = await rowsUnder('Why not');
  assert.deepEqual(whyNot.map((row) => row.text), ['cough, moderate evidence against', 'arm pain not mentioned, weak evidence against']);
  assert.deepEqual(whyNot.map((row) => row.bar), ['against', 'missing']);
  for (const [row, share] of [[why[0], 1], [why[1], 0.25], [whyNot[0], 0.5], [whyNot[1], 0.125]])
    assert.ok(Math.abs(row.share - share) < 0.02, `${row.text}: drawn as ${row.share}, weighs ${share}`);
});

test('a side with nothing on it says so', async () => {
  await showFirst({ ...FIRST, opposing_evidence: [], evidence: FIRST.evidence.filter((item) => item.weight > 0) });
  assert.match(await page.locator('.condition-evidence').first().textContent(), /Why notNothing that you entered speaks against it\./);
});

test('every suspected condition says why and why not', async () => {
  page = await openPage(site);
  await answerReferenceCase(page);
  const titles = await page.locator('.conditions .condition-evidence').evaluateAll((all) =>
    all.map((evidence) => [...evidence.querySelectorAll('h5')].map((title) => title.textContent).join(', ')));
  assert.ok(titles.length >= 10);
  assert.deepEqual([...new Set(titles)], ['Why, Why not']);
});
