// The command line: help everywhere, human and JSON output, exit codes (0 fine, 1 refused, 2 wrong usage).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { repository, runOsler, startServer, temporaryFolder } from '../support/server.mjs';
import { filesBelow } from '../support/stored.mjs';

const caseText = JSON.stringify(referenceRequest);
let folder;
let caseFile;

before(() => {
  folder = temporaryFolder('osler-cli');
  caseFile = path.join(folder, 'case.json');
  fs.writeFileSync(caseFile, caseText);
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const commands = [[], ['serve'], ['diagnose'], ['knowledge'], ['knowledge', 'check'], ['knowledge', 'show'], ['audit'], ['audit', 'verify'], ['audit', 'prove'], ['audit', 'check'],
  ['audit', 'public-key'], ['audit', 'export'], ['audit', 'accesses'],
  ['evaluate'], ['evaluate', 'cases'], ['evaluate', 'text'], ['evaluate', 'models'], ['evaluate', 'explanations'], ['knowledge', 'compare'], ['fit'], ['version']];

for (const command of commands) {
  test(`osler ${command.join(' ')} --help says what it does`, async () => {
    const { code, stdout, stderr } = await runOsler([...command, '--help']);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.length > 60 && /--help/.test(stdout), stdout);
    assert.equal(stderr, '');
  });
}

for (const args of [[], ['fly'], ['serve', '--port'], ['diagnose'], ['diagnose', 'a', 'b'], ['knowledge'], ['knowledge', 'show'], ['version', '--loud']]) {
  test(`osler ${args.join(' ')} is wrong usage`, async () => {
    const { code, stdout, stderr } = await runOsler(args);
    assert.equal(code, 2, stdout + stderr);
    assert.notEqual(stderr, '');
  });
}

test('osler diagnose CASE.json prints the differential for a person', async () => {
  const { code, stdout, stderr } = await runOsler(['diagnose', caseFile]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /acute myocardial infarction \(I21\)/);
  assert.match(stdout, /emergency/);
  assert.match(stdout, /12345-6/, 'warnings too');
  assert.match(stdout, /calibrated on/);
});

test('osler diagnose --json prints what the server answers', async () => {
  const { code, stdout } = await runOsler(['diagnose', caseFile, '--json']);
  assert.equal(code, 0);
  const answer = JSON.parse(stdout);
  const server = await startServer();
  const served = (await diagnose(server, referenceRequest)).json;
  await server.stop();
  assert.deepEqual(answer.candidates, served.candidates);
  assert.deepEqual(answer.warnings, served.warnings);
  assert.deepEqual(Object.keys(answer).sort(), Object.keys(served).sort());
});

test('osler diagnose - reads standard input', async () => {
  const { code, stdout } = await runOsler(['diagnose', '-', '--json'], { input: caseText });
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).candidates[0].condition_code, 'I21');
});

test('osler diagnose stores nothing', async () => {
  const dataDir = temporaryFolder();
  await runOsler(['diagnose', caseFile], { dataDir });
  assert.deepEqual(filesBelow(dataDir), []);
  fs.rmSync(dataDir, { recursive: true, force: true });
});

for (const [what, args, input, says] of [
  ['a file that is not there', ['diagnose', '/nowhere/case.json'], '', /cannot be read/],
  ['what is not JSON', ['diagnose', '-'], '{"age": ', /JSON/],
  ['a bad field', ['diagnose', '-'], JSON.stringify(requestWith({ age: 200 })), /\/age.*0 to 150/],
  ['a condition nobody knows', ['knowledge', 'show', 'dragon_pox'], '', /dragon_pox/],
]) {
  test(`${what} is refused with one line and exit code 1`, async () => {
    const { code, stdout, stderr } = await runOsler(args, { input });
    assert.equal(code, 1, stdout + stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^osler: [^\n]+\n$/);
    assert.match(stderr, says);
  });
}

test('osler knowledge check counts what there is', async () => {
  const { code, stdout } = await runOsler(['knowledge', 'check', '--json']);
  assert.equal(code, 0, stdout);
  const counts = JSON.parse(stdout);
  assert.ok(counts.conditions >= 80 && counts.findings > 300 && counts.loinc_codes > 30, stdout);
  assert.match((await runOsler(['knowledge', 'check'])).stdout, /conditions: \d+/);
});

test('osler knowledge check names file and line of a fault, and ends with 1', async () => {
  const copy = path.join(folder, 'knowledge');
  fs.cpSync(path.join(repository, 'knowledge'), copy, { recursive: true });
  const file = path.join(copy, 'conditions/cardiovascular/acute_myocardial_infarction.yaml');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^ {2}chest_pain: .*$/m, '  chest_pain: 1.7'));
  const { code, stdout, stderr } = await runOsler(['knowledge', 'check'], { env: { KNOWLEDGE_DIR: copy } });
  assert.equal(code, 1);
  assert.match(stdout + stderr, /acute_myocardial_infarction\.yaml:\d+/);
});

test('osler knowledge show prints a condition and a finding', async () => {
  const shown = JSON.parse((await runOsler(['knowledge', 'show', 'acute_myocardial_infarction', '--json'])).stdout);
  assert.equal(shown.condition.code, 'I21');
  assert.ok(shown.condition.tests.includes('ECG') && shown.condition.sources.length > 0);
  assert.match((await runOsler(['knowledge', 'show', 'chest_pain'])).stdout, /chest pain/);
});

test('osler version names program, model and knowledge', async () => {
  const { code, stdout } = await runOsler(['version', '--json']);
  assert.equal(code, 0, stdout);
  assert.match(JSON.parse(stdout).model, /\+kb\.[0-9a-f]{12}$/);
  assert.match((await runOsler(['version'])).stdout, /^osler \d+\.\d+\.\d+\nmodel /);
});

test('osler audit verify finds a sound log sound, and every byte that was changed', async () => {
  const dataDir = temporaryFolder();
  const server = await startServer({ dataDir });
  for (let i = 0; i < 5; ++i) await diagnose(server, requestWith({ age: 40 + i }));
  await diagnose(server, {});
  await server.stop();
  const sound = await runOsler(['audit', 'verify', '--json'], { dataDir });
  assert.equal(sound.code, 0, sound.stdout + sound.stderr);
  const report = JSON.parse(sound.stdout);
  assert.equal(report.sound, true);
  assert.ok(report.entries >= 6, 'refusals are audited too');
  assert.match((await runOsler(['audit', 'verify'], { dataDir })).stdout, /^sound: /);
  const log = filesBelow(path.join(dataDir, 'audit')).find(({ bytes }) => bytes.includes('"request_id"'));
  const changed = Buffer.from(log.bytes);
  const place = changed.indexOf('"trial"');
  changed[place + 1] ^= 1;
  fs.writeFileSync(log.path, changed);
  const broken = await runOsler(['audit', 'verify'], { dataDir });
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /NOT SOUND/);
  fs.writeFileSync(log.path, log.bytes);
  assert.equal((await runOsler(['audit', 'verify'], { dataDir })).code, 0);
  fs.rmSync(dataDir, { recursive: true, force: true });
});

test('osler audit verify without a log is refused and makes no files', async () => {
  const dataDir = temporaryFolder();
  const { code, stderr } = await runOsler(['audit', 'verify'], { dataDir });
  assert.equal(code, 1);
  assert.match(stderr, /^osler: /);
  assert.deepEqual(filesBelow(dataDir), [], 'looking must not create keys');
  fs.rmSync(dataDir, { recursive: true, force: true });
});
