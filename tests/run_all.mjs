// ./run test [fast] calls this after building: every test there is, a line for each suite, failures in full where they happen and again in
// short at the end, and last one line "N passed, N failed, N skipped". Exit code 1 on any failure, and when there was nothing to run.
//
//   node tests/run_all.mjs all|fast [words]     words: only the suites whose name holds one of them
import fs from 'node:fs';
import path from 'node:path';
import { repository } from './support/server.mjs';
import { fuzzTarget, googleTest, nodeTest } from './support/suites.mjs';

const FUZZ_SECONDS = Number(process.env.OSLER_FUZZ_SECONDS ?? 45);
const TICK_MS = 200;
const LINE_EVERY_MS = 60_000;
const LINES_AT_THE_END = 12;

/** Files of a folder whose name fits, sorted, with their full path. */
function filesIn(folder, fits) {
  const full = path.join(repository, folder);
  if (!fs.existsSync(full)) return [];
  return fs.readdirSync(full).filter(fits).sort().map((name) => path.join(full, name));
}

const isTestFile = (name) => name.endsWith('.test.mjs');
const isBinary = (folder) => (name) => {
  const stat = fs.statSync(path.join(repository, folder, name));
  return stat.isFile() && (stat.mode & 0o111) !== 0;
};
const binariesIn = (folder) => filesIn(folder, isBinary(folder));
const isFaultTest = (binary) => path.basename(binary).startsWith('test_fault');
const isPlaceholder = (binary) => path.basename(binary) === 'test_pch';

/** 400 times SIGKILL take most of their stage: beside them all others run, one after the other. */
const longestFirst = (suites) => [...suites].sort((one, other) => Number(other.name.includes('kill.test')) - Number(one.name.includes('kill.test')));

/** What runs, as stages: the suites of a stage run `at_once` at a time. */
function stagesOf(kind) {
  const binaries = binariesIn('build/release/bin/tests').filter((binary) => !isPlaceholder(binary));
  const unit = binaries.filter((binary) => !isFaultTest(binary)).map(googleTest);
  const quick = ['tests/tidy.mjs', 'tests/cases/run_cases.mjs', 'bench/encoder/onnx_graph.test.mjs'].map((file) => nodeTest(path.join(repository, file)));
  if (kind === 'fast') return [{ suites: [...unit, ...quick], atOnce: 2 }];
  const files = (folder) => filesIn(folder, isTestFile).map(nodeTest);
  return [
    { suites: [...unit, ...quick], atOnce: 2 },
    { suites: [...files('tests/integration'), ...files('tests/issues'), ...files('tests/browser'),
      nodeTest(path.join(repository, 'bench/encoder/onnx_runtime.test.mjs'))], atOnce: 1 },
    { suites: longestFirst([...binaries.filter(isFaultTest).map(googleTest), ...files('tests/fault')]), atOnce: 2 },
    { suites: binariesIn('build/fuzz/bin/fuzz').map((binary) => fuzzTarget(binary, FUZZ_SECONDS)), atOnce: 2 },
  ];
}

/** The line that says what runs now: rewritten on a terminal, once a minute elsewhere. */
class Progress {
  constructor(total) {
    this.total = total;
    this.done = 0;
    this.running = new Map();
    this.lastLine = Date.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    const text = `[${this.done}/${this.total}] ${[...this.running].map(([name, since]) => `${name} ${Math.round((Date.now() - since) / 1000)} s`).join(', ')}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text.slice(0, (process.stdout.columns ?? 80) - 1)}`);
    else if (Date.now() - this.lastLine > LINE_EVERY_MS) this.print(text);
  }

  print(line) {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
    process.stdout.write(`${line}\n`);
    this.lastLine = Date.now();
  }

  end() {
    clearInterval(this.timer);
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  }
}

function summaryOf(results, seconds) {
  const parts = [`${results.passed} passed`];
  if (results.failed.length) parts.push(`${results.failed.length} FAILED`);
  if (results.skipped.length) parts.push(`${results.skipped.length} skipped`);
  return `${parts.join(', ')} in ${seconds.toFixed(1)} s${results.note ? ` (${results.note})` : ''}`;
}

async function runSuite(suite, progress, totals) {
  const since = Date.now();
  progress.running.set(suite.name, since);
  const results = await suite.run();
  progress.running.delete(suite.name);
  progress.done += 1;
  const nothing = results.passed + results.failed.length + results.skipped.length === 0;
  if (nothing) results.failed.push({ name: 'the whole suite', message: 'It holds no test.' });
  progress.print(`[${progress.done}/${progress.total}] ${suite.name}: ${summaryOf(results, (Date.now() - since) / 1000)}`);
  for (const { name, message } of results.failed) progress.print(`\nFAILED ${suite.name}: ${name}\n${message}\n`);
  for (const { name, reason } of results.skipped) progress.print(`  skipped: ${name}${reason ? ` (${reason.trim()})` : ''}`);
  totals.passed += results.passed;
  totals.failed.push(...results.failed.map(({ name, message }) => ({ name: `${suite.name}: ${name}`, message })));
  totals.skipped.push(...results.skipped.map(({ name }) => `${suite.name}: ${name}`));
}

/** What a reader of the last lines only must not miss. */
function printAgain(totals) {
  for (const name of totals.skipped) console.log(`skipped ${name}`);
  for (const { name, message } of totals.failed) {
    const lines = String(message).trim().split('\n');
    const rest = lines.length - LINES_AT_THE_END;
    console.log(`\nFAILED ${name}\n${lines.slice(0, LINES_AT_THE_END).join('\n')}${rest > 0 ? `\n(${rest} more lines above)` : ''}\n`);
  }
}

async function runStage({ suites, atOnce }, progress, totals) {
  const waiting = [...suites];
  const worker = async () => {
    for (let suite = waiting.shift(); suite; suite = waiting.shift()) await runSuite(suite, progress, totals);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const [kind = 'all', ...words] = process.argv.slice(2);
if (kind !== 'all' && kind !== 'fast') {
  console.error('usage: node tests/run_all.mjs all|fast [words]');
  process.exit(2);
}
const stages = stagesOf(kind).map((stage) => ({
  ...stage, suites: stage.suites.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word))),
}));
const totals = { passed: 0, failed: [], skipped: [] };
const progress = new Progress(stages.reduce((sum, stage) => sum + stage.suites.length, 0));
for (const stage of stages) await runStage(stage, progress, totals);
progress.end();
printAgain(totals);
const failed = totals.failed.length;
if (totals.passed + failed === 0) console.log('no test was found');
console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped.length} skipped`);
process.exitCode = failed > 0 || totals.passed === 0 ? 1 : 0;
