// What each documented route is sent, beside what all of them are sent (canary_sender.mjs): requests with canaries in every text that the route is for.
import { chestValues, dicomFilm } from './dicom.mjs';
import { jpegOf } from './jpeg.mjs';
import { pngOf } from './png.mjs';
import { until } from './until.mjs';

const WIDTH = 512, HEIGHT = 424, ROWS = 60;
const values = chestValues(WIDTH, HEIGHT);
const grey = Buffer.from(values.map((value) => value >> 4));

/** A case that is answered, with a canary in every text that it may have and under names that it may not. */
export function caseWith(token, members = {}) {
  return {
    age: 61, sex: 'male', setting: 'emergency', severity: 'severe', onset: 'sudden', duration_days: 2,
    symptoms: ['sharp chest pain when breathing in', token('a symptom'), `cough ${token('a word of a symptom')} since Monday`],
    preexisting_conditions: ['hypertension', token('a disease')], family_history: [`mother: ${token('a relative')}`], absent_findings: ['fever', token('what is absent')],
    narrative: `${token('name in the narrative')} fell ill on Monday, ${token('place in the narrative')}. No fever. T 38.9.`, patient_id: token('patient_id'),
    lab_results: { '2345-7': { value: 7.8, unit: token('unit'), [token('name in a result')]: token('value in a result') } },
    vitals: { temperature_c: 38.9, [token('name of a vital sign')]: token('a vital sign') },
    pregnant: { value: false, [token('name in pregnant')]: token('value in pregnant') },
    [token('unknown name')]: token('unknown value'), ...members,
  };
}

const example = {
  age: 61, sex: 'female', setting: 'emergency', symptoms: ['cough'], severity: 'severe', onset: 'gradual', duration_days: 3,
  vitals: { temperature_c: 39.2, heart_rate_bpm: 90, respiratory_rate_bpm: 20, systolic_mmhg: 120, diastolic_mmhg: 80, spo2_percent: 97, weight_kg: 70, bmi: 24 },
  lab_results: { '2345-7': { value: 7.8, unit: 'mmol/L' } }, preexisting_conditions: ['COPD'], family_history: ['asthma'], absent_findings: ['fever'], narrative: 'No fever.',
  pregnant: { value: false, gestation_weeks: 3 }, patient_id: 'p',
};

const cases = {
  as: 'ann', example,
  async send(sender, world, path) {
    for (let i = 0; i < 3; i += 1) await sender.accepted(sender.json('ehr', path, caseWith((place) => sender.token(place))));
    const code = sender.nameInPointer('code of a result');
    await sender.refused(sender.json('ann', path, caseWith((place) => sender.token(place), { lab_results: { [code]: sender.token('result') } })));
    await sender.refused(sender.json('ann', path, caseWith((place) => sender.token(place), { narrative: sender.token('too long a narrative').repeat(1300) })));
    const withBearer = (bearer) => sender.json(undefined, path, caseWith((place) => sender.token(place)), { localAddress: sender.newAddress(), headers: { Authorization: `Bearer ${bearer}` } });
    await sender.accepted(withBearer(world.bearer(sender)));
    for (const bearer of world.wrongBearers(sender)) await sender.refused(withBearer(bearer));
  },
};

/** A form of parts [name, content]. */
function formOf(sender, parts) {
  const boundary = sender.token('boundary');
  const head = (name) => [`--${boundary}`, `Content-Disposition: form-data; name="${name}"; filename="${sender.token('file name')}"`,
    `Content-Type: image/${sender.token('type of a part')}`, `X-Part: ${sender.token('header of a part')}`, '', ''].join('\r\n');
  const part = ([name, content]) => Buffer.concat([Buffer.from(head(name)), Buffer.from(content), Buffer.from('\r\n')]);
  return { method: 'POST', body: Buffer.concat([...parts.map(part), Buffer.from(`--${boundary}--\r\n`)]), headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` } };
}

/** A film with a canary in all that names a patient, and in what describes the film where `changes` say so. */
export function filmWith(sender, changes = {}) {
  const tag = (group, number, representation, name) => [group, number, representation, sender.token(`DICOM ${name}`)];
  return dicomFilm({
    width: WIDTH, height: HEIGHT, values, ...changes,
    more: [
      tag(0x0008, 0x0005, 'CS', 'character set'), tag(0x0008, 0x0050, 'SH', 'accession number'), tag(0x0008, 0x0080, 'LO', 'institution'), tag(0x0008, 0x0090, 'PN', 'referring physician'),
      tag(0x0008, 0x1030, 'LO', 'study description'), tag(0x0009, 0x0010, 'LO', 'private creator'), tag(0x0009, 0x1001, 'LO', 'private element'),
      tag(0x0010, 0x0010, 'PN', 'patient name'), tag(0x0010, 0x0020, 'LO', 'patient id'), tag(0x0010, 0x0030, 'DA', 'birth date'), tag(0x0010, 0x0040, 'CS', 'sex'),
      tag(0x0010, 0x1040, 'LO', 'address'), tag(0x0010, 0x4000, 'LT', 'patient comments'), tag(0x0020, 0x0010, 'SH', 'study id'), tag(0x0020, 0x4000, 'LT', 'image comments'),
      tag(0x0020, 0x000d, 'UI', 'study'), tag(0x0020, 0x000e, 'UI', 'series'),
    ],
  });
}

function pictures(sender) {
  const text = (name) => Buffer.from(`${name}\0${sender.token(`PNG ${name}`)}`, 'latin1');
  const chunks = [['tEXt', text('Author')], ['iTXt', Buffer.from(`Title\0\0\0\0\0${sender.token('PNG title')}`)], ['eXIf', Buffer.from(`MM\0*${sender.token('PNG Exif')}`)]];
  return [
    pngOf({ width: WIDTH, height: HEIGHT, channels: 1, pixels: grey, more: chunks }),
    jpegOf({ width: WIDTH, height: HEIGHT, pixels: grey, more: [[0xfe, Buffer.from(sender.token('JPEG comment'))], [0xe1, Buffer.from(`Exif\0\0${sender.token('JPEG Exif')}`)]] }),
  ];
}

const films = {
  as: 'ann',
  async send(sender, world, path) {
    const upload = (parts, query = '') => ({ as: 'ann', path: path + query, ...formOf(sender, parts) });
    for (const file of [filmWith(sender), ...pictures(sender)])
      await sender.accepted(upload([['file', file], ['age_years', '3'], ['patient_id', sender.token('patient_id')]], '?heatmap=1&film=1'));
    for (const changes of [{ modality: sender.token('DICOM modality') }, { bodyPart: sender.token('DICOM body part') }, { view: sender.token('DICOM view') },
      { photometric: sender.token('DICOM photometric interpretation') }, { age: sender.token('DICOM age') }, { slope: sender.token('DICOM slope') },
      { transferSyntax: sender.token('DICOM transfer syntax') },
      { window: { centre: sender.token('DICOM window'), width: sender.token('DICOM window') } }]) await sender.ask(upload([['file', filmWith(sender, changes)]]));
    const whole = filmWith(sender);
    const [png, jpeg] = pictures(sender);
    for (const file of [whole.subarray(0, 20_000), whole.subarray(0, 700), sender.token('a text for a film'), png.subarray(0, 300), jpeg.subarray(0, 900)])
      await sender.refused(upload([['file', file]]));
    await sender.refused(upload([['file', filmWith(sender)], ['age_years', sender.token('age_years')]]));
    await sender.refused(upload([['file', filmWith(sender)], [sender.token('field name'), sender.token('field')]]));
    await sender.refused(upload([['file', filmWith(sender)], ['patient_id', sender.token('too long a patient_id').repeat(9)]]));
    await sender.refused({ ...upload([['file', filmWith(sender)]]), body: `--${sender.token('a boundary that is not the form\'s')}\r\n` });
    await sender.refused({ ...upload([['file', filmWith(sender)]]), headers: { 'Content-Type': `multipart/${sender.token('kind of form')}` } });
  },
};

/** A batch of so many rows that are answered, and some that are not among them. */
export function ndjson(sender, rows = ROWS) {
  const token = (place) => sender.token(`row, ${place}`);
  const good = Array.from({ length: rows }, () => JSON.stringify(caseWith(token)));
  const wrong = [token('a text'), [token('a list')], { ...example, age: token('age') }, { ...example, sex: token('sex') }, { ...example, lab_results: { [token('code')]: token('result') } }];
  const bad = [`{"${token('name before the fault')}": ${token('before the fault')}`, `{"age":"${token('in a row that is too long')}${' '.repeat(1024 * 1024)}"}`,
    ...wrong.map((row) => JSON.stringify(row))];
  return `${[...good.slice(0, rows / 2), ...bad, ...good.slice(rows / 2)].join('\n')}\n`;
}

function csv(sender) {
  const token = (place) => sender.token(`cell, ${place}`);
  const text = () => `"${token('quoted')} ""${token('in quotes')}"""`;
  const row = (result, vital) => `61,"${token('a symptom')}; cough",severe,${text()},${token('patient_id')},${result},${vital},${token('unknown column')}`;
  return [
    `age,symptoms,severity,narrative,patient_id,lab:2345-7:${token('unit')},vital:temperature_c,${token('column')}`, row(7.8, 38.9), row(7.8, 38.9),
    row(token('a result'), 38.9), row(7.8, token('a vital sign')), `${token('age')},${token('too few cells')}`, `61,"${token('after a quote')}"${token('behind it')},severe`,
    `61,"${token('a quote that does not end')}`,
  ].join('\n');
}

const batches = {
  as: 'ann',
  async send(sender, world, path) {
    const upload = (body, type) => sender.accepted({ as: 'ann', method: 'POST', path, body, headers: { 'Content-Type': type } });
    const ids = [];
    for (const [body, type] of [[ndjson(sender), 'application/x-ndjson'], [csv(sender), 'text/csv']]) ids.push((await upload(body, type)).json.id);
    for (const id of ids) await until('the batch is done', () => sender.isDone(`${path}/${id}`));
    const twice = sender.token('a column that is there twice');
    for (const header of [sender.token('a table without columns'), `age,symptoms,severity,${twice},${twice}`, `age,"${sender.token('a header whose quote does not end')}`,
      `age,symptoms,severity,lab:2345-7:${sender.token('too long a unit').repeat(20)}`])
      await sender.refused({ as: 'ann', method: 'POST', path, body: `${header}\n`, headers: { 'Content-Type': 'text/csv' } });
    await sender.refused({ as: 'ann', method: 'POST', path, body: ndjson(sender, 2), headers: { 'Content-Type': `application/${sender.token('Content-Type')}` } });
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${sender.callers.ann}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n`;
    await sender.raw(head + ndjson(sender, 10), { cut: true });
    world.batch = ids[0];
  },
};

const ofBatch = { as: 'ann', send: async (sender, world, path) => void await sender.accepted({ as: 'ann', path }) };

/** Of an administrator's routes: the same for a patient who is there and for one who is not, once with each of `all`. */
const forPatients = (...all) => ({
  as: 'root', example: { patient_id: 'nobody', ...all[0] },
  async send(sender, world, path) {
    for (const id of [world.patient, sender.token('a patient who is not there')])
      for (const more of all) await sender.accepted(sender.json('root', path, { patient_id: id, ...more }));
    await sender.refused(sender.json('ann', path, { patient_id: sender.token('patient_id of one who may not'), ...all[0] }));
  },
});

const plain = { as: 'office', send: async (sender, world, path) => void await sender.accepted({ as: 'office', path }) };

/**
 * Of each documented route: who asks (`as`), a body with all its members (`example`, where it takes JSON; `besides`: others that `send` has), and what it is
 * sent (`send`). In the order of sending: what needs a stored case, a batch or a patient comes after what makes them.
 */
export const ROUTES = {
  'post /api/v1/diagnose': {
    ...cases,
    async send(sender, world, path) {
      await cases.send(sender, world, path);
      world.patient = sender.token('patient_id of the patient who is opened, held and deleted');
      const stored = async (more) => (await sender.accepted(sender.json('ann', path, caseWith((place) => sender.token(place), more)))).json.request_id;
      [world.id, world.other] = [await stored({ patient_id: world.patient }), await stored()];
      for (const explain of ['shap', 'lime']) await sender.accepted(sender.json('ann', `${path}?explain=${explain}&threshold=0.1`, caseWith((place) => sender.token(place))));
      await sender.refused(sender.json('ann', `${path}?explain=shap&condition=${sender.token('explained condition')}`, caseWith((place) => sender.token(place))));
    },
  },
  'post /api/v1/findings': {
    as: 'ann', example: { text: 'Cough for 3 days.', age: 50, sex: 'female' },
    async send(sender, world, path) {
      await sender.accepted(sender.json('ann', path, { text: `${sender.token('name in the text')} has had a cough since ${sender.token('time in the text')}. No fever.`, age: 50 }));
    },
  },
  'post /api/v1/next': cases,
  'post /api/v1/images/predict': films,
  'post /predict': films,
  'post /api/v1/batches': batches,
  'get /api/v1/batches': ofBatch,
  'get /api/v1/batches/{id}': ofBatch,
  'get /api/v1/batches/{id}/results': ofBatch,
  'post /api/v1/batches/{id}/cancel': {
    as: 'ann',
    async send(sender, world) {
      const sent = await sender.accepted({ as: 'ann', method: 'POST', path: '/api/v1/batches', body: ndjson(sender, 20).repeat(40), headers: { 'Content-Type': 'application/x-ndjson' } });
      await sender.accepted({ as: 'ann', method: 'POST', path: `/api/v1/batches/${sent.json.id}/cancel` });
    },
  },
  'get /api/v1/complete': {
    as: 'ann',
    send: async (sender, world, path) => void await sender.accepted({ as: 'ann', path: `${path}?q=chest+pain+${sender.token('what is typed')}&kind=symptom` }),
  },
  'get /api/v1/metrics': plain,
  'get /api/v1/about': plain,
  'get /health/live': plain,
  'get /health/ready': plain,
  'post /api/v1/cases/search': {
    as: 'ann', example: { case: example, k: 5, filters: { age_from: 40, age_to: 70, sex: 'male', condition: 'I26', from: '2026-01-01', until: '2036-01-01' } },
    besides: ['request_id', 'age_band'],   // stand in the place of others
    async send(sender, world, path) {
      await sender.accepted(sender.json('ann', path, { case: caseWith((place) => sender.token(place)), filters: { sex: 'male' } }));
      await sender.accepted(sender.json('ann', path, { request_id: world.id }));
      await sender.refused(sender.json('ann', path, { request_id: sender.token('request_id') }));
      await sender.refused(sender.json('ann', path, { case: example, filters: { age_band: sender.token('age_band') } }));
    },
  },
  'get /api/v1/cases': { as: 'ann', send: async (sender, world, path) => void await sender.accepted({ as: 'ann', path: `${path}?limit=100` }) },
  'get /api/v1/cases/{id}': {
    as: 'ann',
    async send(sender, world, path) {
      await sender.accepted({ as: 'ann', path });
      await sender.accepted({ as: 'bob', path, headers: { 'X-Break-Glass': `Collapsed in the hall: ${sender.token('reason')} ${sender.token('reason')}` } });
      await sender.refused({ as: 'bob', path, headers: { 'X-Break-Glass': sender.token('too long a reason').repeat(40) } });
      await sender.refused({ as: 'ehr', path, headers: { 'X-Break-Glass': `Not theirs to break: ${sender.token('reason of an integrator')}` } });
    },
  },
  'post /api/v1/cases/{id}/outcome': {
    as: 'ann', example: { condition: 'I26', confirmed_on: '2026-01-02', note: 'CT angiogram' },
    async send(sender, world, path) {
      await sender.accepted(sender.json('ann', path, { condition: 'I26', note: `${sender.token('note')} and again ${sender.token('note')}` }));
      await sender.refused(sender.json('ann', path, { condition: 'I26', note: sender.token('too long a note').repeat(40) }));
    },
  },
  'post /api/v1/cases/{id}/share': {
    as: 'ann', example: { with: 'bob' },
    async send(sender, world, path) {
      const share = (name) => sender.accepted(sender.json('ann', path, { with: name }));
      const name = sender.token('recipient');
      for (const one of [name, `Dr ${sender.token('recipient with a title')}`, name]) await share(one);
      await sender.refused(sender.json('ann', path, { with: sender.token('too long a recipient').repeat(40) }));
    },
  },
  'get /api/v1/audit': {
    as: 'office',
    async send(sender, world, path) {
      await sender.accepted({ as: 'office', path: `${path}?limit=1000` });
      await sender.refused({ as: 'office', path: `${path}?log=${sender.token('name of a log')}` });
    },
  },
  'post /api/v1/audit/accesses': {
    as: 'office', example: { patient_id: 'nobody' },
    async send(sender, world, path) {
      for (const id of [world.patient, sender.token('a patient who is not there')]) await sender.accepted(sender.json('office', path, { patient_id: id }));
      await sender.refused(sender.json('ann', path, { patient_id: sender.token('patient_id of one who may not') }));
    },
  },
  'post /api/v1/patients/hold': forPatients({ held: true }, { held: false }),
  'post /api/v1/patients/delete': forPatients({}),
};

/** Requests that are no HTTP, or barely, to a route that would take them if they were. */
export async function sendBrokenHttp(sender) {
  const token = (place) => sender.token(`broken HTTP, ${place}`);
  const key = `X-Api-Key: ${sender.callers.ann}\r\n`;
  const post = (headers, body = '') => `POST /api/v1/diagnose HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n${key}${headers}\r\n\r\n${body}`;
  const get = (target, version = 'HTTP/1.1') => `GET ${target} ${version}\r\nHost: localhost\r\nConnection: close\r\n${key}\r\n`;
  const body = () => JSON.stringify(caseWith(token));
  const chunked = (text) => `${text.length.toString(16)};${token('chunk extension')}="${token('its value')}"\r\n${text}\r\n0\r\n${token('trailer')}: ${token('value of a trailer')}\r\n\r\n`;
  const all = [
    `${token('no HTTP')}\r\n\r\n`, get('/', `HTTP/${token('version')}`), get(`/#${token('fragment')}`), get(`http://${token('user')}:${token('password')}@localhost/`),
    get(`http://${token('authority')}.example/`), get(`/static/${token('file')}.js`), get(`/static/../../${token('outside')}`), get(`/%zz${token('wrongly escaped')}`),
    get(`/${token('long target').repeat(300)}`), post(token('a header without a colon')), post(` ${token('a folded header')}`), post(`X Y: ${token('space in a name')}`),
    post(`X-Long: ${token('long header').repeat(1200)}`), post(`Expect: ${token('Expect')}`), post(`Transfer-Encoding: ${token('Transfer-Encoding')}`),
    post(`Content-Length: ${token('Content-Length')}`), post(`Content-Length: 5\r\nContent-Length: ${token('second length')}`), post(`Host: ${token('second Host')}`), post(`X-Null: ${token('before a NUL')}\0${token('after a NUL')}`), post('Transfer-Encoding: chunked', chunked(body())),
    post('Transfer-Encoding: chunked', `${token('size of a chunk')}\r\n`), post('Content-Length: 10', body()),
    ['OPTIONS /api/v1/diagnose HTTP/1.1', 'Host: localhost', 'Connection: close', 'Origin: https://ehr.example', `Access-Control-Request-Method: ${token('method of a preflight')}`,
      `Access-Control-Request-Headers: ${token('header of a preflight')}`, '', ''].join('\r\n'),
  ];
  for (const bytes of all) await sender.raw(bytes);
  await sender.raw(post('Content-Length: 5000', body()), { cut: true });
  await sender.raw(get('/'), { servername: `${token('server name of TLS')}.example`, ALPNProtocols: [token('protocol of TLS')] });
}
