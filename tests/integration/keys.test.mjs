// Keys under load: rotated and retired beside a running server, on each store. No request fails, every record stays readable, and a retired key opens
// nothing of what is stored.
import assert from 'node:assert/strict';
import { createDecipheriv, hkdfSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { diagnose, send } from '../support/http.mjs';
import { startLoad } from '../support/load.mjs';
import { postgresOrReason } from '../support/postgres.mjs';
import { randomFrom, requestWith, seedOfThisRun } from '../support/requests.mjs';
import { runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { query, verifyAudit } from '../support/stored.mjs';
import { until } from '../support/until.mjs';

const ANN = 'ann-key-0123456789abcdef';
const FIRST_KEY = 'd4'.repeat(32);
const JSON_BODY = { 'Content-Type': 'application/json' };

const { postgres, reason } = await postgresOrReason();
after(() => postgres?.stop());

/** A folder with a key file of version 1 and what a server beyond trial mode is started with. */
function newPlace(env = {}) {
  const folder = temporaryFolder('osler-keys');
  const dataDir = path.join(folder, 'data');
  fs.mkdirSync(path.join(dataDir, 'keys'), { recursive: true });
  const keyFile = path.join(dataDir, 'keys', 'encryption.key');
  fs.writeFileSync(keyFile, `osler-keys 1\n1 ${FIRST_KEY}\n`, { mode: 0o600 });
  const credentials = makeCredentials(folder, { ann: { role: 'clinician', key: ANN } });
  const settings = { ...credentials.settings, ENCRYPTION_KEY: undefined, MODEL_NAME: 'network', LOG_LEVEL: 'info', ...env };
  const asAnn = { headers: { 'X-API-Key': ANN }, ca: credentials.ca };
  return { folder, dataDir, keyFile, settings, asAnn, osler: (args, more = {}) => runOsler(args, { dataDir, env: { ...settings, ...more } }) };
}

const readCase = (place, server, id) => send(server, { path: `/api/v1/cases/${id}`, ...place.asAnn });

/** Clients that read back what is stored and search by it, again and again. */
function startReaders(place, server, load, random, count) {
  const readers = { statuses: new Map(), stopped: false, refusals: [], read: 0 };
  const one = async () => {
    while (!readers.stopped) {
      const ids = [...load.acknowledged];
      if (ids.length === 0) await load.more(1);
      else {
        const id = ids[Math.floor(random() * ids.length)];
        const search = { method: 'POST', path: '/api/v1/cases/search', body: { request_id: id, k: 20 }, ca: place.asAnn.ca, headers: { ...place.asAnn.headers, ...JSON_BODY } };
        const list = { path: '/api/v1/cases?limit=50', ...place.asAnn };
        for (const answer of [await readCase(place, server, id), await send(server, search), await send(server, list)]) {
          readers.statuses.set(answer.status, (readers.statuses.get(answer.status) ?? 0) + 1);
          if (answer.status !== 200) readers.refusals.push(answer.text);
        }
        readers.read += 1;
      }
    }
  };
  const running = Array.from({ length: count }, one);
  readers.stop = async () => {
    readers.stopped = true;
    await Promise.all(running);
  };
  return readers;
}

async function listed(place) {
  const { code, stdout, stderr } = await place.osler(['keys', 'list', '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

async function succeeds(place, args) {
  const { code, stdout, stderr } = await place.osler(args);
  assert.equal(code, 0, stderr);
  return stdout;
}

const rootKey = (place, version) => new RegExp(`^${version} ([0-9a-f]{64})$`, 'm').exec(fs.readFileSync(place.keyFile, 'utf8'))[1];

/** Opens a wrapped key (docs/formats/record.md) with a root key taken for this version; nothing where it does not open. */
function openWrapped({ table, row, wrapped }, root, version) {
  const key = hkdfSync('sha256', Buffer.from(root, 'hex'), 'osler.vault.1', 'wrap data keys', 32);
  const u32 = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const field = (text) => Buffer.concat([u32(text.length), Buffer.from(text)]);
  const bytes = Buffer.from(wrapped, 'hex');
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key), bytes.subarray(5, 17));
  decipher.setAAD(Buffer.concat([field('data key'), field(table), field(row), Buffer.from([1]), u32(version)]));
  decipher.setAuthTag(bytes.subarray(49));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(17, 49)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const parseRows = (text) => text.split('\n').filter(Boolean).map((line) => {
  const [table, row, version, wrapped] = line.split('|');
  return { table, row, version: Number(version), wrapped };
});

/** No wrapped key that is stored now opens with a root key, whatever version it is taken for. */
function assertOpensNothing(rows, root, newest) {
  assert.ok(rows.length > 0);
  for (const row of rows)
    for (let version = 1; version <= newest; ++version) assert.equal(openWrapped(row, root, version), undefined, `${row.table} opens as version ${version}`);
}

/** `store`: {wrappedRows(): all wrapped keys, execute(sql)}. */
async function rotateUnderLoad(place, store) {
  const random = randomFrom(seedOfThisRun());
  const server = await startServer({ dataDir: place.dataDir, env: place.settings });
  const load = startLoad(() => [server], random, { clients: 3, ...place.asAnn });
  try {
    await load.more(40);
    const readers = startReaders(place, server, load, random, 2);
    const firstRoot = rootKey(place, 1);
    const before = store.wrappedRows();
    for (const row of before) assert.ok(openWrapped(row, firstRoot, 1), 'the test opens what version 1 wraps');

    const refused = await place.osler(['keys', 'retire', '1']);
    assert.equal(refused.code, 1, 'the current key cannot be retired');
    assert.match(refused.stderr, /current key.*rotate/);

    for (let version = 2; version <= 4; ++version) {
      const said = await succeeds(place, ['keys', 'rotate']);
      assert.match(said, new RegExp(`^version ${version} is current; \\d+ data keys`));
      await load.more(15);
      if (version < 4) await succeeds(place, ['keys', 'retire', String(version - 1)]);
      await load.more(15);
    }
    await readers.stop();
    await load.stop();
    assert.deepEqual([...load.statuses.keys()], [200], load.lastRefusal);
    assert.equal(load.broken, 0, String(load.lastProblem));
    assert.deepEqual([...readers.statuses.keys()], [200], readers.refusals[0]);
    console.log(`note: ${load.acknowledged.size} records and ${readers.read} times read back during three rotations`);

    await until('the server writes under version 4', async () => {
      const { json } = await diagnose(server, requestWith(), place.asAnn);
      load.acknowledged.add(json.request_id);
      return store.wrappedRows().every(({ row, version }) => row !== json.request_id || version === 4);
    });
    for (const id of load.acknowledged) assert.equal((await readCase(place, server, id)).json?.request_id, id);
    await retiresOnlyWhatWrapsNothing(place, store);
    const rows = store.wrappedRows();
    const keys = await listed(place);
    assert.deepEqual(keys.map(({ version, current, held }) => [version, current, held]), [[4, true, true]]);
    assert.equal(keys[0].wrapped_data_keys, rows.length);
    assertOpensNothing(rows, firstRoot, 4);
    assert.equal((await readCase(place, server, before.find(({ table }) => table === 'records').row)).status, 200, 'and the server opens it');
    return { firstRoot, ids: [...load.acknowledged] };
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** A data key that cannot be wrapped anew keeps its version alive. */
async function retiresOnlyWhatWrapsNothing(place, store) {
  store.execute(`INSERT INTO ${store.keyTable} VALUES('records', 'damaged-row', 3, ${store.bytes(`0103000000${'00'.repeat(60)}`)})`);
  const refused = await place.osler(['keys', 'retire', '3']);
  assert.equal(refused.code, 1, 'something is wrapped under it');
  assert.match(refused.stderr, /damaged-row/, 'and it says what');
  const third = (await listed(place)).find(({ version }) => version === 3);
  assert.deepEqual([third.held, third.wrapped_data_keys > 0], [true, true]);
  assert.ok(rootKey(place, 3), 'the key file still has it');
  store.execute(`DELETE FROM ${store.keyTable} WHERE row_id = 'damaged-row'`);
  await succeeds(place, ['keys', 'retire', '3']);
}

/** After it: what the audit says, and what becomes of a server that has the retired key alone. */
async function assertAudited(place, firstRoot) {
  const { stdout } = await place.osler(['audit', 'export']);
  const actions = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ subtype }) => subtype.at(-1).code.startsWith('keys.'))
    .map(({ subtype, outcomeDesc }) => `${subtype.at(-1).code} ${outcomeDesc}`).filter((one) => one.includes('done'));
  assert.deepEqual(actions, ['keys.rotate done:2', 'keys.retire done:1', 'keys.rotate done:3', 'keys.retire done:2', 'keys.rotate done:4', 'keys.retire done:3']);
  const report = await verifyAudit(place.dataDir, place.settings);
  assert.equal(report.code, 0, report.stdout + report.stderr);
  const { code, stderr } = await place.osler(['serve'], { ENCRYPTION_KEY: firstRoot, KEY_FILE: path.join(place.folder, 'nothing') });
  assert.equal(code, 1);
  assert.match(stderr, /^osler: The store holds records under a key that is not given/m);
}

/** With the keys that are left, a new start opens every record. */
async function assertAllOpen(place, ids) {
  const server = await startServer({ dataDir: place.dataDir, env: place.settings });
  try {
    for (const id of ids) assert.equal((await readCase(place, server, id)).status, 200);
  } finally {
    await server.stop();
  }
}

async function proves(place, store) {
  try {
    const { firstRoot, ids } = await rotateUnderLoad(place, store);
    await assertAudited(place, firstRoot);
    await assertAllOpen(place, ids);
  } finally {
    fs.rmSync(place.folder, { recursive: true, force: true });
  }
}

test('SQLite: keys are rotated and retired under load, and no request fails', async () => {
  const place = newPlace();
  await proves(place, {
    wrappedRows: () => parseRows(query(place.dataDir, "SELECT table_name, row_id, key_version, hex(wrapped_key) FROM sealed_keys")),
    keyTable: 'sealed_keys', bytes: (hex) => `X'${hex}'`, execute: (sql) => query(place.dataDir, sql, { write: true }),
  });
});

test('PostgreSQL: keys are rotated and retired under load, and no request fails', { skip: reason }, async () => {
  const database = postgres.createDatabase();
  await proves(newPlace({ DATABASE_URL: database.url }), {
    wrappedRows: () => parseRows(database.query("SELECT table_name, row_id, key_version, encode(wrapped_key, 'hex') FROM osler_keys.sealed_keys")),
    keyTable: 'osler_keys.sealed_keys', bytes: (hex) => `'\\x${hex}'`, execute: (sql) => database.query(sql),
  });
});

test('the same key opens the store from ENCRYPTION_KEY, from a file and from a command', async () => {
  const place = newPlace();
  const nowhere = path.join(place.folder, 'none');
  const plain = path.join(place.folder, 'plain');
  fs.writeFileSync(plain, `${FIRST_KEY}\n`, { mode: 0o600 });
  const ids = [];
  try {
    for (const source of [{}, { ENCRYPTION_KEY: FIRST_KEY, KEY_FILE: nowhere }, { KEY_FILE: nowhere, KEY_COMMAND: `cat ${place.keyFile}` }, { KEY_FILE: nowhere, KEY_COMMAND: `cat ${plain}` }]) {
      const server = await startServer({ dataDir: place.dataDir, env: { ...place.settings, ...source } });
      ids.push((await diagnose(server, requestWith(), place.asAnn)).json.request_id);
      for (const id of ids) assert.equal((await readCase(place, server, id)).status, 200, JSON.stringify(Object.keys(source)));
      await server.stop();
    }
    const failing = await place.osler(['serve'], { KEY_FILE: nowhere, KEY_COMMAND: 'exit 3' });
    assert.equal(failing.code, 1);
    assert.match(failing.stderr, /^osler: KEY_COMMAND/m);
    const missing = await place.osler(['serve'], { KEY_FILE: nowhere });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^osler: .*ENCRYPTION_KEY.*KEY_FILE.*KEY_COMMAND/m);
  } finally {
    fs.rmSync(place.folder, { recursive: true, force: true });
  }
});
