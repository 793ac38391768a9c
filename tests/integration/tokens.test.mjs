// Tokens of an identity provider, from its key set at an https address to an answer. tests/unit/http/jwt_test.cc has the forgeries.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { until } from '../support/until.mjs';

const ISSUER = 'https://id.example/';
let folder, credentials, settings, provider, server;

const keyPair = (type) => (type === 'rsa' ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) : crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const keys = { r: keyPair('rsa'), e: keyPair('ec'), later: keyPair('ec') };
const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function tokenOf(kid, claims = {}) {
  const { privateKey } = keys[kid];
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256', typ: 'JWT', kid };
  const text = `${base64url(header)}.${base64url({ iss: ISSUER, aud: ['osler', 'other'], sub: 'dr.house', roles: ['clinician'], iat: now, exp: now + 300, ...claims })}`;
  return `${text}.${crypto.sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const keySet = (...ids) => JSON.stringify({ keys: ids.map((kid) => ({ ...keys[kid].publicKey.export({ format: 'jwk' }), kid, use: 'sig' })) });

/** An https server on loopback that answers with provider.answer(response). */
async function startProvider() {
  const made = { answer: (response) => response.end(keySet('r', 'e')), asked: 0 };
  const listener = https.createServer({ cert: fs.readFileSync(credentials.certificate), key: fs.readFileSync(credentials.privateKey) }, (request, response) => {
    made.asked += 1;
    made.answer(response);
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  made.url = `https://localhost:${listener.address().port}/jwks`;
  made.stop = () => {
    listener.closeAllConnections?.();
    return new Promise((resolve) => listener.close(resolve));
  };
  return made;
}

const ask = (token, where = server) => diagnose(where, requestWith(), { headers: { Authorization: `Bearer ${token}` }, ca: credentials.ca });

before(async () => {
  folder = temporaryFolder('osler-tokens');
  credentials = makeCredentials(folder, {});
  provider = await startProvider();
  settings = { ...credentials.settings, API_KEYS_FILE: undefined, JWT_ISSUER: ISSUER, JWT_AUDIENCE: 'osler', JWT_JWKS: provider.url, CA_FILE: credentials.certificate };
  server = await startServer({ env: settings });
});
after(async () => {
  await server?.stop();
  await provider?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a token of either kind opens what its role allows, under the name that it gives', async () => {
  for (const kid of ['r', 'e']) {
    const answer = await ask(tokenOf(kid));
    assert.equal(answer.status, 200, answer.text);
  }
  assert.ok(server.events().some(({ event, actor }) => event === 'request' && actor === 'user:dr.house'));
  assert.equal((await ask(tokenOf('e', { roles: ['auditor'] }))).status, 403);
  assert.equal((await ask(tokenOf('e', { scope: 'osler.operate' }))).status, 403);
  assert.equal((await ask(tokenOf('e', { roles: ['nobody'] }))).status, 403);
});

test('what is wrong with a token is said, and neither it nor its claims are logged', async () => {
  const late = await ask(tokenOf('r', { exp: 1 }));
  assert.equal(late.status, 401);
  assert.match(late.json.detail, /expired/);
  const other = tokenOf('r', { aud: 'elsewhere', sub: 'canary-subject' });
  assert.match((await ask(other)).json.detail, /audience/);
  assert.ok(!server.log().includes('canary-subject') && !server.log().includes(other.slice(-40)));
});

test('a token is taken as a bearer token and nowhere else', async () => {
  assert.equal((await send(server, { path: '/api/v1/metrics', headers: { 'X-API-Key': tokenOf('r') }, ca: credentials.ca })).status, 401);
});

test('a key that the provider has since is found, and what is away leaves the old ones', async () => {
  provider.answer = (response) => response.end(keySet('later', 'e'));
  assert.equal((await ask(tokenOf('later'))).status, 401, 'unknown so far: asks the provider');
  await until('the new key is known', async () => (await ask(tokenOf('later'))).status === 200);
  const { asked } = provider;
  provider.answer = (response) => response.writeHead(500).end();
  for (let i = 0; i < 5; ++i) assert.equal((await ask(tokenOf('r'))).status, 401);
  assert.equal(provider.asked, asked, 'at most one question a minute');
  assert.equal((await ask(tokenOf('later'))).status, 200);
});

for (const [what, change, answer] of [
  ['whose certificate nobody vouches for', { CA_FILE: undefined }, (response) => response.end(keySet('r'))],
  ['that is not there', { JWT_JWKS: 'https://localhost:1/jwks' }, undefined],
  ['that leads elsewhere', {}, (response) => response.writeHead(302, { Location: '/other' }).end(keySet('r'))],
  ['that does not end', {}, (response) => response.end(keySet('r') + ' '.repeat(300 * 1024))],
]) {
  test(`a key set ${what} lets nobody in, and the server is up`, async () => {
    provider.answer = answer;
    const lonely = await startServer({ env: { ...settings, ...change } });
    try {
      assert.equal((await ask(tokenOf('r'), lonely)).status, 401);
      assert.ok(lonely.events().some(({ event }) => event === 'token_keys_unavailable'));
    } finally {
      await lonely.stop();
    }
  });
}

test('a key set in a file, read again when it changes', async () => {
  const file = path.join(folder, 'jwks.json');
  fs.writeFileSync(file, keySet('r'));
  const local = await startServer({ env: { ...settings, JWT_JWKS: file, JWT_ROLES_CLAIM: 'realm_access.roles', JWT_ROLES: 'doctors=clinician', JWT_NAME_CLAIM: 'oid' } });
  try {
    const claims = { realm_access: { roles: ['doctors'] }, oid: '1234' };
    assert.equal((await ask(tokenOf('r', claims), local)).status, 200);
    assert.equal((await ask(tokenOf('r'), local)).status, 401, 'no name where the configuration says');
    fs.writeFileSync(file, keySet('e', 'r'));
    await until('the file is read again', async () => (await ask(tokenOf('e', claims), local)).status === 200);
  } finally {
    await local.stop();
  }
});

for (const [what, change] of [
  ['an issuer alone', { JWT_AUDIENCE: undefined, JWT_JWKS: undefined }],
  ['a key set over http', { JWT_JWKS: 'http://127.0.0.1/jwks' }],
  ['a role that is none', { JWT_ROLES: 'doctors=physician' }],
]) {
  test(`${what} stops the start`, async () => {
    const { code, stderr } = await runOsler(['serve'], { env: { ...settings, ...change }, timeoutMs: 20_000 });
    assert.equal(code, 1);
    assert.match(stderr, /JWT_/);
  });
}
