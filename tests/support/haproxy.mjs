// HAProxy as deploy/haproxy.cfg sets it up, with ports and certificates of a test.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { repository } from './server.mjs';
import { wait } from './load.mjs';

const READY_WITHIN_MS = 15_000;

/** Why HAProxy cannot be used here, or false: for `skip`. */
export function haproxyMissing() {
  try {
    execFileSync('haproxy', ['-v'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'haproxy is not installed';
  }
}

/** The shipped configuration with other places in it; `ports` are those of the servers. */
export function configurationFor({ port, ports, certificate, ca }) {
  const text = fs.readFileSync(path.join(repository, 'deploy/haproxy.cfg'), 'utf8');
  const lines = text.split('\n').filter((line) => !/^\s+server osler/.test(line)).join('\n')
    .replace('bind :443 ', `bind 127.0.0.1:${port} `)
    .replace('/etc/haproxy/osler.pem', certificate)
    .replace('/etc/haproxy/osler-ca.pem', ca);
  return `${lines.trimEnd()}\n${ports.map((one, number) => `    server osler${number + 1} 127.0.0.1:${one}\n`).join('')}`;
}

/** A free loopback port. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts it in `folder`; {url, port, stop()}. */
export async function startHaproxy(folder, { ports, certificate, ca }) {
  const port = await freePort();
  const file = path.join(folder, 'haproxy.cfg');
  fs.writeFileSync(file, configurationFor({ port, ports, certificate, ca }));
  execFileSync('haproxy', ['-c', '-q', '-f', file], { stdio: 'pipe' });
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => output.push(piece));
  const exited = new Promise((resolve) => child.on('close', resolve));
  process.on('exit', () => child.kill('SIGKILL'));
  const end = Date.now() + READY_WITHIN_MS;
  while (!(await listens(port))) {
    if (Date.now() > end) throw new Error(`haproxy does not listen:\n${Buffer.concat(output)}`);
    await wait(50);
  }
  return {
    url: `https://127.0.0.1:${port}`, port,
    log: () => Buffer.concat(output).toString('utf8'),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
