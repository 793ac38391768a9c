// What would help most: the next questions, answered with one click each, and the way back from the last answer.
import { nextSteps } from './api.js';
import { leadingCondition, suspectedConditions } from './differential_view.js';
import { announce, make, onSingleClick, setMessage } from './dom.js';
import { changesView, stepView } from './next_step_view.js';
import { percent } from './numbers.js';
import { keepPlace } from './stay_put.js';

const CHANGES_SHOWN = 2;
const WORDS = { present: 'yes', absent: 'no' };
const INVITATION = 'One click enters the answer and renews the list above. The percentages are estimates.';

/** What a new answer did to the list: its first condition, and of the others those that changed most. */
function newsView(before, after) {
  const earlier = new Map(suspectedConditions(before).map((condition) => [condition.condition_id, condition.confidence]));
  const [first, ...others] = suspectedConditions(after).map((condition) =>
    ({ condition: condition.condition, from: earlier.get(condition.condition_id), to: condition.confidence }));
  if (!first) return null;
  const was = first.from !== undefined && percent(first.from) !== percent(first.to) && ` (was ${percent(first.from)})`;
  const changes = others.filter(({ from, to }) => from !== undefined && percent(from) !== percent(to))
    .sort((one, other) => Math.abs(other.to - other.from) - Math.abs(one.to - one.from)).slice(0, CHANGES_SHOWN);
  return make('div', { className: 'next-news' },
    make('span', {}, 'Most likely now: ', make('strong', {}, `${first.condition}, ${percent(first.to)}`), was),
    changes.length > 0 && changesView(changes));
}

/** "Measure troponin I: raised troponin?" is answered by a result of troponin I. */
function testOf(step) {
  const tail = `: ${step.finding}?`;
  return step.ask.startsWith('Measure ') && step.ask.endsWith(tail) ? step.ask.slice('Measure '.length, -tail.length) : step.finding;
}

export class NextSteps {
  /**
   * `resubmit({field, text, there})` puts a text into a field of the form, or takes it out, and asks for a diagnosis:
   * {before, answer}, or {problem} when the form is as it was. `addLab(name)` gives a lab row for a test.
   */
  constructor({ resubmit, addLab }) {
    Object.assign(this, { resubmit, addLab, given: [], loads: 0, answering: false });
    this.title = make('h3', { id: 'next-title', tabIndex: -1 }, 'What would help most');
    this.said = make('div', { className: 'next-said', tabIndex: -1 });
    this.problem = make('p', { className: 'next-problem', role: 'status', hidden: true });
    this.list = make('ol', { className: 'steps' });
    this.element = make('section', { className: 'answer-section next-steps', 'aria-labelledby': 'next-title' },
      this.title, this.said, this.problem, this.list);
    this.forget();
  }

  /** The answers given by a click are no longer the last thing that happened to the form: no more undo. */
  forget() {
    this.given = [];
    this.said.replaceChildren(make('p', { className: 'hint' }, INVITATION));
    setMessage(this.problem, '');
  }

  /** Forgets the case too. */
  clear() {
    this.loads += 1;
    this.forget();
    this.list.replaceChildren();
  }

  /** Asks for the steps of a case whose answer is on the page. Those of the case before stay until then, and do nothing. */
  async load(patientCase) {
    this.loads += 1;
    const own = this.loads;
    this.element.setAttribute('aria-busy', 'true');
    setMessage(this.problem, '');
    const { steps, failure } = await nextSteps(patientCase);
    if (own !== this.loads) return;
    this.element.setAttribute('aria-busy', 'false');
    keepPlace(this.title, () => this.list.replaceChildren(...(steps ?? []).map((step) => stepView(step, this))));
    if (failure) this.showLoadProblem(failure, patientCase);
    else if (steps.length === 0) setMessage(this.problem, 'No further question or test would change the list much.');
  }

  showLoadProblem(failure, patientCase) {
    const again = make('button', { type: 'button', className: 'link-button' }, 'Try again');
    again.addEventListener('click', () => this.load(patientCase));
    setMessage(this.problem, `The next questions could not be had. ${failure.text} `);
    this.problem.append(again);
  }

  /** Steps that wait for those of a newer case are not answered any more. */
  get isBusy() {
    return this.answering || this.element.getAttribute('aria-busy') === 'true';
  }

  async addResult(step) {
    if (!this.isBusy) await this.addLab(testOf(step));
  }

  async reply(step, said) {
    if (this.isBusy) return;
    const entry = { ...step.reply[said], words: `${step.finding}: ${WORDS[said]}` };
    await this.change(entry, true, () => this.given.push(entry));
  }

  async undo() {
    const entry = this.given.at(-1);
    await this.change(entry, false, () => this.given.pop());
  }

  async change(entry, there, remember) {
    if (this.answering) return;
    this.answering = true;
    const { before, answer, problem } = await this.resubmit({ field: entry.field, text: entry.text, there });
    this.answering = false;
    setMessage(this.problem, problem ?? '');
    if (!answer) return;
    remember();
    this.say(there ? 'Entered' : 'Taken back', entry, before, answer);
  }

  say(what, entry, before, answer) {
    const last = this.given.at(-1);
    const undo = last && make('button', { type: 'button', className: 'link-button', 'aria-label': `Undo ${last.words}` },
      last === entry ? 'Undo' : `Undo “${last.words}” too`);
    if (undo) onSingleClick(undo, () => this.undo());
    keepPlace(this.title, () => this.said.replaceChildren(
      ...[make('p', {}, `${what}: `, make('strong', {}, entry.words), '. ', undo), newsView(before, answer)].filter(Boolean)));
    this.said.focus({ preventScroll: true });
    const first = leadingCondition(answer);
    announce(`${what}: ${entry.words}.${first ? ` Most likely now: ${first.condition}, ${percent(first.confidence)}.` : ''}`);
  }
}
