// A real Redis or Valkey of a test's own, on a Unix socket or loopback, that can be killed, stopped and started again. tests/unit/http/redis_server.cc is the
// same for C++.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from './haproxy.mjs';
import { temporaryFolder } from './server.mjs';

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const programs = ['redis-server', 'valkey-server'];
const installed = () => programs.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

/** {redis} as startRedis() gives it, or {reason}: why there is none, for `skip`. */
export async function redisOrReason() {
  return installed() ? { redis: await startRedis() } : { reason: `neither ${programs.join(' nor ')} is installed` };
}

/** Started and ready: {url, port, folder, kill(), start(), signal(name), stop()}. What it held is gone after kill(). */
export async function startRedis() {
  const folder = temporaryFolder('osler-redis');
  const port = await freePort();
  const server = { url: `redis://127.0.0.1:${port}/0`, port, folder, child: undefined };
  server.start = () => start(server, folder);
  server.signal = (name) => server.child.kill(name);
  server.kill = async () => {
    const { child } = server;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  server.stop = async () => {
    await server.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  await server.start();
  return server;
}

function start(server, folder) {
  const child = spawn(installed(), ['--port', String(server.port), '--bind', '127.0.0.1', '--unixsocket', path.join(folder, 'socket'), '--dir', folder, '--save', '',
    '--appendonly', 'no'], { stdio: ['ignore', 'pipe', 'inherit'] });
  server.child = child;
  children.add(child);
  child.once('exit', () => children.delete(child));
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.includes('eady to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended before it was ready:\n${said}`)));
    child.once('error', reject);
  });
}
