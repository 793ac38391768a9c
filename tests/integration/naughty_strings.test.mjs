// Awkward strings in every text field: never a 5xx, never a crash, and no log line repeats any of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { repository, startServer } from '../support/server.mjs';

const file = path.join(repository, '../shared/data/interop/naughty_strings.json');
const skip = fs.existsSync(file) ? false : 'the awkward strings are not on this machine (../shared/data/interop/naughty_strings.json)';
const strings = skip ? [] : JSON.parse(fs.readFileSync(file, 'utf8'));
const LEAST_CHARACTERS = 6;  // shorter ones turn up in any log by chance
let server;

before(async () => {
  if (!skip) server = await startServer();
});
after(() => server?.stop());

/** Bodies that hold `text` in one text field or name each, beside a fine one that holds it in all that take any text. */
function bodiesWith(text) {
  return {
    'all texts': requestWith({
      symptoms: ['cough', text], preexisting_conditions: [text], family_history: [text], absent_findings: [text], narrative: text,
      patient_id: [...text].slice(0, 100).join(''),
    }),
    'choices and units': requestWith({ severity: text, sex: text, setting: text, onset: text, lab_results: { '2345-7': { value: 100, unit: text } } }),
    'names': requestWith({ [text]: 1, lab_results: { [text]: 1 }, vitals: { [text]: 1 } }),
  };
}

test('no awkward string in any field is a failure of the server', { skip }, async () => {
  const failures = [];
  for (const text of strings) {
    for (const [where, body] of Object.entries(bodiesWith(text))) {
      const { status } = await diagnose(server, body);
      if (status !== 200 && status !== 422) failures.push(`${JSON.stringify(text)} in ${where}: ${status}`);
    }
  }
  assert.deepEqual(failures, []);
});

test('no awkward string in an address is a failure of the server', { skip }, async () => {
  for (const text of strings) {
    let encoded;
    try {
      encoded = encodeURIComponent(text);
    } catch {
      continue;  // half a surrogate pair has no address
    }
    if (encoded.length > 3000) continue;
    const { status } = await send(server, { path: `/api/v1/complete?q=${encoded}` });
    assert.ok(status === 200 || status === 422 || status === 400, `${JSON.stringify(text)}: ${status}`);
  }
});

test('the log repeats none of them', { skip }, async () => {
  const quiet = await startServer();
  await diagnose(quiet, requestWith());
  await diagnose(quiet, {});
  await quiet.stop();
  const expected = quiet.log();
  const log = server.log();
  const found = strings.filter((text) => text.length >= LEAST_CHARACTERS && !expected.includes(text) && log.includes(text));
  assert.deepEqual(found, []);
});

test('after all of them the server answers as before', { skip }, async () => {
  assert.equal((await diagnose(server, requestWith())).status, 200);
});
