// Who may ask: the trial mode's open door and its limits; TLS and API keys everywhere else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { diagnose, exchange, metric, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { until } from '../support/until.mjs';

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

test('an address that guesses is locked out for a while, whatever it presents; a real key from elsewhere is not', async () => {
  const server = await startServer({ env: settings });
  const ask = (key, localAddress) => diagnose(server, requestWith(), { headers: { 'X-API-Key': key }, ca, localAddress });
  try {
    const statuses = [];
    for (let i = 0; i < 12; ++i) statuses.push((await ask(`guess${i}`)).status);
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
    const locked = await ask(KEY);
    assert.equal(locked.status, 429);
    assert.ok(Number(locked.headers['retry-after']) >= 1);
    assert.equal((await ask(KEY, '127.0.0.2')).status, 200);
    const metrics = (await send(server, { path: '/api/v1/metrics', headers: { 'X-API-Key': AUDITOR_KEY }, ca, localAddress: '127.0.0.2' })).text;
    assert.equal(metric(metrics, 'http_failed_logins_total'), 10);
    assert.equal(metric(metrics, 'http_locked_out_total', 'by="address"'), 3);
    assert.ok(metric(metrics, 'http_certificate_expires_seconds') > Date.now() / 1000);
  } finally {
    await server.stop();
  }
});

test('TLS 1.0 and 1.1 are refused, 1.2 and 1.3 are not', async () => {
  const server = await startServer({ env: settings });
  try {
    for (const [version, spoken] of [['TLSv1', false], ['TLSv1.1', false], ['TLSv1.2', true], ['TLSv1.3', true]])
      assert.equal(await shakesHands(server.port, version), spoken, version);
  } finally {
    await server.stop();
  }
});

function shakesHands(port, version) {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', ca, minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }, () => {
      resolve(socket.getProtocol() === version);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}

test('a new certificate is served after SIGHUP without a restart, and a broken one never', async () => {
  const at = (name) => path.join(folder, name);
  const own = { ...settings, TLS_CERTIFICATE: at('own.pem'), TLS_PRIVATE_KEY: at('own.key') };
  const put = (name) => {
    fs.copyFileSync(at(`${name}.pem`), own.TLS_CERTIFICATE);
    fs.copyFileSync(at(`${name}.key`), own.TLS_PRIVATE_KEY);
  };
  for (const name of ['first', 'second'])
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`], { stdio: 'ignore' });
  put('first');
  const server = await startServer({ env: own });
  try {
    assert.equal(await certificateName(server.port), 'first');
    fs.copyFileSync(at('second.key'), own.TLS_PRIVATE_KEY);  // another's key
    server.kill('SIGHUP');
    await until('the broken pair is refused', () => server.events().some(({ event }) => event === 'certificate_refused'));
    assert.equal(await certificateName(server.port), 'first');
    put('second');
    server.kill('SIGHUP');
    await until('the new certificate is served', async () => (await certificateName(server.port)) === 'second');
  } finally {
    await server.stop();
  }
});

function certificateName(port) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('behind a proxy on this machine it serves without TLS, to keys alone', async () => {
  const server = await startServer({ env: { ...settings, TLS_CERTIFICATE: undefined, TLS_PRIVATE_KEY: undefined, TRUSTED_PROXIES: '127.0.0.1' } });
  try {
    assert.equal((await diagnose(server, requestWith())).status, 401);
    assert.equal((await diagnose(server, requestWith(), { headers: { 'X-API-Key': KEY, 'X-Forwarded-For': '203.0.113.9' } })).status, 200);
  } finally {
    await server.stop();
  }
  for (const change of [{ BIND_ADDRESS: '0.0.0.0' }, { TRUSTED_PROXIES: '127.0.0.1,10.0.0.1' }]) {
    const { code, stderr } = await runOsler(['serve'], {
      env: { ...settings, TLS_CERTIFICATE: undefined, TLS_PRIVATE_KEY: undefined, TRUSTED_PROXIES: '127.0.0.1', ...change }, timeoutMs: 20_000,
    });
    assert.equal(code, 1);
    assert.match(stderr, /TLS/);
  }
});
