// What similarity means: cases with known diagnoses are stored with their outcomes, then each asks for those like it. Prints, by similarity, how often the
// found case has the same diagnosis, beside how often two cases drawn at random have.
//   node bench/similar/similar_quality.mjs tests/vignettes/second_reading [most cases]
import fs from 'node:fs';
import path from 'node:path';
import { diagnose, send } from '../../tests/support/http.mjs';
import { startServer } from '../../tests/support/server.mjs';

/** A vignette (docs/evaluation.md) as a request, and its diagnosis. */
function requestOf({ id, age_years: age, diagnosis, urgency, specialty, ...rest }) {
  return { request: { age, ...rest }, condition: diagnosis.icd10 };
}

const [, , where, most = '1000'] = process.argv;
const files = fs.statSync(where).isDirectory() ? fs.readdirSync(where).filter((name) => name.endsWith('.jsonl')).sort().map((name) => path.join(where, name)) : [where];
const all = files.flatMap((file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse)).map(requestOf);
const step = Math.max(1, Math.floor(all.length / Number(most)));
const vignettes = all.filter((_, at) => at % step === 0);
const BANDS = [[0.95, 1.01], [0.9, 0.95], [0.85, 0.9], [0.8, 0.85], [0.75, 0.8], [0.7, 0.75], [0.65, 0.7], [0.6, 0.65], [0.5, 0.6], [0, 0.5]];

const server = await startServer({ env: { LOG_LEVEL: 'info' } });
const post = (address, body) => send(server, { method: 'POST', path: `/api/v1/${address}`, body, headers: { 'Content-Type': 'application/json' } });
const stored = [];
let refused = 0;
for (const { request, condition } of vignettes) {
  const { status, json } = await diagnose(server, request);
  const told = status === 200 ? await post(`cases/${json.request_id}/outcome`, { condition }) : { status: 0 };
  if (told.status === 200) stored.push({ id: json.request_id, condition: told.json.outcome.condition_code });
  else refused += 1;
}
const counts = BANDS.map(() => ({ pairs: 0, same: 0 }));
const nearest = { cases: 0, same: 0, inFive: 0, shownAny: 0 };
for (const { id, condition } of stored) {
  const { json } = await post('cases/search', { request_id: id, k: 50 });
  const same = json.cases.map(({ outcome }) => outcome?.condition_code === condition);
  json.cases.forEach(({ similarity }, at) => {
    const band = counts[BANDS.findIndex(([low, high]) => similarity >= low && similarity < high)];
    if (!band) return;
    band.pairs += 1;
    band.same += same[at] ? 1 : 0;
  });
  nearest.cases += 1;
  nearest.same += same[0] ? 1 : 0;
  nearest.inFive += same.slice(0, 5).some(Boolean) ? 1 : 0;
  nearest.shownAny += (json.cases[0]?.similarity ?? 0) >= 0.75 ? 1 : 0;
}
const tally = new Map();
for (const { condition } of stored) tally.set(condition, (tally.get(condition) ?? 0) + 1);
const chance = [...tally.values()].reduce((sum, count) => sum + count * (count - 1), 0) / (stored.length * (stored.length - 1));
const percent = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
console.log(`${stored.length} cases of ${tally.size} conditions (${refused} without an outcome here); two at random share theirs in ${(100 * chance).toFixed(2)} %`);
console.log(`the most similar one: the same ${percent(nearest.same, nearest.cases)}; one of five: ${percent(nearest.inFive, nearest.cases)}; any at 0.75 or more: ${percent(nearest.shownAny, nearest.cases)}`);
BANDS.forEach(([low, high], at) => console.log(`  ${low.toFixed(2)} to ${Math.min(1, high).toFixed(2)}: ${counts[at].pairs} pairs, the same ${percent(counts[at].same, counts[at].pairs)}`));
await server.stop();
