// Runs one suite (a GoogleTest binary, a node test file, a fuzz target) and gives its results in one shape:
// {name, seconds, passed, failed: [{name, message}], skipped: [{name, reason}], note}.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository, temporaryFolder } from './server.mjs';

const REPORTER = fileURLToPath(new URL('json_reporter.mjs', import.meta.url));
const SUITE_WITHIN_MS = 15 * 60_000;
const SHOWN_OUTPUT = 12_000;
const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a command to its end: {code, signal, output, late}. */
function execute(command, args, { env = {}, cwd = repository, withinMs = SUITE_WITHIN_MS } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, withinMs);
    const end = (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, signal, late, output: Buffer.concat(chunks).toString('utf8') });
    };
    child.on('error', (error) => {
      chunks.push(Buffer.from(error.message));
      end(null, null);
    });
    child.on('close', end);
  });
}

const tailOf = (text) => (text.length > SHOWN_OUTPUT ? `...\n${text.slice(-SHOWN_OUTPUT)}` : text);

function endingOf({ code, signal, late }) {
  if (late) return `did not end within ${SUITE_WITHIN_MS / 60_000} minutes`;
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}

/** A GoogleTest binary. A crash is one failure, beside whatever it had reported. */
export function googleTest(binary) {
  return {
    name: path.basename(binary),
    run: async () => {
      const folder = temporaryFolder('osler-gtest');
      const report = path.join(folder, 'report.json');
      const ended = await execute(binary, [`--gtest_output=json:${report}`, '--gtest_color=no', '--gtest_brief=1'], { cwd: folder });
      const results = fs.existsSync(report) ? readGoogleTest(JSON.parse(fs.readFileSync(report, 'utf8'))) : empty();
      fs.rmSync(folder, { recursive: true, force: true });
      if (ended.code !== 0 && results.failed.length === 0)
        results.failed.push({ name: 'the whole binary', message: `It ${endingOf(ended)}.\n${tailOf(ended.output)}` });
      return results;
    },
  };
}

function readGoogleTest(report) {
  const results = empty();
  for (const suite of report.testsuites ?? []) {
    for (const entry of suite.testsuite ?? []) {
      const name = `${suite.name}.${entry.name}`;
      if (entry.failures?.length) results.failed.push({ name, message: entry.failures.map((failure) => failure.failure).join('\n') });
      else if (entry.result === 'SKIPPED') results.skipped.push({ name, reason: entry.skipped?.[0]?.message ?? '' });
      else if (entry.status === 'NOTRUN') results.skipped.push({ name, reason: 'disabled' });
      else results.passed += 1;
    }
  }
  return results;
}

/** A file of node:test tests, run on its own so that nothing leaks between files. */
export function nodeTest(file) {
  return {
    name: path.relative(path.join(repository, 'tests'), file),
    run: async () => {
      const folder = temporaryFolder('osler-node');
      const report = path.join(folder, 'report.jsonl');
      const ended = await execute(process.execPath,
        ['--no-warnings', `--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`, file]);
      const lines = fs.existsSync(report) ? fs.readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
      fs.rmSync(folder, { recursive: true, force: true });
      const results = readNodeTest(lines.map((line) => JSON.parse(line)));
      if (ended.code !== 0 && results.failed.length === 0)
        results.failed.push({ name: 'the whole file', message: `It ${endingOf(ended)}.\n${tailOf(ended.output)}` });
      else if (results.failed.length > 0 && ended.output) results.failed.at(-1).message += `\n--- its output ---\n${tailOf(ended.output)}`;
      results.note = ended.output.split('\n').filter((line) => line.startsWith('note: ')).map((line) => line.slice(6)).join('; ');
      return results;
    },
  };
}

function readNodeTest(entries) {
  const results = empty();
  for (const entry of entries) {
    if (entry.outcome === 'failed') results.failed.push({ name: entry.name, message: entry.message });
    else if (entry.outcome === 'skipped') results.skipped.push({ name: entry.name, reason: entry.message });
    else results.passed += 1;
  }
  return results;
}

/** A libFuzzer target for a bounded time, from its seeds in tests/fuzz/corpus/<name>/; what it finds is kept in build/. */
export function fuzzTarget(binary, seconds) {
  const name = path.basename(binary);
  return {
    name: `${name} (${seconds} s)`,
    run: async () => {
      const found = path.join(repository, 'build/fuzz/corpus', name);
      const artifacts = path.join(repository, 'build/fuzz/artifacts');
      for (const folder of [found, artifacts]) fs.mkdirSync(folder, { recursive: true });
      const seeds = [path.join(repository, 'tests/fuzz/corpus', name.replace(/^fuzz_/, '')),
        path.join(repository, 'tests/fuzz/corpus', name)].filter((folder) => fs.existsSync(folder));
      const ended = await execute(binary, [`-max_total_time=${seconds}`, '-timeout=30', '-rss_limit_mb=2048',
        '-print_final_stats=1', `-artifact_prefix=${artifacts}/${name}-`, found, ...seeds]);
      const results = empty();
      if (ended.code === 0) results.passed = 1;
      else results.failed.push({ name, message: `It ${endingOf(ended)}; the input is in build/fuzz/artifacts.\n${tailOf(ended.output)}` });
      const units = /number_of_executed_units:\s*(\d+)/.exec(ended.output)?.[1];
      results.note = units ? `${units} inputs` : '';
      return results;
    },
  };
}

function empty() {
  return { passed: 0, failed: [], skipped: [], note: '' };
}
