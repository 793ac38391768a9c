// osler replay: answers given under load are made again, bit for bit, from the archive, also after the knowledge base was edited; and what cannot be made
// again says why.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chestValues, dicomFilm } from '../support/dicom.mjs';
import { predict } from '../support/films.mjs';
import { diagnose } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { repository, runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { filesBelow } from '../support/stored.mjs';

const dataDir = temporaryFolder('osler-replay');
const knowledge = path.join(dataDir, 'knowledge');
const edited = path.join(knowledge, 'conditions/cardiovascular/acute_myocardial_infarction.yaml');
const env = { KNOWLEDGE_DIR: knowledge, KEEP_FILMS: '1' };
const story = 'Woke at night with crushing chest pain that went into the left arm, sweating, no cough and no fever. Father died of a heart attack at 50. '.repeat(6);

/** [query, request] */
const requests = [
  ['', referenceRequest],
  ['', requestWith()],
  ['?threshold=0.05', requestWith({ age: 70, symptoms: ['fever', 'productive cough', 'confusion'], severity: 'severe' })],
  ['?explain=shap', requestWith({ age: 61, symptoms: ['chest pain', 'sweating'], narrative: story })],
  ['?explain=lime', requestWith({ age: 34, symptoms: ['headache', 'photophobia', 'neck stiffness'], narrative: 'It began this morning after a week with a cold.' })],
  ['?explain=shap&threshold=0.3', requestWith({ age: 8, symptoms: ['wheeze', 'cough'], absent_findings: ['fever'], sex: 'male', setting: 'emergency' })],
  ['', requestWith({ age: 29, sex: 'female', symptoms: ['abdominal pain', 'vomiting'], pregnant: { value: true, gestation_weeks: 9 } })],
  ['', requestWith({ age: 0.5, symptoms: ['crying', 'fever'], vitals: { temperature_c: 39.2, heart_rate_bpm: 170 } })],
  ['', requestWith({ age: 55, symptoms: ['thirst', 'weight loss'], lab_results: { '2345-7': { value: 320, unit: 'mg/dL' }, '2823-3': 5.9 } })],
  ['', requestWith({ age: 80, symptoms: ['zzyzx', 'não se sente bem', 'dizziness 🤕'], narrative: 'x'.repeat(3000) })],
  ['', requestWith({ age: 47, symptoms: ['joint pain', 'rash'], family_history: ['rheumatoid arthritis'], preexisting_conditions: ['psoriasis'], onset: 'gradual', duration_days: 90.5 })],
  ['', requestWith({ patient_id: 'somebody', unheard_of: [[[{ deep: -0.0 }]], 1e-7, 12345678901234567890n.toString()] })],
  ['', requestWith({ age: 66, symptoms: ['shortness of breath', 'leg swelling'], narrative: story.repeat(5) })],
];
let first, films, second;

before(() => fs.cpSync(path.join(repository, 'knowledge'), knowledge, { recursive: true }));
after(() => fs.rmSync(dataDir, { recursive: true, force: true }));

const film = () => dicomFilm({ width: 512, height: 420, values: chestValues(512, 420) });
const idOf = ({ status, json, text }) => {
  assert.equal(status, 200, text.slice(0, 300));
  return json.request_id;
};

async function replay(id, { settings = {}, args = [] } = {}) {
  const { code, stdout, stderr } = await runOsler(['replay', id, '--json', ...args], { dataDir, env: { ...env, ...settings }, timeoutMs: 300_000 });
  assert.ok(stdout.startsWith('{'), `code ${code}: ${stderr}`);
  return { code, ...JSON.parse(stdout) };
}

async function expectSame(ids) {
  for (const id of ids) {
    const { code, outcome, reason, differences } = await replay(id);
    assert.deepEqual({ code, outcome, reason, differences }, { code: 0, outcome: 'same', reason: '', differences: [] }, id);
  }
}

/** All at once, each several times, so that batches mix. */
async function answered(server) {
  const answers = await Promise.all([0, 1, 2].flatMap(() => requests).map(([query, request]) => diagnose(server, request, { query })));
  for (const answer of answers) idOf(answer);
  return answers.slice(0, requests.length);
}

test('answers under load, then with other knowledge, are each made again by what made them', async () => {
  let server = await startServer({ dataDir, env });
  const [answers, pictures] = await Promise.all([answered(server), Promise.all([predict(server, film(), { query: '?heatmap=1', fields: { age_years: '3' } }), predict(server, film())])]);
  await server.stop();
  first = answers.map(idOf);
  films = pictures.map(idOf);

  fs.writeFileSync(edited, fs.readFileSync(edited, 'utf8').replace('chest_pain: 0.88', 'chest_pain: 0.7'));
  server = await startServer({ dataDir, env });
  const now = await Promise.all(requests.slice(0, 4).map(([query, request]) => diagnose(server, request, { query })));
  await server.stop();
  second = now.map(idOf);
  assert.notDeepEqual(now[0].json.candidates, answers[0].json.candidates, 'the edit changes nothing, so nothing is shown');

  await expectSame([...first, ...films, ...second]);
  const kept = fs.readdirSync(path.join(dataDir, 'archive')).map((name) => name.split('-')[0]).sort();
  assert.deepEqual(kept, ['encoder', 'image', 'knowledge', 'knowledge', 'network']);
});

test('a server finds its versions in the archive and leaves them alone', async () => {
  const stamps = () => filesBelow(path.join(dataDir, 'archive')).map(({ path: file }) => [file, fs.statSync(file).mtimeMs, fs.statSync(file).ino]);
  const written = stamps();
  const server = await startServer({ dataDir, env });
  await server.stop();
  assert.deepEqual(stamps(), written);
});

test('where this processor lacks the precision it says so', async (context) => {
  const server = await startServer({ dataDir, env });
  const answer = await diagnose(server, referenceRequest);
  await server.stop();
  if (!/\.(bf16|int8)\+/.test(answer.json.model_version)) return context.skip('the encoder runs in fp32 here');
  const report = await replay(idOf(answer), { settings: { ONEDNN_MAX_CPU_ISA: 'AVX2' } });
  assert.equal(report.code, 2);
  assert.equal(report.outcome, 'not comparable');
  assert.match(report.reason, /processor lacks the instructions for (bf16|int8)/);
});

test('a film that was not kept cannot be read again', async () => {
  const server = await startServer({ dataDir, env: { ...env, KEEP_FILMS: '0' } });
  const id = idOf(await predict(server, film()));
  await server.stop();
  const { code, outcome, reason } = await replay(id);
  assert.deepEqual([code, outcome], [2, 'not comparable']);
  assert.match(reason, /not kept/);
});

test('a damaged or missing copy in the archive is named', async () => {
  const archive = path.join(dataDir, 'archive');
  const encoder = filesBelow(archive).find(({ path: file }) => file.includes('/encoder-') && file.endsWith('model.safetensors'));
  const damaged = Buffer.from(encoder.bytes);
  damaged[damaged.length - 100] ^= 1;
  fs.writeFileSync(encoder.path, damaged);
  const report = await replay(first[0]);
  assert.deepEqual([report.code, report.outcome], [2, 'not comparable']);
  assert.match(report.reason, /SHA-256 of model\.safetensors/);
  fs.writeFileSync(encoder.path, encoder.bytes);

  const bases = fs.readdirSync(archive).filter((name) => name.startsWith('knowledge-'));
  for (const name of bases) fs.renameSync(path.join(archive, name), path.join(dataDir, name));
  const missing = await replay(first[0]);
  assert.deepEqual([missing.code, missing.outcome], [2, 'not comparable']);
  assert.match(missing.reason, /archive has no knowledge base [0-9a-f]{12}/);
  for (const name of bases) fs.renameSync(path.join(dataDir, name), path.join(archive, name));
  await expectSame([first[0]]);
});

test('a record that was deleted is shredded, one that is gone behind our back is said to be, and an unknown one is unknown', async () => {
  execFileSync('sqlite3', [path.join(dataDir, 'osler.sqlite'), `DELETE FROM sealed_keys WHERE row_id = '${first[1]}'`]);
  const deleted = await runOsler(['patients', 'delete', 'somebody'], { dataDir, env });
  assert.equal(deleted.code, 0, deleted.stderr);
  const ofSomebody = first[requests.findIndex(([, request]) => request.patient_id === 'somebody')];
  for (const [id, says] of [[ofSomebody, /is shredded.*deleted since/], [first[1], /is gone, and no entry.*says that it was deleted/], ['01234567-89ab-4cde-8f01-23456789abcd', /no record of this request/], ['no id', /request id has the form/]]) {
    const { code, outcome, reason } = await replay(id);
    assert.deepEqual([code, outcome], [2, 'not comparable']);
    assert.match(reason, says);
  }
});

test('each replay is in the audit log of the commands', async () => {
  const log = filesBelow(path.join(dataDir, 'audit/commands')).map(({ bytes }) => bytes.toString('latin1')).join('');
  const replays = [...log.matchAll(/"request_id":"([0-9a-f-]{36})"[^}]*"action":"replay"/g)].map(([, id]) => id);
  for (const id of [...first, ...films, ...second]) assert.ok(replays.includes(id), id);
  const { code, stdout } = await runOsler(['audit', 'verify', '--json'], { dataDir, env });
  assert.equal(code, 0, stdout);
});
