// The audit from outside: one entry for each answer of the API, whoever was refused; what commands say; proofs; who saw a patient.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, metric, send } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';

const JSON_BODY = { 'Content-Type': 'application/json' };
let folder;
before(() => { folder = temporaryFolder('osler-audit'); });
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const dataFolder = (name) => {
  const made = path.join(folder, name);
  fs.mkdirSync(made);
  return made;
};

/** Entries as `osler audit export` prints them: [{action, outcome, outcomeDesc, actor, request, log}]. */
async function exported(dataDir, { args = [], env = {} } = {}) {
  const { code, stdout, stderr } = await runOsler(['audit', 'export', ...args], { dataDir, env });
  assert.equal(code, 0, stderr);
  return stdout.split('\n').filter(Boolean).map((line) => {
    const event = JSON.parse(line);
    assert.equal(event.resourceType, 'AuditEvent');
    assert.ok(event.type.code && event.recorded && event.agent.length === 1 && typeof event.agent[0].requestor === 'boolean' && event.source.observer, line);
    const request = event.entity?.map(({ what }) => what.identifier.value).find((value) => value.startsWith('urn:uuid:'));
    return {
      id: event.id, action: event.subtype.at(-1).code, outcome: event.outcome, text: event.outcomeDesc, actor: event.agent[0].who.identifier.value,
      request: request?.slice('urn:uuid:'.length), log: event.source.site,
    };
  });
}

test('every answer of the API has exactly one entry, and nothing else has one', async () => {
  const dataDir = dataFolder('counted');
  const server = await startServer({ dataDir });
  const audited = new Map();
  const unaudited = new Map();
  const ask = async (request, into = audited) => {
    const answer = await send(server, request);
    into.set(answer.headers['x-request-id'], `${request.method ?? 'GET'} ${request.path} ${answer.status}`);
    return answer;
  };
  const post = (address, body, headers = JSON_BODY) => ask({ method: 'POST', path: address, body, headers });
  for (let round = 0; round < 5; ++round) {
    await Promise.all([
      post('/api/v1/diagnose', referenceRequest), post('/api/v1/diagnose', {}), post('/api/v1/diagnose', '{'), post('/api/v1/diagnose?threshold=7', referenceRequest),
      post('/api/v1/diagnose', 'age=3', { 'Content-Type': 'text/plain' }), post('/api/v1/diagnose', ' '.repeat(1024 * 1024 + 1)),
      post('/api/v1/findings', { text: 'chest pain' }), post('/api/v1/findings', {}), post('/api/v1/next', requestWith()), post('/api/v1/next?limit=none', requestWith()),
      post('/predict', 'no form'), post('/api/v1/images/predict', 'x', { 'Content-Type': 'multipart/form-data; boundary=b' }),
      ask({ path: '/api/v1/complete?q=che' }), ask({ path: '/api/v1/complete?limit=none' }), ask({ path: '/api/v1/metrics' }), ask({ path: '/api/v1/about' }),
      ask({ path: '/api/v1/about', headers: { Via: 'somebody' } }), ask({ path: '/nothing', headers: { 'X-Forwarded-For': '1.2.3.4' } }),
    ]);
    for (const address of ['/', '/health/live', '/health/ready', '/api/openapi.json', '/nothing/here', '/static/app.js']) await ask({ path: address }, unaudited);
    await ask({ method: 'DELETE', path: '/api/v1/about' }, unaudited);
  }
  const text = (await ask({ path: '/api/v1/metrics' })).text;
  assert.equal(metric(text, 'audit_log_writable'), 1);
  assert.equal(metric(text, 'audit_entries_skipped_total'), 0);
  await server.stop();
  const entries = await exported(dataDir);
  const named = new Map();
  for (const { request } of entries) if (request) named.set(request, (named.get(request) ?? 0) + 1);
  for (const [id, what] of audited) assert.equal(named.get(id), 1, `${what} has ${named.get(id) ?? 0} entries`);
  for (const [id, what] of unaudited) assert.ok(!named.has(id), `${what} has an entry`);
  assert.equal(named.size, audited.size);
  assert.deepEqual(entries.filter(({ log }) => log === 'audit').map(({ action }) => action).filter((name) => name.startsWith('server.')), ['server.started', 'server.stopped']);
  assert.ok(entries.some(({ action, text: outcome, outcome: code }) => action === 'access.denied' && outcome === 'none' && code === '4'));
});

test('denied logins, forbidden routes and limits are audited with their route and address', async () => {
  const dataDir = dataFolder('denied');
  const at = (name) => path.join(folder, name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'), '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
  fs.chmodSync(at('key.pem'), 0o600);
  const digest = createHash('sha256').update('office-key-0123456789abcdef').digest('hex');
  fs.writeFileSync(at('keys'), `office:auditor:${digest}\n`);
  const env = {
    OSLER_TRIAL: '0', ENCRYPTION_KEY: 'c3'.repeat(32), TLS_CERTIFICATE: at('cert.pem'), TLS_PRIVATE_KEY: at('key.pem'), API_KEYS_FILE: at('keys'), RATE_LIMIT_PER_MINUTE: '4',
  };
  const ca = fs.readFileSync(at('cert.pem'));
  const server = await startServer({ dataDir, env });
  const ask = async (key) => {
    const { status, headers } = await diagnose(server, requestWith(), { headers: key ? { 'X-API-Key': key } : {}, ca });
    return { status, id: headers['x-request-id'] };
  };
  const missing = await ask();
  const wrong = await ask('guess');
  const forbidden = await ask('office-key-0123456789abcdef');
  const answers = [];
  for (let i = 0; i < 6; ++i) answers.push(await ask());
  await server.stop();
  const limited = answers.find(({ status }) => status === 429);
  assert.deepEqual([missing.status, wrong.status, forbidden.status, Boolean(limited)], [401, 401, 403, true]);
  const entries = await exported(dataDir, { env });
  const of = ({ id }) => entries.filter(({ request }) => request === id).map(({ action, actor, text, outcome }) => [action, actor, text, outcome]);
  assert.deepEqual(of(missing), [['login.denied', 'anonymous', '/api/v1/diagnose', '4']]);
  assert.deepEqual(of(wrong), [['login.denied', 'anonymous', '/api/v1/diagnose', '4']]);
  assert.deepEqual(of(forbidden), [['access.denied', 'office', '/api/v1/diagnose', '4']]);
  assert.deepEqual(of(limited), [['rate.limited', 'anonymous', '/api/v1/diagnose', '4']]);
});

test('a start with other settings than the last is an entry, and names none of them', async () => {
  const dataDir = dataFolder('settings');
  for (const origin of ['https://one.example', 'https://one.example', 'https://two.example']) {
    const server = await startServer({ dataDir, env: { CORS_ORIGINS: origin } });
    await server.stop();
  }
  const actions = (await exported(dataDir)).filter(({ log }) => log === 'audit').map(({ action }) => action);
  assert.deepEqual(actions, ['server.started', 'server.stopped', 'server.started', 'server.stopped', 'server.started', 'config.changed', 'server.stopped']);
  for (const name of fs.readdirSync(path.join(dataDir, 'audit')).filter((file) => file.endsWith('.log')))
    assert.ok(!fs.readFileSync(path.join(dataDir, 'audit', name)).includes('two.example'));
});

test('who saw a patient, asked for beside the running server, is an entry itself', async () => {
  const dataDir = dataFolder('accesses');
  const server = await startServer({ dataDir });
  const mine = [];
  for (let i = 0; i < 3; ++i) mine.push((await diagnose(server, requestWith({ patient_id: 'patient-4711' }))).headers['x-request-id']);
  const beside = (await diagnose(server, requestWith({ patient_id: 'patient-4712' }))).headers['x-request-id'];
  const ask = (id) => runOsler(['audit', 'accesses', '--patient', '-', '--json'], { dataDir, input: `${id}\n` });
  const { code, stdout, stderr } = await ask('patient-4711');
  assert.equal(code, 0, stderr);
  const seen = JSON.parse(stdout);
  const diagnosed = (about) => seen.filter((one) => one.action === 'diagnose' && one.about === about).map(({ request_id: id }) => id);
  assert.deepEqual(diagnosed('patient').sort(), mine.sort());
  assert.deepEqual(diagnosed('among others'), [beside], 'whose answer showed a case of theirs');
  assert.deepEqual(seen[0].client, '127.0.0.1');
  const asked = seen.find(({ action }) => action === 'log.accesses');
  assert.equal(asked.actor, os.userInfo().username);
  assert.equal(asked.role, 'operator');
  assert.equal(asked.log, 'commands');
  const human = await runOsler(['audit', 'accesses', '--patient', 'patient-4711'], { dataDir });
  assert.equal(human.stdout.trim().split('\n').length, 6, human.stdout);
  assert.equal(JSON.parse((await ask('patient-4713')).stdout).length, 1, 'only that somebody asked');
  const many = await Promise.all(Array.from({ length: 6 }, () => ask('patient-4711')));
  assert.deepEqual(many.map((one) => one.code), Array(6).fill(0), 'commands wait for each other');
  await server.stop();
  const report = JSON.parse((await runOsler(['audit', 'verify', '--json'], { dataDir })).stdout);
  assert.deepEqual(report.logs.map((log) => [path.basename(log.folder), log.sound]), [['audit', true], ['commands', true]]);
  for (const file of fs.readdirSync(path.join(dataDir, 'audit', 'commands'))) {
    const bytes = fs.readFileSync(path.join(dataDir, 'audit', 'commands', file));
    assert.ok(!bytes.includes('patient-47'), file);
  }
});

test('an entry can be proved to whoever has the public key, and to nobody else', async () => {
  const dataDir = dataFolder('proofs');
  const server = await startServer({ dataDir });
  const { headers } = await diagnose(server, referenceRequest);
  const early = await runOsler(['audit', 'prove', '--request', headers['x-request-id']], { dataDir });
  assert.equal(early.code, 1);
  assert.match(early.stderr, /checkpoint/);
  await server.stop();
  const file = path.join(folder, 'proof.json');
  const made = await runOsler(['audit', 'prove', '--request', headers['x-request-id'], '--out', file], { dataDir });
  assert.equal(made.code, 0, made.stderr);
  const keys = JSON.parse((await runOsler(['audit', 'public-key', '--json'], { dataDir })).stdout);
  const key = keys.find((one) => path.basename(one.folder) === 'audit').public_key;
  const check = (proof, publicKey) => runOsler(['audit', 'check', proof, '--public-key', publicKey, '--json'], { env: { KEY_FILE: undefined, PORT: 'none' } });
  const good = await check(file, key);
  assert.equal(good.code, 0, good.stderr);
  assert.equal(JSON.parse(good.stdout).entry.request_id, headers['x-request-id']);
  assert.equal((await check(file, 'ab'.repeat(32))).code, 1);
  const forged = path.join(folder, 'forged.json');
  fs.writeFileSync(forged, fs.readFileSync(file, 'utf8').replace('answered', 'refused!'));
  assert.match((await check(forged, key)).stderr, /does not hold/);
  fs.writeFileSync(forged, ' '.repeat(256 * 1024 + 1));
  assert.match((await check(forged, key)).stderr, /larger/);
  const byIndex = await runOsler(['audit', 'prove', '0'], { dataDir });
  assert.match(JSON.parse(byIndex.stdout).entry, /"server.started"/);
  assert.equal((await runOsler(['audit', 'prove', '9999'], { dataDir })).code, 1);
  assert.equal((await runOsler(['audit', 'prove'], { dataDir })).code, 1);
});

test('export takes a span of time and an action, and a wrong one is one line', async () => {
  const dataDir = path.join(folder, 'counted');
  const only = await exported(dataDir, { args: ['--action', 'findings'] });
  assert.ok(only.length === 10 && only.every(({ action }) => action === 'findings'));
  assert.deepEqual(await exported(dataDir, { args: ['--until', '2020-01-01'] }), []);
  assert.ok((await exported(dataDir, { args: ['--from', '2020-01-01T00:00:00Z'] })).length > only.length);
  assert.equal(new Set((await exported(dataDir)).map(({ id }) => id)).size, (await exported(dataDir)).length - 1, 'ids are unique; the second export has one entry more');
  for (const args of [['--from', 'yesterday'], ['--until', '2020-13-01'], ['--action', 'flown']]) {
    const { code, stdout, stderr } = await runOsler(['audit', 'export', ...args], { dataDir });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^osler: [^\n]+\n$/);
  }
});

test('verify names the folder of what it finds', async () => {
  const dataDir = path.join(folder, 'accesses');
  const log = path.join(dataDir, 'audit', 'commands', 'entries-00000000000000000000.log');
  const good = fs.readFileSync(log);
  const changed = Buffer.from(good);
  changed[changed.indexOf('operator')] ^= 1;
  fs.writeFileSync(log, changed);
  const { code, stdout } = await runOsler(['audit', 'verify'], { dataDir });
  assert.equal(code, 1);
  assert.match(stdout, /^sound: .*audit: /m);
  assert.match(stdout, /^NOT SOUND: .*commands: /m);
  assert.match(stdout, /problem at entry 0 of .*commands/);
  fs.writeFileSync(log, good);
  assert.equal((await runOsler(['audit', 'verify', '--folder', path.join(dataDir, 'audit', 'commands')], { dataDir })).code, 0);
  fs.rmSync(path.join(dataDir, 'audit', 'commands', 'secrets'));
  const lost = await runOsler(['audit', 'verify'], { dataDir });
  assert.equal(lost.code, 1);
  assert.match(lost.stderr, /lost its keys/);
});
