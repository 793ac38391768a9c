// A private PostgreSQL with pgvector: a cluster in a temporary folder, on a Unix socket and a free loopback port, as an unprivileged user, with fsync.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { temporaryFolder } from './server.mjs';

const PROGRAMS = '/usr/lib/postgresql';
const EXTENSIONS = '/usr/share/postgresql';
const READY_WITHIN_MS = 30_000;
const STOPS_WITHIN_MS = 30_000;

/** {postgres} with a running cluster (see startPostgres), or {reason}: why there is none, for a test's `skip`. */
export async function postgresOrReason() {
  const programs = findPrograms();
  if (!programs) return { reason: 'PostgreSQL with pgvector is not installed (./run setup test installs it)' };
  return { postgres: await startPostgres(programs), reason: false };
}

/** The programs of the newest PostgreSQL that has pgvector. */
function findPrograms() {
  if (!fs.existsSync(PROGRAMS)) return undefined;
  const version = fs.readdirSync(PROGRAMS).map(Number).filter((number) => fs.existsSync(`${PROGRAMS}/${number}/bin/initdb`)
    && fs.existsSync(`${EXTENSIONS}/${number}/extension/vector.control`)).sort((a, b) => b - a)[0];
  return version && `${PROGRAMS}/${version}/bin`;
}

/** PostgreSQL refuses to run as root; and whatever becomes of this process, the server ends with it. */
function unprivileged(command) {
  const user = process.getuid() === 0 ? ['--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  return ['setpriv', '--pdeathsig=INT', ...user, ...command];
}

/**
 * Makes a cluster and starts it. Returns {port, folder, log(), createDatabase(), start(), stop(), kill(), restart()}:
 *   log()             all that it said
 *   kill()            SIGKILL to all its processes, as a power failure looks to its clients
 *   start()           after kill(): recovers, on the same port
 *   restart()         in good order
 *   createDatabase()  {url, urlThrough(port), password, name, query(sql), recordedIds()}: a fresh database of a user without privileges, with pgvector
 */
async function startPostgres(programs) {
  const folder = temporaryFolder('osler-postgres');
  const data = path.join(folder, 'data');
  if (process.getuid() === 0) execFileSync('chown', ['postgres:postgres', folder]);
  run(unprivileged([`${programs}/initdb`, '-D', data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']));
  const cluster = { programs, folder, data, port: await freePort(), server: null, databases: 0, log: '' };
  await start(cluster);
  return {
    port: cluster.port,
    folder,
    log: () => cluster.log,
    createDatabase: () => createDatabase(cluster),
    start: () => start(cluster),
    kill: () => kill(cluster),
    async restart() {
      await end(cluster, 'SIGINT');
      await start(cluster);
    },
    async stop() {
      await end(cluster, 'SIGINT');
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(cluster) {
  const [command, ...rest] = unprivileged([`${cluster.programs}/postgres`, '-D', cluster.data, '-p', String(cluster.port), '-c', 'listen_addresses=127.0.0.1',
    '-c', `unix_socket_directories=${cluster.folder}`, '-c', 'max_connections=100', '-c', 'shared_buffers=64MB']);
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  cluster.server = { child, ended };
  let log = '';
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`PostgreSQL did not get ready:\n${log}`)), READY_WITHIN_MS);
    child.stderr.on('data', (chunk) => {
      log += chunk;
      cluster.log += chunk;
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
    child.on('error', reject);
    ended.then(() => reject(new Error(`PostgreSQL ended at once:\n${log}`)));
  });
}

async function end(cluster, signal) {
  const { child, ended } = cluster.server;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

/** The processes of one PostgreSQL: those whose parent is its first, and that one. */
async function kill(cluster) {
  const { child } = cluster.server;
  const below = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).split('\n').map(Number).filter(Boolean);
  for (const pid of [child.pid, ...below]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch { /* it ended by itself */ }
  }
  await cluster.server.ended;
}

function createDatabase(cluster) {
  const name = `osler_${++cluster.databases}`;
  const password = randomBytes(12).toString('hex');
  const sql = (database, text) => run([`${cluster.programs}/psql`, '-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-h', cluster.folder, '-p', String(cluster.port),
    '-U', 'postgres', '-d', database, '-c', text]).trim();
  sql('postgres', `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
  sql('postgres', `CREATE DATABASE ${name} OWNER ${name}`);
  sql(name, 'CREATE EXTENSION vector');
  const urlThrough = (port) => `postgresql://${name}:${password}@127.0.0.1:${port}/${name}`;
  return {
    name, password, urlThrough,
    url: urlThrough(cluster.port),
    query: (text) => sql(name, text),
    recordedIds: () => new Set(sql(name, 'SELECT request_id FROM osler.records').split('\n').filter(Boolean)),
  };
}

function run([command, ...rest]) {
  return execFileSync(command, rest, { encoding: 'utf8', cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}

/** A port that nobody listens on now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
