// POST /predict on the real server with its real decoder and the shipped model: answers, refusals, records, memory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chestValues, dicomFilm } from '../support/dicom.mjs';
import { predict } from '../support/films.mjs';
import { metric, send } from '../support/http.mjs';
import { faultsOf, resolve } from '../support/json_schema.mjs';
import { pngOf } from '../support/png.mjs';
import { repository, startServer } from '../support/server.mjs';
import { auditedIds, filesBelow, recordedIds } from '../support/stored.mjs';

const MEGABYTE = 1024 * 1024;
const data = path.join(repository, '../shared/data/imaging');
const film = (changes = {}) => dicomFilm({ width: 512, height: 420, values: chestValues(512, 420), ...changes });
let server;

before(async () => {
  server = await startServer();
});
after(() => server?.stop());

async function metrics() {
  return (await send(server, { path: '/api/v1/metrics' })).text;
}

test('both addresses give the same answer, as documented', async () => {
  const document = (await send(server, { path: '/api/openapi.json' })).json;
  const answers = [];
  for (const address of ['/predict', '/api/v1/images/predict']) {
    const answer = await predict(server, film(), { path: address, query: '?heatmap=1&film=1', fields: { age_years: '3' } });
    assert.equal(answer.status, 200, answer.text.slice(0, 400));
    const { schema } = document.paths[address].post.responses['200'].content['application/json'];
    assert.deepEqual(faultsOf(document, resolve(document, schema.$ref), answer.json), [], address);
    answers.push(answer.json);
  }
  for (const json of answers) {
    assert.ok(Math.abs(json.all_probabilities[0] + json.all_probabilities[1] - 1) < 1e-12);
    if (json.diagnosis === 'requires_further_evaluation') assert.ok(json.reason && json.grounds.length > 0);
  }
  assert.deepEqual(answers[0].all_probabilities, answers[1].all_probabilities);
  assert.equal(answers[0].heatmap.png, answers[1].heatmap.png);
});

test('a patient older than those of training is to be looked at again, whatever the film', async () => {
  const { json } = await predict(server, film({ age: '065Y' }));
  assert.equal(json.diagnosis, 'requires_further_evaluation');
  assert.ok(json.grounds.includes('age'));
  assert.match(json.reason, /age/);
});

test('an age that is typed does not talk away the one in the file', async () => {
  const { json } = await predict(server, film({ age: '065Y' }), { fields: { age_years: '3' } });
  assert.equal(json.diagnosis, 'requires_further_evaluation');
  assert.ok(json.grounds.includes('age'));
  assert.ok(json.warnings.some((warning) => /differ by more than a year/.test(warning)), json.warnings.join(' '));
});

test('what is no chest radiograph is refused with the reason, and none of the file is repeated', async () => {
  for (const [what, status, file, reason] of [
    ['a text', 415, Buffer.from('Jane Canary, born 1.1.1950'), /neither DICOM, PNG nor JPEG/],
    ['a hand', 422, film({ bodyPart: 'HAND' }), /another part of the body/],
    ['a lateral view', 422, film({ view: 'LL' }), /lateral/],
    ['a CT slice', 422, film({ modality: 'CT' }), /modality CT/],
    ['a blank film', 422, film({ values: new Uint16Array(512 * 420).fill(700) }), /blank/],
    ['half a file', 400, film().subarray(0, 100_000), /cut short or damaged: of the 430080 bytes that Pixel Data declares/],
    ['two frames and no name', 422, film({ frames: 2, values: new Uint16Array([...chestValues(512, 420), ...chestValues(512, 420)]) }), /name a frame/i],
    ['nothing', 422, null, /./],
  ]) {
    const answer = await predict(server, file);
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
    assert.match(answer.json.detail, reason, what);
    assert.ok(!answer.text.includes('Canary'), what);
  }
});

test('a frame that is named is read', async () => {
  const values = new Uint16Array([...chestValues(512, 420), ...new Uint16Array(512 * 420).fill(700)]);
  const two = film({ frames: 2, values });
  assert.equal((await predict(server, two, { query: '?frame=0' })).status, 200);
  assert.match((await predict(server, two, { query: '?frame=1' })).json.detail, /blank/);
  assert.equal((await predict(server, two, { query: '?frame=2' })).status, 422);
});

test('an upload over the limit is refused before it is read', async () => {
  const answer = await send(server, { method: 'POST', path: '/predict', body: Buffer.alloc(65 * MEGABYTE), headers: { 'Content-Type': 'multipart/form-data; boundary=b' } }).catch((error) => error);
  if (answer instanceof Error) assert.match(answer.message, /EPIPE|ECONNRESET/);  // it was still sending
  else assert.equal(answer.status, 413);
});

test('every film is recorded, audited and counted, and nothing on disk or in the log says whose it was', async () => {
  const before = await metrics();
  const { json } = await predict(server, film(), { fields: { patient_id: 'Ada Canary', age_years: '3' } });
  assert.ok(recordedIds(server.dataDir).has(json.request_id));
  assert.ok(auditedIds(server.dataDir).has(json.request_id));
  const text = await metrics();
  const count = (metricsText) => Number(metric(metricsText, 'film_requests_total', 'outcome="answered"'));
  assert.equal(count(text), count(before) + 1);
  assert.ok(text.includes(`film_diagnoses_total{diagnosis="${json.diagnosis}"}`));
  for (const { path: file, bytes } of filesBelow(server.dataDir)) assert.ok(!bytes.includes('Canary'), file);
  assert.ok(!server.log().includes('Canary'));
});

test('a film is kept only where that is configured', async () => {
  const keeping = await startServer({ env: { KEEP_FILMS: '1' } });
  try {
    assert.equal((await predict(keeping, film())).status, 200);
    assert.equal(recordedIds(keeping.dataDir).size, 2);
  } finally {
    await keeping.stop();
  }
});

test('without an image model a server diagnoses all the same, and says why it reads no film', async () => {
  const without = await startServer({ env: { IMAGE_MODEL_DIR: '/nowhere/osler-cxr/1' } });
  try {
    const answer = await predict(without, film());
    assert.equal(answer.status, 503);
    assert.match(answer.json.detail, /could not be loaded/);
    assert.equal((await send(without, { path: '/health/ready' })).status, 200);
    assert.ok(without.events().some(({ event }) => event === 'image_model_refused'));
  } finally {
    await without.stop();
  }
});

test('100 mixed uploads at once stay under 1.5 GB', async () => {
  const [width, height] = [2500, 3000];
  const large = dicomFilm({ width, height, values: chestValues(width, height) });
  const pixels = Buffer.from(chestValues(1024, 1024).map((value) => value >> 4));
  const png = pngOf({ width: 1024, height: 1024, channels: 1, pixels });
  const files = [large, film(), png, Buffer.from('no film'), large];
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => predict(server, files[i % files.length], { query: i % 2 ? '?heatmap=1' : '' })));
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual([...new Set(statuses)].sort(), [200, 415], statuses.join(' '));
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
  console.log(`peak resident memory of the server: ${peak.toFixed(0)} MB`);
  assert.ok(peak < 1500, `${peak} MB`);
});

test('of the real files that are no chest radiograph none gets a diagnosis', async (context) => {
  const folder = path.join(data, 'dicom/real');
  if (!fs.existsSync(folder)) {
    context.skip('../shared/data is not here');
    return;
  }
  const counts = new Map();
  const answered = [];
  for (const name of fs.readdirSync(folder)) {
    const { status, json } = await predict(server, fs.readFileSync(path.join(folder, name)), { query: '?frame=0' });
    const outcome = status === 200 ? json.diagnosis : String(status);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (status === 200 && json.diagnosis !== 'requires_further_evaluation') answered.push(name);
  }
  console.log([...counts].sort().map(([outcome, count]) => `${outcome}: ${count}`).join(', '));
  assert.deepEqual(answered.filter((name) => !/chest|CXR|CR-MONO1-10/i.test(name)), []);
});
