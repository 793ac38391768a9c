// SIGKILL at random moments under load: no acknowledged request is lost, and the audit log verifies.
//   OSLER_SEED=7 OSLER_KILLS=200 node tests/fault/kill.test.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { test } from 'node:test';
import { diagnose } from '../support/http.mjs';
import { randomFrom, requestWith, seedOfThisRun } from '../support/requests.mjs';
import { startServer, temporaryFolder } from '../support/server.mjs';
import { auditedIds, integrityOf, recordedIds, verifyAudit } from '../support/stored.mjs';

const KILLS = Number(process.env.OSLER_KILLS ?? 50);
const CLIENTS = 6;
const LONGEST_LIFE_MS = 350;
const VERIFY_EVERY = 10;

const symptoms = ['cough', 'fever', 'headache', 'chest pain', 'back pain', 'dysuria', 'vertigo', 'fatigue', 'rash', 'nausea'];

/** One client: asks again and again until the server is gone, and notes every answer that came whole. */
async function client(server, random, acknowledged) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (;;) {
      const body = requestWith({ age: Math.floor(random() * 90), symptoms: [symptoms[Math.floor(random() * symptoms.length)]] });
      const answer = await diagnose(server, body, { agent });
      if (answer.status === 200) acknowledged.add(answer.json.request_id);
      else assert.equal(answer.status, 503, answer.text);
    }
  } catch (problem) {
    if (problem.code === 'ERR_ASSERTION') throw problem;  // anything else: the connection broke, as it must
  } finally {
    agent.destroy();
  }
}

async function lifeAndDeath(dataDir, random, acknowledged) {
  const server = await startServer({ dataDir, env: { LOG_LEVEL: 'info' } }).catch((problem) => assert.fail(`no restart: ${problem.message}`));
  const clients = Array.from({ length: CLIENTS }, () => client(server, random, acknowledged));
  await new Promise((resolve) => setTimeout(resolve, 5 + random() * LONGEST_LIFE_MS));
  server.kill('SIGKILL');
  await server.exited;
  await Promise.all(clients);
}

async function assertNothingLost(dataDir, acknowledged, when) {
  assert.equal(integrityOf(dataDir), 'ok', when);
  const records = recordedIds(dataDir);
  const entries = auditedIds(dataDir);
  assert.deepEqual([...acknowledged].filter((id) => !records.has(id)), [], `records lost ${when}`);
  assert.deepEqual([...acknowledged].filter((id) => !entries.has(id)), [], `audit entries lost ${when}`);
}

test(`${KILLS} times SIGKILL under load loses nothing that was acknowledged`, async () => {
  const random = randomFrom(seedOfThisRun());
  const dataDir = temporaryFolder('osler-kill');
  const acknowledged = new Set();
  try {
    for (let kill = 1; kill <= KILLS; ++kill) {
      await lifeAndDeath(dataDir, random, acknowledged);
      if (kill % VERIFY_EVERY === 0) await assertNothingLost(dataDir, acknowledged, `after kill ${kill}`);
    }
    const last = await startServer({ dataDir });  // recovers what the last kill tore
    assert.equal((await diagnose(last, requestWith())).status, 200);
    await last.stop();
    await assertNothingLost(dataDir, acknowledged, 'at the end');
    const report = await verifyAudit(dataDir);
    assert.equal(report.code, 0, report.stdout + report.stderr);
    assert.ok(acknowledged.size > KILLS, `only ${acknowledged.size} requests were acknowledged`);
    console.log(`note: ${KILLS} kills, ${acknowledged.size} requests acknowledged`);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});
