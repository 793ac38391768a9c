// Bodies nobody should send. What is only JSON stands in tests/cases/*.case; here is what needs raw bytes or much of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { diagnose, exchange, send } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';
import { query } from '../support/stored.mjs';

const GIGABYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
let server;

before(async () => {
  server = await startServer();
  assert.equal((await diagnose(server, referenceRequest)).status, 200);
});
after(() => server?.stop());

const head = (fields) => `POST /api/v1/diagnose HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${fields.join('\r\n')}\r\n\r\n`;

/** Writes pieces until the server answers or closes, then only listens: {answer, written}. */
async function streamUntilRefused(header, piece, most) {
  const socket = net.connect(server.port, '127.0.0.1');
  const chunks = [];
  let closed = false;
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => { closed = true; });
  socket.on('close', () => { closed = true; });
  await once(socket, 'connect');
  socket.write(header);
  let written = 0;
  while (!closed && chunks.length === 0 && written < most) {
    const more = socket.write(piece);
    written += piece.length;
    if (more) await new Promise((resolve) => setImmediate(resolve));
    else await Promise.race(['drain', 'close', 'data'].map((event) => once(socket, event))).catch(() => {});
  }
  if (!closed) await once(socket, 'close').catch(() => {});
  return { answer: Buffer.concat(chunks).toString('latin1'), written };
}

/** A client that goes on writing may see its connection cut before it reads the 413: TCP drops what was not read yet. */
function assertRefusedOrCut(answer) {
  if (answer !== '') assert.match(answer, /^HTTP\/1\.1 413 /);
}

test('a body of 1 GB that says so is refused before it is read', async () => {
  const answer = await exchange(server, head([`Content-Length: ${GIGABYTE}`, 'Connection: close']), { withinMs: 5000 });
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /application\/problem\+json/);
});

test('a body of 1 GB that says so and is streamed anyway is refused early', async () => {
  const { answer, written } = await streamUntilRefused(head([`Content-Length: ${GIGABYTE}`]), Buffer.alloc(65536, 'x'), GIGABYTE);
  assertRefusedOrCut(answer);
  assert.ok(written < 64 * MEBIBYTE, `${written} bytes were taken`);
});

test('a chunked body without an end is refused early', async () => {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65536, 'x'), Buffer.from('\r\n')]);
  const { answer, written } = await streamUntilRefused(head(['Transfer-Encoding: chunked']), chunk, GIGABYTE);
  assertRefusedOrCut(answer);
  assert.ok(written < 64 * MEBIBYTE, `${written} bytes were taken`);
});

test('a chunked body of two mebibytes is told why it is refused', async () => {
  const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
  const answer = await exchange(server, `${head(['Transfer-Encoding: chunked', 'Connection: close'])}${chunk.repeat(32)}0\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test('memory stays bounded after all of that', async () => {
  const metrics = (await send(server, { path: '/api/v1/metrics' })).text;
  const resident = Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)[1]);
  assert.ok(resident < 600 * MEBIBYTE, `${Math.round(resident / MEBIBYTE)} MiB resident`);
});

test('10^5 nested brackets of every kind are a 400', async () => {
  for (const body of ['['.repeat(1e5), '[{"a":'.repeat(1e5), `${'['.repeat(1e5)}${']'.repeat(1e5)}`,
    `{"age": 40, "symptoms": ["cough"], "severity": "mild", "lab_results": ${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}}`])
    assert.equal((await diagnose(server, body)).status, 400);
});

test('lone surrogates, as an escape and as bytes, are a 400', async () => {
  assert.equal((await diagnose(server, '{"age": 40, "symptoms": ["\\ud800"], "severity": "mild"}')).status, 400);
  assert.equal((await diagnose(server, '{"age": 40, "symptoms": ["\\udc00\\ud800"], "severity": "mild"}')).status, 400);
  const bytes = Buffer.concat([Buffer.from('{"age": 40, "severity": "mild", "symptoms": ["'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"]}')]);
  assert.equal((await diagnose(server, bytes)).status, 400);
});

test('bytes that are no UTF-8 are a 400', async () => {
  for (const bad of [[0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80]]) {
    const bytes = Buffer.concat([Buffer.from('{"age": 40, "severity": "mild", "symptoms": ["cough '), Buffer.from(bad), Buffer.from('"]}')]);
    assert.equal((await diagnose(server, bytes)).status, 400, bad.join(' '));
  }
});

test('a zero byte ends nothing: what follows it is not ignored', async () => {
  const fine = JSON.stringify(requestWith());
  for (const tail of ['\0', '\0 and more', '\0{}']) assert.equal((await diagnose(server, fine + tail)).status, 400, JSON.stringify(tail));
});

test('a compressed body is a 415', async () => {
  assert.equal((await diagnose(server, requestWith(), { headers: { 'Content-Encoding': 'gzip' } })).status, 415);
});

test('requests that two servers could read in two ways are refused', async () => {
  for (const fields of [['Content-Length: 2', 'Transfer-Encoding: chunked'], ['Content-Length: 2', 'Content-Length: 3'],
    ['Transfer-Encoding: gzip, chunked'], ['Content-Length: +2'], ['Content-Length: -1'], ['Content-Length: 2x'], ['Host: evil.example', 'Content-Length: 2']]) {
    const answer = await exchange(server, `${head([...fields, 'Connection: close'])}{}`, { withinMs: 5000 });
    assert.match(answer, /^HTTP\/1\.1 (400|403|501) /, `${fields}: ${answer.slice(0, 100)}`);
  }
});

test('headers too long, too many or torn do not stop it', async () => {
  for (const text of [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'A: b\r\n'.repeat(10_000)}\r\n`, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
    'GET', '\x00\x01\x02\x16\x03\x01', 'GET / HTTP/9.9\r\n\r\n', 'GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n', '\r\n\r\n\r\n'])
    assert.doesNotMatch(await exchange(server, text, { withinMs: 1500 }), /^HTTP\/1\.1 (200|5)/);
  assert.equal((await send(server, { path: '/health/live' })).status, 200);
});

test('paths that climb out find nothing', async () => {
  for (const path of ['/static/../../etc/passwd', '/static/%2e%2e/%2e%2e/etc/passwd', '/static/..%2f..%2fetc/passwd', '/static//etc/passwd', '/..', '/%00']) {
    const answer = await exchange(server, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`, { withinMs: 5000 });
    assert.match(answer, /^HTTP\/1\.1 40[04] /, path);
    assert.ok(!answer.includes('root:'));
  }
});

test('nothing already stored was harmed, and refusals stored no record', async () => {
  const records = Number(query(server.dataDir, 'SELECT count(*) FROM records'));
  assert.equal(records, 1);
  assert.equal((await diagnose(server, referenceRequest)).status, 200);
  assert.equal(Number(query(server.dataDir, 'SELECT count(*) FROM records')), 2);
});
