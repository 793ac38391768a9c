// The OpenAPI document against the server: every documented example is sent and its answer validated, every documented
// path exists, every route is documented, and the document has no schema that nothing checks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { faultsOf, resolve } from '../support/json_schema.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { repository, startServer } from '../support/server.mjs';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
let server;
let document;

before(async () => {
  server = await startServer();
  document = (await send(server, { path: '/api/openapi.json' })).json;
});
after(() => server?.stop());

const ADMINISTRATION = /^\/api\/v1\/(patients\/|audit)/;   // nobody in trial mode is an administrator or an auditor; tests/integration/cases.test.mjs sends these

/** An address that names a case, with one that is there. */
async function withCase(address) {
  return address.includes('/cases/{id}') ? address.replace('{id}', (await diagnose(server, requestWith())).json.request_id) : address;
}

const follow = (part) => (part?.$ref ? resolve(document, part.$ref) : part);

function* operations() {
  for (const [address, item] of Object.entries(document.paths))
    for (const method of METHODS) if (item[method]) yield { address, method, operation: item[method], item };
}

/** Examples of a media type object: [name, value]. */
function examplesOf(media) {
  const named = Object.entries(media?.examples ?? {}).map(([name, example]) => [name, follow(example).value]);
  return media?.example !== undefined ? [['example', media.example], ...named] : named;
}

/** The path with the documented example of each required query parameter. */
function addressWithParameters(address, operation, item) {
  const query = [];
  for (const parameter of [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(follow)) {
    const example = parameter.example ?? examplesOf(parameter)[0]?.[1] ?? parameter.schema?.examples?.[0] ?? parameter.schema?.default;
    if (parameter.in === 'query' && (parameter.required || example !== undefined)) query.push(`${parameter.name}=${encodeURIComponent(example)}`);
  }
  return query.length ? `${address}?${query.join('&')}` : address;
}

function assertDocumented(answer, operation, what) {
  const response = follow(operation.responses[answer.status] ?? operation.responses.default);
  assert.ok(response, `${what} answered ${answer.status}, which is not documented`);
  if (answer.text === '') return;
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  const media = response.content?.[type];
  assert.ok(media, `${what}: ${answer.status} came as ${type}, documented are ${Object.keys(response.content ?? {})}`);
  if (media.schema && type.endsWith('json')) assert.deepEqual(faultsOf(document, media.schema, answer.json), [], what);
}

test('it is an OpenAPI 3.1 document', () => {
  assert.match(document?.openapi ?? '', /^3\.1\./);
  assert.ok(document.info.title && document.info.version);
});

test('every documented request example is sent and its answer is as documented', async () => {
  let sent = 0;
  for (const { address, method, operation } of operations()) {
    for (const [type, media] of Object.entries(follow(operation.requestBody)?.content ?? {})) {
      for (const [name, value] of examplesOf(media)) {
        assert.deepEqual(faultsOf(document, media.schema, value), [], `request example ${name}`);
        const answer = await send(server, { method: method.toUpperCase(), path: await withCase(address), body: value, headers: { 'Content-Type': type } });
        const status = ADMINISTRATION.test(address) ? 403 : operation.responses[201] ? 201 : 200;
        assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 400)}`);
        assertDocumented(answer, operation, `${method} ${address}, example ${name}`);
        ++sent;
      }
    }
  }
  assert.ok(sent > 0, 'the document has request examples');
});

test('every documented response example fits its own schema', () => {
  let checked = 0;
  for (const { address, method, operation } of operations()) {
    for (const [status, response] of Object.entries(operation.responses)) {
      for (const media of Object.values(follow(response).content ?? {})) {
        for (const [name, value] of examplesOf(media)) {
          if (!media.schema || typeof value === 'string') continue;
          assert.deepEqual(faultsOf(document, media.schema, value), [], `${method} ${address} ${status} example ${name}`);
          ++checked;
        }
      }
    }
  }
  assert.ok(checked > 0, 'the document has response examples');
});

test('every documented GET answers as documented', async () => {
  const batch = await send(server, { method: 'POST', path: '/api/v1/batches', body: `${JSON.stringify(requestWith())}\n`, headers: { 'Content-Type': 'application/x-ndjson' } });
  for (const { address, method, operation, item } of operations()) {
    if (method !== 'get') continue;
    const answer = await send(server, { path: await withCase(addressWithParameters(address, operation, item).replace('/batches/{id}', `/batches/${batch.json.id}`)) });
    assert.notEqual(answer.status, 404, `${address} does not exist`);
    assertDocumented(answer, operation, `get ${address}`);
  }
});

test('errors are as documented', async () => {
  const operation = document.paths['/api/v1/diagnose'].post;
  for (const [what, answer] of Object.entries({
    malformed: await diagnose(server, '{'),
    'wrong type': await diagnose(server, 'x', { headers: { 'Content-Type': 'text/plain' } }),
    'too large': await diagnose(server, ' '.repeat(1024 * 1024 + 1)),
    'bad fields': await diagnose(server, { age: 200, lab_results: { GLU: 1 } }),
    'bad parameter': await diagnose(server, requestWith(), { query: '?threshold=7' }),
  })) {
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
    assertDocumented(answer, operation, what);
  }
});

test('the answer holds no member that the document does not know', async () => {
  const schema = document.paths['/api/v1/diagnose'].post.responses['200'].content['application/json'].schema;
  const documented = new Set();
  const walk = (part) => {
    for (const name of Object.keys(part?.properties ?? {})) documented.add(name);
    for (const child of part?.$ref ? [resolve(document, part.$ref)] : part?.allOf ?? []) walk(child);
  };
  walk(schema);
  const { json } = await diagnose(server, referenceRequest);
  for (const name of Object.keys(json)) assert.ok(documented.has(name), `${name} is not documented`);
});

test('every route of the server is documented, and every documented path is a route', () => {
  const source = fs.readFileSync(path.join(repository, 'src/http/routes.cc'), 'utf8');
  const routes = [...source.matchAll(/\{"([A-Z]+)", "([^"]+)",/g)].map(([, method, address]) => `${method.toLowerCase()} ${address}`);
  assert.ok(routes.length > 5, 'the routes table was found');
  const documented = [...operations()].map(({ method, address }) => `${method} ${address}`);
  const pages = /^get (\/|\/films|\/favicon\.ico|\/static\/\*|\/api\/docs|\/api\/redoc|\/api\/openapi\.json)$/;
  for (const route of routes) if (!pages.test(route)) assert.ok(documented.includes(route), `${route} is not documented`);
  for (const entry of documented) assert.ok(routes.includes(entry), `${entry} is documented but no route`);
});

test('every request field of the contract is in the request schema', () => {
  let schema = document.paths['/api/v1/diagnose'].post.requestBody.content['application/json'].schema;
  if (schema.$ref) schema = resolve(document, schema.$ref);
  for (const name of ['age', 'symptoms', 'severity', 'lab_results', 'preexisting_conditions', 'sex', 'setting', 'duration_days', 'onset',
    'pregnant', 'family_history', 'narrative', 'absent_findings', 'vitals', 'patient_id'])
    assert.ok(schema.properties[name], `${name} is missing`);
  assert.deepEqual([...schema.required].sort(), ['age', 'severity', 'symptoms']);
});
