// The ranked differential: one entry a condition, with its confidence, evidence and tests.
import { make } from './dom.js';
import { evidenceView } from './evidence_view.js';
import { Explanation } from './explanation.js';
import { percent } from './numbers.js';
import { URGENCIES } from './urgency_view.js';

/** Suspected conditions in the order of the answer: those reported as diagnoses, then the other candidates. */
function suspectedOf(answer) {
  const reported = answer.diagnoses.filter((diagnosis) => diagnosis.status === 'suspected');
  const ids = new Set(reported.map((diagnosis) => diagnosis.condition_id));
  return { reported, others: answer.candidates.filter((candidate) => !ids.has(candidate.condition_id)) };
}

/** All of them, most likely first. */
export function suspectedConditions(answer) {
  const { reported, others } = suspectedOf(answer);
  return [...reported, ...others];
}

export const leadingCondition = (answer) => suspectedConditions(answer)[0];

/** `before`: the answer that this one takes the place of; what changed since says so. */
export function differentialView(answer, patientCase, before) {
  const { reported, others } = suspectedOf(answer);
  const earlier = new Map(before ? suspectedConditions(before).map((condition) => [condition.condition_id, condition.confidence]) : []);
  const list = (conditions, rank, className) => make('ol', { className, start: rank + 1 }, conditions.map((condition, position) =>
    conditionEntry(condition, rank + position, { patientCase, threshold: answer.threshold, earlier: earlier.get(condition.condition_id) })));
  const threshold = percent(answer.threshold);
  return make('section', { className: 'answer-section', 'aria-labelledby': 'differential-title' },
    make('h3', { id: 'differential-title' }, 'Most likely conditions'),
    make('p', { className: 'hint' }, 'Each has its own probability, so they need not add up to 100 %. ',
      make('span', { className: 'threshold-key', 'aria-hidden': 'true' }), ` marks ${threshold}. Open an entry for evidence and tests.`),
    reported.length === 0 && make('p', { className: 'note' }, `No condition reaches ${threshold}. These are the most likely ones.`),
    reported.length > 0 && list(reported, 0, 'conditions'),
    reported.length > 0 && others.length > 0 && make('h4', { className: 'divider' }, `Below ${threshold}: also considered`),
    others.length > 0 && list(others, reported.length, 'conditions also-considered'));
}

function conditionEntry(condition, rank, { patientCase, threshold, earlier }) {
  const entry = make('details', { className: 'condition', open: rank === 0, 'data-part': `suspected ${condition.condition_id}` },
    make('summary', {},
      make('span', { className: 'condition-head' },
        make('span', { className: 'rank', 'aria-hidden': 'true' }, String(rank + 1)),
        make('span', { className: 'condition-name' }, condition.condition),
        make('span', { className: 'confidence' }, percent(condition.confidence)),
        make('span', { className: 'tags' }, tagsOf(condition, earlier))),
      confidenceBar(condition.confidence, threshold)),
    make('div', { className: 'condition-body' }, conditionBody(condition, patientCase)));
  entry.dataset.conditionId = condition.condition_id;
  return make('li', {}, entry);
}

function confidenceBar(confidence, threshold) {
  const fill = make('span', { className: confidence >= threshold ? 'bar-fill' : 'bar-fill below' });
  fill.style.width = `${Math.max(0.5, confidence * 100)}%`;
  const mark = make('span', { className: 'bar-threshold' });
  mark.style.left = `${threshold * 100}%`;
  return make('span', { className: 'bar', 'aria-hidden': 'true' }, fill, mark);
}

function tagsOf(condition, earlier = condition.confidence) {
  const urgency = URGENCIES[condition.urgency];
  const changed = percent(earlier) !== percent(condition.confidence);
  return [
    changed && make('span', { className: 'tag changed' },
      make('span', { 'aria-hidden': 'true' }, condition.confidence > earlier ? '▲ ' : '▼ '), `was ${percent(earlier)}`),
    condition.must_not_miss && make('span', { className: 'tag danger' }, 'Must not be missed'),
    urgency && make('span', { className: 'tag' }, urgency.short),
    make('span', { className: 'tag code', title: 'ICD-10 code' }, condition.condition_code),
  ];
}

function conditionBody(condition, patientCase) {
  return [
    make('div', { className: 'condition-evidence' }, evidenceView(condition)),
    new Explanation(condition, patientCase).element,
    make('div', { className: 'condition-tests' },
      textList('Tests to order now', condition.recommended_tests),
      conditionalTests(condition.conditional_tests ?? []),
      textList('What rules it out', condition.ruled_out_by ?? [])),
  ];
}

function textList(title, texts) {
  if (texts.length === 0) return null;
  return [make('h5', {}, title), make('ul', { className: 'plain-list' }, texts.map((text) => make('li', {}, text)))];
}

function conditionalTests(tests) {
  if (tests.length === 0) return null;
  return [
    make('h5', {}, 'Only if indicated'),
    make('ul', { className: 'plain-list' }, tests.map((test) =>
      make('li', {}, test.name, make('span', { className: 'quiet' }, `: ${test.when}`)))),
  ];
}

/** The conditions the caller stated, apart from the suspected ones; null when there are none. */
export function knownView(answer) {
  const known = answer.diagnoses.filter((diagnosis) => diagnosis.status === 'known');
  if (known.length === 0) return null;
  return make('section', { className: 'answer-section', 'aria-labelledby': 'known-title' },
    make('h3', { id: 'known-title' }, 'Already known'),
    make('p', { className: 'hint' }, 'Stated in the history; taken as true and weighed as risk.'),
    make('ul', { className: 'known' }, known.map((condition) => make('li', {},
      make('details', { className: 'condition', 'data-part': `known ${condition.condition_id}` },
        make('summary', {}, make('span', { className: 'condition-head' },
          make('span', { className: 'condition-name' }, condition.condition),
          make('span', { className: 'tag code', title: 'ICD-10 code' }, condition.condition_code))),
        make('div', { className: 'condition-body' }, make('div', {}, textList('Usual tests', condition.recommended_tests),
          conditionalTests(condition.conditional_tests ?? []))))))));
}
