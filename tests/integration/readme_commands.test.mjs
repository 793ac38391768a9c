// Every command in the fenced sh blocks of README.md and CONTRIBUTING.md is run against a server of this test; ./run itself
// and what would change the machine is checked to exist.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chestValues, dicomFilm } from '../support/dicom.mjs';
import { diagnose } from '../support/http.mjs';
import { referenceRequest } from '../support/requests.mjs';
import { oslerBinary, repository, settingsFor, startServer } from '../support/server.mjs';
import { commandsOf, oslerCommands, runCommands } from '../tidy/tree_rules.mjs';

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md'];
const NOT_RUN = /^(git clone|cd|sudo|apt|apt-get|export|OSLER_[A-Z]+=\S+ build\/release\/bin\/osler serve)\b|osler serve\b|^node bench\//;
const WITHIN_MS = 60_000;
let server;

before(async () => {
  server = await startServer();
  await diagnose(server, referenceRequest);
  fs.writeFileSync(path.join(server.dataDir, 'film.dcm'), dicomFilm({ width: 512, height: 420, values: chestValues(512, 420) }));
});
after(() => server?.stop());

/** The command as it would be typed, with this test's server and binary in place of the ones of ./run. */
function withOwnServer(text) {
  return text.replace(/((?:127\.0\.0\.1|localhost):)8000/g, `$1${server.port}`).replace(/(^|[\s|;&])build\/release\/bin\/osler/g, `$1${oslerBinary}`)
    .replace('@film.dcm', `@${path.join(server.dataDir, 'film.dcm')}`);
}

function runInShell(text) {
  const env = settingsFor(server.dataDir);
  return new Promise((resolve) => {
    execFile('bash', ['-o', 'pipefail', '-c', text], { cwd: repository, env, timeout: WITHIN_MS, maxBuffer: 1 << 26 },
      (problem, stdout, stderr) => resolve({ code: problem ? problem.code ?? 'killed' : 0, stdout, stderr }));
  });
}

for (const name of DOCUMENTS) {
  const file = path.join(repository, name);
  if (!fs.existsSync(file)) {
    test(`${name} exists`, () => assert.fail(`${name} is missing`));
    continue;
  }
  const commands = [...commandsOf({ name, lines: fs.readFileSync(file, 'utf8').split('\n') })];
  test(`${name} has commands`, () => assert.ok(commands.length > 0));
  for (const { at, text } of commands) {
    test(`${at}: ${text.slice(0, 100)}`, async () => {
      const run = /^(?:[A-Z_]+=\S+ )*\.\/run(?:\s+([a-z]+))?/.exec(text);
      if (run) return assert.ok(run[1] === undefined || runCommands().has(run[1]), `./run ${run[1]} does not exist`);
      const serve = /osler\s+([a-z]+)/.exec(text);
      if (NOT_RUN.test(text)) return assert.ok(!serve || oslerCommands().has(serve[1]), text);
      const { code, stdout, stderr } = await runInShell(withOwnServer(text));
      assert.equal(code, 0, `${stdout}\n${stderr}`.slice(0, 2000));
      return undefined;
    });
  }
}
