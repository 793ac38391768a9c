// Why a condition stands where it does: what speaks for it and what against it, each with its weight as a bar.
import { hiddenText, make } from './dom.js';

// Weights are changes of the log-odds. The steps are those of likelihood ratios at the bedside: 2 shifts a probability a
// little, 5 moderately (McGee, Evidence-Based Physical Diagnosis).
const STRONG = Math.log(5);
const MODERATE = Math.log(2);
const SMALLEST_SCALE = STRONG;
const MISSING = 'silence';   // the source of what is typical of the condition and not mentioned in the story

export function strengthOf(weight) {
  const size = Math.abs(weight);
  if (size >= STRONG) return 'strong';
  return size >= MODERATE ? 'moderate' : 'weak';
}

/** `condition` is a diagnosis or candidate of the answer. */
export function evidenceView(condition) {
  const weighed = condition.evidence.filter((item) => item.weight !== 0);
  const scale = Math.max(SMALLEST_SCALE, ...weighed.map((item) => Math.abs(item.weight)));
  const said = new Set(weighed.map((item) => item.text));
  const unweighed = (texts) => texts.filter((text) => !said.has(text)).map((text) => ({ text }));
  const against = weighed.filter((item) => item.weight < 0);
  const missing = (item) => item.source === MISSING;
  return [
    evidenceList('Why', 'for', [...weighed.filter((item) => item.weight > 0), ...unweighed(condition.supporting_evidence)], scale),
    evidenceList('Why not', 'against',
      [...against.filter((item) => !missing(item)), ...against.filter(missing), ...unweighed(condition.opposing_evidence)], scale),
  ];
}

function evidenceList(title, direction, items, scale) {
  return [
    make('h5', {}, title),
    items.length === 0 ? make('p', { className: 'quiet' }, `Nothing that you entered speaks ${direction} it.`)
      : make('ul', { className: 'evidence' }, items.map((item) => evidenceRow(item, direction, scale))),
  ];
}

function evidenceRow(item, direction, scale) {
  if (item.weight === undefined) return make('li', { className: 'evidence-row' }, make('span', { className: 'evidence-text' }, item.text));
  const strength = strengthOf(item.weight);
  const bar = make('span', { className: `evidence-bar ${item.source === MISSING ? 'missing' : direction}` });
  bar.style.width = `${(100 * Math.abs(item.weight)) / scale}%`;
  return make('li', { className: 'evidence-row' },
    make('span', { className: 'evidence-text' }, item.text, hiddenText(`, ${strength} evidence ${direction}`)),
    make('span', { className: 'evidence-track', 'aria-hidden': 'true' }, bar),
    make('span', { className: 'evidence-strength', 'aria-hidden': 'true' }, strength));
}
