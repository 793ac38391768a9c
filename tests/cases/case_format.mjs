// Reads the plain-text cases; tests/cases/README.md describes the format for those who write them.
import { requestWith } from '../support/requests.mjs';

const CASE = 'case:';
const LISTS = { symptoms: 'symptoms', history: 'preexisting_conditions', family: 'family_history', absent: 'absent_findings' };
const NUMBERS = { 'duration days': 'duration_days' };
const WORDS = { severity: 'severity', sex: 'sex', setting: 'setting', onset: 'onset', 'patient id': 'patient_id', narrative: 'narrative' };
const VITALS = {
  temperature: 'temperature_c', pulse: 'heart_rate_bpm', breaths: 'respiratory_rate_bpm', systolic: 'systolic_mmhg',
  diastolic: 'diastolic_mmhg', spo2: 'spo2_percent', weight: 'weight_kg', bmi: 'bmi',
};
const DELIVERY = { method: 'method', path: 'path', query: 'query', 'content type': 'contentType' };

/** All cases of one file: [{title, file, line, delivery, body, expectations: [{line, what, value}]}]. Throws with file and line. */
export function parseCases(content, file) {
  const cases = [];
  let current;
  content.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) return;
    if (text.startsWith(CASE)) {
      current = { title: text.slice(CASE.length).trim(), file, line, lines: [], expectations: [] };
      cases.push(current);
    } else if (!current) {
      throw new Error(`${file}:${line}: a case starts with "case: its title"`);
    } else if (text.startsWith('expect ')) {
      current.expectations.push({ line, ...splitAt(text.slice('expect '.length), file, line) });
    } else {
      current.lines.push({ line, text });
    }
  });
  for (const entry of cases) finish(entry);
  return cases;
}

function splitAt(text, file, line) {
  const colon = text.indexOf(':');
  if (colon < 0) throw new Error(`${file}:${line}: "${text}" has no colon`);
  return { what: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() };
}

function finish(entry) {
  if (entry.expectations.length === 0) throw new Error(`${entry.file}:${entry.line}: the case "${entry.title}" expects nothing`);
  entry.delivery = { method: 'POST', path: '/api/v1/diagnose', query: '', contentType: 'application/json' };
  const request = requestWith({ age: undefined, symptoms: undefined, severity: undefined });
  let json = '';
  let exact;
  for (const { line, text } of entry.lines) {
    if (json !== '' || text.startsWith('{')) {
      json += `${text}\n`;
      continue;
    }
    const { what, value } = splitAt(text, entry.file, line);
    if (what === 'send exactly') exact = unescape(value);
    else if (what in DELIVERY) entry.delivery[DELIVERY[what]] = value;
    else if (!readMember(request, what, value)) throw new Error(`${entry.file}:${line}: "${what}" is not a line of the format`);
  }
  delete entry.lines;
  if (json !== '') checkJson(json, entry);
  entry.body = exact ?? (json || JSON.stringify(request));
}

/** JSON of a case must at least be JSON: what is meant to be malformed is written with "send exactly". */
function checkJson(json, entry) {
  try {
    JSON.parse(json);
  } catch (problem) {
    throw new Error(`${entry.file}:${entry.line}: the JSON of "${entry.title}" cannot be read: ${problem.message}`);
  }
}

/** "\n", "\t" and "\u0000" as in JSON, and "(x * 3)" repeated. */
function unescape(text) {
  return text.replace(/\(([^()]*) \* (\d+)\)/g, (_, piece, times) => piece.repeat(Number(times)))
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\\n/g, '\n').replace(/\\t/g, '\t');
}

function readMember(request, what, value) {
  if (what === 'age') request.age = readAge(value);
  else if (what in LISTS) request[LISTS[what]] = value === '' ? [] : value.split(';').map((item) => item.trim());
  else if (what in NUMBERS) request[NUMBERS[what]] = Number(value);
  else if (what in WORDS) request[WORDS[what]] = unescape(value);
  else if (what === 'pregnant') request.pregnant = readPregnancy(value);
  else if (what === 'labs') request.lab_results = Object.fromEntries(value.split(';').map(readLab));
  else if (what === 'vitals') request.vitals = Object.fromEntries(value.split(';').map(readVital));
  else return false;
  return true;
}

/** "65", "9 months", "10 days". */
function readAge(value) {
  const [number, unit = 'years'] = value.split(/\s+/);
  return Number((Number(number) / ({ months: 12, weeks: 52, days: 365 }[unit] ?? 1)).toFixed(4));
}

/** "yes", "no", "28 weeks". */
function readPregnancy(value) {
  if (value === 'yes' || value === 'no') return { value: value === 'yes' };
  return { value: true, gestation_weeks: Number(value.split(/\s+/)[0]) };
}

/** "10839-9 = 2.1" or "10839-9 = 2.1 ng/mL". */
function readLab(text) {
  const [code, measured] = text.split('=').map((part) => part.trim());
  const [value, unit] = measured.split(/\s+/);
  return [code, unit === undefined ? Number(value) : { value: Number(value), unit }];
}

/** "temperature 38.9". */
function readVital(text) {
  const [name, value] = text.trim().split(/\s+/);
  if (!(name in VITALS)) throw new Error(`"${name}" is not a vital sign of the format: ${Object.keys(VITALS).join(', ')}`);
  return [VITALS[name], Number(value)];
}
