// The public JSON parsing cases against the live server: y_ is JSON (so never 400), n_ is not (always 400), i_ is left to
// the implementation. None may end in a 5xx or stop the server. One thing the API is stricter in: a name given twice is a 400.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { repository, startServer } from '../support/server.mjs';

const folder = path.join(repository, '../shared/data/interop/json/parsing');
const skip = fs.existsSync(folder) ? false : 'the JSON cases are not on this machine (../shared/data/interop/json/parsing)';
let server;

before(async () => {
  if (!skip) server = await startServer();
});
after(() => server?.stop());

/** Answers to all files whose name starts with `prefix`: [{name, answer}]. */
async function answersTo(prefix) {
  const answers = [];
  for (const name of fs.readdirSync(folder).filter((file) => file.startsWith(prefix)))
    answers.push({ name, answer: await diagnose(server, fs.readFileSync(path.join(folder, name))) });
  assert.ok(answers.length > 0, `there are files ${prefix}*`);
  return answers;
}

test('what is JSON is read and refused only for its fields; a name given twice is malformed', { skip }, async () => {
  const isTwice = (name) => name.startsWith('y_object_duplicated_key');
  const wrong = (await answersTo('y_')).filter(({ name, answer }) => answer.status !== (isTwice(name) ? 400 : 422));
  assert.deepEqual(wrong.map(({ name, answer }) => `${name}: ${answer.status} ${answer.json?.detail}`), []);
});

test('what is not JSON is a 400', { skip }, async () => {
  const wrong = (await answersTo('n_')).filter(({ answer }) => answer.status !== 400);
  assert.deepEqual(wrong.map(({ name, answer }) => `${name}: ${answer.status}`), []);
});

test('what JSON leaves open is refused or read, never a failure', { skip }, async () => {
  const wrong = (await answersTo('i_')).filter(({ answer }) => answer.status !== 400 && answer.status !== 422);
  assert.deepEqual(wrong.map(({ name, answer }) => `${name}: ${answer.status}`), []);
});

test('as the value of a text field each JSON string is taken or refused, never a failure', { skip }, async () => {
  for (const name of fs.readdirSync(folder).filter((file) => file.startsWith('y_string'))) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8').trim().replace(/^\[\s*|\s*\]$/g, '');
    const answer = await diagnose(server, `{"age": 40, "symptoms": ["cough", ${text}], "severity": "mild", "narrative": ${text}}`);
    assert.ok(answer.status === 200 || answer.status === 422, `${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
});

test('after all of them the server answers as before', { skip }, async () => {
  assert.equal((await diagnose(server, requestWith())).status, 200);
  assert.equal((await send(server, { path: '/health/ready' })).status, 200);
});
