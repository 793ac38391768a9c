// osler evaluate and osler knowledge compare, as somebody runs them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { repository, runOsler, temporaryFolder } from '../support/server.mjs';

const vignettes = [
  { id: 'one', age_years: 65, sex: 'male', severity: 'severe', symptoms: ['crushing chest pain', 'sweating', 'shortness of breath'],
    diagnosis: { name: 'heart attack', icd10: 'I21.9' }, differential: [{ name: 'Unstable angina', icd10: 'I20.0' }], urgency: 'emergency', specialty: 'cardiovascular' },
  { id: 'two', age_years: 24, sex: 'female', severity: 'mild', symptoms: ['burning when passing urine', 'urinary frequency'],
    diagnosis: { name: 'Cystitis', icd10: 'N30.0' }, acceptable: ['N39.0'], urgency: 'routine', specialty: 'renal_urological' },
  { id: 'three', age_years: 30, severity: 'mild', symptoms: ['cough'], diagnosis: { name: 'Nothing anybody knows', icd10: 'U99.9' }, specialty: 'other' },
];
const data = path.join(repository, '../shared/data/knowledge');
let folder;
let file;

before(() => {
  folder = temporaryFolder('osler-evaluation');
  file = path.join(folder, 'cases.jsonl');
  fs.writeFileSync(file, vignettes.map((one) => JSON.stringify(one)).join('\n'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('evaluate cases prints ranks, calibration, triage, groups and why a case failed', async () => {
  const { code, stdout, stderr } = await runOsler(['evaluate', 'cases', file]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /All: 3 cases/);
  assert.match(stdout, /diagnosis is known +66\.7 %/);
  assert.match(stdout, /cardiovascular/);
  assert.match(stdout, /three +rank - +not known/);
  assert.equal(stderr, '', 'no progress bar where nobody watches');
});

test('evaluate cases --json has the same with intervals', async () => {
  const { code, stdout } = await runOsler(['evaluate', 'cases', file, '--json']);
  assert.equal(code, 0);
  const json = JSON.parse(stdout);
  assert.equal(json.all.cases, 3);
  assert.equal(json.all.top1[0], 2 / 3);
  assert.equal(json.all.triage.emergencies, 1);
  assert.equal(json.failures.cases.length, 1);
  assert.deepEqual(json.by_specialty.map(({ name }) => name), ['cardiovascular', 'other', 'renal_urological']);
});

test('--aggregates shows no case', async () => {
  const { stdout } = await runOsler(['evaluate', 'cases', file, '--aggregates', '--json']);
  assert.deepEqual(JSON.parse(stdout).failures, { by_reason: { 'not known': 1 } });
});

test('--report writes a page that stands alone', async () => {
  const page = path.join(folder, 'report.html');
  const { code, stderr } = await runOsler(['evaluate', 'cases', file, '--report', page]);
  assert.equal(code, 0, stderr);
  const html = fs.readFileSync(page, 'utf8');
  assert.match(html, /^<!doctype html>/);
  assert.match(html, /<svg/);
  assert.doesNotMatch(html, /<script|https?:|src=/);
});

test('--mapping accepts further codes, and a bad mapping is one clear line', async () => {
  const mapping = path.join(folder, 'mapping.json');
  fs.writeFileSync(mapping, JSON.stringify({ codes: { 'U99.9': ['J00', 'J20', 'J06', 'J45'] } }));
  const { stdout } = await runOsler(['evaluate', 'cases', file, '--mapping', mapping, '--json']);
  assert.ok(JSON.parse(stdout).all.top10[0] > 0.9);
  fs.writeFileSync(mapping, '{"codes": []}');
  const refused = await runOsler(['evaluate', 'cases', file, '--mapping', mapping]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /mapping must hold "cases" and "codes"/);
});

test('a broken line is named by its number', async () => {
  const bad = path.join(folder, 'bad.jsonl');
  fs.writeFileSync(bad, `${JSON.stringify(vignettes[0])}\n{"age_years": 3}\n`);
  const { code, stderr } = await runOsler(['evaluate', 'cases', bad]);
  assert.equal(code, 1);
  assert.match(stderr, /line 2/);
});

test('evaluate models prints network, encoder and both, and every precision', async () => {
  const { code, stdout, stderr } = await runOsler(['evaluate', 'models', file]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /All: 3 cases\n {2}network +first +66\.7 %/);
  assert.match(stdout, /given no finding: 0 cases/);
  assert.match(stdout, /fp32 beside +first/);
  const json = JSON.parse((await runOsler(['evaluate', 'models', file, '--json'])).stdout);
  assert.equal(json.findings_withheld.cases, 3);
  const refused = await runOsler(['evaluate', 'models', file], { env: { MODEL_NAME: 'network' } });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /no encoder to compare/);
});

test('evaluate explanations writes a page that stands alone, without a case', async () => {
  const out = path.join(folder, 'explanations');
  const { code, stdout, stderr } = await runOsler(['evaluate', 'explanations', file, '--cases', '2', '--out', out]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^2 cases/);
  assert.match(stdout, /Words, by LIME/);
  const html = fs.readFileSync(path.join(out, 'explanations.html'), 'utf8');
  assert.match(html, /^<!doctype html>[^]*<polyline/);
  assert.doesNotMatch(html, /<script|https?:|src=|chest pain/);
  const json = JSON.parse(fs.readFileSync(path.join(out, 'explanations.json'), 'utf8'));
  assert.ok(json.shap.gain.removed[0] > 0, JSON.stringify(json.shap.gain));
});

test('evaluate text prints precision and recall for each class', async () => {
  const texts = path.join(folder, 'a.text');
  fs.writeFileSync(texts, 'A {cough|cough} and {no fever|fever absent}.\n');
  const { code, stdout } = await runOsler(['evaluate', 'text', texts]);
  assert.equal(code, 0);
  assert.match(stdout, /findings +1\.000 +1\.000 +2 +2 +2/);
  const empty = await runOsler(['evaluate', 'text', folder + '/nothing-here']);
  assert.equal(empty.code, 1);
  fs.writeFileSync(texts, '# no sentence\n');
  assert.match((await runOsler(['evaluate', 'text', texts])).stderr, /no labelled sentence/);
  const refused = await runOsler(['evaluate', 'text', file]);
  assert.equal(refused.code, 1);
});

test('knowledge compare prints the three comparisons', { skip: fs.existsSync(data) ? false : 'the published collections are not here' }, async () => {
  const { code, stdout, stderr } = await runOsler(['knowledge', 'compare', data]);
  assert.equal(code, 0, stderr);
  for (const title of ['Priors against visits', 'knowledge graph', 'DDXPlus']) assert.match(stdout, new RegExp(`^## .*${title}`, 'm'));
});

test('knowledge compare says which file it lacks', async () => {
  const { code, stderr } = await runOsler(['knowledge', 'compare', folder]);
  assert.equal(code, 1);
  assert.match(stderr, /namcs2018_visits\.csv/);
});
