// What was deleted stays deleted, whatever copy of the store is put back: files, a database, an export. What is held stays. And an export goes from one
// kind of store to the other and back without a loss.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { clockLibrary } from '../support/clock.mjs';
import { diagnose, send } from '../support/http.mjs';
import { postgresOrReason } from '../support/postgres.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { query, recordedIds, verifyAudit } from '../support/stored.mjs';
import { until } from '../support/until.mjs';

const KEYS = { ann: { role: 'clinician', key: 'ann-key-0123456789abcdef' }, root: { role: 'admin', key: 'root-key-0123456789abcdef' } };
const CASE = { age: 61, sex: 'male', symptoms: ['sharp chest pain when breathing in', 'sudden shortness of breath', 'coughing up blood'], severity: 'severe' };
const GONE = ['gone-by-command', 'gone-by-api'];
const STAYS = 'stays';

const { postgres, reason } = await postgresOrReason();
let folder, credentials;
before(() => {
  folder = temporaryFolder('osler-restore');
  credentials = makeCredentials(folder, KEYS);
});
after(async () => {
  await postgres?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** A data folder of its own, with the settings of its server. */
function newPlace(name, env = {}) {
  const dataDir = path.join(folder, name);
  fs.mkdirSync(dataDir);
  const settings = { ...credentials.settings, MODEL_NAME: 'network', LOG_LEVEL: 'info', ...env };
  return { dataDir, settings, osler: (args, more = {}) => runOsler(args, { dataDir, env: { ...settings, ...more }, timeoutMs: 120_000 }) };
}

async function withServer(place, work, env = {}) {
  const server = await startServer({ dataDir: place.dataDir, env: { ...place.settings, ...env } });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

const as = (name) => ({ headers: { 'X-API-Key': KEYS[name].key, 'Content-Type': 'application/json' }, ca: credentials.ca });
const get = (server, where) => send(server, { path: `/api/v1/${where}`, ...as('ann') });
const post = (server, where, body, name = 'root') => send(server, { method: 'POST', path: `/api/v1/${where}`, body, ...as(name) });

async function stored(server, members) {
  const answer = await diagnose(server, { ...CASE, ...members }, as('ann'));
  assert.equal(answer.status, 200, answer.text);
  return answer.json.request_id;
}

/** Three cases of each patient: {patient: [ids]}. */
async function fill(server, patients = [...GONE, STAYS]) {
  const ids = {};
  for (const patient of patients) ids[patient] = [await stored(server, { patient_id: patient }), await stored(server, { patient_id: patient, age: 60 }), await stored(server, { patient_id: patient, age: 62 })];
  return ids;
}

async function succeeds(place, args) {
  const { code, stdout, stderr } = await place.osler(args);
  assert.equal(code, 0, `osler ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function deleteBoth(place) {
  await succeeds(place, ['patients', 'delete', GONE[0]]);
  await withServer(place, async (server) => assert.equal((await post(server, 'patients/delete', { patient_id: GONE[1] })).json.deleted, 3));
}

/** By no road does anything of these patients open. */
async function assertGone(place, ids, rowsOf) {
  const gone = GONE.flatMap((patient) => ids[patient]);
  await withServer(place, async (server) => {
    for (const id of gone) assert.equal((await get(server, `cases/${id}`)).status, 404);
    for (const id of ids[STAYS]) assert.equal((await get(server, `cases/${id}`)).status, 200);
    const listed = (await get(server, 'cases?limit=100')).json.cases.map(({ request_id: id }) => id);
    const similar = await post(server, 'cases/search', { case: CASE, k: 50 }, 'ann');
    const found = similar.json.cases.map(({ request_id: id }) => id);
    const suggested = (await diagnose(server, CASE, as('ann'))).json.similar_cases.map(({ request_id: id }) => id);
    assert.ok(found.some((id) => ids[STAYS].includes(id)), 'others are found');
    for (const list of [listed, found, suggested]) assert.deepEqual(list.filter((id) => gone.includes(id)), []);
  });
  const replayed = await place.osler(['replay', gone[0], '--json']);
  assert.equal(replayed.code, 2, replayed.stderr);
  assert.match(JSON.parse(replayed.stdout).reason, /shredded/);
  for (const patient of GONE) {
    const file = path.join(place.dataDir, `${patient}.ndjson`);
    await succeeds(place, ['export', file, '--patient', patient]);
    assert.equal(fs.readFileSync(file, 'utf8'), '');
    fs.rmSync(file);
  }
  for (const [table, rows] of Object.entries(rowsOf()))
    for (const id of gone) assert.ok(!rows.includes(id), `${table} still names a record that was deleted`);
  const report = await verifyAudit(place.dataDir, place.settings);
  assert.equal(report.code, 0, report.stdout + report.stderr);
}

const sqliteRows = (place) => () => ({
  records: query(place.dataDir, 'SELECT request_id FROM records'), keys: query(place.dataDir, 'SELECT row_id FROM sealed_keys'), vectors: query(place.dataDir, 'SELECT request_id FROM case_summaries'),
});

const databaseFile = (place) => path.join(place.dataDir, 'osler.sqlite');

test('SQLite: an old copy of the file is told at the start what was deleted since', async () => {
  const place = newPlace('file');
  const ids = await withServer(place, fill);
  const backup = path.join(folder, 'backup.sqlite');
  fs.copyFileSync(databaseFile(place), backup);
  await deleteBoth(place);
  fs.copyFileSync(backup, databaseFile(place));
  assert.ok(recordedIds(place.dataDir).has(ids[GONE[0]][0]), 'the copy has them');
  await assertGone(place, ids, sqliteRows(place));

  fs.copyFileSync(backup, databaseFile(place));
  const file = path.join(place.dataDir, 'before-any-server.ndjson');
  await succeeds(place, ['export', file, '--patient', GONE[0]]);
  assert.equal(fs.readFileSync(file, 'utf8'), '', 'a command tells it too');
  const { stdout } = await place.osler(['audit', 'export', '--action', 'delete']);
  const outcomes = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).outcomeDesc);
  assert.equal(outcomes.filter((outcome) => outcome === 'repeated:3').length, 4, `each patient, for each of two copies: ${outcomes}`);
});

test('who comes again after a deletion is stored, and a later start leaves that alone', async () => {
  const place = newPlace('again');
  await withServer(place, fill);
  await succeeds(place, ['patients', 'delete', GONE[0]]);
  const id = await withServer(place, (server) => stored(server, { patient_id: GONE[0] }));
  for (let start = 0; start < 2; ++start) await withServer(place, async (server) => assert.equal((await get(server, `cases/${id}`)).status, 200));
});

test('PostgreSQL: an old copy of the database is told at the start what was deleted since', { skip: reason }, async () => {
  const database = postgres.createDatabase();
  const place = newPlace('database', { DATABASE_URL: database.url });
  const ids = await withServer(place, fill);
  const copy = `${database.name}_copy`;
  postgres.createDatabase().query(`CREATE DATABASE ${copy} TEMPLATE ${database.name} OWNER ${database.name}`);
  await deleteBoth(place);
  place.settings.DATABASE_URL = database.url.replace(new RegExp(`/${database.name}$`), `/${copy}`);
  const rows = () => {
    const all = execFileSync('psql', ['-X', '-At', place.settings.DATABASE_URL, '-c', 'SELECT request_id FROM osler.records UNION ALL SELECT row_id FROM osler_keys.sealed_keys UNION ALL SELECT request_id FROM osler.case_summaries'], { encoding: 'utf8', cwd: '/' });
    return { all };
  };
  assert.ok(rows().all.includes(ids[GONE[0]][0]), 'the copy has them');
  await assertGone(place, ids, rows);
});

test('an import into the same store, emptied, and into a fresh one brings no deleted patient back', async () => {
  const place = newPlace('import');
  const ids = await withServer(place, fill);
  const out = path.join(folder, 'export-before');
  await succeeds(place, ['export', out]);
  await deleteBoth(place);

  const full = await place.osler(['import', out]);
  assert.equal(full.code, 1);
  assert.match(full.stderr, /holds records already/);
  await succeeds(place, ['patients', 'delete', STAYS]);
  const same = await place.osler(['import', out]);
  assert.equal(same.code, 0, same.stderr);
  assert.match(same.stdout, /^9 records were stored\. 9 of them belonged to patients whose deletion/);
  assert.equal(recordedIds(place.dataDir).size, 0);

  const fresh = newPlace('import-fresh', { AUDIT_DIR: path.join(place.dataDir, 'audit') });
  const into = await fresh.osler(['import', out]);
  assert.equal(into.code, 0, into.stderr);
  assert.match(into.stdout, /^9 records were stored\. 9 of them/);
  assert.equal(recordedIds(fresh.dataDir).size, 0);
  await withServer(fresh, async (server) => {
    for (const id of Object.values(ids).flat()) assert.equal((await get(server, `cases/${id}`)).status, 404);
  });
});

test('a legal hold keeps a patient from age, from deletion and from the loss of a restore', { skip: clockLibrary() ? false : 'libfaketime is not installed' }, async () => {
  const place = newPlace('hold');
  const aWeekAgo = { LD_PRELOAD: clockLibrary(), FAKETIME: '-7d', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const ids = await withServer(place, (server) => fill(server, ['old', 'held', 'held-later']), aWeekAgo);
  await succeeds(place, ['patients', 'hold', 'held']);
  const backup = path.join(folder, 'hold.sqlite');
  fs.copyFileSync(databaseFile(place), backup);
  await withServer(place, async (server) => assert.equal((await post(server, 'patients/hold', { patient_id: 'held-later', held: true })).json.held, true));
  fs.copyFileSync(backup, databaseFile(place));  // it knows nothing of the second hold

  const here = () => Object.keys(ids).filter((patient) => ids[patient].some((id) => recordedIds(place.dataDir).has(id)));
  await withServer(place, async (server) => {
    await until('retention removes what is old', () => !here().includes('old'));
    for (const id of [...ids.held, ...ids['held-later']]) assert.equal((await get(server, `cases/${id}`)).status, 200);
    const refused = await post(server, 'patients/delete', { patient_id: 'held' });
    assert.equal(refused.status, 409, refused.text);
  }, { RETENTION_DAYS: '1' });
  const refused = await place.osler(['patients', 'delete', 'held']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /legal hold/);
  assert.deepEqual(here(), ['held', 'held-later']);

  await succeeds(place, ['patients', 'release', 'held']);
  await succeeds(place, ['patients', 'delete', 'held']);
  assert.deepEqual(here(), ['held-later']);
  await succeeds(place, ['patients', 'release', 'held-later']);
  await withServer(place, () => until('retention takes what is released', () => here().length === 0), { RETENTION_DAYS: '1' });
  const { stdout } = await place.osler(['audit', 'export', '--action', 'retention']);
  const outcomes = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).outcomeDesc);
  assert.deepEqual(outcomes.filter((outcome) => outcome.startsWith('deleted:')), ['deleted:3', 'deleted:3']);
});

test('a clock that is a year ahead at a start destroys nothing', { skip: clockLibrary() ? false : 'libfaketime is not installed' }, async () => {
  const place = newPlace('clock');
  await withServer(place, (server) => stored(server, requestWith({ patient_id: 'kept' })));
  const aYearAhead = { LD_PRELOAD: clockLibrary(), FAKETIME: '+365d', FAKETIME_DONT_FAKE_MONOTONIC: '1', RETENTION_DAYS: '30' };
  await withServer(place, async (server) => {
    await until('retention says why it waits', () => server.log().includes('nothing was stored for more than 31 days'));
    assert.equal(recordedIds(place.dataDir).size, 1);
  }, aYearAhead);
});

/** Everything that an export says but when it was made. */
function exportedBy(out) {
  return Object.fromEntries(fs.readdirSync(out).filter((name) => name !== 'manifest.json').map((name) => [name, fs.readFileSync(path.join(out, name), 'utf8').split('\n').sort()]));
}

test('SQLite to PostgreSQL and back: the same records, holds, keys and answers', { skip: reason }, async () => {
  const place = newPlace('move');
  const ids = await withServer(place, async (server) => {
    const made = await fill(server);
    for (let i = 0; i < 20; ++i) made[STAYS].push(await stored(server, requestWith({ age: 20 + i, patient_id: `one-${i}` })));
    assert.equal((await post(server, `cases/${made[STAYS][0]}/outcome`, { condition: 'I26', note: 'seen' }, 'ann')).status, 200);
    assert.equal((await post(server, `cases/${made[STAYS][1]}/share`, { with: '*' }, 'ann')).status, 200);
    return made;
  });
  await succeeds(place, ['patients', 'hold', GONE[0]]);
  await succeeds(place, ['api-keys', 'create', 'ward-7', '--role', 'clinician']);
  const url = postgres.createDatabase().url;
  const back = { DATABASE_URL: `sqlite:///${path.join(place.dataDir, 'back.sqlite')}` };
  const stations = [{}, { DATABASE_URL: url }, back];
  const seen = [];
  for (const [number, env] of stations.entries()) {
    const out = path.join(folder, `move-${number}`);
    if (number > 0) await place.osler(['import', path.join(folder, `move-${number - 1}`)], env).then(({ code, stderr }) => assert.equal(code, 0, stderr));
    const { code, stdout, stderr } = await place.osler(['export', out], env);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^29 records, 29 case summaries, 1 API keys and 1 holds/);
    seen.push(exportedBy(out));
  }
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
  for (const env of stations) {
    const { code, stdout, stderr } = await place.osler(['replay', ids[STAYS][2], '--json'], env);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).outcome, 'same');
  }
  const answers = [];
  for (const env of stations)
    answers.push(await withServer(place, async (server) => [
      (await get(server, `cases/${ids[STAYS][0]}`)).json, (await get(server, `cases/${ids[STAYS][1]}`)).json, // Of cases that are equally like it, one of a patient is shown, whichever.
      (await post(server, 'cases/search', { case: CASE, k: 20 }, 'ann')).json.cases.map(({ similarity }) => similarity),
    ], env));
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  assert.equal(answers[0][0].outcome.note, 'seen');
});
