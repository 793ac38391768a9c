// What a case may expect of an answer; tests/cases/README.md lists every line.
import assert from 'node:assert/strict';

const LEVELS = ['self_care', 'routine', 'urgent', 'emergency'];
const lower = (text) => String(text).toLowerCase();
const items = (value) => value.split(';').map((item) => item.trim()).filter(Boolean);

/** A condition is named by its name, its id or its ICD-10 code. */
function isCondition(entry, name) {
  return [entry.condition, entry.condition_id, entry.condition_code].some((known) => lower(known) === lower(name));
}

const namesOf = (entries) => entries.map((entry) => `${entry.condition} ${entry.confidence}`).join(', ') || 'none';

function listOf(answer, member) {
  assert.ok(Array.isArray(answer.json?.[member]), `the answer has no ${member}[]: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer.json[member];
}

function placeOf(answer, name) {
  return listOf(answer, 'candidates').findIndex((entry) => isCondition(entry, name)) + 1;
}

function amongFirst(count) {
  return (answer, value) => {
    for (const name of items(value)) {
      const place = placeOf(answer, name);
      assert.ok(place > 0 && place <= count,
        `${name} is ${place > 0 ? `number ${place}` : 'not'} among the candidates: ${namesOf(listOf(answer, 'candidates'))}`);
    }
  };
}

function notAmongFirst(count) {
  return (answer, value) => {
    for (const name of items(value)) {
      const place = placeOf(answer, name);
      assert.ok(place === 0 || place > count, `${name} is number ${place}: ${namesOf(listOf(answer, 'candidates'))}`);
    }
  };
}

/** "acute myocardial infarction 0.65": the name, then the limit. */
function confidence(compare, word) {
  return (answer, value) => {
    const [, name, limit] = /^(.*)\s+([\d.]+)$/.exec(value) ?? assert.fail(`"${value}" is not "condition limit"`);
    const entry = listOf(answer, 'candidates').find((candidate) => isCondition(candidate, name));
    const found = entry?.confidence ?? 0;
    assert.ok(compare(found, Number(limit)), `${name} has confidence ${found}, expected ${word} ${limit}`);
  };
}

/** "asthma: wheez; cough": texts of the condition's list, each of which must hold what is asked for. */
function texts(read) {
  return (answer, value) => {
    const [name, wanted] = splitName(value);
    const entry = findCondition(answer, name);
    const have = read(entry);
    for (const piece of items(wanted))
      assert.ok(have.some((text) => lower(text).includes(lower(piece))), `"${piece}" is not in: ${have.join('; ') || 'nothing'}`);
  };
}

function splitName(value) {
  const colon = value.indexOf(':');
  assert.ok(colon > 0, `"${value}" is not "condition: texts"`);
  return [value.slice(0, colon).trim(), value.slice(colon + 1)];
}

function findCondition(answer, name) {
  const entry = [...listOf(answer, 'candidates'), ...listOf(answer, 'diagnoses')].find((one) => isCondition(one, name));
  assert.ok(entry, `${name} is not in the answer: ${namesOf(listOf(answer, 'candidates'))}`);
  return entry;
}

function reported(status, wanted) {
  return (answer, value) => {
    for (const name of items(value)) {
      const found = listOf(answer, 'diagnoses').some((entry) => entry.status === status && isCondition(entry, name));
      assert.equal(found, wanted, `${name} ${found ? 'is' : 'is not'} ${status} among the diagnoses: ${namesOf(answer.json.diagnoses)}`);
    }
  };
}

/** "code", or "code at /pointer". */
function hasWarning(answer, value) {
  const [code, pointer] = value.split(' at ').map((part) => part.trim());
  const warnings = listOf(answer, 'warnings');
  const found = warnings.filter((warning) => warning.code === code && (pointer === undefined || warning.pointer === pointer));
  assert.ok(found.length > 0, `no warning ${value} among: ${JSON.stringify(warnings)}`);
  for (const warning of found) assert.ok(warning.text.length > 20, 'a warning says why');
}

function hasNoWarning(answer, value) {
  const found = listOf(answer, 'warnings').filter((warning) => value === 'any' || items(value).includes(warning.code));
  assert.deepEqual(found, []);
}

function urgency(compare) {
  return (answer, value) => {
    const level = answer.json?.urgency?.level;
    assert.ok(LEVELS.includes(level) && LEVELS.includes(value), `levels ${level} and ${value} are not both of ${LEVELS}`);
    assert.ok(compare(LEVELS.indexOf(level), LEVELS.indexOf(value)), `the urgency is ${level}: ${answer.json.urgency.reasons}`);
  };
}

/** Each bad field is listed; "error only at" also allows no other. */
function errorsAt(exactly) {
  return (answer, value) => {
    const have = listOf(answer, 'errors').map((entry) => entry.pointer ?? `?${entry.parameter}`);
    const wanted = items(value).map((pointer) => (pointer === 'the whole body' ? '' : pointer));
    for (const pointer of wanted) assert.ok(have.includes(pointer), `no error at ${pointer} among: ${have.join(', ')}`);
    if (exactly) assert.deepEqual([...have].sort(), [...wanted].sort());
    for (const entry of answer.json.errors) assert.ok(entry.problem && entry.allowed, 'an error says what is wrong and what is allowed');
  };
}

/** "/patient_id is "abc"" */
function member(answer, value) {
  const [, pointer, wanted] = /^(\S+) is (.*)$/.exec(value) ?? assert.fail(`"${value}" is not "/pointer is JSON"`);
  const found = pointer.slice(1).split('/').reduce((at, token) => at?.[token], answer.json);
  assert.deepEqual(found ?? null, JSON.parse(wanted), `at ${pointer}`);
}

/** "fever absent" or "chest pain present". */
function understood(answer, value) {
  for (const wanted of items(value)) {
    const [, name, polarity] = /^(.*) (present|absent)$/.exec(wanted) ?? assert.fail(`"${wanted}" is not "finding present|absent"`);
    const found = listOf(answer, 'understood').some((entry) => entry.polarity === polarity &&
      [entry.finding, entry.finding_id].some((known) => lower(known) === lower(name)));
    assert.ok(found, `${wanted} is not among: ${answer.json.understood.map((entry) => `${entry.finding} ${entry.polarity}`).join(', ')}`);
  }
}

function status(answer, value) {
  assert.equal(answer.status, Number(value), answer.text.slice(0, 500));
  if (answer.status >= 400) assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
}

const tests = (entry) => [...entry.recommended_tests, ...entry.conditional_tests.map((test) => test.name)];

/** The words after "expect" -> a function of the answer and the line's value; throws where it is not so. */
export const expectations = {
  status,
  first: amongFirst(1),
  'in top three': amongFirst(3),
  'in top ten': amongFirst(10),
  'not first': notAmongFirst(1),
  'not in top three': notAmongFirst(3),
  'not in top ten': notAmongFirst(10),
  above: confidence((found, limit) => found > limit, 'above'),
  below: confidence((found, limit) => found < limit, 'below'),
  reported: reported('suspected', true),
  'not reported': reported('suspected', false),
  known: reported('known', true),
  'not known': reported('known', false),
  evidence: texts((entry) => entry.supporting_evidence),
  'evidence against': texts((entry) => entry.opposing_evidence),
  tests: texts(tests),
  'tests now': texts((entry) => entry.recommended_tests),
  warning: hasWarning,
  'no warning': hasNoWarning,
  'urgency at least': urgency((found, limit) => found >= limit),
  'urgency at most': urgency((found, limit) => found <= limit),
  'must not miss': (answer, value) => {
    for (const name of items(value))
      assert.ok(listOf(answer, 'must_not_miss').some((entry) => isCondition(entry, name)),
        `${name} is not among: ${namesOf(answer.json.must_not_miss)}`);
  },
  'unexplained above': (answer, value) => assert.ok(answer.json?.unexplained?.probability > Number(value), JSON.stringify(answer.json?.unexplained)),
  'error at': errorsAt(false),
  'error only at': errorsAt(true),
  answer: member,
  understood,
  'not in text': (answer, value) => assert.ok(!answer.text.includes(value), `the answer holds "${value}"`),
};

/** What two answers to the same patient share: all but ids, times, places in the text and the caller's order of known conditions. */
export function comparable(answer) {
  return { suspected: ofStatus(answer, 'suspected'), known: ofStatus(answer, 'known').sort(), candidates: (answer.json?.candidates ?? []).map(withoutPlaces), urgency: answer.json?.urgency };
}

const ofStatus = (answer, state) => (answer.json?.diagnoses ?? []).filter(({ status: one }) => one === state).map(({ condition_id }) => condition_id);

const withoutPlaces = ({ condition_id, confidence: value, supporting_evidence }) => ({ condition_id, value, supporting_evidence });
