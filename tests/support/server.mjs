// Starts the real server (or any `osler` command) in a temporary folder of its own, with an environment of its own:
// no setting of the machine, no .env of the repository and no earlier run reaches a test.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const oslerBinary = process.env.OSLER_BINARY ?? path.join(repository, 'build/release/bin/osler');

const READY_WITHIN_MS = Number(process.env.OSLER_READY_WITHIN_MS ?? 30_000);
const STOP_WITHIN_MS = 20_000;
const children = new Set();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A new empty folder under the machine's temporary folder; the caller removes it. */
export function temporaryFolder(name = 'osler-test') {
  return fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
}

/** Settings that keep everything inside `dataDir`. A value of undefined in `env` takes a setting away. */
export function settingsFor(dataDir, env = {}) {
  const settings = {
    PATH: process.env.PATH,
    HOME: dataDir,
    TMPDIR: os.tmpdir(),
    OSLER_TRIAL: '1',
    PORT: '0',
    DATABASE_URL: `sqlite:///${path.join(dataDir, 'osler.sqlite')}`,
    AUDIT_DIR: path.join(dataDir, 'audit'),
    ARCHIVE_DIR: path.join(dataDir, 'archive'),
    KEY_FILE: path.join(dataDir, 'keys', 'encryption.key'),
    KNOWLEDGE_DIR: path.join(repository, 'knowledge'),
    MODELS_DIR: process.env.OSLER_TEST_MODELS_DIR ?? path.join(repository, 'models'),
    WEB_DIR: path.join(repository, 'web'),
    LOG_LEVEL: 'debug',
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...env,
  };
  for (const [name, value] of Object.entries(settings)) if (value === undefined) delete settings[name];
  return settings;
}

/** Runs `osler <args>` to its end. Resolves to {code, signal, stdout, stderr}; kills it after `timeoutMs`. */
export function runOsler(args, { env = {}, dataDir, cwd, input, wrapper = [], timeoutMs = 60_000 } = {}) {
  const folder = dataDir ?? temporaryFolder();
  const [command, ...rest] = [...wrapper, oslerBinary, ...args];
  const child = spawn(command, rest, { cwd: cwd ?? folder, env: settingsFor(folder, env), stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  const output = collectOutput(child);
  child.stdin.on('error', () => {});  // a command that does not read its input may end before it is written
  child.stdin.end(input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      if (!dataDir) fs.rmSync(folder, { recursive: true, force: true });
      resolve({ code, signal, stdout: output.stdout(), stderr: output.stderr() });
    });
  });
}

/**
 * Starts `osler serve` and waits until it is ready.
 *   env      settings beside the defaults of settingsFor
 *   args     more arguments after `serve`
 *   dataDir  an existing folder to use (it is then kept at stop); default: a new one, removed at stop
 *   wrapper  a command to run it under, e.g. ['bash', '-c', 'ulimit -f 100; exec "$@"', 'bash']
 *   files    {name: content}: files to write into the data folder, which is also the working folder, before the start
 * Returns {url, port, pid, dataDir, env, stop(), kill(signal), exited, log(), events()}. Rejects when it does not get
 * ready; the error's message holds its log.
 */
export async function startServer({ env = {}, args = [], dataDir, wrapper = [], files = {} } = {}) {
  const folder = dataDir ?? temporaryFolder();
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
  const settings = settingsFor(folder, env);
  const [command, ...rest] = [...wrapper, oslerBinary, 'serve', ...args];
  const child = spawn(command, rest, { cwd: folder, env: settings, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const output = collectOutput(child);
  const exited = new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, error }));
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  const cleanUp = () => {
    if (!dataDir) fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await portOf(output, exited);
    const url = `${settings.TLS_CERTIFICATE ? 'https' : 'http'}://127.0.0.1:${port}`;
    await untilReady(url, exited);
    return {
      url, port, pid: child.pid, dataDir: folder, env: settings, exited,
      log: output.all,
      events: () => parseEvents(output.all()),
      kill: (signal = 'SIGKILL') => child.kill(signal),
      stop: () => stop(child, exited, output, cleanUp),
    };
  } catch (problem) {
    child.kill('SIGKILL');
    await exited;
    cleanUp();
    throw new Error(`${problem.message}; its output was:\n${output.all()}`);
  }
}

async function stop(child, exited, output, cleanUp) {
  child.kill('SIGTERM');
  const late = deadline(STOP_WITHIN_MS, 'the server did not end after SIGTERM');
  try {
    return await Promise.race([exited, late.promise]);
  } catch (problem) {
    child.kill('SIGKILL');
    await exited;
    throw new Error(`${problem.message}; its output was:\n${output.all()}`);
  } finally {
    late.cancel();
    cleanUp();
  }
}

function collectOutput(child) {
  const chunks = { stdout: [], stderr: [], all: [] };
  const waiting = new Set();
  for (const name of ['stdout', 'stderr']) {
    child[name]?.on('data', (chunk) => {
      chunks[name].push(chunk);
      chunks.all.push(chunk);
      for (const listener of waiting) listener();
    });
  }
  const text = (name) => () => Buffer.concat(chunks[name]).toString('utf8');
  return { stdout: text('stdout'), stderr: text('stderr'), all: text('all'), onData: (listener) => waiting.add(listener) };
}

function parseEvents(text) {
  const events = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      events.push(JSON.parse(line));
    } catch { /* a line that is still being written */ }
  }
  return events;
}

/** The port of the log event "listening". */
async function portOf(output, exited) {
  const late = deadline(READY_WITHIN_MS, 'the server did not say that it listens');
  const listening = new Promise((resolve) => {
    const look = () => {
      const event = parseEvents(output.all()).find((entry) => entry.event === 'listening');
      if (event) resolve(event.port);
    };
    output.onData(look);
    look();
  });
  try {
    return await Promise.race([listening, endedEarly(exited), late.promise]);
  } finally {
    late.cancel();
  }
}

async function untilReady(url, exited) {
  const end = Date.now() + READY_WITHIN_MS;
  const gone = endedEarly(exited);
  gone.catch(() => {});
  for (;;) {
    const status = await Promise.race([statusOf(`${url}/health/ready`), gone]);
    if (status === 200) return;
    if (Date.now() > end) throw new Error(`/health/ready still answers ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function statusOf(address) {
  return new Promise((resolve) => {
    const client = address.startsWith('https') ? https : http;
    const request = client.get(address, { agent: false, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', () => resolve(0));
  });
}

async function endedEarly(exited) {
  const { code, signal, error } = await exited;
  throw new Error(`the server ended before it was ready (code ${code}, signal ${signal}${error ? `, ${error.message}` : ''})`);
}

function deadline(milliseconds, message) {
  let timer;
  const promise = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${milliseconds} ms`)), milliseconds);
  });
  promise.catch(() => {});
  return { promise, cancel: () => clearTimeout(timer) };
}
