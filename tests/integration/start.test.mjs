// Starts that must not happen: each ends with exit code 1 and one clear line, and harms nothing that is stored.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { filesBelow, query, recordedIds, verifyAudit } from '../support/stored.mjs';

const KEY = 'a1'.repeat(32);
const OTHER_KEY = 'b2'.repeat(32);
let dataDir;
let storedId;

/** A store and audit log with one record in them, written under KEY. */
before(async () => {
  dataDir = temporaryFolder();
  const server = await startServer({ dataDir, env: { ENCRYPTION_KEY: KEY } });
  storedId = (await diagnose(server, referenceRequest)).json.request_id;
  await server.stop();
});
after(() => fs.rmSync(dataDir, { recursive: true, force: true }));

/** The start is refused with one line on standard error, which `says` it; gives that line. */
async function assertRefused(says, { env = {}, files = {}, folder } = {}) {
  const own = folder ?? temporaryFolder();
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(own, name), content);
  const { code, signal, stdout, stderr } = await runOsler(['serve'], { dataDir: own, env, timeoutMs: 20_000 });
  if (!folder) fs.rmSync(own, { recursive: true, force: true });
  assert.equal(signal, null, `it kept running:\n${stderr}`);
  assert.equal(code, 1, stderr);
  assert.equal(stdout, '');
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  assert.equal(lines.length, 1, `one line, not ${lines.length}:\n${stderr}`);
  assert.match(lines[0], /^osler: /);
  assert.match(lines[0], says);
  return stderr;
}

const bytesOf = (folder) => Object.fromEntries(filesBelow(folder)
  .filter((file) => !/-shm$|\.lock$/.test(file.path)).map((file) => [path.relative(folder, file.path), file.bytes.toString('base64')]));

async function assertUnharmed() {
  assert.ok(recordedIds(dataDir).has(storedId), 'the record is there');
  const report = await verifyAudit(dataDir, { ENCRYPTION_KEY: KEY });
  assert.equal(report.code, 0, report.stdout + report.stderr);
}

for (const [what, value] of Object.entries({
  'too short': 'abcd', 'too long': `${KEY}a1`, 'not hexadecimal': 'z'.repeat(64), 'base64': 'oaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaE=',
  'with a space': `${KEY.slice(1)} `, 'with 0x': `0x${KEY.slice(2)}`,
})) {
  test(`an ENCRYPTION_KEY that is ${what} stops the start and is not shown`, async () => {
    const stderr = await assertRefused(/ENCRYPTION_KEY.*64 hexadecimal digits/, { env: { ENCRYPTION_KEY: value } });
    assert.ok(!stderr.includes(value.trim()), 'the value is a secret');
  });
}

test('an empty ENCRYPTION_KEY stops the start: it is not the same as none', async () => {
  await assertRefused(/ENCRYPTION_KEY/, { env: { ENCRYPTION_KEY: '' } });
});

test('a store written under another key is refused and not touched', async () => {
  const earlier = bytesOf(dataDir);
  await assertRefused(/key/i, { folder: dataDir, env: { ENCRYPTION_KEY: OTHER_KEY } });
  assert.deepEqual(Object.keys(bytesOf(dataDir)).sort(), Object.keys(earlier).sort(), 'no file came or went');
  assert.deepEqual(bytesOf(dataDir), earlier);
  await assertUnharmed();
});

test('a generated key does not open it either', async () => {
  await assertRefused(/key/i, { folder: dataDir, env: {} });
  fs.rmSync(path.join(dataDir, 'keys'), { recursive: true, force: true });
  await assertUnharmed();
});

test('after all that the right key opens it and goes on', async () => {
  const server = await startServer({ dataDir, env: { ENCRYPTION_KEY: KEY } });
  assert.equal((await diagnose(server, requestWith())).status, 200);
  await server.stop();
  await assertUnharmed();
});

test('a file that is not a store is refused and not touched', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'osler.sqlite'), 'these are not the records you are looking for, and they are long enough to look at');
  await assertRefused(/store|database/i, { folder });
  assert.match(fs.readFileSync(path.join(folder, 'osler.sqlite'), 'utf8'), /^these are not/);
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a busy port', async () => {
  const other = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  await assertRefused(/port/i, { env: { PORT: String(other.address().port) } });
  other.close();
});

test('a second server on the same data, while the first goes on', async () => {
  const first = await startServer();
  try {
    assert.equal((await diagnose(first, requestWith())).status, 200);
    await assertRefused(/another|use|lock/i, { folder: first.dataDir });
    assert.equal((await diagnose(first, requestWith())).status, 200);
    assert.equal(Number(query(first.dataDir, 'SELECT count(*) FROM records')), 2);
  } finally {
    await first.stop();
  }
});

for (const [what, [content, says]] of Object.entries({
  'a line cut off': ['PORT=0\nRATE_LIMIT_PER_MI', /\.env line 2/],
  'a quote cut off': ['PORT=0\nAUDIT_DIR="./aud', /\.env line 2.*quote/],
  'a name twice': ['LOG_LEVEL=info\nLOG_LEVEL=debug\n', /\.env line 2.*LOG_LEVEL.*twice/],
  'a misspelt name': ['RATE_LIMIT=5\n', /RATE_LIMIT/],
  'no name': ['=5\n', /\.env line 1/],
  'binary rubbish': ['\u0000\u0001\u0002\n', /\.env line 1/],
})) {
  test(`a half-written .env: ${what}`, () => assertRefused(says, { files: { '.env': content } }));
}

test('a .env that is fine is used, and the environment wins over it', async () => {
  const server = await startServer({ files: { '.env': '# of this site\nCONFIDENCE_THRESHOLD=0\nRATE_LIMIT_PER_MINUTE=1\n' } });
  assert.equal((await diagnose(server, referenceRequest)).json.diagnoses.filter(({ status }) => status === 'suspected').length > 3, true);
  assert.equal((await diagnose(server, requestWith())).status, 200, 'the environment\'s rate limit holds');
  await server.stop();
});

for (const [name, value] of Object.entries({
  PORT: '99999', WORKER_THREADS: '-1', CONFIDENCE_THRESHOLD: '65', LOG_LEVEL: 'loud', RATE_LIMIT_PER_MINUTE: '0', DEFAULT_SETTING: 'spaceship',
  MAX_SEQUENCE_LENGTH: '1024', MODEL_NAME: 'oracle', DATABASE_URL: 'mysql://root@localhost', OSLER_TRIAL: 'yes', MEMORY_WARN_MB: 'much',
  CORS_ORIGINS: '*', TRUSTED_PROXIES: 'everyone', BIND_ADDRESS: 'somewhere', TLS_CERTIFICATE: '/nowhere.pem', KNOWLEDGE_DIR: '/nowhere',
  MODELS_DIR: '/nowhere', WEB_DIR: '/nowhere',
})) {
  test(`${name}=${value} stops the start with one clear line`, () => assertRefused(/./, { env: { [name]: value } }));
}

// They are loaded side by side; which is told does not depend on which fails first.
for (const [what, [env, says]] of Object.entries({
  'knowledge, network and encoder': [{ KNOWLEDGE_DIR: '/nowhere/knowledge', MODELS_DIR: '/nowhere/models', MODEL_NAME: 'encoder' }, /\/nowhere\/knowledge/],
  'knowledge and encoder': [{ KNOWLEDGE_DIR: '/nowhere/knowledge', ENCODER_DIR: '/nowhere/encoder', MODEL_NAME: 'encoder' }, /\/nowhere\/knowledge/],
  'network and encoder': [{ MODELS_DIR: '/nowhere/models', MODEL_NAME: 'encoder' }, /\/nowhere\/models\/osler-network/],
  'encoder and store': [{ ENCODER_DIR: '/nowhere/encoder', MODEL_NAME: 'encoder', DATABASE_URL: 'sqlite:////dev/null/x' }, /\/nowhere\/encoder/],
})) {
  test(`wrong ${what}: the first is told, and nothing is made`, async () => {
    const folder = temporaryFolder();
    await assertRefused(says, { folder, env });
    assert.deepEqual(fs.readdirSync(folder), []);
    fs.rmSync(folder, { recursive: true, force: true });
  });
}

test('a store that is refused while the reader is being built: one line, and no server', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'osler.sqlite'), 'not a store, and the start goes on in another thread while this is found out');
  await assertRefused(/store|database/i, { folder, env: { ENCODER_DIR: '/nowhere/encoder' } });
  fs.rmSync(folder, { recursive: true, force: true });
});

test('behind a balancer: told to stop it is not ready and answers on, until it is told again', async () => {
  const server = await startServer({ env: { DRAIN_SECONDS: '60' } });
  server.kill('SIGTERM');
  let ready = await send(server, { path: '/health/ready' });
  while (ready.status === 200) ready = await send(server, { path: '/health/ready' });
  assert.equal(ready.status, 503);
  assert.equal(ready.json.stopping, true);
  assert.equal((await diagnose(server, referenceRequest)).status, 200);
  server.kill('SIGTERM');
  assert.equal((await server.exited).code, 0);
});
