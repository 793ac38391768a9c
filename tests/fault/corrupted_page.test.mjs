// A SQLite file that something else wrote into: flipped bits, garbage and zeros in each kind of page, a torn write-ahead log, a file that is cut, emptied
// or gone. The server refuses to start, names the file and leaves it as it is; or it runs, and gives each record as it was or an error, never another
// answer. With the backup back in its place everything acknowledged until then is there.
//   OSLER_SEED=7 node tests/fault/corrupted_page.test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { diagnose, metric, send } from '../support/http.mjs';
import { oneCase } from '../support/load.mjs';
import { randomFrom, seedOfThisRun } from '../support/requests.mjs';
import { startServer, temporaryFolder } from '../support/server.mjs';
import { verifyAudit } from '../support/stored.mjs';

const KEYS = { ann: { role: 'clinician', key: 'ann-key-0123456789abcdef' }, root: { role: 'admin', key: 'root-key-0123456789abcdef' } };
const RECORDS = 200;
const DELETED = 'canary-patient-deleted';
const REFUSALS = /^osler: The (store of records is (damaged|missing or empty)|file of DATABASE_URL is a database of another program|store was written by a newer version)/m;

const random = randomFrom(seedOfThisRun());
const below = (limit) => Math.floor(random() * limit);
const folder = temporaryFolder('osler-corrupted');
const dataDir = path.join(folder, 'data');
const backup = path.join(folder, 'backup');
const file = path.join(dataDir, 'osler.sqlite');
const expected = new Map();   // what each record of the backup says
const acknowledged = [];      // what was stored after it
let credentials, pages;

const env = () => ({ ...credentials.settings, MODEL_NAME: 'network', LOG_LEVEL: 'info' });
const start = () => startServer({ dataDir, env: env() });
const as = (name) => ({ headers: { 'X-API-Key': KEYS[name].key, 'Content-Type': 'application/json' }, ca: credentials.ca });
const read = (server, id) => send(server, { path: `/api/v1/cases/${id}`, ...as('ann') });
const post = (server, where, body, name) => send(server, { method: 'POST', path: `/api/v1/${where}`, body, ...as(name) });
const ask = (server, patient) => diagnose(server, { ...oneCase(random), patient_id: patient }, as('ann'));

async function atOnce(items, count, work) {
  const waiting = [...items];
  await Promise.all(Array.from({ length: count }, async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  }));
}

/** Pages of each table and index: {name, pageno, pagetype}. */
function pagesOf() {
  const text = execFileSync('sqlite3', ['-readonly', file, 'SELECT name, pageno, pagetype FROM dbstat'], { encoding: 'utf8' });
  return text.trim().split('\n').map((line) => {
    const [name, pageno, pagetype] = line.split('|');
    return { name, pageno: Number(pageno), pagetype };
  });
}

before(async () => {
  fs.mkdirSync(dataDir);
  credentials = makeCredentials(folder, KEYS);
  const server = await start();
  const ids = [];
  await atOnce(Array.from({ length: RECORDS }, (_, number) => number), 8, async (number) => {
    const answer = await ask(server, number % 5 === 0 ? DELETED : `canary-patient-${number % 12}`);
    assert.equal(answer.status, 200, answer.text);
    if (number % 5 !== 0) ids.push(answer.json.request_id);
  });
  assert.equal((await post(server, 'patients/delete', { patient_id: DELETED }, 'root')).json.deleted, RECORDS / 5);
  await atOnce(ids, 8, async (id) => expected.set(id, (await read(server, id)).json));
  await server.stop();
  assert.ok(!fs.existsSync(`${file}-wal`), 'a store that was stopped is one file');
  pages = pagesOf();
  fs.cpSync(dataDir, backup, { recursive: true });
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The store of the backup; the audit log stays, as it would. */
function restore() {
  for (const suffix of ['', '-wal', '-shm']) fs.rmSync(file + suffix, { force: true });
  fs.copyFileSync(path.join(backup, 'osler.sqlite'), file);
}

/** An empty write-ahead log is none. */
const snapshot = () => Object.fromEntries(['', '-wal'].map((suffix) => {
  const bytes = fs.existsSync(file + suffix) ? fs.readFileSync(file + suffix) : undefined;
  const nothing = !bytes || (suffix && bytes.length === 0);
  return [suffix, nothing ? 'none' : createHash('sha256').update(bytes).digest('hex')];
}));

/** Writes over a part of the file, in place. */
function overwrite(name, position, bytes) {
  const descriptor = fs.openSync(name, 'r+');
  fs.writeSync(descriptor, bytes, 0, bytes.length, position);
  fs.closeSync(descriptor);
}

const PAGE = 4096;
const noise = (length) => Buffer.from(Array.from({ length }, () => below(256)));
const ways = {
  'flipped bits': (bytes) => {
    for (let i = 0; i < 12; ++i) bytes[below(bytes.length)] ^= 1 << below(8);
    return bytes;
  },
  garbage: (bytes) => noise(bytes.length),
  zeros: (bytes) => Buffer.alloc(bytes.length),
};

/** Damages `length` bytes of a file at a position in one of the ways. */
function damage(name, position, length, way) {
  const bytes = fs.readFileSync(name).subarray(position, position + length);
  overwrite(name, position, ways[way](Buffer.from(bytes)));
}

function pickPage(table, type) {
  const fitting = pages.filter(({ name, pagetype }) => name === table && (!type || pagetype === type));
  assert.ok(fitting.length > 0, `no page of ${table}`);
  return (fitting[below(fitting.length)].pageno - 1) * PAGE;
}

const freeListPage = () => (fs.readFileSync(file).readUInt32BE(32) - 1) * PAGE;
const pickWay = () => Object.keys(ways)[below(3)];

/**
 * Every record is what it was, or an error that says so and no more; how many errors. `others`: records that are there beside those of the backup.
 * `missed`, where given, gets the records that an index leads to no more: only a check of the whole file tells.
 */
async function assertTrueOrError(server, others = [], missed = undefined) {
  let errors = 0;
  await atOnce(expected.keys(), 8, async (id) => {
    const answer = await read(server, id);
    if (answer.status === 200) return assert.deepEqual(answer.json, expected.get(id));
    if (missed && answer.status === 404) return missed.add(id);
    assert.ok([500, 503].includes(answer.status), `${answer.status}: ${answer.text}`);
    assert.match(answer.headers['content-type'], /problem\+json/);
    assert.doesNotMatch(answer.text, /canary|sqlite|\/data\//);
    errors += 1;
    return undefined;
  });
  const search = await post(server, 'cases/search', { case: oneCase(random), k: 50 }, 'ann');
  assert.ok([200, 500, 503].includes(search.status), search.text);
  if (search.status === 200) for (const { request_id: id } of search.json.cases) assert.ok(expected.has(id) || others.includes(id), 'a case that nobody stored');
  const listed = await send(server, { path: '/api/v1/cases?limit=100', ...as('ann') });
  assert.ok([200, 500, 503].includes(listed.status), listed.text);
  return errors;
}

/** New requests are answered and stored, or refused. */
async function assertStoredOrRefused(server) {
  for (let i = 0; i < 5; ++i) {
    const answer = await ask(server, 'canary-patient-new');
    if (answer.status === 200) {
      acknowledged.push(answer.json.request_id);
      assert.equal((await read(server, answer.json.request_id)).status, 200, 'what was acknowledged is there');
    } else assert.equal(answer.status, 503, answer.text);
  }
}

async function assertTold(server, errors) {
  const failed = server.events().filter(({ event, status }) => event === 'request' && status === 500);
  if (errors > 0) {
    assert.ok(failed.length > 0 && failed.every(({ detail }) => detail), 'errors are in the log, with what met them');
    const { text } = await send(server, { path: '/api/v1/metrics', ...as('root') });
    assert.ok(metric(text, 'http_requests_total', 'status="500"') > 0, text.split('\n').filter((line) => line.includes('500')).join('\n'));
  }
  assert.doesNotMatch(server.log(), /canary/);
}

async function stopsWell(server) {
  const ended = await server.stop();
  assert.deepEqual([ended.code, ended.signal], [0, null], server.log().slice(-2000));
}

/** Refused with one clear line and untouched, or running without a wrong word. Gives what happened. */
async function startOn() {
  const was = snapshot();
  let refusal;
  const server = await start().catch(({ message }) => { refusal = message; });
  if (!server) {
    assert.match(refusal, /^the server ended before it was ready \(code 1, signal null\)/);
    assert.match(refusal, REFUSALS);
    assert.match(refusal, /osler import|another program|newer version/);
    assert.ok(refusal.includes(file) || !/is damaged and/.test(refusal), refusal);
    assert.doesNotMatch(refusal, /canary/);
    assert.deepEqual(snapshot(), was, 'what is damaged was changed');
    return 'refused';
  }
  try {
    const errors = await assertTrueOrError(server);
    await assertStoredOrRefused(server);
    await assertTold(server, errors);
    return errors > 0 ? `${errors} errors` : 'harmless';
  } finally {
    await stopsWell(server);
  }
}

const targets = {
  'a leaf of the records': () => [pickPage('records', 'leaf'), PAGE],
  'a payload of the records': () => [pickPage('records', 'overflow'), PAGE],
  'an inner page of the records': () => [pickPage('records', 'internal'), PAGE],
  'an index of the records': () => [pickPage('records_by_patient', 'leaf'), PAGE],
  'the keys': () => [pickPage('sealed_keys', 'leaf'), PAGE],
  'the summaries of cases': () => [pickPage('case_summaries', 'leaf'), PAGE],
  'the secrets': () => [pickPage('secrets'), PAGE],
  'the schema': () => [100, PAGE - 100],
  'the header': () => [0, 100],
  'the list of free pages': () => [freeListPage(), PAGE],
};

test('a damaged page in a store that is stopped', async () => {
  const outcomes = {};
  for (const [what, place] of Object.entries(targets)) {
    restore();
    const way = pickWay();
    damage(file, ...place(), way);
    outcomes[`${way} in ${what}`] = await startOn();
  }
  console.log(`note: ${Object.entries(outcomes).map(([what, outcome]) => `${what}: ${outcome}`).join('; ')}`);
  assert.ok(Object.values(outcomes).includes('refused'));
});

test('a file that is cut, empty or gone is no new store', async () => {
  restore();
  fs.truncateSync(file, PAGE * (3 + below(20)));
  assert.equal(await startOn(), 'refused');
  restore();
  fs.truncateSync(file, 0);
  assert.equal(await startOn(), 'refused');
  fs.rmSync(file);
  assert.equal(await startOn(), 'refused');
  assert.ok(!fs.existsSync(file));
});

test('a torn write-ahead log loses its end at most, and the log says so', async () => {
  restore();
  const first = await start();
  const late = [];
  for (let i = 0; i < 30; ++i) {
    const answer = await ask(first, 'canary-patient-late');
    assert.equal(answer.status, 200, answer.text);
    late.push(answer.json.request_id);
    acknowledged.push(answer.json.request_id);
  }
  first.kill('SIGKILL');
  await first.exited;
  const log = `${file}-wal`;
  damage(log, Math.floor(fs.statSync(log).size / 2), 2000, 'garbage');
  const server = await start();
  try {
    await assertTrueOrError(server, late);
    const statuses = [];
    for (const id of late) statuses.push((await read(server, id)).status);
    const lost = statuses.filter((status) => status === 404).length;
    assert.equal(statuses.filter((status) => status === 200).length + lost, late.length);
    assert.deepEqual(statuses, [...statuses].sort(), 'the end is lost, not what was before');
    const told = server.events().find(({ event }) => event === 'records_missing');
    assert.equal(told?.of_the_last_hundred ?? 0, lost);
    assert.match((await send(server, { path: '/api/v1/metrics', ...as('root') })).text, new RegExp(`^records_missing_at_start ${lost}$`, 'm'));
    assert.ok(lost > 0, 'something was to be lost');
  } finally {
    await stopsWell(server);
  }
});

test('a page that is damaged under a running server, and the backup after it', async () => {
  restore();
  const server = await start();
  const missed = new Set();
  let errors = 0;
  try {
    for (const what of ['a payload of the records', 'a leaf of the records', 'the keys', 'the summaries of cases', 'an index of the records']) {
      damage(file, ...targets[what](), pickWay());
      errors += await assertTrueOrError(server, acknowledged, missed);
      await assertStoredOrRefused(server);
    }
    await assertTold(server, errors);
    assert.equal((await send(server, { path: '/health/live', ca: credentials.ca })).status, 200);
  } finally {
    await stopsWell(server);
  }
  console.log(`note: ${errors} errors on a file that was damaged five times under the server, ${missed.size} records not found, ${acknowledged.length} records stored since the backup`);
  if (missed.size > 0) assert.equal(await startOn(), 'refused', 'the next start finds what records were missed for');
  restore();
  const again = await start();
  try {
    for (const [id, json] of expected) assert.deepEqual((await read(again, id)).json, json);
    const missing = again.events().find(({ event }) => event === 'records_missing');
    assert.equal(missing?.of_the_last_hundred ?? 0, Math.min(acknowledged.length, 100), 'what was stored after the backup is missing, and that is said');
  } finally {
    await stopsWell(again);
  }
  const report = await verifyAudit(dataDir, env());
  assert.equal(report.code, 0, report.stdout + report.stderr);
});
