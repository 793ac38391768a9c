// Completion below a text field: a combobox with a listbox, as the ARIA authoring practices describe it.
import { make } from './dom.js';

const WAIT_MS = 120;

const NAME_OF_KIND = {
  symptom: 'symptom', sign: 'sign', vital: 'vital sign', lab: 'lab', imaging: 'imaging',
  history: 'history', exposure: 'exposure', family: 'family', condition: 'disease',
};

/**
 * Completion for `input`. `find(typed, signal)` gives entries {name, kind, ...}; `choose(entry)` takes one. The caller
 * places `listbox` after the input.
 */
export class Suggestions {
  constructor(input, { find, choose, label }) {
    Object.assign(this, { input, find, choose, entries: [], active: -1, timer: 0, pending: null });
    this.listbox = make('ul', { id: `${input.id}-list`, className: 'suggestions', role: 'listbox', 'aria-label': label, hidden: true });
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', this.listbox.id);
    input.addEventListener('input', () => this.onInput());
    input.addEventListener('blur', () => this.close());
    input.addEventListener('keydown', (event) => this.onKey(event));
  }

  onInput() {
    clearTimeout(this.timer);
    if (this.input.value.trim() === '') this.close();
    else this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  onKey(event) {
    if (event.isComposing || this.listbox.hidden) return;
    const last = this.entries.length - 1;
    if (event.key === 'ArrowDown') this.activate(this.active === last ? 0 : this.active + 1);
    else if (event.key === 'ArrowUp') this.activate(this.active <= 0 ? last : this.active - 1);
    else if (event.key === 'Enter' && this.active >= 0 && !event.ctrlKey && !event.metaKey) this.take(this.active);
    else if (event.key === 'Escape') this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  async ask() {
    this.pending?.abort();
    const request = new AbortController();
    this.pending = request;
    const typed = this.input.value;
    const found = await this.find(typed, request.signal);
    if (!request.signal.aborted && document.activeElement === this.input) this.show(found, typed);
  }

  show(found, typed) {
    this.entries = found;
    this.active = -1;
    this.input.removeAttribute('aria-activedescendant');
    this.listbox.replaceChildren(...found.map((entry, position) => this.option(entry, position, typed)));
    this.listbox.hidden = found.length === 0;
    this.input.setAttribute('aria-expanded', String(found.length > 0));
  }

  option(entry, position, typed) {
    const item = make('li', { id: `${this.listbox.id}-${position}`, className: 'suggestion', role: 'option', 'aria-selected': 'false' },
      make('span', { className: 'suggestion-name' }, emphasised(entry.name, typed)),
      make('span', { className: 'suggestion-kind' }, entry.code ?? NAME_OF_KIND[entry.kind] ?? ''));
    item.addEventListener('pointerdown', (event) => event.preventDefault());
    item.addEventListener('click', () => this.take(position));
    return item;
  }

  activate(position) {
    this.active = position;
    [...this.listbox.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === position)));
    const item = this.listbox.children[position];
    item.scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', item.id);
  }

  take(position) {
    const entry = this.entries[position];
    this.close();
    this.choose(entry);
  }

  close() {
    clearTimeout(this.timer);
    this.pending?.abort();
    this.show([], '');
  }
}

/** The name with the typed words in bold. */
function emphasised(name, typed) {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const lower = name.toLowerCase();
  for (const word of words) {
    const at = lower.indexOf(word);
    if (at < 0 || lower.length !== name.length) continue;
    return [name.slice(0, at), make('b', {}, name.slice(at, at + word.length)), name.slice(at + word.length)];
  }
  return [name];
}
