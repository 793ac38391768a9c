// How urgent the case is and what must not be missed: the first thing to read.
import { make } from './dom.js';
import { percent } from './numbers.js';

const SHOWN = 4;

export const URGENCIES = {
  emergency: { title: 'Emergency', advice: 'Act now.', short: 'Emergency', symbol: '!!' },
  urgent: { title: 'Urgent', advice: 'Needs assessment today.', short: 'Urgent', symbol: '!' },
  routine: { title: 'Routine', advice: 'Can wait for an ordinary appointment.', short: 'Routine', symbol: '→' },
  self_care: { title: 'Self-care', advice: 'Likely to settle; say when to come back.', short: 'Self-care', symbol: '✓' },
};

export function urgencyView(urgency) {
  const level = URGENCIES[urgency.level] ?? { title: urgency.level, advice: '', symbol: '?' };
  return make('section', { className: `urgency ${URGENCIES[urgency.level] ? urgency.level : ''}`, 'aria-labelledby': 'urgency-title' },
    make('p', { className: 'urgency-symbol', 'aria-hidden': 'true' }, level.symbol),
    make('div', {},
      make('h3', { id: 'urgency-title' }, level.title, ' ', make('span', { className: 'urgency-advice' }, level.advice)),
      urgency.reasons.length > 0 && make('ul', { className: 'plain-list' }, urgency.reasons.map((reason) => make('li', {}, reason)))));
}

/** `conditions` come most likely first; the unlikely rest is folded away, never left out. */
export function mustNotMissView(conditions) {
  if (conditions.length === 0) return null;
  const rest = conditions.slice(SHOWN);
  return make('section', { className: 'answer-section must-not-miss', 'aria-labelledby': 'must-not-miss-title' },
    make('h3', { id: 'must-not-miss-title' }, 'Must not be missed'),
    dangers(conditions.slice(0, SHOWN)),
    rest.length > 0 && make('details', { 'data-part': 'dangers' }, make('summary', {}, `${rest.length} more, less likely`), dangers(rest)));
}

function dangers(conditions) {
  return make('ul', {}, conditions.map((condition) => make('li', {},
    make('span', { className: 'condition-name' }, condition.condition),
    make('span', { className: 'confidence' }, percent(condition.confidence)),
    make('span', { className: 'quiet reason' }, withoutTitle(condition.reason)))));
}

/** The section's title says already that missing it is dangerous. */
function withoutTitle(reason) {
  return reason.replace(/^dangerous if missed; /, '');
}
