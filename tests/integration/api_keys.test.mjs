// API keys of the store, from `osler api-keys create` to a running server that no longer takes them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { until } from '../support/until.mjs';

let folder, dataDir, settings, ca, server, ward;

const osler = (...args) => runOsler(args, { dataDir, env: settings });

async function create(name, role, ...more) {
  const { code, stdout, stderr } = await osler('api-keys', 'create', name, '--role', role, ...more);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** Each time from another address: a key that is not there yet is a failed login, and those lock an address out. */
let asked = 0;
async function statusOf(key) {
  asked += 1;
  const localAddress = `127.1.${asked >> 8}.${asked & 255}`;
  return (await send(server, { path: '/api/v1/metrics', headers: { 'X-API-Key': key }, ca, localAddress })).status;
}

before(async () => {
  folder = temporaryFolder('osler-api-keys');
  dataDir = path.join(folder, 'data');
  fs.mkdirSync(dataDir);
  const credentials = makeCredentials(folder, {});
  ({ ca } = credentials);
  settings = { ...credentials.settings, API_KEYS_FILE: undefined };
  const { code, stderr } = await runOsler(['serve'], { dataDir, env: settings });
  assert.equal(code, 1);
  assert.match(stderr, /API key/);
  ward = await create('ward', 'clinician');
  server = await startServer({ dataDir, env: settings });
});
after(async () => {
  await server?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a key is 256 random bits in its form, shown once', async () => {
  assert.match(ward, /^osler_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
  const { stdout } = await osler('api-keys', 'list');
  assert.match(stdout, /ward +clinician +osler_[0-9a-f]{8}_\.\.\. +valid/);
  assert.ok(!stdout.includes(ward.slice(15)));
});

test('it opens what its role allows, under its own name', async () => {
  assert.equal((await diagnose(server, requestWith(), { headers: { Authorization: `Bearer ${ward}` }, ca })).status, 200);
  assert.ok(server.events().some((event) => event.event === 'request' && event.actor === 'ward'));
});

test('a running server takes up a new key and lets go of a revoked one', async () => {
  const office = await create('office', 'auditor', '--expires', '7');
  await until('the key is taken up', async () => (await statusOf(office)) === 200);
  assert.equal((await diagnose(server, requestWith(), { headers: { 'X-API-Key': office }, ca })).status, 403);
  assert.equal((await osler('api-keys', 'revoke', 'office')).code, 0);
  await until('the key is refused', async () => [401, 429].includes(await statusOf(office)));
  assert.equal((await osler('api-keys', 'revoke', 'office')).code, 0, 'twice is no error');
  const rows = JSON.parse((await osler('api-keys', 'list', '--json')).stdout);
  assert.deepEqual(rows.map(({ name }) => name), ['office', 'ward']);
  assert.ok(rows[0].revoked && rows[0].expires && !rows[1].revoked);
});

for (const [what, args, says] of [
  ['a name that is taken', ['create', 'ward', '--role', 'admin'], /already/],
  ['a name of another form', ['create', 'a b', '--role', 'admin'], /name/],
  ['the name of trial mode', ['create', 'trial', '--role', 'admin'], /trial/],
  ['a role that is none', ['create', 'x', '--role', 'root'], /role/],
  ['a key that is not there', ['revoke', 'nobody'], /no/],
]) {
  test(`${what} is refused`, async () => {
    const { code, stderr } = await osler('api-keys', ...args);
    assert.equal(code, 1);
    assert.match(stderr, says);
  });
}

test('no key stands in any file or in the log', async () => {
  const secret = ward.slice(15);
  for (const name of fs.readdirSync(dataDir, { recursive: true })) {
    const file = path.join(dataDir, name);
    if (fs.statSync(file).isFile()) assert.ok(!fs.readFileSync(file).includes(secret), name);
  }
  assert.ok(!server.log().includes(secret));
});

test('what was done to keys stands in an audit log', async () => {
  const logs = path.join(dataDir, 'audit', 'commands');
  const text = fs.readdirSync(logs).filter((name) => name.endsWith('.log')).map((name) => fs.readFileSync(path.join(logs, name), 'latin1')).join('');
  for (const name of ['begun:ward:clinician', 'begun:office']) assert.ok(text.includes(name), name);
});
