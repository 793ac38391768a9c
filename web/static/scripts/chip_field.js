// A field that holds a list of short texts as chips: symptoms, absent findings, history, family history.
import { complete } from './api.js';
import { announce, make, setMessage } from './dom.js';
import { Suggestions } from './suggestions.js';

const LONGEST_CHIP = 500;

let pressed = false;
for (const [event, state] of [['pointerdown', true], ['pointerup', false], ['pointercancel', false]])
  document.addEventListener(event, () => { pressed = state; }, true);

/** Acts at once, or when the mouse button is up again: what moves under a pressed button is not clicked. */
function afterPress(act) {
  if (!pressed) act();
  else for (const event of ['pointerup', 'pointercancel']) document.addEventListener(event, () => setTimeout(act), { once: true });
}

/** Completes `field` (a .field with data-chips, data-kind, data-maximum and a label). Emits "change" from its input. */
export class ChipField {
  constructor(field) {
    this.name = field.dataset.chips;
    this.field = field;
    this.maximum = Number(field.dataset.maximum);
    this.label = field.querySelector('label').firstChild.textContent.trim();
    this.texts = [];
    this.build(field.dataset.kind);
    this.listen();
  }

  build(kind) {
    const hint = this.field.querySelector('.hint');
    this.message = make('p', { className: 'message', id: `${this.name}-message`, hidden: true });
    this.list = make('ul', { className: 'chip-list', 'aria-label': `${this.label}: entered` });
    this.input = make('input', {
      id: `${this.name}-input`, type: 'text', className: 'chip-input', maxLength: LONGEST_CHIP, autocomplete: 'off',
      spellcheck: false, autocapitalize: 'off', enterKeyHint: 'done',
      'aria-describedby': [hint?.id, this.message.id].filter(Boolean).join(' '),
    });
    this.suggestions = new Suggestions(this.input, {
      label: `${this.label}: suggestions`,
      find: (typed, signal) => complete(typed, kind, signal),
      choose: (entry) => this.add(entry.name),
    });
    this.box = make('div', { className: 'chips' }, this.list, this.input);
    this.field.append(make('div', { className: 'with-suggestions' }, this.box, this.suggestions.listbox), this.message);
  }

  listen() {
    this.box.addEventListener('click', (event) => {
      if (event.target === this.box || event.target === this.list) this.input.focus();
    });
    this.input.addEventListener('keydown', (event) => this.onKey(event));
    this.input.addEventListener('blur', () => afterPress(() => this.takeTyped()));
    this.input.addEventListener('paste', (event) => this.onPaste(event));
    this.list.addEventListener('keydown', (event) => this.onChipKey(event));
  }

  onKey(event) {
    if (event.isComposing) return;
    const empty = this.input.value === '';
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.takeTyped();
    } else if (event.key === 'Backspace' && empty && this.texts.length > 0 && !event.repeat) {
      this.remove(this.texts.length - 1);
    } else if (event.key === 'ArrowLeft' && empty && this.texts.length > 0) {
      this.focusChip(this.texts.length - 1);
    }
  }

  onChipKey(event) {
    const position = [...this.list.children].indexOf(event.target.closest('li'));
    if (event.key === 'ArrowLeft') this.focusChip(Math.max(0, position - 1));
    else if (event.key === 'ArrowRight') this.focusChip(position + 1);
    else if (event.key === 'Backspace' || event.key === 'Delete') this.remove(position);
    else return;
    event.preventDefault();
  }

  /** Several lines at once become several chips. */
  onPaste(event) {
    const lines = event.clipboardData.getData('text').split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    this.suggestions.close();
    lines.forEach((line) => this.add(line.slice(0, LONGEST_CHIP)));
  }

  focusChip(position) {
    (this.list.children[position]?.querySelector('button') ?? this.input).focus();
  }

  /** What was typed and not yet entered becomes a chip, so that nothing typed is lost. */
  takeTyped() {
    this.suggestions.close();
    if (this.input.value.trim() !== '') this.add(this.input.value);
  }

  /** Says whether it was added. */
  add(text) {
    const folded = text.trim().replace(/\s+/gu, ' ');
    this.input.value = '';
    if (folded === '') return false;
    if (this.positionOf(folded) >= 0) {
      announce(`${folded} is already entered.`);
      return false;
    }
    if (this.texts.length >= this.maximum) {
      this.setMessage(`Up to ${this.maximum} entries. “${folded}” was not added.`);
      return false;
    }
    this.texts.push(folded);
    this.changed();
    announce(`${folded} added.`);
    return true;
  }

  positionOf(text) {
    return this.texts.findIndex((known) => known.toLowerCase() === text.toLowerCase());
  }

  remove(position) {
    const [text] = this.texts.splice(position, 1);
    this.changed();
    announce(`${text} removed.`);
    this.input.focus();
  }

  /** Removes `text` and leaves the focus where it is. Says whether it was there. */
  takeOut(text) {
    const position = this.positionOf(text);
    if (position < 0) return false;
    this.texts.splice(position, 1);
    this.changed();
    return true;
  }

  set(texts) {
    this.texts = [...texts];
    this.input.value = '';
    this.changed();
  }

  /** Marks the chip at `position` as one with a problem or a warning; both go when the field changes. */
  markChip(position, className) {
    this.list.children[position]?.classList.add(className);
  }

  setMessage(text) {
    setMessage(this.message, text);
  }

  changed() {
    this.setMessage('');
    this.field.classList.remove('has-error', 'has-warning');
    this.input.removeAttribute('aria-invalid');
    this.list.replaceChildren(...this.texts.map((text, position) => this.chip(text, position)));
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  chip(text, position) {
    const button = make('button', { type: 'button', className: 'chip-remove', tabIndex: -1, 'aria-label': `Remove ${text}` }, '×');
    button.addEventListener('click', () => this.remove(position));
    return make('li', { className: 'chip' }, make('span', { className: 'chip-text' }, text), button);
  }
}
