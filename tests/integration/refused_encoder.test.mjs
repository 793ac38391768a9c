// Encoders that must not be used: the server starts without them, its log names the file and the reason, and every answer is the
// network's and says so. tests/unit/models/encoder_refusals_test.cc has the many ways; here are those a copy goes wrong in.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { diagnose, metric, send } from '../support/http.mjs';
import { referenceRequest } from '../support/requests.mjs';
import { repository, runOsler, startServer, temporaryFolder } from '../support/server.mjs';

const SHIPPED = path.join(repository, 'models/osler-encoder/1');
const OVER_THE_LIMIT = 4 * 2 ** 30 + 1;  // limits.h, kMaxModelFileBytes
const at = (folder, name) => path.join(folder, name);
const change = (folder, name, how) => fs.writeFileSync(at(folder, name), how(fs.readFileSync(at(folder, name))));
const withoutLastLine = (bytes) => bytes.subarray(0, bytes.lastIndexOf('\n', bytes.length - 2) + 1);

/** model.safetensors with its header and tensors passed through `how(header, data)`; `data` may be written to. */
function changeTensors(folder, how) {
  change(folder, 'model.safetensors', (bytes) => {
    const end = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, end));
    const data = Buffer.from(bytes.subarray(end));
    how(header, data);
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, data]);
  });
}
const tensorsOf = (header) => Object.values(header).filter((entry) => entry.data_offsets).sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);

/** What happens to a copy of the shipped directory, and what the log then says. Those that keep their manifest.json say so. */
const damages = {
  'weights cut off': { says: /model\.safetensors: tensor .* lies outside of the file/, damage: (folder) => fs.truncateSync(at(folder, 'model.safetensors'), 5_000_000) },
  'weights of no bytes': { says: /model\.safetensors: not a regular file with something in it/, damage: (folder) => fs.truncateSync(at(folder, 'model.safetensors'), 0) },
  'weights over the limit': { says: /model\.safetensors: too large a file/, damage: (folder) => fs.truncateSync(at(folder, 'model.safetensors'), OVER_THE_LIMIT) },
  'a header longer than its file': {
    says: /model\.safetensors: its header is said to be longer than the file/,
    damage: (folder) => change(folder, 'model.safetensors', (bytes) => { bytes.writeBigUInt64LE(2n ** 40n); return bytes; }),
  },
  'tensors that overlap': {
    says: /model\.safetensors: tensor .* overlaps another tensor/,
    damage: (folder) => changeTensors(folder, (header) => { tensorsOf(header)[1].data_offsets = tensorsOf(header)[1].data_offsets.map((place) => place - 4); }),
  },
  'a tensor of another type': {
    says: /model\.safetensors: tensor \\?"classifier\.bias\\?" is of type I32, not F32/,
    damage: (folder) => changeTensors(folder, (header) => { header['classifier.bias'].dtype = 'I32'; }),
  },
  'a weight that is not a number': {
    says: /model\.safetensors: tensor \\?"classifier\.bias\\?" holds a value that is not finite/,
    damage: (folder) => changeTensors(folder, (header, data) => data.writeFloatLE(NaN, header['classifier.bias'].data_offsets[0])),
  },
  'a vocabulary shorter than the embedding': {
    says: /vocab\.txt has \d+ pieces, config\.json says \d+/, damage: (folder) => change(folder, 'vocab.txt', withoutLastLine),
  },
  'a label too few': {
    says: /labels\.json has \d+ labels, classifier\.weight of model\.safetensors has \d+ rows/,
    damage: (folder) => change(folder, 'labels.json', (bytes) => JSON.stringify(JSON.parse(bytes).slice(0, -1))),
  },
  'a file changed after its manifest': {
    says: /the SHA-256 of config\.json is not the one in manifest\.json/, keepsManifest: true, damage: (folder) => fs.appendFileSync(at(folder, 'config.json'), '\n'),
  },
  'a file more than its manifest names': {
    says: /notes\.txt is not named by manifest\.json/, keepsManifest: true, damage: (folder) => fs.writeFileSync(at(folder, 'notes.txt'), 'mine'),
  },
};

function damagedCopy({ damage, keepsManifest }) {
  const folder = path.join(temporaryFolder('osler-encoder'), 'copy');
  fs.cpSync(SHIPPED, folder, { recursive: true });
  if (!keepsManifest) fs.rmSync(at(folder, 'manifest.json'));
  damage(folder);
  return folder;
}
const remove = (folder) => fs.rmSync(path.dirname(folder), { recursive: true, force: true });

test('a whole copy is used, with its manifest and without', async () => {
  for (const keepsManifest of [true, false]) {
    const folder = damagedCopy({ damage: () => {}, keepsManifest });
    const server = await startServer({ env: { ENCODER_DIR: folder } });
    const { json: ready } = await send(server, { path: '/health/ready' });
    assert.equal(ready.encoder.ready, true, server.log());
    const { json: answer } = await diagnose(server, referenceRequest);
    assert.ok(answer.model_version.includes(`+${ready.encoder.version}+`), answer.model_version);
    assert.ok(!answer.warnings.some(({ code }) => code === 'encoder_left_out'));
    await server.stop();
    remove(folder);
  }
});

for (const [what, how] of Object.entries(damages)) {
  test(`an encoder with ${what} is refused and the network serves`, async () => {
    const folder = damagedCopy(how);
    const server = await startServer({ env: { ENCODER_DIR: folder } });
    try {
      const refused = server.events().filter(({ event }) => event === 'encoder_refused');
      assert.equal(refused.length, 1, server.log());
      assert.match(refused[0].detail, how.says);
      assert.ok(refused[0].detail.includes(folder), 'the log says which directory');

      const { status, json: ready, text } = await send(server, { path: '/health/ready' });
      assert.equal(status, 200, 'the network is ready');
      assert.equal(ready.encoder.ready, false);
      assert.match(ready.encoder.reason, /could not be loaded.*network answers alone/);
      assert.ok(!text.includes(folder), 'a path is nobody\'s business outside');

      const answer = await diagnose(server, referenceRequest);
      assert.equal(answer.status, 200);
      assert.equal(answer.json.candidates.length, 10);
      assert.ok(!answer.json.model_version.includes('encoder'), answer.json.model_version);
      assert.deepEqual(answer.json.warnings.filter(({ code }) => code === 'encoder_left_out').map(({ text: why }) => why), [ready.encoder.reason]);
      const { text: metrics } = await send(server, { path: '/api/v1/metrics' });
      assert.equal(metric(metrics, 'diagnostic_encoder_left_out_total'), 1);
      assert.equal(metric(metrics, 'osler_model_info', answer.json.model_version), 1);
    } finally {
      await server.stop();
      remove(folder);
    }
  });
}

test('where only the encoder may rank, one that is refused stops the start', async () => {
  const folder = damagedCopy(damages['a label too few']);
  const { code, stderr } = await runOsler(['serve'], { env: { ENCODER_DIR: folder, MODEL_NAME: 'encoder' }, timeoutMs: 20_000 });
  assert.equal(code, 1, stderr);
  assert.match(stderr, damages['a label too few'].says);
  remove(folder);
});
