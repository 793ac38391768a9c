// One question, examination or test: what it would change, and the buttons that answer it.
import { hiddenText, make, onSingleClick } from './dom.js';
import { percent } from './numbers.js';

const CHANGES_SHOWN = 2;

const KINDS = {
  question: 'Question', examination: 'Examination', bedside_test: 'Bedside test', laboratory: 'Laboratory', imaging: 'Imaging',
};

/** `act` = {reply(step, said), addResult(step)}; `said` is "present" or "absent". */
export function stepView(step, act) {
  return make('li', { className: 'step' },
    make('p', { className: 'step-ask' }, step.ask, ' ', KINDS[step.how] && make('span', { className: 'tag' }, KINDS[step.how])),
    step.how === 'laboratory' && resultRow(step, act),
    outcomeRow(step, 'present', 'Yes', step.if_present, act),
    outcomeRow(step, 'absent', 'No', step.if_absent, act));
}

function outcomeRow(step, said, word, changes, act) {
  if (!step.reply[said]) return null;
  const button = make('button', { type: 'button', className: 'quiet-button step-button', 'aria-label': `${word}: ${step.finding}` }, word);
  return make('div', { className: 'step-outcome' }, onSingleClick(button, () => act.reply(step, said)), changesView(changes.slice(0, CHANGES_SHOWN)));
}

function resultRow(step, act) {
  const button = make('button', { type: 'button', className: 'quiet-button step-button', 'aria-label': `Add result: ${step.finding}` }, 'Add result');
  return make('div', { className: 'step-outcome step-result' }, onSingleClick(button, () => act.addResult(step)),
    make('span', { className: 'quiet' }, 'Enter the number; or answer, if it is already known:'));
}

/** `changes` are {condition, from, to}. */
export function changesView(changes) {
  const worth = changes.filter(({ from, to }) => percent(from) !== percent(to));
  if (worth.length === 0) return make('span', { className: 'quiet' }, 'changes little');
  return make('span', { className: 'changes' }, worth.map(({ condition, from, to }) => make('span', { className: 'change' },
    make('span', { className: 'change-direction', 'aria-hidden': 'true' }, to > from ? '▲' : '▼'), ` ${condition} `,
    make('span', { className: 'change-numbers' }, percent(from), make('span', { 'aria-hidden': 'true' }, ' → '), hiddenText(' to '),
      make('strong', {}, percent(to))))));
}
