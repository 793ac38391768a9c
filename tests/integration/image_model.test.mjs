// osler fit-image and osler evaluate images on films made here: the road from a trained network to a validated model directory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chestValues } from '../support/dicom.mjs';
import { predict } from '../support/films.mjs';
import { pngOf } from '../support/png.mjs';
import { repository, runOsler, startServer, temporaryFolder } from '../support/server.mjs';

const SIDE = 256;
const FILMS = 60;
const shipped = path.join(process.env.OSLER_TEST_MODELS_DIR ?? path.join(repository, 'models'), 'osler-cxr/1');
let folder;

/** Two kinds of film that the shipped network tells apart, whatever it calls them. */
function filmOf(index) {
  const patches = index % 2 ? [{ left: 50, top: 90 + (index % 7) * 4, side: 60, value: 3600 }] : [{ left: 4 + (index % 5), top: 4, side: 10, value: 3000 }];
  return pngOf({ width: SIDE, height: SIDE, channels: 1, pixels: Buffer.from(chestValues(SIDE, SIDE, patches).map((value) => value >> 4)) });
}

before(() => {
  folder = temporaryFolder();
  const rows = ['path,label,patient,age,view'];
  for (let i = 0; i < FILMS; i += 1) {
    fs.writeFileSync(path.join(folder, `${i}.png`), filmOf(i));
    rows.push(`${i}.png,${i % 2 ? 'normal' : 'pneumonia'},p${i},${2 + (i % 3)},${i % 4 < 2 ? 'AP' : 'PA'}`);
  }
  fs.writeFileSync(path.join(folder, 'manifest.csv'), `${rows.join('\n')}\n`);
  const source = { name: 'made', kind: 'manifest', path: path.join(folder, 'manifest.csv'), proportions: 'kept',
    columns: { path: 'path', label: 'label', patient: 'patient', age: 'age', view: 'view' } };
  fs.writeFileSync(path.join(folder, 'films.json'), JSON.stringify({ name: 'osler-cxr', version: '1', work_folder: folder, labels: ['normal', 'pneumonia'], sources: [source],
    network: { architecture: 'mobilenet_v2', backbone: 'unused' }, phases: [{ name: 'head', base: 'frozen', epochs: 1, batch: 8, learning_rate: 0.001 }] }));
  fs.writeFileSync(path.join(folder, 'sets.json'), JSON.stringify({ predictors: 'grey levels', training: 'nothing',
    sets: [{ name: 'internal', source: 'made here', outcome: 'as drawn', sources: [source] }] }));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const manifest = () => path.join(folder, 'manifest.csv');
const withoutBlank = () => fs.writeFileSync(manifest(), fs.readFileSync(manifest(), 'utf8').replace(/^blank.*\n/m, ''));

const fit = (out, { rate = '0.2', more = [] } = {}) => runOsler(['fit-image', path.join(folder, 'films.json'), '--model', shipped, '--out', out,
  '--population', 'films made for a test', '--error-rate', rate, ...more]);

test('a model is fitted on other films, served, and evaluated', async () => {
  const out = path.join(folder, 'models/osler-cxr/7');
  const fitted = await fit(out);
  assert.equal(fitted.code, 0, fitted.stderr);
  const summary = JSON.parse(fitted.stdout);
  assert.equal(summary.films_fit + summary.films_selection + summary.films_calibration, FILMS);
  const calibration = JSON.parse(fs.readFileSync(path.join(out, 'calibration.json')));
  assert.equal(calibration.population, 'films made for a test');
  assert.equal(calibration.parameters.age.least_years, 2);
  assert.equal(calibration.parameters.age.most_years, 4);

  const server = await startServer({ env: { IMAGE_MODEL_DIR: out } });
  try {
    const { status, json } = await predict(server, filmOf(3), { fields: { age_years: '3' } });
    assert.equal(status, 200);
    assert.match(json.model_version, /^osler-cxr-7\./);
    assert.equal(json.error_rate, 0.2);
  } finally {
    await server.stop();
  }

  // A film that the server would refuse is counted, and in no figure; calibrating with one is refused.
  fs.writeFileSync(path.join(folder, 'blank.png'), pngOf({ width: SIDE, height: SIDE, channels: 1, pixels: Buffer.alloc(SIDE * SIDE, 90) }));
  fs.appendFileSync(path.join(folder, 'manifest.csv'), 'blank.png,normal,p999,3,AP\n');
  const withBlank = await fit(path.join(folder, 'models/osler-cxr/11'));
  assert.equal(withBlank.code, 1);
  assert.match(withBlank.stderr, /blank\.png.*blank.*The server would refuse this film/s);
  const report = path.join(folder, 'report');
  const evaluated = await runOsler(['evaluate', 'images', path.join(folder, 'sets.json'), '--model', out, '--out', report, '--json']);
  assert.equal(evaluated.code, 0, evaluated.stderr);
  const figures = JSON.parse(evaluated.stdout);
  assert.deepEqual(JSON.parse(fs.readFileSync(path.join(report, 'films.json'))), figures);
  assert.equal(figures.sets[0].participants.films, FILMS);
  assert.deepEqual(Object.values(figures.sets[0].participants.refused), [1]);
  withoutBlank();
  const page = fs.readFileSync(path.join(report, 'films.html'), 'utf8');
  assert.ok(page.includes('made here') && page.includes('<svg') && !page.includes('http://') && !page.includes('https://'));
  for (const name of ['p17', '17.png']) assert.ok(!page.includes(name), 'totals alone');
});

test('what cannot be fitted says why, and nothing is overwritten', async () => {
  const twice = path.join(folder, 'models/osler-cxr/8');
  assert.equal((await fit(twice)).code, 0);
  const again = await fit(twice);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /immutable/);
  const strict = await fit(path.join(folder, 'models/osler-cxr/9'), { rate: '0.01' });
  assert.equal(strict.code, 1);
  assert.match(strict.stderr, /normal|pneumonia/);
  const page = await fit(path.join(folder, 'models/osler-cxr/9'), { more: ['--card', path.join(folder, 'missing.md')] });
  assert.match(page.stderr, /missing\.md/);
  assert.ok(!fs.existsSync(path.join(folder, 'models/osler-cxr/9')), 'no half of a model directory is left');
  const nobody = await fit(path.join(folder, 'models/osler-cxr/9'), { more: ['--source', 'elsewhere'] });
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /no source called elsewhere/);
});
