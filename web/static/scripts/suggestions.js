// Completion below a text field: a combobox with a listbox, as the ARIA authoring practices describe it.
import { make } from './dom.js';

const WAIT_MS = 120;

const NAME_OF_KIND = {
  symptom: 'symptom', sign: 'sign', vital: 'vital sign', lab: 'lab', imaging: 'imaging',
  history: 'history', exposure: 'exposure', family: 'family', condition: 'disease',
};

/**
 * Attaches completion to `input`. `find(typed, signal)` gives entries {name, kind, ...}; `choose(entry)` takes one.
 * Returns {listbox, close, handlesEnter}: handlesEnter() is true when Enter would choose an entry.
 */
export function attachSuggestions(input, { find, choose, label }) {
  const listbox = make('ul', { id: `${input.id}-list`, className: 'suggestions', role: 'listbox', 'aria-label': label, hidden: true });
  let entries = [];
  let active = -1;
  let timer = 0;
  let pending = null;

  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-expanded', 'false');
  input.setAttribute('aria-controls', listbox.id);

  function close() {
    clearTimeout(timer);
    pending?.abort();
    entries = [];
    active = -1;
    listbox.hidden = true;
    listbox.replaceChildren();
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function show(found, typed) {
    entries = found;
    active = -1;
    input.removeAttribute('aria-activedescendant');
    listbox.replaceChildren(...entries.map((entry, position) => option(entry, position, typed)));
    listbox.hidden = entries.length === 0;
    input.setAttribute('aria-expanded', String(entries.length > 0));
  }

  function option(entry, position, typed) {
    const item = make('li', { id: `${listbox.id}-${position}`, className: 'suggestion', role: 'option', 'aria-selected': 'false' },
      make('span', { className: 'suggestion-name' }, emphasised(entry.name, typed)),
      make('span', { className: 'suggestion-kind' }, entry.code ?? NAME_OF_KIND[entry.kind] ?? ''));
    item.addEventListener('pointerdown', (event) => event.preventDefault());
    item.addEventListener('click', () => take(position));
    return item;
  }

  function take(position) {
    const entry = entries[position];
    close();
    choose(entry);
  }

  function activate(position) {
    active = (position + entries.length) % entries.length;
    [...listbox.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === active)));
    const item = listbox.children[active];
    item.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', item.id);
  }

  async function ask() {
    pending?.abort();
    const request = new AbortController();
    pending = request;
    const typed = input.value;
    const found = await find(typed, request.signal);
    if (!request.signal.aborted && document.activeElement === input) show(found, typed);
  }

  input.addEventListener('input', () => {
    clearTimeout(timer);
    if (input.value.trim() === '') close();
    else timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || listbox.hidden) return;
    if (event.key === 'ArrowDown') activate(active + 1);
    else if (event.key === 'ArrowUp') activate(active < 0 ? entries.length - 1 : active - 1);
    else if (event.key === 'Enter' && active >= 0 && !event.ctrlKey && !event.metaKey) take(active);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  return { listbox, close };
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
