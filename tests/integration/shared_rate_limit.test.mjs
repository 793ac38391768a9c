// Two servers that count in one Redis or Valkey, which goes away and comes back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { diagnose, metric, send } from '../support/http.mjs';
import { redisOrReason } from '../support/redis.mjs';
import { requestWith } from '../support/requests.mjs';
import { runOsler, startServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';

const PER_MINUTE = 30;
const { redis, reason: skip } = await redisOrReason();
const servers = [];

before(async () => {
  if (skip) return;
  for (let i = 0; i < 2; ++i) servers.push(await startServer({ env: { RATE_LIMIT_URL: redis.url, RATE_LIMIT_PER_MINUTE: String(PER_MINUTE), ENCRYPTION_KEY: 'c3'.repeat(32) } }));
});
after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await redis?.stop();
});

const shared = async (server) => metric((await send(server, { path: '/api/v1/metrics' })).text, 'http_rate_limit_shared');
const statusFrom = async (server, localAddress) => (await diagnose(server, requestWith(), { localAddress })).status;

test('while it is there, while it is away and when it is back', { skip }, async () => {
  for (const server of servers) assert.equal(await shared(server), 1);
  assert.equal(await statusFrom(servers[0], '127.0.0.3'), 200);

  await redis.kill();
  const before = Date.now();
  let allowed = 0;
  for (let i = 0; i < PER_MINUTE + 5; ++i) allowed += (await statusFrom(servers[0], '127.0.0.4')) === 200;
  const refilled = Math.ceil(((Date.now() - before) / 60_000) * PER_MINUTE);
  assert.ok(allowed >= PER_MINUTE && allowed <= PER_MINUTE + refilled, `${allowed} by its own limit`);
  assert.equal(await shared(servers[0]), 0);
  const text = (await send(servers[0], { path: '/api/v1/metrics' })).text;
  assert.ok(metric(text, 'http_rate_limit_fallbacks_total') >= PER_MINUTE);
  assert.equal(servers[0].events().filter(({ event }) => event === 'rate_limit_not_shared').length, 1, 'said once');

  await redis.start();
  for (const server of servers) {
    await statusFrom(server, '127.0.0.5');  // one that asked nothing meanwhile has not noticed yet
    await until('it is shared again', async () => (await shared(server)) === 1);
  }
});

test('a rate limit beyond this machine without TLS stops the start, and its password is not repeated', async () => {
  const { code, stderr } = await runOsler(['serve'], { env: { RATE_LIMIT_URL: 'redis://osler:hunter2@cache.example:6379/0' }, timeoutMs: 20_000 });
  assert.equal(code, 1);
  assert.match(stderr, /RATE_LIMIT_URL/);
  assert.ok(!stderr.includes('hunter2'));
});
