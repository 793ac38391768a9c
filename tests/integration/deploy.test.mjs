// deploy/: each file is put to the tool that reads it, and to the product that it speaks of.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeCredentials } from '../support/certificates.mjs';
import { configurationFor, haproxyMissing } from '../support/haproxy.mjs';
import { diagnose, send } from '../support/http.mjs';
import { requestWith } from '../support/requests.mjs';
import { oslerBinary, repository, startServer, temporaryFolder } from '../support/server.mjs';

const deployed = (name) => fs.readFileSync(path.join(repository, 'deploy', name), 'utf8');
const missing = (command) => (spawnSync(command, ['--version']).error ? `${command} is not installed` : false);
const MOST_EXPOSURE = 20;  // tenths, as systemd counts: 0 is best, 100 worst

function unitWithThisProgram(folder) {
  const file = path.join(folder, 'osler.service');
  fs.writeFileSync(file, deployed('osler.service').replaceAll('/opt/osler/bin/osler', oslerBinary));
  return file;
}

test('systemd takes the unit, and finds it hardened', { skip: missing('systemd-analyze') }, () => {
  const folder = temporaryFolder('osler-unit');
  try {
    const unit = unitWithThisProgram(folder);
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    const complaints = verified.stderr.split('\n').filter((line) => line.includes('osler.service'));
    assert.deepEqual(complaints, []);
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, unit], { encoding: 'utf8' });
    for (const name of ['KNOWLEDGE_DIR', 'MODELS_DIR', 'WEB_DIR'])  // else the program looks for them where it may write
      assert.match(deployed('osler.service'), new RegExp(`^Environment=.*${name}=/opt/osler/\\w+`, 'm'));
    assert.equal(judged.status, 0, judged.stdout.trim().split('\n').at(-1) + judged.stderr);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

test('HAProxy takes its configuration', { skip: haproxyMissing() }, () => {
  const folder = temporaryFolder('osler-haproxy');
  try {
    const { both, certificate } = makeCredentials(folder, {});
    const file = path.join(folder, 'haproxy.cfg');
    fs.writeFileSync(file, configurationFor({ port: 8443, ports: [9001, 9002], certificate: both, ca: certificate }));
    const checked = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stderr + checked.stdout);
    assert.doesNotMatch(checked.stderr, /WARNING/);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

test('every metric that an alert asks for is one that a server gives', async () => {
  const server = await startServer();
  try {
    assert.equal((await diagnose(server, requestWith())).status, 200);
    assert.equal((await diagnose(server, requestWith({ age: -1 }))).status, 422);  // counted by code
    const { text } = await send(server, { path: '/api/v1/metrics' });
    const given = new Set([...text.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name, kind]) =>
      (kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name])));
    const expressions = deployed('alerts.yaml').split('\n').filter((line) => /^\s+(expr:|sum|abs|- \()/.test(line)).join(' ');
    const asked = [...new Set(expressions.match(/\b(?:audit|diagnostic|film|http|osler|process|record)_[a-z_]+/g))];
    assert.ok(asked.length >= 10, `only ${asked}`);
    assert.deepEqual(asked.filter((name) => !given.has(name)), []);
  } finally {
    await server.stop();
  }
});

test('the container copies what there is, and installs what the programs are linked with', () => {
  const text = deployed('Dockerfile');
  for (const [, from] of text.matchAll(/^COPY --from=build (.+) \S+$/gm))
    for (const source of from.split(' ').map((one) => one.replace(/^\/source\//, '')))
      assert.ok(source.startsWith('build/') || fs.existsSync(path.join(repository, source)), `${source} is not in the repository`);
  if (!/VERSION_ID="12"/.test(fs.readFileSync('/etc/os-release', 'utf8'))) return;  // its base; packages have other names elsewhere
  const installed = new Set(text.match(/--no-install-recommends \\\n([\s\S]+?)&& rm/)[1].split(/[\s\\]+/).filter(Boolean));
  const libraries = ['osler', 'osler-decoder'].flatMap((name) => linkedDirectly(path.join(path.dirname(oslerBinary), name)));
  const needed = new Set(libraries.map(packageOf).filter(Boolean));
  for (const always of ['libc6', 'libstdc++6', 'libgcc-s1', 'zlib1g']) needed.delete(always);  // of the base itself, or of what the others need
  assert.deepEqual([...needed].filter((name) => !installed.has(name)), []);
});

test('neither keys nor records nor a build of another folder get into the container', () => {
  const left = fs.readFileSync(path.join(repository, '.dockerignore'), 'utf8').split('\n');
  for (const name of ['.env', '.git', 'build', 'var']) assert.ok(left.includes(name), `${name} is copied`);
});

/** Paths of the libraries that a program names itself. */
function linkedDirectly(program) {
  const names = new Set([...execFileSync('objdump', ['-p', program], { encoding: 'utf8' }).matchAll(/NEEDED\s+(\S+)/g)].map(([, name]) => name));
  return [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/^\s*(\S+) => (\S+)/gm)].filter(([, name]) => names.has(name)).map(([, , file]) => file);
}

function packageOf(file) {
  for (const name of [file, fs.realpathSync(file), file.replace(/^\/lib\//, '/usr/lib/'), fs.realpathSync(file).replace(/^\/usr\/lib\//, '/lib/')]) {
    const { status, stdout } = spawnSync('dpkg-query', ['-S', name], { encoding: 'utf8' });
    if (status === 0) return stdout.split(':')[0];
  }
  return null;
}
