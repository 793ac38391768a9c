// What a folder of data shows to whoever reads the disk: no disease, and modes. tests/integration/canaries.test.mjs seeks every word of a caller.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { diagnose } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';
import { filesBelow } from '../support/stored.mjs';

let server;

before(async () => {
  server = await startServer();
  const { status, text } = await diagnose(server, requestWith({ symptoms: ['chest pain'], narrative: 'Known to Dr Zebulon.', patient_id: 'MRN-5550199' }));
  assert.equal(status, 200, text);
});
after(() => server?.stop());

test('nothing on the disk says what a patient has', () => {
  // The archive holds models and knowledge, which name diseases; the canaries are sought in it too.
  const files = filesBelow(server.dataDir).filter((file) => !file.path.includes('/archive/'));
  assert.ok(files.some(({ path }) => path.endsWith('.sqlite')) && files.some(({ path }) => path.includes('audit')));
  for (const { path, bytes } of files) {
    const text = bytes.toString('latin1').toLowerCase();
    for (const word of ['chest pain', 'zebulon', 'mrn-5550199', 'acute myocardial infarction', '"symptoms"', 'i21'])
      assert.ok(!text.includes(word), `"${word}" is in ${path}`);
  }
});

test('files with data are for their owner only', () => {
  for (const { path } of filesBelow(server.dataDir).filter((file) => /keys|sqlite|audit/.test(file.path))) {
    const mode = fs.statSync(path).mode & 0o777;
    if (path.includes('keys')) assert.equal(mode & 0o077, 0, `${path} has mode ${mode.toString(8)}`);
    assert.equal(mode & 0o002, 0, `${path} may be written by anyone`);
  }
});
