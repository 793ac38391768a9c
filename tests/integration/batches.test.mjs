// Batches through the real server and without one: bad rows among good ones, a kill in the middle, two servers on one store.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { oslerBinary, runOsler, settingsFor, startServer, temporaryFolder } from '../support/server.mjs';
import { filesBelow, query, recordedIds, verifyAudit } from '../support/stored.mjs';
import { spawn } from 'node:child_process';

const CASES = 2000;
const ENV = { MODEL_NAME: 'network', BATCH_THREADS: '2' };
const { postgresOrReason } = await import('../support/postgres.mjs').catch(() => ({ postgresOrReason: async () => ({ reason: 'there is no support for PostgreSQL in these tests' }) }));
const { postgres, reason } = await postgresOrReason();
after(() => postgres?.stop());

const isBad = (line) => line % 10 === 3;

/** Every tenth line is bad, in one of three ways. */
function lines(count = CASES) {
  const rows = [];
  for (let line = 1; line <= count; ++line) {
    if (!isBad(line)) rows.push(JSON.stringify(requestWith({ age: 20 + (line % 60), symptoms: ['chest pain', 'sweating'], patient_id: `patient-${line}` })));
    else rows.push([JSON.stringify(requestWith({ age: 'Canary Doe' })), 'Canary, no JSON', '[1, 2]'][line % 3]);
  }
  return `${rows.join('\n')}\n`;
}

async function sendBatch(server, body = lines(), type = 'application/x-ndjson', query = '') {
  const answer = await send(server, { method: 'POST', path: `/api/v1/batches${query}`, body, headers: { 'Content-Type': type } });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers.location, `/api/v1/batches/${answer.json.id}`);
  return answer.json.id;
}

async function until(server, id, reached) {
  for (;;) {
    const { status, json } = await send(server, { path: `/api/v1/batches/${id}` });
    assert.equal(status, 200);
    if (reached(json)) return json;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function resultsOf(server, id) {
  const rows = [];
  for (let address = `/api/v1/batches/${id}/results?limit=700`; address;) {
    const answer = await send(server, { path: address });
    assert.equal(answer.status, 200, answer.text);
    for (const row of answer.text.split('\n').filter(Boolean)) rows.push(JSON.parse(row));
    address = /<([^>]+)>; rel="next"/.exec(answer.headers.link ?? '')?.[1];
  }
  return rows;
}

/** One result a line, in order; ids that occur once. */
function assertComplete(rows, count = CASES) {
  assert.deepEqual(rows.map((row) => row.line), Array.from({ length: count }, (_, i) => i + 1));
  for (const row of rows) {
    assert.equal('problem' in row, isBad(row.line), JSON.stringify(row).slice(0, 300));
    if (!isBad(row.line)) assert.equal(row.answer.request_id, row.request_id);
  }
  const ids = rows.filter((row) => row.request_id).map((row) => row.request_id);
  assert.equal(new Set(ids).size, ids.length);
  return new Set(ids);
}

/** How often the log says of each request how its case went. */
async function outcomesInLog(dataDir, env) {
  const { stdout, code, stderr } = await runOsler(['audit', 'export', '--action', 'batch.case'], { dataDir, env, timeoutMs: 120_000 });
  assert.equal(code, 0, stderr);
  const counts = new Map();
  for (const row of stdout.split('\n').filter(Boolean)) {
    const id = JSON.stringify(JSON.parse(row)).match(/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/)?.[0];
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

test('a batch with bad rows, killed in the middle, is answered once and whole after a restart', async () => {
  const dataDir = temporaryFolder('osler-batch');
  try {
    const first = await startServer({ dataDir, env: ENV });
    const id = await sendBatch(first);
    await until(first, id, (batch) => batch.answered > 0);
    first.kill('SIGKILL');
    await first.exited;
    const before = recordedIds(dataDir);
    assert.ok(before.size > 0 && before.size < CASES, `${before.size} records at the kill`);
    const second = await startServer({ dataDir, env: ENV });
    const done = await until(second, id, (batch) => batch.state === 'done');
    assert.equal(done.answered + done.refused, CASES);
    assert.equal(done.refused, CASES / 10);
    const ids = assertComplete(await resultsOf(second, id));
    await second.stop();
    assert.deepEqual(recordedIds(dataDir), ids, 'every answered case is a record, and nothing else is');
    for (const old of before) assert.ok(ids.has(old), 'what was answered before the kill was not answered again');
    const report = await verifyAudit(dataDir);
    assert.equal(report.code, 0, report.stdout + report.stderr);
    assert.equal((await outcomesInLog(dataDir, ENV)).size, CASES, 'each case has its entry');
    const replayed = await runOsler(['replay', [...ids][7]], { dataDir, env: ENV });
    assert.equal(replayed.code, 0, replayed.stdout + replayed.stderr);
    for (const { path: file, bytes } of filesBelow(dataDir)) assert.ok(!bytes.includes('Canary'), `${file} holds words of a bad row`);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a table is answered as its lines would be, and a batch that is cancelled stays so', async () => {
  const server = await startServer({ env: ENV });
  try {
    const id = await sendBatch(server, 'age,symptoms,severity,patient_id\n65,"chest pain; sweating",severe,p1\nold,cough,mild,p2\n', 'text/csv', '?threshold=0.01');
    await until(server, id, (batch) => batch.state === 'done');
    const rows = await resultsOf(server, id);
    assert.deepEqual(rows.map((row) => row.line), [2, 3]);
    assert.equal(rows[1].problem.errors[0].pointer, '/age');
    const single = await send(server, { method: 'POST', path: '/api/v1/diagnose?threshold=0.01', body: { age: 65, symptoms: ['chest pain', 'sweating'], severity: 'severe', patient_id: 'p1' } , headers: { 'Content-Type': 'application/json' } });
    assert.deepEqual(rows[0].answer.candidates, single.json.candidates);
    assert.deepEqual(rows[0].answer.diagnoses, single.json.diagnoses);
    const long = await sendBatch(server);
    const cancelled = await send(server, { method: 'POST', path: `/api/v1/batches/${long}/cancel` });
    assert.equal(cancelled.json.state, 'cancelled');
    assert.equal((await send(server, { path: `/api/v1/batches/${long}/results` })).status, 200);
    assert.equal((await send(server, { path: '/api/v1/batches' })).json.batches.length, 2);
  } finally {
    await server.stop();
  }
});

test('osler batch works without a server, goes on where it was killed, and keeps the order of the rows', async () => {
  const dataDir = temporaryFolder('osler-batch');
  try {
    const file = path.join(dataDir, 'cases.ndjson');
    const out = path.join(dataDir, 'results.ndjson');
    fs.writeFileSync(file, lines());
    const child = spawn(oslerBinary, ['batch', file, '-o', out], { cwd: dataDir, env: settingsFor(dataDir, ENV), stdio: 'ignore' });
    const gone = new Promise((resolve) => { child.on('close', resolve); });
    const database = path.join(dataDir, 'osler.sqlite');
    while (child.exitCode === null && (!fs.existsSync(database) || batchRecords(dataDir) === 0)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await gone;
    assert.ok(!fs.existsSync(out), 'it was killed before its end');
    const again = await runOsler(['batch', file, '-o', out], { dataDir, env: ENV, timeoutMs: 180_000 });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, new RegExp(`${CASES} cases: ${CASES - CASES / 10} answered, ${CASES / 10} refused`));
    const ids = assertComplete(fs.readFileSync(out, 'utf8').split('\n').filter(Boolean).map((row) => JSON.parse(row)));
    assert.equal(fs.statSync(out).mode & 0o777, 0o600);
    assert.deepEqual(recordedIds(dataDir), ids);
    const third = await runOsler(['batch', file, '-o', out], { dataDir, env: ENV });
    assert.equal(third.code, 1);
    assert.match(third.stderr, /exists already/);
    const copy = path.join(dataDir, 'copy.ndjson');
    assert.equal((await runOsler(['batch', file, '-o', copy], { dataDir, env: ENV, timeoutMs: 120_000 })).code, 0);
    assert.equal(fs.readFileSync(copy, 'utf8'), fs.readFileSync(out, 'utf8'), 'the same batch, not answered again');
    query(dataDir, "UPDATE batches SET state = 'cancelled'", { write: true });
    const anew = path.join(dataDir, 'anew.ndjson');
    assert.equal((await runOsler(['batch', file, '-o', anew], { dataDir, env: ENV, timeoutMs: 180_000 })).code, 0);
    const newIds = assertComplete(fs.readFileSync(anew, 'utf8').split('\n').filter(Boolean).map((row) => JSON.parse(row)));
    for (const id of newIds) assert.ok(!ids.has(id), 'after a batch that was cancelled, a new one');
    const report = await runOsler(['audit', 'verify', '--json', '--folder', path.join(dataDir, 'audit', 'commands')], { dataDir, env: ENV });
    assert.equal(report.code, 0, report.stdout + report.stderr);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});

function batchRecords(dataDir) {
  try {
    return recordedIds(dataDir).size;
  } catch {
    return 0;  // the tables are being made
  }
}

test('two servers share a batch in PostgreSQL, and one is killed', { skip: reason }, async () => {
  const database = await postgres.createDatabase();
  const folders = [temporaryFolder('osler-batch'), temporaryFolder('osler-batch')];
  const keys = path.join(folders[0], 'keys', 'encryption.key');
  const env = { ...ENV, DATABASE_URL: database.url, KEY_FILE: keys, BATCH_THREADS: '1' };
  try {
    const one = await startServer({ dataDir: folders[0], env });
    const other = await startServer({ dataDir: folders[1], env });
    const id = await sendBatch(one);
    await until(one, id, (batch) => batch.answered > CASES / 5);
    other.kill('SIGKILL');
    await other.exited;
    await until(one, id, (batch) => batch.state === 'done');
    const ids = assertComplete(await resultsOf(one, id));
    await one.stop();
    assert.deepEqual(await database.recordedIds(), ids);
    const all = new Map();
    for (const folder of folders) {
      const report = await verifyAudit(folder, env);
      const recovered = report.code === 0 || JSON.parse(report.stdout).problems.length === 0;
      assert.ok(recovered, report.stdout + report.stderr);
      for (const [request, count] of await outcomesInLog(folder, env)) all.set(request, (all.get(request) ?? 0) + count);
    }
    assert.equal(all.size, CASES, 'each case has its entry in one log or the other');
  } finally {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  }
});
