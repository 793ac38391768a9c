// What it turned out to be: a small form that records the confirmed diagnosis of the answer above it.
import { complete, recordOutcome } from './api.js';
import { announce, make, setMessage } from './dom.js';
import { suspectedConditions } from './differential_view.js';
import { Suggestions } from './suggestions.js';

const LONGEST_NOTE = 500;
const ICD10 = /^[a-z]\d[\da-z](\.[\da-z]{1,4})?$/i;

export class OutcomeForm {
  constructor(answer) {
    this.requestId = answer.request_id;
    this.candidates = suspectedConditions(answer);
    this.chosen = null;   // {id, name}
    this.condition = make('input', { id: 'outcome-condition', type: 'text', autocomplete: 'off', maxLength: 100, 'aria-describedby': 'outcome-message' });
    this.day = make('input', { id: 'outcome-day', type: 'date' });
    this.note = make('input', { id: 'outcome-note', type: 'text', autocomplete: 'off', maxLength: LONGEST_NOTE });
    this.message = make('p', { id: 'outcome-message', className: 'message', role: 'status', hidden: true });
    this.button = make('button', { type: 'submit', className: 'quiet-button' }, 'Record outcome');
    const suggestions = new Suggestions(this.condition, {
      label: 'Conditions', find: (typed, signal) => this.find(typed, signal), choose: (entry) => this.choose(entry),
    });
    this.condition.addEventListener('input', () => { this.chosen = null; });
    this.form = make('form', { className: 'outcome-form', noValidate: true, 'aria-label': 'Outcome of this case' },
      make('div', { className: 'field with-suggestions outcome-condition' }, make('label', { for: 'outcome-condition' }, 'Confirmed diagnosis'), this.condition, suggestions.listbox),
      make('div', { className: 'field' }, make('label', { for: 'outcome-day' }, 'Confirmed on'), this.day),
      make('div', { className: 'field outcome-note' }, make('label', { for: 'outcome-note' }, 'Note'), this.note),
      this.button, this.message);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
    this.element = make('details', { className: 'outcome', 'data-part': 'outcome' },
      make('summary', {}, make('strong', {}, 'Record the outcome'), ': once you know what it was.'),
      make('p', { className: 'hint' }, 'A condition, or its ICD-10 code. It is kept with this case and shown beside similar ones; the note is not.'), this.form);
  }

  /** The candidates of the answer first, then diseases of the knowledge base. */
  async find(typed, signal) {
    const words = typed.trim().toLowerCase();
    const near = this.candidates.filter(({ condition }) => condition.toLowerCase().includes(words))
      .map(({ condition, condition_id: id, condition_code: code }) => ({ id, name: condition, code, kind: 'condition' }));
    const known = new Set(near.map(({ id }) => id));
    const others = (await complete(typed, 'history', signal)).filter(({ id, kind }) => kind === 'condition' && !known.has(id));
    return [...near, ...others].slice(0, 8);
  }

  choose(entry) {
    this.chosen = entry;
    this.condition.value = entry.name;
    this.day.focus();
  }

  /** An id, or a code; null when it is neither yet. */
  read() {
    const typed = this.condition.value.trim();
    if (this.chosen) return this.chosen.id;
    const candidate = this.candidates.find(({ condition }) => condition.toLowerCase() === typed.toLowerCase());
    if (candidate) return candidate.condition_id;
    return ICD10.test(typed) ? typed.toUpperCase() : null;
  }

  async send() {
    if (this.button.disabled) return;
    const condition = this.read();
    if (!condition) {
      this.refuse('Choose a condition from the list, or enter an ICD-10 code such as I26.');
      this.condition.focus();
      return;
    }
    const outcome = { condition };
    if (this.day.value !== '') outcome.confirmed_on = this.day.value;
    if (this.note.value.trim() !== '') outcome.note = this.note.value.trim();
    this.button.disabled = true;
    const { answer, failure } = await recordOutcome(this.requestId, outcome);
    this.button.disabled = false;
    if (failure) this.refuse(`Not recorded. ${failure.errors[0] ? `${failure.errors[0].pointer.slice(1).replace('_', ' ')} ${failure.errors[0].problem}. ` : ''}${failure.text}`);
    else this.say(answer.outcome);
  }

  refuse(text) {
    this.condition.setAttribute('aria-invalid', 'true');
    this.message.classList.add('error');
    setMessage(this.message, text);
  }

  say({ condition, condition_code: code }) {
    const text = `Recorded: ${condition ? `${condition} (${code})` : code}.`;
    this.condition.removeAttribute('aria-invalid');
    this.message.classList.remove('error');
    setMessage(this.message, text);
    announce(text);
  }
}
