// Limits under load: rate limit, a full queue, too many connections, and a stop while requests are in flight.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { diagnose, metric, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';

const JSON_TYPE = { 'Content-Type': 'application/json' };

test('the rate limit answers 429 with Retry-After, for diagnoses only', async () => {
  const server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '5' } });
  try {
    const statuses = [];
    let limited;
    for (let i = 0; i < 8; ++i) {
      const answer = await diagnose(server, requestWith());
      statuses.push(answer.status);
      if (answer.status === 429) limited = answer;
    }
    assert.deepEqual(statuses.slice(0, 5), [200, 200, 200, 200, 200]);
    assert.ok(limited, `no 429 among ${statuses}`);
    assert.ok(Number(limited.headers['retry-after']) >= 1 && Number(limited.headers['retry-after']) <= 60);
    assert.match(limited.headers['content-type'], /^application\/problem\+json/);
    assert.equal((await send(server, { path: '/health/live' })).status, 200);
    assert.equal(metric((await send(server, { path: '/api/v1/metrics' })).text, 'http_rate_limited_total'), statuses.filter((one) => one === 429).length);
  } finally {
    await server.stop();
  }
});

test('a refused client gets its answer after waiting as long as it was told', async () => {
  const server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '60' } });
  try {
    let answer = await diagnose(server, requestWith());
    for (let i = 0; i < 100 && answer.status === 200; ++i) answer = await diagnose(server, requestWith());
    assert.equal(answer.status, 429);
    await new Promise((resolve) => setTimeout(resolve, Number(answer.headers['retry-after']) * 1000 + 50));
    assert.equal((await diagnose(server, requestWith())).status, 200);
  } finally {
    await server.stop();
  }
});

/** A connection that has sent all of its request but the last byte; finish() sends that and gives the status. */
function almostSent(server, body) {
  const bytes = Buffer.from(`POST /api/v1/diagnose HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1');
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    const closed = new Promise((done) => socket.on('close', () => done(Buffer.concat(chunks).toString('latin1'))));
    socket.on('connect', () => socket.write(bytes.subarray(0, -1), (problem) => (problem ? reject(problem) : resolve({
      socket,
      finish: () => {
        socket.write(bytes.subarray(-1));
        return closed;
      },
    }))));
  });
}

test('a full queue answers 503 with Retry-After at once, and all is well afterwards', async () => {
  const server = await startServer({ env: { WORKER_THREADS: '1' } });
  try {
    const narrative = 'He has had fever, cough and chest pain for three days but denies vomiting. '.repeat(260).slice(0, 19_900);
    const body = JSON.stringify(requestWith({ narrative }));
    const waiting = await Promise.all(Array.from({ length: 700 }, () => almostSent(server, body)));
    const answers = await Promise.all(waiting.map(({ finish }) => finish()));
    const statuses = answers.map((answer) => Number(answer.split(' ')[1]));
    const shed = answers.filter((answer) => answer.startsWith('HTTP/1.1 503'));
    assert.deepEqual([...new Set(statuses)].sort(), [200, 503], `statuses ${[...new Set(statuses)]}`);
    assert.match(shed[0], /\r\nRetry-After: \d+\r\n/i);
    assert.match(shed[0], /application\/problem\+json/);
    assert.equal((await diagnose(server, requestWith())).status, 200);
    const metrics = (await send(server, { path: '/api/v1/metrics' })).text;
    assert.equal(metric(metrics, 'http_requests_shed_total'), shed.length);
    assert.equal(metric(metrics, 'http_queue_depth'), 0);
  } finally {
    await server.stop();
  }
});

test('more connections than allowed are refused, those that stand go on', async () => {
  const server = await startServer();
  try {
    const first = new http.Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await send(server, { path: '/health/live', agent: first })).status, 200);
    const sockets = await Promise.all(Array.from({ length: 1100 }, () => new Promise((resolve) => {
      const socket = net.connect(server.port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => resolve(socket));
    })));
    const refused = await Promise.race(sockets.slice(1050).map((socket) => new Promise((resolve) => {
      socket.on('data', (chunk) => resolve(chunk.toString('latin1')));
      socket.on('close', () => resolve('closed'));
    })));
    assert.match(refused, /^HTTP\/1\.1 503|closed/);
    assert.equal((await send(server, { path: '/health/live', agent: first })).status, 200, 'an open connection goes on');
    for (const socket of sockets) socket.destroy();
    first.destroy();
    assert.equal((await diagnose(server, requestWith())).status, 200, 'room again');
  } finally {
    await server.stop();
  }
});

test('a request in flight at SIGTERM is answered in full, a new one is not taken', async () => {
  const server = await startServer();
  const body = JSON.stringify(requestWith());
  const inFlight = await almostSent(server, body);
  await send(server, { path: '/health/live' });  // its bytes were read before this answer came
  server.kill('SIGTERM');
  await waitForEvent(server, 'stopping');
  await assert.rejects(send(server, { path: '/health/live' }), 'no new connection');
  const answer = await inFlight.finish();
  assert.match(answer, /^HTTP\/1\.1 200 /);
  const [head, content] = answer.split('\r\n\r\n');
  assert.equal(Number(/content-length: (\d+)/i.exec(head)[1]), Buffer.byteLength(content, 'latin1'), 'the whole answer');
  assert.ok(JSON.parse(Buffer.from(content, 'latin1').toString('utf8')).request_id);
  assert.deepEqual(await server.exited, { code: 0, signal: null });
  await server.stop();
});

test('many at once at SIGTERM: each gets a whole answer or none, and the server ends with 0', async () => {
  const server = await startServer();
  const body = JSON.stringify(requestWith());
  const waiting = await Promise.all(Array.from({ length: 40 }, () => almostSent(server, body)));
  const answers = waiting.map(({ finish }) => finish());
  server.kill('SIGTERM');
  for (const answer of await Promise.all(answers)) {
    if (answer === '') continue;
    const [head, content] = answer.split('\r\n\r\n');
    assert.equal(Number(/content-length: (\d+)/i.exec(head)[1]), Buffer.byteLength(content, 'latin1'));
  }
  assert.deepEqual(await server.exited, { code: 0, signal: null });
  await server.stop();
});

test('SIGINT ends it cleanly too', async () => {
  const server = await startServer();
  server.kill('SIGINT');
  assert.deepEqual(await server.exited, { code: 0, signal: null });
  assert.ok(server.events().some(({ event }) => event === 'stopped'));
  await server.stop();
});

async function waitForEvent(server, name) {
  const end = Date.now() + 10_000;
  while (!server.events().some(({ event }) => event === name)) {
    if (Date.now() > end) assert.fail(`no event ${name} in:\n${server.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('slow clients do not stop others', async () => {
  const server = await startServer();
  const slow = await Promise.all(Array.from({ length: 200 }, () => almostSent(server, JSON.stringify(requestWith()))));
  try {
    assert.equal((await send(server, { method: 'POST', path: '/api/v1/diagnose', body: requestWith(), headers: JSON_TYPE })).status, 200);
  } finally {
    for (const { socket } of slow) socket.destroy();
    await server.stop();
  }
});
