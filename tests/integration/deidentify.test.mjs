// osler deidentify, as somebody runs it on a folder of films.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { runOsler, temporaryFolder } from '../support/server.mjs';

const LONG = new Set(['OB', 'OW', 'UT']);
let folder;
let films;

/** One element, explicit VR little endian. */
function element(group, number, vr, value) {
  let bytes = Buffer.isBuffer(value) ? value : Buffer.from(value, 'latin1');
  if (bytes.length % 2) bytes = Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (LONG.has(vr)) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

const word = (number) => Buffer.from([number & 255, number >> 8]);

/** A film of 2 x 2 whose every text says whose it is. */
function film({ patient = 'ZQXJ0001', series = '1.2.3.1', instance, modality = 'DX', burned }) {
  const rest = [
    element(0x0008, 0x0016, 'UI', '1.2.840.10008.5.1.4.1.1.1.1'), element(0x0008, 0x0018, 'UI', instance), element(0x0008, 0x0020, 'DA', '20200229'),
    element(0x0008, 0x0060, 'CS', modality), element(0x0008, 0x0090, 'PN', 'Zqxj^Referrer'), element(0x0008, 0x1030, 'LO', 'Zqxj after a fall'),
    element(0x0009, 0x0010, 'LO', 'ZQXJ PRIVATE'), element(0x0009, 0x1001, 'UT', 'zqxj private text'),
    element(0x0010, 0x0010, 'PN', 'Zqxj^Jane'), element(0x0010, 0x0020, 'LO', patient), element(0x0010, 0x1010, 'AS', '093Y'),
    element(0x0020, 0x000d, 'UI', '1.2.3'), element(0x0020, 0x000e, 'UI', series),
    element(0x0028, 0x0002, 'US', word(1)), element(0x0028, 0x0004, 'CS', 'MONOCHROME2'), element(0x0028, 0x0010, 'US', word(2)), element(0x0028, 0x0011, 'US', word(2)),
    element(0x0028, 0x0100, 'US', word(8)), element(0x0028, 0x0101, 'US', word(8)), element(0x0028, 0x0102, 'US', word(7)), element(0x0028, 0x0103, 'US', word(0)),
    ...(burned ? [element(0x0028, 0x0301, 'CS', burned)] : []), element(0x7fe0, 0x0010, 'OB', Buffer.from([1, 2, 3, 4])),
  ];
  const meta = Buffer.concat([element(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1'), element(0x0002, 0x0016, 'AE', 'ZQXJ_AE')]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([Buffer.alloc(128, 'Zqxj'), Buffer.from('DICM'), element(0x0002, 0x0000, 'UL', length), meta, ...rest]);
}

function write(name, content) {
  fs.mkdirSync(path.dirname(path.join(films, name)), { recursive: true });
  fs.writeFileSync(path.join(films, name), content);
}

const filesBelow = (root) => fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.path, entry.name)).sort();
const hashOf = (root) => crypto.createHash('sha256').update(filesBelow(root).map((file) => file + fs.readFileSync(file, 'latin1')).join('\n')).digest('hex');
const run = (...args) => runOsler(['deidentify', ...args]);

before(() => {
  folder = temporaryFolder('osler-deidentify');
  films = path.join(folder, 'films');
  write('Zqxj Jane/1.dcm', film({ instance: '1.2.3.4' }));
  write('Zqxj Jane/2.dcm', film({ instance: '1.2.3.5' }));
  write('Zqxj Jane/again.dcm', film({ instance: '1.2.3.5' }));
  write('Zqxj John/1.dcm', film({ instance: '1.2.4.4', patient: 'ZQXJ0002', series: '1.2.4.1' }));
  write('Zqxj John/ultrasound.dcm', film({ instance: '1.2.4.5', modality: 'US', patient: 'ZQXJ0002' }));
  write('Zqxj John/letter.txt', 'Dear Zqxj');
  fs.symlinkSync(path.join(films, 'Zqxj Jane/1.dcm'), path.join(films, 'link.dcm'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('a tree becomes a tree of new names, with a report, and nothing of the old is in it', async () => {
  const out = path.join(folder, 'out');
  const key = path.join(folder, 'key');
  const mapping = path.join(folder, 'mapping.jsonl');
  const earlier = hashOf(films);
  const { code, stdout, stderr } = await run(films, out, '--key-file', key, '--mapping', mapping);
  assert.equal(code, 1, `two files are refused: ${stderr}`);
  assert.equal(hashOf(films), earlier, 'what was there is not changed');
  const report = JSON.parse(fs.readFileSync(path.join(out, 'report.json'), 'utf8'));
  assert.deepEqual(report.files, { found: 6, deidentified: 3, not_dicom: 1, refused: 2, links_not_followed: 1, pixels_blanked: 0 });
  assert.deepEqual(report.written, { patients: 2, studies: 1, series: 2 });
  assert.equal(Object.keys(report.refusals).length, 2);
  const written = filesBelow(out);
  assert.equal(written.filter((name) => /\/OSL[0-9a-f]{12}\/2\.25\.\d+\/2\.25\.\d+\/2\.25\.\d+\.dcm$/.test(name)).length, 3);
  assert.equal(written.length, 5, 'and report.json and report.md');
  for (const name of written) assert.doesNotMatch(name + fs.readFileSync(name, 'latin1'), /zqxj|1\.2\.3\.[145]|20200229/i);
  assert.doesNotMatch(stdout + stderr, /zqxj/i);
  assert.match(stderr, /whoever holds it can link/);
  for (const name of [key, mapping]) assert.equal(fs.statSync(name).mode & 0o777, 0o600, name);
  const lines = fs.readFileSync(mapping, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 6);
  assert.equal(lines.find((line) => line.path.endsWith('Jane/1.dcm')).original.patient, 'ZQXJ0001');
});

test('the same key gives the same names, another one others', async () => {
  const names = async (out, ...more) => {
    const { code, stderr } = await run(path.join(films, 'Zqxj Jane/1.dcm'), path.join(folder, out), ...more);
    assert.equal(code, 0, stderr);
    return filesBelow(path.join(folder, out)).map((name) => path.relative(path.join(folder, out), name));
  };
  const first = await names('one', '--key-file', path.join(folder, 'key-a'));
  assert.deepEqual(await names('two', '--key-file', path.join(folder, 'key-a')), first);
  assert.notDeepEqual(await names('three', '--key-file', path.join(folder, 'key-b')), first);
  assert.notDeepEqual(await names('four'), first);
});

test('options keep dates, moved, and characteristics, and blank pixels', async () => {
  const out = path.join(folder, 'kept');
  const { code, stdout, stderr } = await run(path.join(films, 'Zqxj John'), out, '--keep-dates', '--keep-patient-characteristics', '--clean-pixels', 'top:50%', '--json');
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.files.pixels_blanked, 1);
  const contents = filesBelow(out).filter((name) => name.endsWith('.dcm')).map((name) => fs.readFileSync(name, 'latin1'));
  assert.equal(contents.length, 2);
  for (const content of contents) {
    assert.match(content, /\x08\0\x20\0DA\x08\x0020[012]\d{5}/);
    assert.match(content, /090Y/);
    assert.doesNotMatch(content, /20200229|093Y/);
  }
  assert.equal(contents.filter((content) => content.endsWith('\0\0\x03\x04')).length, 1, 'the upper half is black');
});

test('nothing is overwritten, and nothing that links lies among the files', async () => {
  const out = path.join(folder, 'full');
  fs.mkdirSync(out);
  fs.writeFileSync(path.join(out, 'here'), 'before');
  for (const [args, what] of [[[films, out], /must not exist yet or be empty/], [[path.join(folder, 'nowhere'), path.join(folder, 'x')], /no file and no folder/],
    [[films, path.join(folder, 'y'), '--key-file', path.join(folder, 'y', 'key')], /passed on with the files/],
    [[films, path.join(folder, 'z'), '--mapping', path.join(folder, 'z', 'm')], /passed on with the files/],
    [[films, path.join(folder, 'w'), '--clean-pixels', 'middle:3%'], /--clean-pixels takes/]]) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 1);
    assert.match(stderr, what);
  }
  assert.deepEqual(fs.readdirSync(out), ['here']);
});

test('a key that others may read, or that is none, is refused', async () => {
  const key = path.join(folder, 'open-key');
  fs.writeFileSync(key, `${'ab'.repeat(32)}\n`, { mode: 0o644 });
  fs.chmodSync(key, 0o644);
  assert.match((await run(films, path.join(folder, 'v'), '--key-file', key)).stderr, /chmod 600/);
  fs.writeFileSync(key, 'secret words\n');
  fs.chmodSync(key, 0o600);
  const { code, stderr } = await run(films, path.join(folder, 'v'), '--key-file', key);
  assert.equal(code, 1);
  assert.match(stderr, /64 hexadecimal digits/);
  assert.doesNotMatch(stderr, /secret words/);
});
