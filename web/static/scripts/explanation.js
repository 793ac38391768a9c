// "What weighs" of one suspected condition: asked for by a click, about the case that was answered.
import { explain } from './api.js';
import { announce, hiddenText, make, onSingleClick, setMessage } from './dom.js';
import { inShort, unitsView, wordsView } from './explanation_view.js';
import { percent } from './numbers.js';

const BUSY_AFTER_MS = 300;

const METHODS = {
  shap: { label: 'Entries', view: unitsView },
  lime: { label: 'Words', view: wordsView },
};

let made = 0;   // numbers the ids: those of conditions come from the server and may hold anything

export class Explanation {
  /** `patientCase` is what was sent for the answer that `condition` is part of. */
  constructor(condition, patientCase) {
    made += 1;
    Object.assign(this, { condition, patientCase, method: 'shap', asked: {} });
    const id = `weighs-${made}`;
    this.button = make('button', { type: 'button', className: 'quiet-button weighs-button', 'aria-expanded': 'false', 'aria-controls': id },
      'What weighs', hiddenText(` for ${condition.condition}`));
    this.busy = make('p', { className: 'busy-notice', hidden: true }, make('span', { className: 'busy-mark', 'aria-hidden': 'true' }), 'Working it out…');
    this.problem = make('p', { className: 'weighs-problem', role: 'status', hidden: true });
    this.content = make('div', { className: 'weighs-content' });
    this.panel = make('div', { id, className: 'weighs-panel', hidden: true }, this.choice(id), this.busy, this.problem, this.content);
    this.element = make('div', { className: 'condition-weighs' }, onSingleClick(this.button, () => this.toggle()), this.panel);
  }

  choice(name) {
    const radios = Object.entries(METHODS).map(([method, { label }]) => {
      const radio = make('input', { type: 'radio', name, value: method, checked: method === this.method });
      radio.addEventListener('change', () => this.show(method));
      return make('label', {}, radio, make('span', {}, label));
    });
    return make('fieldset', { className: 'field choices' }, make('legend', { className: 'visually-hidden' }, 'Show by'),
      make('div', { className: 'segments' }, radios));
  }

  toggle() {
    this.panel.hidden = !this.panel.hidden;
    this.button.setAttribute('aria-expanded', String(!this.panel.hidden));
    if (!this.panel.hidden) this.show(this.method);
  }

  /** Each method is asked for once; what is on its way is waited for, what failed is asked for anew. */
  async show(method) {
    this.method = method;
    setMessage(this.problem, '');
    this.content.replaceChildren();
    const busy = setTimeout(() => this.showBusy(true), BUSY_AFTER_MS);
    this.asked[method] ??= explain(this.patientCase, this.condition.condition_id, method);
    const { answer, failure } = await this.asked[method];
    clearTimeout(busy);
    if (failure) delete this.asked[method];
    if (this.method !== method) return;
    this.showBusy(false);
    if (failure) this.showProblem(failure.text);
    else if (!answer.explanation) this.showProblem('The server no longer counts it among the likely conditions. Diagnose again.');
    else this.fill(answer);
  }

  showBusy(busy) {
    this.busy.hidden = !busy;
    this.panel.setAttribute('aria-busy', String(busy));
    if (busy && this.element.isConnected) announce('Working it out.');
  }

  fill(answer) {
    const view = METHODS[this.method].view(answer.explanation, this.patientCase);
    this.content.replaceChildren(...[this.changeNote(answer), view].flat(Infinity).filter(Boolean));
    if (this.element.isConnected) announce(`What weighs for ${this.condition.condition}. ${inShort(answer.explanation, this.patientCase)}`);
  }

  /** The server works the answer out anew: with another model, or without its encoder, it may not be the one on the page. */
  changeNote(answer) {
    const now = answer.candidates.find((candidate) => candidate.condition_id === this.condition.condition_id)?.confidence;
    if (now === undefined || percent(now) === percent(this.condition.confidence)) return null;
    return make('p', { className: 'note' },
      `The server gives it ${percent(now)} now, not ${percent(this.condition.confidence)} as above. Diagnose again.`);
  }

  showProblem(text) {
    const again = make('button', { type: 'button', className: 'link-button' }, 'Try again');
    again.addEventListener('click', () => this.show(this.method));
    setMessage(this.problem, `What weighs could not be had. ${text} `);
    this.problem.append(again);
  }
}
