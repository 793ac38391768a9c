// Every case of tests/cases/*.case on one real server, one test a case.
//   node tests/cases/run_cases.mjs                          all of them
//   OSLER_CASE='chest pain' node tests/cases/run_cases.mjs  those whose title holds these words
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { send } from '../support/http.mjs';
import { startServer } from '../support/server.mjs';
import { parseCases } from './case_format.mjs';
import { comparable, expectations } from './expectations.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const cases = fs.readdirSync(folder).filter((name) => name.endsWith('.case')).sort()
  .flatMap((name) => parseCases(fs.readFileSync(path.join(folder, name), 'utf8'), name));
const byTitle = new Map(cases.map((entry) => [entry.title, entry]));
const wanted = (process.env.OSLER_CASE ?? '').toLowerCase();
let server;

before(async () => {
  server = await startServer();
});
after(() => server?.stop());

function post({ delivery, body }) {
  const query = delivery.query === '' ? '' : `?${delivery.query}`;
  const headers = delivery.contentType === 'none' ? {} : { 'Content-Type': delivery.contentType };
  return send(server, { method: delivery.method, path: delivery.path + query, body, headers });
}

async function check(answer, { what, value, line }, file) {
  try {
    if (what === 'same answer as') {
      assert.deepEqual(comparable(answer), comparable(await post(byTitle.get(value) ?? assert.fail(`there is no case "${value}"`))));
    } else {
      (expectations[what] ?? assert.fail(`"expect ${what}" is not a line of the format`))(answer, value);
    }
  } catch (problem) {
    problem.message = `${file}:${line}: expect ${what}: ${value}\n${problem.message}`;
    throw problem;
  }
}

test('no two cases have the same title', () => assert.equal(byTitle.size, cases.length));

for (const entry of cases.filter(({ title }) => title.toLowerCase().includes(wanted))) {
  test(`${path.basename(entry.file, '.case')}: ${entry.title}`, async () => {
    const answer = await post(entry);
    assert.ok(answer.status < 500, `${entry.file}:${entry.line}: ${answer.status} ${answer.text}`);
    const problems = [];
    for (const expectation of entry.expectations)
      await check(answer, expectation, entry.file).catch((problem) => problems.push(problem.message));
    assert.equal(problems.length, 0, problems.join('\n'));
  });
}
