// What the server read in the words of a case: findings, known diseases and measurements, each with its place.

/** How a mention was read, in words. */
export const READINGS = {
  present: 'present',
  absent: 'not there',
  measured: 'measured',
  known: 'known disease',
  past: 'in the past',
  family: 'in the family',
  uncertain: 'uncertain, not counted',
};

function readingOf(finding) {
  if (finding.subject !== 'patient') return 'family';
  if (finding.past) return 'past';
  if (finding.uncertain) return 'uncertain';
  return finding.polarity === 'absent' ? 'absent' : 'present';
}

/** All conditions of an answer, each once. */
function conditionsOf(answer) {
  const once = new Map([...answer.candidates, ...answer.diagnoses].map((condition) => [condition.condition_id, condition]));
  return [...once.values()];
}

const placedIn = (item, reading, name) => item.spans.filter((span) => span.end > span.begin).map((span) => ({ ...span, name, reading }));

/** Every mention once, as {field, item, begin, end, name, reading}. */
export function mentionsOf(answer) {
  const findings = (answer.understood ?? []).map((finding) => {
    const { field, item, begin, end } = finding;
    return { field, item, begin, end, name: finding.finding, reading: readingOf(finding) };
  });
  const known = answer.diagnoses.filter((diagnosis) => diagnosis.status === 'known')
    .flatMap((diagnosis) => diagnosis.evidence.flatMap((item) => placedIn(item, 'known', diagnosis.condition)));
  const measured = conditionsOf(answer).flatMap((condition) => condition.evidence)
    .filter((item) => item.source === 'measurement').flatMap((item) => placedIn(item, 'measured', item.text));
  const once = new Map([...findings, ...known, ...measured].map((mention) => [JSON.stringify(Object.values(mention)), mention]));
  return [...once.values()];
}

export const inWords = (mention) => `${mention.name}, ${READINGS[mention.reading]}`;

/** What the words of `mention` do to the suspected conditions: [{condition, weight}], the most likely condition first. */
export function effectsOf(mention, answer) {
  const isHere = (span) => ['field', 'item', 'begin', 'end'].every((name) => span[name] === mention[name]);
  return conditionsOf(answer).filter((condition) => condition.status !== 'known').flatMap((condition) => condition.evidence
    .filter((item) => item.weight !== 0 && item.spans.some(isHere))
    .map((item) => ({ condition: condition.condition, weight: item.weight })));
}
