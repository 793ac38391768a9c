// What every answer carries, whatever was asked: headers, problem documents, CORS, methods, metrics.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { diagnose, metric, send } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';

const ORIGIN = 'https://ehr.example';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let server;

before(async () => {
  server = await startServer({ env: { CORS_ORIGINS: `${ORIGIN}, http://localhost:3000` } });
});
after(() => server?.stop());

const everyKind = {
  'the page': { path: '/' },
  'live': { path: '/health/live' },
  'ready': { path: '/health/ready' },
  'metrics': { path: '/api/v1/metrics' },
  'about': { path: '/api/v1/about' },
  'complete': { path: '/api/v1/complete?q=che&kind=symptom' },
  'the OpenAPI document': { path: '/api/openapi.json' },
  'Swagger UI': { path: '/api/docs' },
  'Redoc': { path: '/api/redoc' },
  'a diagnosis': { method: 'POST', path: '/api/v1/diagnose', body: referenceRequest, headers: { 'Content-Type': 'application/json' } },
  '400': { method: 'POST', path: '/api/v1/diagnose', body: '{', headers: { 'Content-Type': 'application/json' }, status: 400 },
  '403': { path: '/', headers: { Host: 'osler.example' }, status: 403 },
  '404': { path: '/nothing/here', status: 404 },
  '405': { path: '/api/v1/diagnose', status: 405 },
  '413': { method: 'POST', path: '/api/v1/diagnose', body: ' '.repeat(1024 * 1024 + 1), headers: { 'Content-Type': 'application/json' }, status: 413 },
  '415': { method: 'POST', path: '/api/v1/diagnose', body: 'age=65', headers: { 'Content-Type': 'text/plain' }, status: 415 },
  '422': { method: 'POST', path: '/api/v1/diagnose', body: {}, headers: { 'Content-Type': 'application/json' }, status: 422 },
};

for (const [name, { status = 200, ...request }] of Object.entries(everyKind)) {
  test(`${name} carries X-Request-ID, X-Process-Time and safe headers`, async () => {
    const answer = await send(server, request);
    assert.equal(answer.status, status, answer.text.slice(0, 300));
    assert.match(answer.headers['x-request-id'] ?? '', UUID);
    assert.match(answer.headers['x-process-time'] ?? '', /^\d+\.\d+$/);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.match(answer.headers['content-security-policy'] ?? '', /default-src 'self'/);
    assert.ok(!('server' in answer.headers), 'the software is not named');
  });
}

for (const [name, { status, ...request }] of Object.entries(everyKind)) {
  if (status === undefined) continue;
  test(`${name} is a problem document with the request's id`, async () => {
    const answer = await send(server, request);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    assert.equal(answer.json.status, status);
    assert.ok(answer.json.title && answer.json.type && answer.json.detail, answer.text);
    assert.equal(answer.json.request_id, answer.headers['x-request-id']);
  });
}

test('each request has an id of its own, never the caller\'s', async () => {
  const wanted = '11111111-1111-4111-8111-111111111111';
  const ids = new Set();
  for (let i = 0; i < 20; ++i) {
    const answer = await send(server, { path: '/health/live', headers: { 'X-Request-ID': wanted } });
    ids.add(answer.headers['x-request-id']);
  }
  assert.equal(ids.size, 20);
  assert.ok(!ids.has(wanted));
});

test('an answer has every member of the contract', async () => {
  const { json, headers } = await diagnose(server, referenceRequest);
  for (const name of ['patient_id', 'request_id', 'diagnoses', 'candidates', 'unexplained', 'urgency', 'must_not_miss', 'similar_cases',
    'warnings', 'processing_time_ms', 'model_version', 'calibration', 'understood', 'intended_use'])
    assert.ok(name in json, `${name} is missing`);
  assert.match(json.patient_id, UUID);
  assert.equal(json.request_id, headers['x-request-id']);
  assert.equal(json.candidates.length, 10);
  assert.ok(json.processing_time_ms > 0);
  assert.match(json.model_version, /^osler-network-.+\+kb\.[0-9a-f]{12}$|^network-.+\+kb\.[0-9a-f]{12}$/);
  assert.ok(json.calibration.population && json.calibration.date && json.calibration.cases >= 0);
});

test('each diagnosis and candidate has the shape of the contract', async () => {
  const { json } = await diagnose(server, referenceRequest);
  for (const entry of [...json.diagnoses, ...json.candidates]) {
    assert.ok(entry.confidence >= 0 && entry.confidence <= 1);
    assert.equal(Number(entry.confidence.toFixed(4)), entry.confidence, 'rounded to 4 places');
    assert.ok(entry.status === 'suspected' || entry.status === 'known');
    assert.ok(entry.supporting_evidence.length > 0 && entry.supporting_evidence.every((text) => typeof text === 'string'));
    for (const list of ['opposing_evidence', 'recommended_tests', 'conditional_tests', 'evidence']) assert.ok(Array.isArray(entry[list]));
    assert.match(entry.condition_code, /^[A-Z]\d{2}(\.\d+)?$/);
  }
});

test('suspected diagnoses come first, highest confidence first; known ones follow', async () => {
  const { json } = await diagnose(server, referenceRequest, { query: '?threshold=0.01' });
  const states = json.diagnoses.map(({ status }) => status);
  assert.deepEqual(states, [...states].sort((a, b) => (a === b ? 0 : a === 'suspected' ? -1 : 1)));
  for (const list of [json.diagnoses.filter(({ status }) => status === 'suspected'), json.candidates]) {
    const confidences = list.map(({ confidence }) => confidence);
    assert.deepEqual(confidences, [...confidences].sort((a, b) => b - a));
  }
});

test('the same patient twice gets the same differential', async () => {
  const [first, second] = [await diagnose(server, referenceRequest), await diagnose(server, referenceRequest)];
  assert.deepEqual(first.json.candidates, second.json.candidates);
  assert.notEqual(first.json.request_id, second.json.request_id);
});

test('HEAD answers like GET, without a body', async () => {
  for (const path of ['/', '/health/live', '/api/v1/about', '/api/openapi.json']) {
    const get = await send(server, { path });
    const head = await send(server, { method: 'HEAD', path });
    assert.equal(head.status, get.status);
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], String(get.bytes.length), path);
    assert.equal(head.headers['content-type'], get.headers['content-type']);
  }
});

test('OPTIONS and 405 name the methods of the address', async () => {
  const options = await send(server, { method: 'OPTIONS', path: '/api/v1/diagnose' });
  assert.equal(options.status, 204);
  assert.match(options.headers.allow, /POST/);
  const wrong = await send(server, { method: 'DELETE', path: '/api/v1/about' });
  assert.equal(wrong.status, 405);
  assert.deepEqual(wrong.headers.allow.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS']);
});

test('CORS: a configured origin is named, another is not, and never a star', async () => {
  const preflight = (origin) => send(server, {
    method: 'OPTIONS', path: '/api/v1/diagnose',
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' },
  });
  const allowed = await preflight(ORIGIN);
  assert.equal(allowed.headers['access-control-allow-origin'], ORIGIN);
  assert.match(allowed.headers['access-control-allow-methods'], /POST/);
  assert.match(allowed.headers['access-control-allow-headers'].toLowerCase(), /content-type/);
  const other = await preflight('https://evil.example');
  assert.ok(!('access-control-allow-origin' in other.headers));
  const real = await diagnose(server, requestWith(), { headers: { Origin: ORIGIN } });
  assert.equal(real.headers['access-control-allow-origin'], ORIGIN);
  assert.match(real.headers['access-control-expose-headers'], /X-Request-ID/i);
  const failed = await diagnose(server, '{', { headers: { Origin: ORIGIN } });
  assert.equal(failed.headers['access-control-allow-origin'], ORIGIN, 'errors too');
  for (const answer of [allowed, other, real]) {
    assert.notEqual(answer.headers['access-control-allow-origin'], '*');
    assert.match(answer.headers.vary ?? '', /Origin/i);
  }
});

test('metrics move with what happens', async () => {
  const read = async () => (await send(server, { path: '/api/v1/metrics' })).text;
  const earlier = await read();
  await diagnose(server, referenceRequest);
  await diagnose(server, {});
  await diagnose(server, '{');
  const later = await read();
  const moved = (name, label) => metric(later, name, label) - metric(earlier, name, label);
  assert.equal(moved('diagnostic_requests_total'), 3);
  assert.equal(moved('diagnostic_requests_total', 'answered'), 1);
  assert.equal(moved('diagnostic_errors_total'), 2);
  assert.equal(moved('diagnostic_request_duration_seconds_count'), 3);
  assert.ok(moved('diagnostic_request_duration_seconds_sum') > 0);
  assert.equal(moved('diagnostic_candidate_confidence_count'), 10);
  assert.equal(moved('diagnostic_urgency_total', 'emergency'), 1);
  assert.ok(metric(later, 'process_resident_memory_bytes') > 1e6);
  assert.match(later, /^# TYPE diagnostic_request_duration_seconds histogram$/m);
});

test('completion finds findings by their lay words', async () => {
  const { json, status } = await send(server, { path: '/api/v1/complete?q=chest%20pa&kind=symptom&limit=5' });
  assert.equal(status, 200);
  assert.ok(json.length > 0 && json.length <= 5);
  assert.ok(json.some(({ name }) => name === 'chest pain'), JSON.stringify(json));
  assert.ok((await send(server, { path: '/api/v1/complete?q=chest&limit=nine' })).status === 422);
});

test('readiness names each part', async () => {
  const { json } = await send(server, { path: '/health/ready' });
  for (const part of ['model', 'store', 'audit']) assert.ok(JSON.stringify(json).includes(`"${part}"`), JSON.stringify(json));
});

test('a threshold that is not a number names the parameter, and an unknown parameter is refused', async () => {
  const wrong = await diagnose(server, requestWith(), { query: '?threshold=2' });
  assert.equal(wrong.status, 422);
  assert.equal(wrong.json.errors[0].parameter, 'threshold');
  const unknown = await diagnose(server, requestWith(), { query: '?treshold=0.5' });
  assert.ok(unknown.status === 422 || unknown.status === 400, String(unknown.status));
});
