// Who may ask: the trial mode's open door and its limits; TLS and API keys everywhere else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, exchange, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';

const KEY = 'clinician-key-0123456789abcdef';
const AUDITOR_KEY = 'auditor-key-0123456789abcdef';
let folder;
let settings;
let ca;
let trial;

before(async () => {
  folder = temporaryFolder('osler-tls');
  const at = (name) => path.join(folder, name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'), '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
  fs.chmodSync(at('key.pem'), 0o600);
  const digest = (text) => createHash('sha256').update(text).digest('hex');
  fs.writeFileSync(at('keys'), `# name:role:sha256\nward:clinician:${digest(KEY)}\noffice:auditor:${digest(AUDITOR_KEY)}\n`);
  settings = {
    OSLER_TRIAL: '0', ENCRYPTION_KEY: 'c3'.repeat(32), TLS_CERTIFICATE: at('cert.pem'), TLS_PRIVATE_KEY: at('key.pem'), API_KEYS_FILE: at('keys'),
  };
  ca = fs.readFileSync(at('cert.pem'));
  trial = await startServer();
});
after(async () => {
  await trial?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

for (const host of ['osler.example', '10.0.0.5:8000', 'localhost.evil.example', '127.0.0.1.evil.example', '', '127.0.0.1@evil.example']) {
  test(`trial mode refuses the host "${host}"`, async () => {
    const answer = await exchange(trial, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, { withinMs: 5000 });
    assert.match(answer, /^HTTP\/1\.1 (403|400) /);
  });
}

for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST:8000', '[::1]']) {
  test(`trial mode answers the host "${host}"`, async () => {
    assert.equal((await send(trial, { path: '/health/live', headers: { Host: host } })).status, 200);
  });
}

for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Forwarded-Host', 'X-Real-IP', 'Via']) {
  test(`trial mode refuses a request with ${name}`, async () => {
    const answer = await diagnose(trial, requestWith(), { headers: { [name]: '127.0.0.1' } });
    assert.equal(answer.status, 403);
    assert.match(answer.json.detail, /proxy/);
  });
}

test('trial mode says so at the start and in /api/v1/about', async () => {
  assert.ok(trial.events().some(({ event, trial: value }) => event === 'trial_mode' || value === 'yes'));
  assert.equal((await send(trial, { path: '/api/v1/about' })).json.trial, true);
});

test('trial mode does not start on another address than loopback', async () => {
  const { code, stderr } = await runOsler(['serve'], { env: { BIND_ADDRESS: '0.0.0.0' }, timeoutMs: 20_000 });
  assert.equal(code, 1);
  assert.match(stderr, /osler: .*loopback/i);
});

for (const [what, change, says] of [
  ['TLS', { TLS_CERTIFICATE: undefined, TLS_PRIVATE_KEY: undefined }, /TLS/],
  ['API keys', { API_KEYS_FILE: undefined }, /key/i],
  ['an ENCRYPTION_KEY', { ENCRYPTION_KEY: undefined }, /ENCRYPTION_KEY/],
  ['the private key of its certificate', { TLS_PRIVATE_KEY: undefined }, /TLS_PRIVATE_KEY/],
]) {
  test(`outside trial mode nothing starts without ${what}`, async () => {
    const { code, stderr } = await runOsler(['serve'], { env: { ...settings, ...change }, timeoutMs: 20_000 });
    assert.equal(code, 1, stderr);
    assert.match(stderr, says);
  });
}

test('an API key file with a line that is wrong stops the start and names the line', async () => {
  const file = path.join(folder, 'bad-keys');
  fs.writeFileSync(file, 'ward:clinician:abcd\n');
  const { code, stderr } = await runOsler(['serve'], { env: { ...settings, API_KEYS_FILE: file }, timeoutMs: 20_000 });
  assert.equal(code, 1);
  assert.match(stderr, /line 1/);
});

test('with TLS and keys: the right key works, a wrong or missing one is a 401, a wrong role a 403', async () => {
  const server = await startServer({ env: settings });
  try {
    const ask = (headers) => diagnose(server, requestWith(), { headers, ca });
    assert.equal((await ask({ 'X-API-Key': KEY })).status, 200);
    assert.equal((await ask({ Authorization: `Bearer ${KEY}` })).status, 200);
    for (const headers of [{}, { 'X-API-Key': 'wrong' }, { Authorization: 'Bearer wrong' }, { Authorization: `Basic ${KEY}` }, { 'X-API-Key': `${KEY} x` }]) {
      const answer = await ask(headers);
      assert.equal(answer.status, 401, JSON.stringify(headers));
      assert.match(answer.headers['www-authenticate'] ?? '', /Bearer/);
      assert.match(answer.headers['content-type'], /problem\+json/);
      assert.ok(!answer.text.includes(KEY));
    }
    assert.equal((await ask({ 'X-API-Key': AUDITOR_KEY })).status, 403);
    assert.equal((await send(server, { path: '/api/v1/metrics', ca })).status, 401);
    assert.equal((await send(server, { path: '/health/live', ca })).status, 200);
    assert.match((await send(server, { path: '/health/live', ca })).headers['strict-transport-security'] ?? '', /max-age/);
    assert.equal((await send(server, { path: '/api/v1/about', ca })).json.trial, false);
    assert.ok(!server.log().includes(KEY) && !server.log().includes('wrong'), 'no key in the log');
  } finally {
    await server.stop();
  }
});

test('plain HTTP to the TLS port gets no answer, and the server goes on', async () => {
  const server = await startServer({ env: settings });
  try {
    assert.doesNotMatch(await exchange(server, 'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', { withinMs: 3000 }), /^HTTP\/1\.1 2/);
    assert.equal((await send(server, { path: '/health/live', ca })).status, 200);
  } finally {
    await server.stop();
  }
});

test('guesses at a key are slowed down', async () => {
  const server = await startServer({ env: { ...settings, RATE_LIMIT_PER_MINUTE: '10' } });
  try {
    const statuses = [];
    for (let i = 0; i < 15; ++i) statuses.push((await diagnose(server, requestWith(), { headers: { 'X-API-Key': `guess${i}` }, ca })).status);
    assert.ok(statuses.includes(429), statuses.join(' '));
    assert.equal((await diagnose(server, requestWith(), { headers: { 'X-API-Key': KEY }, ca })).status, 200, 'a real key is not locked out');
  } finally {
    await server.stop();
  }
});
