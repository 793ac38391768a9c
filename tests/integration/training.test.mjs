// Training survives being killed at any moment: a run that is shot again and again ends with the same weights as one that was left alone.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { repository, temporaryFolder } from '../support/server.mjs';

const trainer = process.env.OSLER_TRAIN_BINARY ?? path.join(repository, 'build/release/bin/osler-train');
const seed = Number(process.env.OSLER_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed} (repeat with OSLER_TEST_SEED=${seed})`);
let state = seed;
const random = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff;

/** A run of some seconds: two narrow layers, a checkpoint after every step. */
function configuration(folder, steps) {
  const file = path.join(folder, 'run.json');
  fs.writeFileSync(file, JSON.stringify({
    name: 'tiny', version: '1', work_folder: path.join(folder, 'work'), seed: 3,
    architecture: { layers: 2, heads: 2, hidden: 32, intermediate: 64, positions: 64 },
    vocabulary_size: 1500, tokens_a_batch: 1024, max_length: 64, mixed_precision: false, checkpoint_minutes: 0,
    phases: [{ name: 'all', steps, learning_rate: 0.001, warm_up: 3, weights: { masked: 0.5, conditions: 1, tags: 0.5, findings: 0.5, contrast: 0.1 } }],
  }));
  return file;
}

const run = (args) => execFileSync(trainer, args, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } });
const train = (file) => ['text', '--config', file, '--threads', '1'];

/** Starts the run and kills it some time after it wrote its checkpoint `after` times more; resolves with how it ended. */
function shoot(file, checkpoint, after) {
  return new Promise((resolve) => {
    const written = () => fs.statSync(checkpoint, { throwIfNoEntry: false })?.ino;
    let last = written(), left = after, over = false;
    const child = spawn(trainer, train(file), { cwd: repository, stdio: 'ignore', env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } });
    const watch = () => {
      if (over) return;
      if (written() !== last) {
        last = written();
        if (--left === 0) return void setTimeout(() => child.kill('SIGKILL'), random() * 20);
      }
      setImmediate(watch);
    };
    watch();
    child.on('exit', (code, signal) => {
      over = true;
      resolve(signal ?? code);
    });
  });
}

function weightsOf(folder, file) {
  run(['export', '--config', file, '--out', path.join(folder, 'model'), '--storage', 'fp32']);
  return fs.readFileSync(path.join(folder, 'model/model.safetensors'));
}

test('a run that is killed again and again ends with the weights of one that was left alone', async () => {
  const steps = 60;
  const alone = temporaryFolder('osler-train-alone'), shot = temporaryFolder('osler-train-shot');
  const plain = configuration(alone, steps), harried = configuration(shot, steps);
  run(train(plain));
  let kills = 0;
  const checkpoint = path.join(shot, 'work/checkpoint.safetensors');
  for (let i = 0; i < 8; ++i) if ((await shoot(harried, checkpoint, 1 + Math.floor(random() * 5))) === 'SIGKILL') ++kills;
  run(train(harried));
  assert.ok(kills > 0, 'the run ended before it could be killed once');
  assert.ok(weightsOf(alone, plain).equals(weightsOf(shot, harried)), `weights differ after ${kills} kills`);
  fs.rmSync(alone, { recursive: true });
  fs.rmSync(shot, { recursive: true });
});

test('a configuration that is wrong is refused with the setting and what is wrong', () => {
  const folder = temporaryFolder('osler-train-wrong');
  const file = configuration(folder, 1);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"seed":3', '"sed":3'));
  assert.throws(() => run(train(file)), (error) => error.status === 1 && /sed is not a setting/.test(error.stderr));
  fs.rmSync(folder, { recursive: true });
});

test('cases are the same for the same seed, and every line is a request', () => {
  const some = run(['cases', '--count', '50', '--seed', '9', '--out', '-']);
  assert.equal(some, run(['cases', '--count', '50', '--seed', '9', '--out', '-']));
  assert.notEqual(some, run(['cases', '--count', '50', '--seed', '10', '--out', '-']));
  const lines = some.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 50);
  for (const line of lines) assert.ok(line.condition && line.request.symptoms.length > 0 && Array.isArray(line.spans));
});

test('a configuration that is no JSON is refused with file, line and column', () => {
  const folder = temporaryFolder('osler-train-broken');
  const file = path.join(folder, 'run.json');
  fs.writeFileSync(file, '{\n  "name": "tiny"\n  "seed": 3\n}\n');
  assert.throws(() => run(train(file)), (error) => error.status === 1 && error.stderr.includes(`${file}, line 3, column 8: `) && /expected '}'/.test(error.stderr));
  fs.rmSync(folder, { recursive: true });
});

test('a case says something of its condition, and nobody small writes it', () => {
  const lines = run(['cases', '--count', '600', '--seed', String(seed), '--out', '-']).trim().split('\n').map((line) => JSON.parse(line));
  for (const { condition, voice, request, spans } of lines) {
    assert.ok(spans.some(({ polarity }) => polarity === 'present'), `${condition}: ${JSON.stringify(request)}`);
    assert.notDeepEqual(request.symptoms, ['feeling unwell'], condition);
    assert.ok(request.age >= 10 || (voice !== 'own_words' && voice !== 'telegram'), `${voice} at ${request.age}`);
  }
});

/** Two steps of masked words on plain texts and cases, then two of everything else; every step is noted. */
function maskedThenTuned(folder) {
  const file = configuration(folder, 2);
  const plain = path.join(folder, 'plain.txt');
  fs.writeFileSync(plain, 'The heart is a muscle that pumps blood.\nFever is a raised temperature of the body.\n');
  const { phases: [phase], ...rest } = JSON.parse(fs.readFileSync(file, 'utf8'));
  fs.writeFileSync(file, JSON.stringify({
    ...rest, checkpoint_minutes: 10, validate_every: 1, plain_texts: [plain],
    phases: [{ ...phase, name: 'masked', weights: { masked: 1 } }, { ...phase, name: 'tuning', weights: { conditions: 1, tags: 0.5, findings: 0.5 } }],
  }));
  return file;
}

/** {phase: the names that metrics.csv holds of it}. */
function notedBy(folder) {
  const noted = {};
  for (const line of fs.readFileSync(path.join(folder, 'work/metrics.csv'), 'utf8').trim().split('\n').slice(1)) {
    const [, phase, , name] = line.split(',');
    (noted[phase] ??= new Set()).add(name);
  }
  return noted;
}

test('a masked phase is followed by fine-tuning, and cut after every step they end with the same weights', () => {
  const whole = temporaryFolder('osler-train-whole'), cut = temporaryFolder('osler-train-cut');
  const plain = maskedThenTuned(whole), pieces = maskedThenTuned(cut);
  run(train(plain));
  fs.mkdirSync(path.join(cut, 'work'));
  fs.copyFileSync(path.join(whole, 'work/vocab.txt'), path.join(cut, 'work/vocab.txt'));  // the slow part of a first run
  const oneStep = [...train(pieces), '--minutes', '0.000001'];
  for (let i = 0; i < 3; ++i) run(oneStep);
  run(train(pieces));
  for (const folder of [whole, cut]) {
    assert.deepEqual(notedBy(folder), { masked: new Set(['learning_rate', 'masked']), tuning: new Set(['conditions', 'findings', 'learning_rate', 'tags']) });
    const report = fs.readFileSync(path.join(folder, 'work/report.html'), 'utf8');
    for (const name of ['masked', 'conditions', 'tags', 'findings']) assert.ok(report.includes(`<h2>${name}</h2>`), `no curve of ${name}`);
  }
  assert.ok(weightsOf(whole, plain).equals(weightsOf(cut, pieces)), 'weights differ');
  for (const folder of [whole, cut]) fs.rmSync(folder, { recursive: true });
});
