// Stored cases on the real server: similar ones, outcomes, who sees what, breaking the glass, a patient destroyed, cases read again by another model.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { chestValues, dicomFilm } from '../support/dicom.mjs';
import { predict } from '../support/films.mjs';
import { diagnose, metric, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { filesBelow } from '../support/stored.mjs';

const KEYS = Object.fromEntries([['ann', 'clinician'], ['bob', 'clinician'], ['ehr', 'integrator'], ['lab', 'data_scientist'], ['office', 'auditor'], ['root', 'admin']]
  .map(([name, role]) => [name, { role, key: `${name}-key-0123456789abcdef` }]));
const REASON = 'Collapsed in the hall, canary-reason-77';
const CASE = { age: 61, sex: 'male', symptoms: ['sharp chest pain when breathing in', 'sudden shortness of breath', 'coughing up blood'], severity: 'severe' };
let folder, dataDir, credentials, server;

const as = (name, more = {}) => ({ headers: { 'X-API-Key': KEYS[name].key, ...more }, ca: credentials.ca });
const get = (name, where, more) => send(server, { path: `/api/v1/${where}`, ...as(name, more) });
const post = (name, where, body) => send(server, { method: 'POST', path: `/api/v1/${where}`, body, ...as(name, { 'Content-Type': 'application/json' }) });
const ask = (name, members = {}) => diagnose(server, { ...CASE, ...members }, as(name));

async function stored(name, members) {
  const answer = await ask(name, members);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.request_id;
}

before(async () => {
  folder = temporaryFolder('osler-cases');
  dataDir = path.join(folder, 'data');
  fs.mkdirSync(dataDir);
  credentials = makeCredentials(folder, KEYS);
  server = await startServer({ dataDir, env: credentials.settings });
});
after(async () => {
  await server?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a case is found by the next one like it, with its outcome', async () => {
  const id = await stored('ann');
  const told = await post('ann', `cases/${id}/outcome`, { condition: 'I26', note: 'canary-note-78' });
  assert.equal(told.status, 200, told.text);
  assert.equal(told.json.outcome.condition_id, 'pulmonary_embolism');
  const { json } = await ask('bob', { age: 58 });
  const one = json.similar_cases.find(({ request_id: found }) => found === id);
  assert.ok(one.similarity > 0.9, String(one.similarity));
  assert.equal(one.outcome.condition_code, 'I26');
  assert.equal(one.age_band, '55-64');
  assert.ok(one.shared_findings.length >= 2, one.shared_findings.join(', '));
  assert.equal(JSON.stringify(json).includes('canary-note'), false);
  const unlike = await diagnose(server, requestWith({ age: 25, symptoms: ['itchy rash between the fingers'], severity: 'mild' }), as('bob'));
  assert.equal(unlike.json.similar_cases.some(({ request_id: found }) => found === id), false);
});

test('a search finds by filters, and the caller\'s own case in the place of one that is sent', async () => {
  const id = await stored('ann', { age: 30, patient_id: 'search-1' });
  const search = (body) => post('bob', 'cases/search', body);
  const ids = ({ json }) => json.cases.map(({ request_id: found }) => found);
  assert.ok(ids(await search({ case: CASE, k: 50 })).includes(id));
  assert.deepEqual(ids(await search({ case: CASE, filters: { age_band: '25-34' } })), [id]);
  assert.ok((await search({ case: CASE, filters: { condition: 'pulmonary_embolism' } })).json.cases.every(({ outcome }) => outcome.condition_code === 'I26'));
  assert.deepEqual(ids(await search({ case: CASE, filters: { until: '2020-01-01' } })), []);
  assert.equal((await search({ request_id: id })).status, 404, 'not bob\'s');
  const own = await post('ann', 'cases/search', { request_id: id });
  assert.ok(own.json.cases.length > 0 && !ids(own).includes(id));
});

test('a list has pages, newest first', async () => {
  const newest = await stored('bob');
  const page = await get('bob', 'cases?limit=1');
  assert.equal(page.json.cases[0].request_id, newest);
  assert.equal(page.json.cases[0].owner, 'bob');
  const after = await get('bob', `cases?limit=100&before=${page.json.next}`);
  assert.ok(after.json.cases.length > 0 && after.json.cases.every(({ owner, request_id: id }) => owner === 'bob' && id !== newest));
});

/** What each caller gets for each address, by whose case it is. */
const MATRIX = {
  ann: { own: 200, stranger: 404 }, bob: { own: 200, stranger: 404 }, ehr: { own: 200, stranger: 404 },
  lab: { stranger: 403 }, office: { stranger: 403 }, root: { own: 403, stranger: 403 },
};
const MAY_ASK = ['ann', 'bob', 'ehr', 'root'];

test('role times route times ownership', async () => {
  const own = Object.fromEntries(await Promise.all(MAY_ASK.map(async (name) => [name, await stored(name, { patient_id: `matrix-${name}` })])));
  for (const [name, expected] of Object.entries(MATRIX)) {
    for (const [whose, status] of Object.entries(expected)) {
      const id = whose === 'own' ? own[name] : own[name === 'ann' ? 'bob' : 'ann'];
      assert.equal((await get(name, `cases/${id}`)).status, status, `${name} reads ${whose}`);
      assert.equal((await post(name, `cases/${id}/outcome`, { condition: 'I26' })).status, status, `${name} confirms ${whose}`);
      assert.equal((await post(name, 'cases/search', { request_id: id })).status, status, `${name} searches by ${whose}`);
      if (whose === 'stranger') assert.equal((await post(name, `cases/${id}/share`, { with: name })).status, status, `${name} shares ${whose}`);
    }
    const sees = expected.stranger === 404;
    assert.equal((await get(name, 'cases')).status, sees ? 200 : 403, `${name} lists`);
    assert.equal((await get(name, 'audit')).status, name === 'office' ? 200 : 403, `${name} reads the log`);
    assert.equal((await post(name, 'audit/accesses', { patient_id: 'nobody' })).status, name === 'office' ? 200 : 403, `${name} asks who saw a patient`);
    assert.equal((await post(name, 'patients/delete', { patient_id: 'nobody' })).status, name === 'root' ? 200 : 403, `${name} deletes`);
    assert.equal((await post(name, 'patients/hold', { patient_id: 'nobody', held: false })).status, name === 'root' ? 200 : 403, `${name} holds`);
  }
  assert.equal((await ask('root')).json.similar_cases.length, 0, 'an administrator is shown no case');
});

test('what is shared with a clinician or with all is seen, by clinicians', async () => {
  const id = await stored('ann');
  assert.deepEqual((await post('ann', `cases/${id}/share`, { with: 'bob' })).json.shared_with, ['bob']);
  assert.equal((await get('bob', `cases/${id}`)).status, 200);
  const other = await stored('ehr');
  await post('ehr', `cases/${other}/share`, { with: '*' });
  assert.equal((await get('ann', `cases/${other}`)).json.owner, 'ehr');
  await post('ann', `cases/${id}/share`, { with: 'ehr' });
  assert.equal((await get('ehr', `cases/${id}`)).status, 404, 'an integrator reads back only its own');
});

test('a clinician with a reason opens any case, and it is on record', async () => {
  const id = await stored('ann', { patient_id: 'emergency-1' });
  assert.equal((await get('bob', `cases/${id}`, { 'X-Break-Glass': 'short' })).status, 422);
  assert.equal((await get('ehr', `cases/${id}`, { 'X-Break-Glass': REASON })).status, 403);
  const opened = await get('bob', `cases/${id}`, { 'X-Break-Glass': REASON });
  assert.equal(opened.json.request.patient_id, 'emergency-1');
  const accesses = await runOsler(['audit', 'accesses', '--patient', 'emergency-1'], { dataDir, env: credentials.settings });
  assert.match(accesses.stdout, /bob.*access\.emergency|access\.emergency.*bob/s, accesses.stderr);
  const kept = await runOsler(['export', path.join(folder, 'emergency.ndjson'), '--patient', 'emergency-1'], { dataDir, env: credentials.settings });
  assert.equal(kept.code, 0, kept.stderr);
  assert.ok(fs.readFileSync(path.join(folder, 'emergency.ndjson'), 'utf8').includes('canary-reason-77'));
});

test('who was shown a patient beside others, and whoever copied everything, are listed too', async () => {
  const shown = { ...CASE, symptoms: ['pus from a salivary duct', 'jaw rigidity after induction of anaesthesia'], age: 51 };
  const id = (await diagnose(server, { ...shown, patient_id: 'beside-1' }, as('ann'))).json.request_id;
  const other = await diagnose(server, { ...shown, patient_id: 'beside-2' }, as('bob'));
  assert.ok(other.json.similar_cases.some(({ request_id: one }) => one === id), other.text);
  await get('bob', `cases/${other.json.request_id}`);
  await post('ehr', 'cases/search', { case: shown });
  await get('ann', 'cases?limit=1');
  const osler = async (...words) => {
    const { code, stdout, stderr } = await runOsler(words, { dataDir, env: credentials.settings });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  await osler('export', path.join(folder, 'everything'));
  const seen = JSON.parse(await osler('audit', 'accesses', '--patient', 'beside-1', '--json'));
  const lines = seen.map(({ actor, action, about }) => `${actor} ${action} ${about}`);
  const expected = ['ann diagnose patient', 'bob diagnose among others', 'bob read among others', 'ehr search among others', 'ann list among others'];
  assert.deepEqual(lines.filter((line) => expected.includes(line)), expected, lines.join('\n'));
  assert.ok(seen.some(({ action, about, outcome }) => action === 'export' && about === 'everybody' && outcome.startsWith('done:')), lines.join('\n'));
  const asked = await post('office', 'audit/accesses', { patient_id: 'beside-1' });
  assert.equal(asked.json.left_out, 0);
  assert.deepEqual(asked.json.accesses.slice(0, seen.length).map(({ index, log }) => [log, index]), seen.map(({ index, log }) => [log, index]), 'an auditor needs no shell');
  assert.match(await osler('audit', 'accesses', '--patient', 'beside-1'), /bob \(clinician\) {2}diagnose .*among others\n/);
  await osler('export', path.join(folder, 'beside-2.ndjson'), '--patient', 'beside-2');
  const [line] = fs.readFileSync(path.join(folder, 'beside-2.ndjson'), 'utf8').split('\n');
  assert.equal(JSON.parse(line).record.answer.similar_cases, undefined, 'other patients stay in the house');
  assert.equal(line.includes(id) || line.includes('also_shown'), false);
});

test('an auditor pages through the log and sees no patient in it', async () => {
  await stored('ann', { patient_id: 'canary-patient-79', narrative: 'canary-words-80' });
  const texts = [];
  let before;
  do {
    const page = await get('office', `audit?limit=40${before ? `&before=${before}` : ''}`);
    assert.equal(page.status, 200, page.text);
    assert.deepEqual(page.json.logs.map(({ name }) => name), ['audit', 'commands']);
    texts.push(page.text);
    before = page.json.next;
  } while (before);
  const entries = texts.flatMap((text) => JSON.parse(text).entries);
  assert.equal(entries.at(-1).action, 'server.started');
  assert.deepEqual(entries.map(({ index }) => index), entries.map((_, place) => entries[0].index - place), 'all of them, newest first');
  assert.equal(/canary|emergency-1|itchy/.test(texts.join()), false);
  const commands = await get('office', 'audit?log=commands&limit=1');
  assert.equal(commands.json.entries.length, 1);
  assert.equal((await get('office', 'audit?log=canary-log')).status, 404);
  for (const query of ['limit=0', 'limit=1001', 'before=0', 'before=x', `log=${'x'.repeat(256)}`, 'page=2']) assert.equal((await get('office', `audit?${query}`)).status, 422, query);
});

test('a patient under hold stays, one that is released goes with everything', async () => {
  const id = await stored('ann', { patient_id: 'gone-1' });
  assert.equal((await post('root', 'patients/hold', { patient_id: 'gone-1', held: true })).json.held, true);
  assert.equal((await post('root', 'patients/delete', { patient_id: 'gone-1' })).status, 409);
  assert.equal((await get('ann', `cases/${id}`)).status, 200);
  await post('root', 'patients/hold', { patient_id: 'gone-1', held: false });
  assert.equal((await post('root', 'patients/delete', { patient_id: 'gone-1' })).json.deleted, 1);
  assert.equal((await get('ann', `cases/${id}`)).status, 404);
  const found = await post('ann', 'cases/search', { case: CASE, k: 50 });
  assert.equal(found.json.cases.some(({ request_id: one }) => one === id), false);
});

test('a film is read back by its owner, is in no list of cases and has no outcome here', async () => {
  const answer = await predict(server, dicomFilm({ width: 512, height: 420, values: chestValues(512, 420) }), { fields: { age_years: '3' }, ...as('ann') });
  assert.equal(answer.status, 200, answer.text);
  const { json } = await get('ann', `cases/${answer.json.request_id}`);
  assert.equal(json.answer.diagnosis, answer.json.diagnosis);
  assert.match(json.film.sha256, /^[0-9a-f]{64}$/);
  assert.equal((await get('bob', `cases/${answer.json.request_id}`)).status, 404);
  assert.equal((await get('ann', 'cases?limit=100')).json.cases.some(({ request_id: id }) => id === answer.json.request_id), false);
  assert.equal((await post('ann', `cases/${answer.json.request_id}/outcome`, { condition: 'J18' })).status, 409);
});

test('what is not there is not there', async () => {
  assert.equal((await post('ann', 'cases/01234567-89ab-4cde-8f01-23456789abcd/outcome', { condition: 'I26' })).status, 404);
  assert.equal((await get('ann', 'cases/4711')).status, 404);
});

test('nothing of it stands in clear', async () => {
  for (const { path: file, bytes } of filesBelow(dataDir)) {
    if (file.includes('/archive/')) continue;   // the knowledge base
    for (const canary of ['canary-reason-77', 'canary-note-78', 'emergency-1', 'pulmonary_embolism']) assert.equal(bytes.includes(canary), false, `${canary} in ${file}`);
  }
  assert.equal(server.log().includes('canary'), false);
});

test('cases are read again beside a running server when the model changes', async () => {
  const env = { ...credentials.settings, MODEL_NAME: 'network' };
  const before = await ask('bob', { age: 59 });
  assert.ok(before.json.similar_cases.length > 0);
  await server.stop();
  server = await startServer({ dataDir, env });
  const confirmed = async () => (await post('bob', 'cases/search', { case: CASE, filters: { condition: 'I26' } })).json.cases;
  assert.deepEqual(await confirmed(), [], 'vectors of the other model cannot be compared');
  const first = await runOsler(['reembed'], { dataDir, env, timeoutMs: 120_000 });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^\d+ cases are compared by kb\.[0-9a-f]{12}:findings:256 now\./);
  const found = await confirmed();
  assert.ok(found.length > 0 && found.every(({ outcome }) => outcome.condition_code === 'I26'), 'and outcomes are kept');
  assert.match((await runOsler(['reembed'], { dataDir, env, timeoutMs: 120_000 })).stdout, /^0 cases/);
  const { text } = await send(server, { path: '/api/v1/metrics', ...as('root') });
  assert.equal(metric(text, 'diagnostic_similar_cases_left_out_total'), 0);
});
