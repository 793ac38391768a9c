// Marks fields of the form with errors and warnings, by the JSON pointers of the API.
import { make, setMessage } from './dom.js';

const CONTROLS = 'input:not([type=hidden]), select, textarea';

/** The innermost field that `pointer` lies in: "/symptoms/2" lies in "/symptoms". */
function fieldAt(form, pointer) {
  let best = null;
  for (const field of form.querySelectorAll('[data-pointer]')) {
    const own = field.dataset.pointer;
    if (pointer !== own && !pointer.startsWith(`${own}/`)) continue;
    if (!best || own.length > best.dataset.pointer.length) best = field;
  }
  return best;
}

function labelOf(field) {
  const label = field.querySelector('legend, label, h3');
  const name = label ? [...label.childNodes].find((node) => node.nodeType === Node.TEXT_NODE).textContent.trim() : '';
  return field.classList.contains('lab-row') ? field.querySelector('input').value.trim() || 'Lab result' : name;
}

function itemOf(field, pointer) {
  const rest = pointer.slice(field.dataset.pointer.length + 1);
  return field.dataset.chips && /^\d+$/.test(rest) ? field.querySelectorAll('.chip')[Number(rest)] : null;
}

export class FieldMarks {
  constructor(form) {
    this.form = form;
    for (const event of ['input', 'change']) form.addEventListener(event, ({ target }) => this.clearField(target.closest('.field')));
  }

  clearField(field) {
    if (!field) return;
    field.classList.remove('has-error', 'has-warning');
    field.querySelectorAll('[aria-invalid]').forEach((control) => control.removeAttribute('aria-invalid'));
    field.querySelectorAll('.chip').forEach((chip) => chip.classList.remove('has-error', 'has-warning'));
    field.querySelectorAll('.message').forEach((line) => setMessage(line, ''));
  }

  clear() {
    this.form.querySelectorAll('.has-error, .has-warning').forEach((field) => this.clearField(field));
  }

  /** {label, control} of the field `pointer` lies in, or null. */
  find(pointer) {
    const field = fieldAt(this.form, pointer);
    if (!field) return null;
    return { field, label: labelOf(field), control: field.querySelector('input:checked') ?? field.querySelector(CONTROLS) };
  }

  /** `severity` is "error" or "warning". Gives what find() gives. */
  mark(pointer, text, severity) {
    const found = this.find(pointer);
    if (!found) return null;
    const { field, control } = found;
    const line = field.querySelector(':scope > .message');
    field.classList.add(`has-${severity}`);
    itemOf(field, pointer)?.classList.add(`has-${severity}`);
    setMessage(line, line.hidden ? text : `${line.textContent} ${text}`);
    if (severity === 'error') (field.matches('fieldset') ? field : control).setAttribute('aria-invalid', 'true');
    return found;
  }
}

/** Lists the problems above the form, each a button that goes to its field. */
export function listProblems(summary, title, problems) {
  const entries = problems.map(({ label, text, control }) => {
    if (!control) return make('li', {}, text);
    const button = make('button', { type: 'button', className: 'link-button' }, `${label}: ${text}`);
    button.addEventListener('click', () => control.focus());
    return make('li', {}, button);
  });
  summary.replaceChildren(make('p', { className: 'error-title' }, title), make('ul', {}, ...entries));
  summary.hidden = false;
}
