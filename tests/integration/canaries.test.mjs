// PHI canaries: thousands of unique words, one in every place of every route where a caller can put text, then a search for each of them in all that a
// server leaves behind: log, metrics, what it says of itself and of refusals, database, audit, witness, archive, keys, temporary files, core dumps.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Canaries } from '../support/canaries.mjs';
import { caseWith, filmWith, ndjson, ROUTES, sendBrokenHttp } from '../support/canary_routes.mjs';
import { CanarySender } from '../support/canary_sender.mjs';
import { makeCredentials } from '../support/certificates.mjs';
import { diagnose, metric, send } from '../support/http.mjs';
import { postgresOrReason } from '../support/postgres.mjs';
import { redisOrReason } from '../support/redis.mjs';
import { requestWith, seedOfThisRun } from '../support/requests.mjs';
import { oslerBinary, repository, runOsler, settingsFor, startServer, temporaryFolder } from '../support/server.mjs';
import { filesBelow, query } from '../support/stored.mjs';
import { until } from '../support/until.mjs';

const LEAST_TOKENS = 2000;
const PAGES = ['/', '/films', '/favicon.ico', '/static/app.js', '/api/docs', '/api/redoc', '/api/openapi.json'];
const ISSUER = 'https://id.example/';
const NOBODY = 65534;
const KEYS = Object.fromEntries([['ann', 'clinician'], ['bob', 'clinician'], ['eve', 'clinician'], ['ehr', 'integrator'], ['office', 'auditor'], ['root', 'admin']]
  .map(([name, role]) => [name, { role, key: `${name}-key-0123456789abcdef` }]));
const document = JSON.parse(fs.readFileSync(path.join(repository, 'web/openapi.json'), 'utf8'));
const seed = seedOfThisRun();
const { postgres, reason: noPostgres } = await postgresOrReason();
const { redis, reason: noRedis } = await redisOrReason();
after(async () => {
  await postgres?.stop();
  await redis?.stop();
});

const follow = (part) => (part?.$ref ? part.$ref.split('/').slice(1).reduce((at, name) => at[name], document) : part);

/** [{route: "post /api/v1/diagnose", body, parameters}] of the document. */
const documented = Object.entries(document.paths).flatMap(([address, item]) => Object.keys(item).filter((name) => ['get', 'put', 'post', 'delete', 'patch'].includes(name))
  .map((method) => ({ route: `${method} ${address}`, body: follow(item[method].requestBody), parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(follow) })));

/** An identity provider's key set and tokens: good ones with canaries in claims that name nobody here, and wrong ones. Who asks (`sub`) is what the audit is for. */
function tokensIn(folder) {
  const pair = () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [ours, other] = [pair(), pair()];
  fs.writeFileSync(path.join(folder, 'jwks'), JSON.stringify({ keys: [{ ...ours.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] }));
  const part = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const make = (claims, { kid = 'k', key = ours.privateKey, alg = 'ES256' } = {}) => {
    const text = `${part({ alg, kid })}.${part({ iss: ISSUER, aud: 'osler', sub: 'dr.house', roles: ['clinician'], exp: Math.floor(Date.now() / 1000) + 300, ...claims })}`;
    return `${text}.${crypto.sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  return {
    settings: { JWT_ISSUER: ISSUER, JWT_AUDIENCE: 'osler', JWT_JWKS: path.join(folder, 'jwks') },
    bearer: (sender) => make({ name: sender.token('claim name'), jti: sender.token('claim jti'), [sender.token('name of a claim')]: 1 }),
    wrongBearers: (sender) => [make({ sub: sender.token('sub of an expired token'), exp: 1 }), make({ sub: sender.token('sub of a forged token') }, { key: other.privateKey }),
      make({ aud: sender.token('aud') }), make({ iss: sender.token('iss') }), make({}, { kid: sender.token('kid') }), make({}, { alg: sender.token('alg') }), `${sender.token('header')}.${sender.token('claims')}.x`],
  };
}

/** Everything of one run: folders, settings, canaries, the server. */
async function startWorld(name, env, { tls }) {
  const folder = temporaryFolder(`osler-canaries-${name}`);
  const dataDir = path.join(folder, 'data');
  fs.mkdirSync(path.join(dataDir, 'temporary'), { recursive: true });
  const credentials = makeCredentials(folder, KEYS);
  const tokens = tokensIn(folder);
  const settings = {
    ...credentials.settings, ...tokens.settings, TMPDIR: path.join(dataDir, 'temporary'), TRUSTED_PROXIES: '127.0.0.1', AUDIT_WITNESS: path.join(dataDir, 'witness'), KEEP_FILMS: '1',
    CORS_ORIGINS: 'https://ehr.example', ...(tls ? {} : { TLS_CERTIFICATE: undefined, TLS_PRIVATE_KEY: undefined }), ...env,
  };
  const server = await startServer({ dataDir, env: settings });
  const canaries = new Canaries(seed);
  const sender = new CanarySender({ server, canaries, ca: credentials.ca, callers: Object.fromEntries(Object.entries(KEYS).map(([who, { key }]) => [who, key])) });
  return { ...tokens, folder, dataDir, settings, server, canaries, sender };
}

/** Sends what is to be sent to all routes: first what each is for, then what is the same for all. */
async function sendAll(world) {
  const { sender } = world;
  const address = (route, id) => route.split(' ')[1].replace('/batches/{id}', `/batches/${world.batch}`).replace('{id}', id);
  for (const [route, { send: sendThis }] of Object.entries(ROUTES)) {
    sender.route = route;
    await sendThis(sender, world, address(route, world.id));
  }
  for (const { route, parameters } of documented) {
    const { as, example } = ROUTES[route];
    const method = route.split(' ')[0].toUpperCase();
    sender.route = route;
    if (route.includes('{id}')) await sender.ask({ as, method, path: route.split(' ')[1].replace('{id}', sender.token('id')), body: example });
    await sender.everywhere(method, address(route, world.other), parameters, as);
    if (example) await sender.brokenJson(address(route, world.other), as, example);
  }
  for (const page of PAGES) {
    sender.route = `get ${page}`;
    await sender.everywhere('GET', page, [], 'ann');
  }
  sender.route = 'no route';
  await sendBrokenHttp(sender);
  for (let i = 0; i < 12; i += 1) await sender.ask({ path: '/api/v1/metrics', localAddress: '127.8.0.1', headers: { 'X-API-Key': sender.token('a guessed key') } });
}

function assertNone(found) {
  assert.equal(found.length, 0, `${found.length} canaries were found:\n${[...new Set(found)].slice(0, 40).join('\n')}`);
}

test('each documented route has its canaries', () => {
  assert.deepEqual(Object.keys(ROUTES).sort(), documented.map(({ route }) => route).sort(), 'tests/support/canary_routes.mjs says what each route is sent');
});

/** The names of all members that a schema knows. */
function* namesIn(schema) {
  const { properties = {}, allOf = [], oneOf = [], items, additionalProperties } = follow(schema) ?? {};
  for (const [name, part] of Object.entries(properties)) yield* [name, ...namesIn(part)];
  for (const part of [...allOf, ...oneOf, items, additionalProperties]) if (typeof part === 'object') yield* namesIn(part);
}

test('each member of a documented JSON body has its canaries', () => {
  for (const { route, body } of documented) {
    const { example, besides = [] } = ROUTES[route];
    for (const name of namesIn(body?.content['application/json']?.schema)) assert.ok(JSON.stringify(example).includes(`"${name}":`) || besides.includes(name), `${route}: ${name}`);
  }
});

test('the search finds a token in each of its forms, wherever it stands in a file, and a part of one', () => {
  const folder = temporaryFolder('osler-canaries');
  try {
    const canaries = new Canaries(seed);
    const token = canaries.token('planted');
    const bytes = Buffer.from(token);
    const forms = [token, token.toUpperCase(), bytes.toString('hex'), bytes.toString('hex').toUpperCase(), Buffer.from(token, 'utf16le')];
    for (const before of ['', 'x', 'xy']) forms.push(Buffer.from(`${before}${token} Doe`).toString('base64'));
    forms.forEach((form, i) => fs.writeFileSync(path.join(folder, `planted-${i}`), Buffer.concat([crypto.randomBytes(1000 + i), Buffer.from(form), crypto.randomBytes(1000)])));
    const found = canaries.findBelow(folder);
    assert.equal(found.length, forms.length, found.join('\n'));
    assert.ok(found.every((line) => line.includes('planted (')), found.join('\n'));
    assert.match(canaries.find(token.slice(0, -3), 'a cut one')[0], /a part of a token/);
    assert.deepEqual(canaries.find(crypto.randomBytes(1_000_000), 'noise'), []);
    const problem = { detail: token, errors: [{ pointer: `/lab_results/${canaries.nameInPointer('allowed')}` }] };
    assert.equal(canaries.findInAnswer({ status: 422, headers: {}, json: problem }, 'an answer').length, 1, 'a pointer may name a member, a detail may not');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

/** How many requests were answered or refused. */
function sentTo({ sender }) {
  return [...sender.sent.values()].reduce((sum, { accepted, refused }) => sum + accepted + refused, 0);
}

/** The tests of one store. `store`: {env, rows(): all rows as text, files(): what to search beside the data folder, log()} */
function canariesOn(name, skip, open, options) {
  describe(name, { skip }, () => {
    let world, store;
    const searched = () => [...world.canaries.findBelow(world.folder), ...store.folders.flatMap((folder) => world.canaries.findBelow(folder))];

    before(async () => {
      store = await open();
      world = await startWorld(name, store.env, options);
      await sendAll(world);
    });
    after(async () => {
      await world?.server.stop();
      if (world) fs.rmSync(world.folder, { recursive: true, force: true });
    });

    test('every route was sent canaries, in requests that were answered and in some that were not', () => {
      for (const { route } of documented) {
        const { accepted, refused } = world.sender.sent.get(route) ?? {};
        assert.ok(accepted > 0 && refused > 0, `${route}: ${accepted} answered, ${refused} refused`);
      }
      console.log(`note: ${name}: ${world.canaries.count} canaries in ${sentTo(world)} requests`);
      assert.ok(world.canaries.count >= LEAST_TOKENS, `${world.canaries.count} canaries`);
    });

    test('headers and error bodies repeat none', () => assertNone(world.sender.found));

    test('another clinician is shown none', async () => {
      const { server, canaries, sender } = world;
      const by = (name) => ({ headers: { 'X-API-Key': KEYS[name].key, 'Content-Type': 'application/json' }, ca: sender.ca });
      const [as, ask] = [by('eve'), caseWith(() => 'nothing')];
      const note = canaries.token('note of the most similar case'), patient = canaries.token('patient_id of the most similar case');
      const { json: { request_id: id } } = await diagnose(server, { ...ask, patient_id: patient }, by('ann'));
      await send(server, { method: 'POST', path: `/api/v1/cases/${id}/outcome`, body: { condition: 'I26', note }, ...by('ann') });
      const answers = [await diagnose(server, ask, as), await send(server, { method: 'POST', path: '/api/v1/cases/search', body: { case: ask, k: 50 }, ...as }),
        await send(server, { path: '/api/v1/cases?limit=100', ...as }), await send(server, { path: '/api/v1/batches', ...as })];
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
      assert.ok(answers[0].json.similar_cases.some(({ request_id: shown }) => shown === id), 'she is shown the case');
      assert.ok(answers[1].json.cases.length > 1, `she is shown ${answers[1].json.cases.length} cases`);
      for (const answer of answers) assertNone(canaries.find(answer.text, 'an answer to a stranger'));
    });

    test('metrics hold none', async () => {
      const { text } = await send(world.server, { path: '/api/v1/metrics', headers: { 'X-API-Key': KEYS.office.key }, ca: world.sender.ca });
      assert.ok(metric(text, 'http_requests_total') >= sentTo(world), 'they count the requests');
      assertNone(world.canaries.find(text, 'the metrics'));
    });

    test('no file holds one while the server runs', async () => {
      await store.flush(world);
      assertNone(searched());
    });

    if (options.away) test('while the database is away, refusals repeat none', () => askWhile(options.away, world));

    test('commands say none', () => commandsSayNone(world));

    test('nothing holds one after the server has stopped', async () => {
      await world.server.stop();
      const log = world.server.log();
      assert.ok(world.server.events().filter(({ event }) => event === 'request').length >= sentTo(world), 'it tells of each request');
      assertNone(world.canaries.find(log, 'the log'));
      assertNone([...searched(), ...world.canaries.find(store.rows(world), 'a row'), ...world.canaries.find(store.log(), 'the log of the database')]);
    });
  });
}

/** Requests to a server whose database is away, for errors that are told in its own words. `away`: {begin(), end()}. */
async function askWhile(away, { sender, other, server }) {
  sender.route = 'a database that is away';
  const token = (place) => sender.token(place);
  const path = `/api/v1/cases/${other}`;
  await away.begin();
  const answers = await Promise.all([
    sender.json('ann', '/api/v1/diagnose', caseWith(token)), sender.json('ann', '/api/v1/cases/search', { case: caseWith(token) }), sender.json('ann', `${path}/share`, { with: token('recipient') }),
    sender.json('ann', `${path}/outcome`, { condition: 'I26', note: token('note') }), sender.json('root', '/api/v1/patients/delete', { patient_id: token('patient_id') }),
    { as: 'bob', path, headers: { 'X-Break-Glass': `They say it is ${token('reason')}` } },
    { as: 'ann', method: 'POST', path: '/api/v1/batches', body: ndjson(sender, 2), headers: { 'Content-Type': 'application/x-ndjson' } },
  ].map((request) => sender.ask({ ...request, mayFail: true })));
  await away.end();
  assert.ok(answers.every(({ status }) => status >= 500), answers.map(({ status }) => status).join(' '));
  await until('the server goes on', async () => (await send(server, { path: '/health/ready', ca: sender.ca })).status === 200);
  assertNone(sender.found);
}

/** Commands that are given a patient, or what a caller sent, repeat nothing of it; an export of one patient is what shows that there was something. */
async function commandsSayNone({ canaries, dataDir, settings, sender, folder }) {
  const osler = (args, input) => runOsler(args, { dataDir, env: settings, input, timeoutMs: 120_000 });
  const patient = canaries.token('patient_id of a command');
  const stored = await diagnose(sender.server, requestWith({ patient_id: patient, narrative: canaries.token('narrative of that patient') }), { headers: { 'X-API-Key': KEYS.ann.key }, ca: sender.ca });
  assert.equal(stored.status, 200, stored.text);
  const exported = path.join(folder, 'patient.ndjson');
  const file = (name, content) => {
    fs.mkdirSync(path.join(folder, 'input'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'input', name), content);
    return path.join(folder, 'input', name);
  };
  sender.route = 'a command';
  const [rows, film] = [file('cases.ndjson', ndjson(sender, 20)), file('film.dcm', filmWith(sender))];
  const inClear = [exported, path.join(folder, 'results.ndjson')];
  const malformed = `{"age": "${canaries.token('a case for osler diagnose')}`;
  for (const [code, args, input] of [
    [0, ['audit', 'accesses', '--patient', patient]], [0, ['audit', 'accesses', '--patient', '-', '--json'], `${patient}\n`], [0, ['audit', 'export']], [0, ['keys', 'list']], [0, ['api-keys', 'list']],
    [0, ['replay', stored.json.request_id]], [2, ['replay', canaries.token('request id')]], [1, ['audit', 'prove', '--request', canaries.token('request id')]],
    [1, ['audit', 'export', '--from', canaries.token('--from')]], [1, ['diagnose', '-'], malformed], [1, ['diagnose', '-'], JSON.stringify(requestWith({ sex: canaries.token('sex') }))],
    [0, ['export', path.join(folder, 'export')]], [0, ['export', exported, '--patient', patient]], [0, ['patients', 'hold', patient]], [1, ['patients', 'delete', patient]],
    [0, ['patients', 'release', patient]], [0, ['patients', 'delete', '-'], `${patient}\n`], [0, ['batch', rows, '-o', inClear[1]]], [0, ['deidentify', film, path.join(folder, 'deidentified')]],
    [0, ['reembed']], [0, ['migrate']], [0, ['keys', 'rotate']], [0, ['audit', 'verify', '--json']],
  ]) {
    const ended = await osler(args, input);
    const what = `osler ${args.slice(0, 2).join(' ')}`;
    assert.equal(ended.code, code, `${what}: ${ended.stderr}`);
    assertNone([...canaries.find(ended.stdout, `the output of ${what}`), ...canaries.find(ended.stderr, `the errors of ${what}`)]);
    const [written] = inClear.filter((one) => args.includes(one));
    if (!written) continue;
    assert.ok(canaries.find(fs.readFileSync(written), written).length > 0, `${what} writes in clear, where it is told to`);
    fs.rmSync(written);
  }
  assert.ok(fs.readdirSync(path.join(folder, 'deidentified')).length > 0);
  fs.rmSync(path.join(folder, 'input'), { recursive: true });
}

canariesOn('SQLite', false, async () => ({
  env: {}, folders: [], flush: () => {}, log: () => '',
  rows: ({ dataDir }) => query(dataDir, '.dump'),
}), { tls: true });

canariesOn('PostgreSQL', noPostgres, async () => {
  const database = postgres.createDatabase();
  const tables = () => database.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'osler'").split('\n');
  return {
    env: { DATABASE_URL: database.url, ...(redis ? { RATE_LIMIT_URL: redis.url, RATE_LIMIT_PER_MINUTE: '1500' } : {}) },
    folders: [postgres.folder, ...(redis ? [redis.folder] : [])],
    log: () => postgres.log(),
    rows: () => [...tables().map((table) => database.query(`SELECT t::text FROM osler.${table} t`)), database.query("SELECT query FROM pg_stat_activity WHERE query <> ''")].join('\n'),
    async flush(world) {
      database.query('CHECKPOINT');
      if (redis) await dumpRedis(world);
    },
  };
}, { tls: false, away: { begin: () => postgres.kill(), end: () => postgres.start() } });

/** Rate limits as a file, its texts as they are. What is full again is forgotten there: 30 requests at once are remembered for a second. */
async function dumpRedis({ server, sender }) {
  const ask = { path: '/api/v1/cases', headers: { 'X-API-Key': KEYS.bob.key }, ca: sender.ca };
  await Promise.all(Array.from({ length: 30 }, () => send(server, ask)));
  const answer = await new Promise((resolve, reject) => {
    let said = '';
    const socket = net.connect(redis.port, '127.0.0.1', () => socket.write('CONFIG SET rdbcompression no\r\nDBSIZE\r\nSAVE\r\nQUIT\r\n'));
    socket.on('data', (chunk) => { said += chunk; });
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
  assert.match(answer, /^\+OK\r\n:[1-9]\d*\r\n\+OK\r\n/, 'rate limits are there, and were saved');
}

test('rate limits were shared in a Redis that was searched', { skip: noRedis || noPostgres }, () => assert.ok(fs.existsSync(path.join(redis.folder, 'dump.rdb'))));

// Root may look into every process, so what it starts here is nobody's; where nobody may not read this repository, it stays root's and one check is left out.
const nobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const mayBeNobody = () => spawnSync(nobody[0], [...nobody.slice(1), oslerBinary, '--help'], { stdio: 'ignore' }).status === 0;
const unprivileged = process.getuid() === 0 && mayBeNobody() ? nobody : [];
const isRoot = process.getuid() === 0 && unprivileged.length === 0;
const dumping = [...unprivileged, 'bash', '-c', 'ulimit -c unlimited; exec "$@"', 'bash'];

/** A folder for a process of whoever `dumping` makes it. */
function folderOfNobody(name) {
  const folder = temporaryFolder(name);
  if (unprivileged.length) fs.chownSync(folder, NOBODY, NOBODY);
  return folder;
}

/** Whether another process of the same user may look into this one. */
function isOpen(pid) {
  const [command, ...rest] = [...unprivileged, 'head', '-c1', `/proc/${pid}/environ`];
  try {
    return execFileSync(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] }).length === 1;
  } catch {
    return false;
  }
}

const coreLimit = (pid) => /Max core file size +(\S+) +(\S+)/.exec(fs.readFileSync(`/proc/${pid}/limits`, 'utf8')).slice(1);

/** Where this machine writes a core, or undefined where it hands it to a program. */
function coreFolder(workingFolder) {
  const pattern = fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  return pattern.startsWith('|') ? undefined : path.resolve(workingFolder, path.dirname(pattern));
}

test('a crash of another program leaves its canary in a core, and its user may look into it', async (context) => {
  const folder = folderOfNobody('osler-core-control');
  try {
    const canaries = new Canaries(seed);
    const [command, ...rest] = [...dumping, 'env', `CANARY=${canaries.token('environment')}`, 'sleep', '1000'];
    const child = spawn(command, rest, { cwd: folder, stdio: 'ignore' });
    const ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve(signal)); });
    await until('it is sleep by now', () => fs.readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n');
    assert.ok(isOpen(child.pid));
    assert.deepEqual(coreLimit(child.pid), ['unlimited', 'unlimited']);
    child.kill('SIGSEGV');
    assert.equal(await ended, 'SIGSEGV');
    if (!coreFolder(folder)) return context.skip('this machine hands cores to a program, so there is no file to search');
    assert.ok(canaries.findBelow(coreFolder(folder)).length > 0, 'the core is there, and the search looks into it');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

for (const signal of ['SIGSEGV', 'SIGABRT']) {
  test(`a server that ends by ${signal} leaves no core, and nobody may look into it before`, async () => {
    const dataDir = folderOfNobody('osler-core');
    try {
      const canaries = new Canaries(seed);
      const server = await startServer({ dataDir, wrapper: dumping, env: { TMPDIR: dataDir } });
      await Promise.all(Array.from({ length: 20 }, () => diagnose(server, caseWith((place) => canaries.token(place)))));
      const waiting = diagnose(server, caseWith((place) => canaries.token(place))).catch(() => {});
      assert.deepEqual(coreLimit(server.pid), ['0', '0']);
      if (!isRoot) assert.equal(isOpen(server.pid), false);
      server.kill(signal);
      assert.equal((await server.exited).signal, signal);
      await waiting;
      assert.deepEqual(filesBelow(dataDir).map(({ path: file }) => path.basename(file)).filter((file) => file.startsWith('core')), []);
      assertNone([...canaries.findBelow(dataDir), ...canaries.find(server.log(), 'the log')]);
      if (coreFolder(dataDir)) assertNone(canaries.findBelow(coreFolder(dataDir)));
    } finally {
      fs.rmSync(dataDir, { recursive: true, force: true });
    }
  });
}

test('a command that holds a patient leaves no core either', async () => {
  const child = spawn(dumping[0], [...dumping.slice(1), oslerBinary, 'diagnose', '-'], { env: settingsFor(os.tmpdir()), stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  try {
    await until('it keeps its memory to itself', () => coreLimit(child.pid)[1] === '0' && (isRoot || !isOpen(child.pid)));
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});
