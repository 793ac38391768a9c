// PHI canaries: a token of its own in every place where a caller can put text, then a search for each of them in all that
// the server leaves behind: log, metrics, error bodies, store, audit files.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';
import { filesBelow } from '../support/stored.mjs';

const places = ['symptom', 'history', 'family', 'absent', 'narrative', 'patientid', 'member', 'vitalname', 'labcode', 'unit', 'severity',
  'sex', 'query', 'parameter', 'path', 'header', 'useragent', 'requestid', 'cookie', 'key', 'bearer', 'referer', 'completion',
  'malformed', 'method', 'origin'];
const canary = Object.fromEntries(places.map((place) => [place, `zqx${place}canary7193`]));
let server;
const errorBodies = [];

async function sendAll() {
  const answers = [
    await diagnose(server, requestWith({
      symptoms: ['cough', canary.symptom], preexisting_conditions: [canary.history], family_history: [canary.family],
      absent_findings: [canary.absent], narrative: `${canary.narrative} since Tuesday`, patient_id: canary.patientid,
      [canary.member]: 1, vitals: { [canary.vitalname]: 1 },
      lab_results: { '2345-7': { value: 100, unit: canary.unit } },
    }), {
      headers: {
        'User-Agent': canary.useragent, 'X-Request-ID': canary.requestid, Cookie: `a=${canary.cookie}`, Referer: `https://${canary.referer}.example/`,
        'X-API-Key': canary.key, Authorization: `Bearer ${canary.bearer}`, 'X-Patient-Name': canary.header, Origin: `https://${canary.origin}.example`,
      },
    }),
    await diagnose(server, requestWith({ severity: canary.severity, sex: canary.sex })),
    await diagnose(server, requestWith({ lab_results: { [canary.labcode]: 1 } })),
    await diagnose(server, requestWith(), { query: `?threshold=${canary.query}` }),
    await diagnose(server, requestWith(), { query: `?${canary.parameter}=1` }),
    await diagnose(server, `{"age": 40, "${canary.malformed}": `),
    await send(server, { path: `/patients/${canary.path}` }),
    await send(server, { path: `/api/v1/complete?q=${canary.completion}` }),
    await send(server, { method: 'POST', path: '/api/v1/about', headers: { 'X-HTTP-Method-Override': canary.method } }),
  ];
  for (const answer of answers) {
    assert.ok(answer.status < 500, `${answer.status} ${answer.text.slice(0, 200)}`);
    if (answer.status >= 400) errorBodies.push(answer.text);
  }
  assert.equal(answers[0].status, 200, answers[0].text.slice(0, 300));
}

function assertNoCanary(text, where, allowed = []) {
  const found = places.filter((place) => !allowed.includes(place) && text.includes(canary[place]));
  assert.deepEqual(found, [], `found in ${where}`);
}

before(async () => {
  server = await startServer({ env: { LOG_LEVEL: 'debug' } });
  await sendAll();
});
after(() => server?.stop());

test('the log holds no word of a caller', () => {
  assert.ok(server.events().length > 5, 'there is a log');
  assertNoCanary(server.log(), 'the log');
});

test('metrics hold no word of a caller', async () => {
  assertNoCanary((await send(server, { path: '/api/v1/metrics' })).text, 'the metrics');
});

test('error bodies repeat no value of a caller, only the pointer to it', () => {
  // A lab code is a name, and its pointer must say which one.
  assertNoCanary(errorBodies.join('\n'), 'the error bodies', ['labcode']);
});

test('nothing on the disk holds a word of a caller', async () => {
  const everything = filesBelow(server.dataDir);
  assert.ok(everything.some(({ path }) => path.endsWith('.sqlite')) && everything.some(({ path }) => path.includes('audit')));
  for (const { path, bytes } of everything) assertNoCanary(bytes.toString('latin1'), path);
});

test('nothing on the disk says what a patient has', async () => {
  await diagnose(server, requestWith({ symptoms: ['chest pain'], narrative: 'Known to Dr Zebulon.', patient_id: 'MRN-5550199' }));
  for (const { path, bytes } of filesBelow(server.dataDir)) {
    const text = bytes.toString('latin1').toLowerCase();
    for (const word of ['chest pain', 'zebulon', 'mrn-5550199', 'acute myocardial infarction', '"symptoms"', 'i21'])
      assert.ok(!text.includes(word), `"${word}" is in ${path}`);
  }
});

test('files with data are for their owner only', async () => {
  const { statSync } = await import('node:fs');
  for (const { path } of filesBelow(server.dataDir).filter((file) => /keys|sqlite|audit/.test(file.path))) {
    const mode = statSync(path).mode & 0o777;
    if (path.includes('keys')) assert.equal(mode & 0o077, 0, `${path} has mode ${mode.toString(8)}`);
    assert.equal(mode & 0o002, 0, `${path} may be written by anyone`);
  }
});
