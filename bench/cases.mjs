// Synthetic patients of many shapes, made from the findings that the server itself offers for completion.
import { diagnose, send } from '../tests/support/http.mjs';
import { randomFrom } from '../tests/support/requests.mjs';

const SEED = 20;
const LABS = ['2345-7', '718-7', '6690-2', '1988-5', '2160-0', '2951-2', '2823-3', '3016-3', '1742-6', '4548-4'];
const TYPICAL = { '2345-7': 140, '718-7': 12, '6690-2': 9, '1988-5': 20, '2160-0': 1.1, '2951-2': 138, '2823-3': 4.1, '3016-3': 2.2, '1742-6': 35, '4548-4': 6.1 };

async function namesOf(server, kind) {
  const names = new Set();
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
    const { json } = await send(server, { path: `/api/v1/complete?q=${letter}&kind=${kind}&limit=50` });
    for (const { name } of json ?? []) names.add(name);
  }
  return [...names].sort();
}

/** `count` distinct requests as JSON texts, the same each time; each is answered with 200 by this server. */
export async function syntheticCases(server, count) {
  const random = randomFrom(SEED);
  const symptoms = await namesOf(server, 'symptom');
  const history = await namesOf(server, 'history');
  if (symptoms.length < 50 || history.length < 10) throw new Error(`too few names to make cases of: ${symptoms.length} symptoms, ${history.length} of history`);
  const pick = (list, most) => [...new Set(Array.from({ length: 1 + Math.floor(random() * most) }, () => list[Math.floor(random() * list.length)]))];
  const cases = new Set();
  while (cases.size < count) {
    const body = JSON.stringify(oneCase(random, pick, symptoms, history));
    if (cases.has(body)) continue;
    const answer = await diagnose(server, body);
    if (answer.status !== 200) throw new Error(`a synthetic case is refused: ${answer.status} ${answer.text}`);
    cases.add(body);
  }
  return [...cases];
}

function oneCase(random, pick, symptoms, history) {
  const body = {
    age: Math.floor(1 + random() * 95), symptoms: pick(symptoms, 6), severity: ['mild', 'moderate', 'severe'][Math.floor(random() * 3)],
    sex: random() < 0.5 ? 'female' : 'male',
  };
  if (random() < 0.6) body.preexisting_conditions = pick(history, 3);
  if (random() < 0.5) body.lab_results = Object.fromEntries(pick(LABS, 4).map((code) => [code, Number((TYPICAL[code] * (0.6 + random())).toFixed(2))]));
  if (random() < 0.5) body.vitals = { temperature_c: Number((36 + random() * 4).toFixed(1)), heart_rate_bpm: Math.floor(55 + random() * 90) };
  if (random() < 0.5) body.absent_findings = pick(symptoms, 4);
  if (random() < 0.4) body.narrative = narrativeOf(random, pick, symptoms);
  if (random() < 0.5) body.duration_days = Math.ceil(random() * 60);
  return body;
}

function narrativeOf(random, pick, symptoms) {
  const [present, denied] = [pick(symptoms, 5), pick(symptoms, 4)];
  return `The patient reports ${present.join(', ')} for ${Math.ceil(random() * 14)} days and denies ${denied.join(', ')}. ` +
    `BP ${Math.floor(95 + random() * 80)}/${Math.floor(55 + random() * 45)}, HR ${Math.floor(55 + random() * 80)}. No travel. Lives alone and works in an office.`;
}
