// The evidence for and against one condition as signed bars.
import { hiddenText, make } from './dom.js';

// Weights are changes of the log-odds. The steps are those of likelihood ratios at the bedside: 2 shifts a probability a
// little, 5 moderately (McGee, Evidence-Based Physical Diagnosis).
const STRONG = Math.log(5);
const MODERATE = Math.log(2);
const SMALLEST_SCALE = STRONG;

function strengthOf(weight) {
  const size = Math.abs(weight);
  if (size >= STRONG) return 'strong';
  return size >= MODERATE ? 'moderate' : 'weak';
}

/** `condition` is a diagnosis or candidate of the answer. */
export function evidenceView(condition) {
  const weighed = condition.evidence.filter((item) => item.weight !== 0);
  if (weighed.length === 0) return plainEvidence(condition);
  const scale = Math.max(SMALLEST_SCALE, ...weighed.map((item) => Math.abs(item.weight)));
  return [
    evidenceList('Speaks for it', weighed.filter((item) => item.weight > 0), scale),
    evidenceList('Speaks against it', weighed.filter((item) => item.weight < 0), scale),
  ];
}

function evidenceList(title, items, scale) {
  if (items.length === 0) return null;
  return [
    make('h5', {}, title),
    make('ul', { className: 'evidence' }, items.map((item) => evidenceRow(item, scale))),
  ];
}

function evidenceRow(item, scale) {
  const direction = item.weight > 0 ? 'for' : 'against';
  const strength = strengthOf(item.weight);
  const bar = make('span', { className: `evidence-bar ${direction}` });
  bar.style.width = `${(50 * Math.abs(item.weight)) / scale}%`;
  return make('li', { className: 'evidence-row' },
    make('span', { className: 'evidence-text' }, item.text, hiddenText(`, ${strength} evidence ${direction}`)),
    make('span', { className: 'evidence-track', 'aria-hidden': 'true' }, bar),
    make('span', { className: 'evidence-strength', 'aria-hidden': 'true' }, strength));
}

function plainEvidence(condition) {
  const list = (title, texts) => texts.length > 0
    && [make('h5', {}, title), make('ul', { className: 'plain-list' }, texts.map((text) => make('li', {}, text)))];
  return [list('Speaks for it', condition.supporting_evidence), list('Speaks against it', condition.opposing_evidence)];
}
