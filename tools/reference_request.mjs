// Waits until the server is ready, sends the reference request and prints the answer for people.
// usage: node tools/reference_request.mjs URL SERVER_PID
import { readFileSync } from 'node:fs';

const [url, serverPid] = process.argv.slice(2);
const READY_TIMEOUT_MS = 30_000;

function serverIsAlive() {
  try {
    process.kill(Number(serverPid), 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntilReady() {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (!serverIsAlive()) throw new Error('the server did not start; its message is above');
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server was not ready within ${READY_TIMEOUT_MS / 1000} s`);
}

function bar(confidence) {
  const filled = Math.round(confidence * 20);
  return '█'.repeat(filled) + '░'.repeat(20 - filled);
}

function printCondition({ condition, condition_code, status, confidence, supporting_evidence, recommended_tests }) {
  const percent = `${(confidence * 100).toFixed(1)} %`.padStart(7);
  console.log(`  ${bar(confidence)} ${percent}  ${condition} (${condition_code})${status === 'known' ? ', known' : ''}`);
  if (status === 'known') return;
  console.log(`      evidence: ${supporting_evidence.slice(0, 6).join('; ')}`);
  console.log(`      tests:    ${recommended_tests.join('; ')}`);
}

function printAnswer(answer) {
  console.log(`\nThe reference request: ${readFileSync(new URL('reference_request.json', import.meta.url), 'utf8').trim()}`);
  console.log(`\nUrgency: ${answer.urgency.level} (${answer.urgency.reasons.join('; ')})`);
  console.log('Diagnoses:');
  answer.diagnoses.forEach(printCondition);
  const others = answer.candidates.filter((c) => !answer.diagnoses.some((d) => d.condition_id === c.condition_id));
  console.log('Also considered:');
  for (const { condition, confidence } of others.slice(0, 5)) console.log(`  ${(confidence * 100).toFixed(1).padStart(5)} %  ${condition}`);
  if (answer.warnings.length > 0) console.log('Warnings:');
  for (const { text } of answer.warnings) console.log(`  ${text}`);
  console.log(`\n${answer.model_version}, ${answer.processing_time_ms} ms. ${answer.intended_use}\n`);
}

try {
  await waitUntilReady();
  const body = readFileSync(new URL('reference_request.json', import.meta.url));
  const response = await fetch(`${url}/api/v1/diagnose`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = await response.json();
  if (!response.ok) throw new Error(`the reference request was answered ${response.status}: ${JSON.stringify(answer)}`);
  printAnswer(answer);
} catch (problem) {
  console.error(`osler: ${problem.message}`);
  process.exit(1);
}
