// POST /api/v1/findings and POST /api/v1/next: beside a diagnosis, audited and not stored.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { diagnose, send } from '../support/http.mjs';
import { referenceRequest, requestWith } from '../support/requests.mjs';
import { startServer } from '../support/server.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server?.stop());

const post = (path, body) => send(server, { method: 'POST', path, body, headers: { 'Content-Type': 'application/json' } });
const findings = (body) => post('/api/v1/findings', body);
const next = (body, query = '') => post(`/api/v1/next${query}`, body);
const auditEntries = async () => (await send(server, { path: '/health/ready' })).json.audit.entries;

/** The words of `text` that a mention underlines. */
const words = (text, { begin, end }) => Buffer.from(text).subarray(begin, end).toString();

test('a text is read with spans, polarity, person, measurements and diseases', async () => {
  const { json, status } = await findings({ text: '72-year-old woman,  known hypertension. Cough for 2 hours, no fever. Her mother had a stroke. BP 180/110, sats 91 %.' });
  assert.equal(status, 200);
  const found = Object.fromEntries(json.findings.map((mention) => [mention.finding_id, mention]));
  assert.equal(found.cough.polarity, 'present');
  assert.equal(words(json.text, found.cough), 'Cough');
  assert.equal(found.fever.polarity, 'absent');
  assert.deepEqual([json.person.age, json.person.sex], [72, 'female']);
  assert.ok(Math.abs(json.person.duration_days - 2 / 24) < 1e-6);
  const measured = Object.fromEntries(json.measurements.map((one) => [one.quantity_id, one]));
  assert.equal(measured.systolic_pressure.value, 180);
  assert.equal(measured.oxygen_saturation.grade, 'low');
  assert.ok(json.conditions.some(({ condition_id: id }) => id === 'essential_hypertension'));
  assert.ok(!json.conditions.some(({ condition_id: id }) => id === 'ischaemic_stroke'), "the mother's");
});

test('without an age measurements are graded as for an adult, and that is said', async () => {
  const { json } = await findings({ text: 'Heart rate 150.' });
  assert.equal(json.measurements[0].grade, 'markedly_high');
  assert.ok(json.warnings.some(({ code }) => code === 'age_unknown'));
  const infant = (await findings({ text: 'Heart rate 150.', age: 0.2 })).json;
  assert.equal(infant.measurements[0].grade, 'normal');
  assert.ok(!infant.warnings.some(({ code }) => code === 'age_unknown'));
});

for (const [what, body, pointer] of [
  ['no text', {}, '/text'], ['an empty text', { text: '  ' }, '/text'], ['a text that is a number', { text: 7 }, '/text'],
  ['a text beyond the limit', { text: 'x'.repeat(20001) }, '/text'], ['an age out of range', { text: 'cough', age: 151 }, '/age'],
  ['a sex that is none', { text: 'cough', sex: 'f' }, '/sex'], ['a list', [], ''],
])
  test(`findings: ${what} is a 422 that names the field`, async () => {
    const { status, json } = await findings(body);
    assert.equal(status, 422);
    assert.deepEqual(json.errors.map((error) => error.pointer), [pointer]);
  });

test('a text of exactly the limit is read', async () => {
  const { status } = await findings({ text: 'cough '.repeat(3333) + 'xx' });
  assert.equal(status, 200);
});

test('what to ask next: best first, not what is settled, with what each answer changes', async () => {
  const { json, status } = await next(referenceRequest, '?limit=5');
  assert.equal(status, 200);
  assert.equal(json.next.length, 5);
  const gains = json.next.map(({ gain }) => gain);
  assert.deepEqual(gains, [...gains].sort((a, b) => b - a));
  for (const step of json.next) {
    assert.ok(!['chest_pain', 'dyspnoea', 'diaphoresis'].includes(step.finding_id), 'it was stated');
    assert.ok(step.if_present.length + step.if_absent.length > 0, `${step.finding_id} changes nothing`);
    for (const { from, to } of [...step.if_present, ...step.if_absent]) assert.ok(from >= 0 && from <= 1 && to >= 0 && to <= 1 && from !== to);
  }
});

test('a reply, put where it belongs, does what was announced and is not asked again', async () => {
  const body = requestWith({ age: 30, sex: 'female', symptoms: ['cough', 'fever'] });
  const [step] = (await next(body, '?limit=1')).json.next;
  for (const answer of ['present', 'absent']) {
    const { field, text } = step.reply[answer];
    const replied = { ...body, [field]: [...(body[field] ?? []), text] };
    const after = (await diagnose(server, replied)).json;
    const changes = answer === 'present' ? step.if_present : step.if_absent;
    for (const change of changes) {
      const now = after.candidates.find(({ condition_id: id }) => id === change.condition_id);
      if (now) assert.ok(Math.abs(now.confidence - change.to) < 0.0002, `${answer} ${text}: ${change.condition} announced ${change.to}, is ${now.confidence}`);
    }
    const again = (await next(replied, '?limit=50')).json.next;
    assert.ok(!again.some(({ finding_id: id }) => id === step.finding_id), `${text} is asked again`);
  }
});

test('next: a bad case or limit is a 422', async () => {
  assert.equal((await next({ age: 300 })).status, 422);
  for (const limit of ['0', '51', 'x']) assert.equal((await next(referenceRequest, `?limit=${limit}`)).status, 422, limit);
  assert.equal((await next('{')).status, 400);
});

test('both are audited, answered or refused, and nothing is stored', async () => {
  const before = await auditEntries();
  await findings({ text: 'cough' });
  await next(referenceRequest);
  await findings({});
  await next({});
  assert.equal(await auditEntries(), before + 4);
});

test('a text about another patient than the fields say is pointed out', async () => {
  const { json } = await diagnose(server, requestWith({ age: 30, sex: 'female', narrative: 'A 65-year-old man with chest pain.' }));
  const codes = json.warnings.map(({ code }) => code);
  assert.ok(codes.includes('age_differs') && codes.includes('sex_differs'), codes.join());
});
