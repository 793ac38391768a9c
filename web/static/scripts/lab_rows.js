// Lab results: a row each of test (by name or LOINC code), value and unit.
import { complete } from './api.js';
import { announce, byId, make } from './dom.js';
import { parseNumber, readableUnit } from './numbers.js';
import { Suggestions } from './suggestions.js';

const LOINC_SHAPE = /^\d{1,7}-\d$/;
const COMMON_UNITS = ['mg/dL', 'mmol/L', 'umol/L', 'g/dL', 'g/L', 'ng/mL', 'ng/L', 'U/L', '%', '10*9/L', '10*12/L'];
const USUAL_UNIT = '';

let rowsMade = 0;

/** Spellings of one unit that read the same ("meq/L", "mEq/L") are offered once. */
function withoutDoubles(units) {
  const read = units.map((unit) => readableUnit(unit).toLowerCase());
  return units.filter((unit, position) => read.indexOf(read[position]) === position);
}

class LabRow {
  constructor(onRemove) {
    rowsMade += 1;
    this.id = `lab-${rowsMade}`;
    this.code = '';
    this.chosenName = '';
    this.build(onRemove);
    this.offerUnits([], COMMON_UNITS);
  }

  build(onRemove) {
    const describedBy = { 'aria-describedby': `${this.id}-message` };
    this.test = make('input', { id: `${this.id}-test`, type: 'text', maxLength: 120, autocomplete: 'off', spellcheck: false, ...describedBy });
    this.value = make('input', { id: `${this.id}-value`, type: 'text', inputMode: 'decimal', maxLength: 16, autocomplete: 'off', ...describedBy });
    this.unit = make('select', { id: `${this.id}-unit` });
    this.message = make('p', { id: `${this.id}-message`, className: 'message', hidden: true });
    const remove = make('button', { type: 'button', className: 'remove-row', 'aria-label': 'Remove this lab result' }, '×');
    remove.addEventListener('click', () => onRemove(this));
    const suggestions = new Suggestions(this.test, {
      label: 'Tests', find: (typed, signal) => this.find(typed, signal), choose: (entry) => this.choose(entry),
    });
    this.test.addEventListener('input', () => this.forgetChoice());
    this.element = make('div', { className: 'field lab-row', role: 'group', 'aria-label': 'Lab result' },
      make('div', { className: 'lab-part lab-test' },
        make('label', { for: this.test.id }, 'Test'),
        make('div', { className: 'with-suggestions' }, this.test, suggestions.listbox)),
      make('div', { className: 'lab-part lab-value' }, make('label', { for: this.value.id }, 'Value'), this.value),
      make('div', { className: 'lab-part lab-unit' }, make('label', { for: this.unit.id }, 'Unit'), this.unit),
      remove, this.message);
  }

  async find(typed, signal) {
    const entries = await complete(typed, 'lab', signal);
    const exact = entries.find((entry) => entry.code === typed.trim());
    if (exact && !signal.aborted) this.offerUnits(exact.unit ? [exact.unit] : [], exact.units ?? []);
    return entries;
  }

  choose(entry) {
    this.code = entry.code ?? '';
    this.chosenName = entry.name;
    this.test.value = entry.name;
    this.offerUnits(entry.unit ? [entry.unit] : [], entry.units ?? []);
    this.test.dispatchEvent(new Event('change', { bubbles: true }));
    this.value.focus();
  }

  /** A name that the server could not complete: the user may. */
  take(name) {
    this.test.value = name;
    this.test.focus();
  }

  forgetChoice() {
    if (this.code === '' || this.test.value === this.chosenName) return;
    this.code = '';
    this.chosenName = '';
    this.offerUnits([], COMMON_UNITS);
  }

  /** The usual unit first; without one the first choice leaves the unit to the server. */
  offerUnits(usual, others, selected = this.unit.value) {
    const units = withoutDoubles([...usual, ...others]);
    const unstated = usual.length === 0 ? [make('option', { value: USUAL_UNIT }, 'usual unit')] : [];
    this.units = units;
    this.usual = usual;
    this.unit.replaceChildren(...unstated, ...units.map((unit) => make('option', { value: unit }, readableUnit(unit))));
    if (units.includes(selected)) this.unit.value = selected;
  }

  get isEmpty() {
    return this.test.value.trim() === '' && this.value.value.trim() === '';
  }

  /** {code, result} or {problem}. */
  read() {
    const typed = this.test.value.trim();
    const code = this.code || (LOINC_SHAPE.test(typed) ? typed : '');
    if (code === '') return { problem: 'Choose a test from the list, or type its LOINC code, such as 2345-7.', at: this.test };
    const value = parseNumber(this.value.value);
    if (value === undefined) return { problem: 'The value is missing.', at: this.value };
    if (Number.isNaN(value)) return { problem: 'The value is not a number.', at: this.value };
    return { code, result: this.unit.value === USUAL_UNIT ? value : { value, unit: this.unit.value } };
  }

  state() {
    const { code, chosenName, usual, units } = this;
    return { code, chosenName, usual, units, test: this.test.value, value: this.value.value, unit: this.unit.value };
  }

  restore({ code, chosenName, usual, units, test, value, unit }) {
    Object.assign(this, { code, chosenName });
    this.test.value = test;
    this.value.value = value;
    this.offerUnits(usual, units, unit);
  }
}

export class LabRows {
  constructor() {
    this.container = byId('labs');
    this.rows = [];
    byId('add-lab').addEventListener('click', () => this.add().test.focus());
    this.add();
  }

  add() {
    const row = new LabRow((removed) => this.remove(removed));
    this.rows.push(row);
    this.container.append(row.element);
    return row;
  }

  /** A row for the test called `name`, with the focus where its value belongs; one that is there already is taken. */
  async addTest(name) {
    const entry = (await complete(name, 'lab')).find((found) => found.name === name);
    const same = this.rows.find((row) => row.test.value.trim() === name || (entry && row.code === entry.code));
    if (same) {
      same.value.focus();
      return;
    }
    const row = this.rows.find((blank) => blank.isEmpty) ?? this.add();
    if (entry) row.choose(entry);
    else row.take(name);
  }

  remove(row) {
    this.rows = this.rows.filter((kept) => kept !== row);
    row.element.remove();
    if (this.rows.length === 0) this.add();
    announce('Lab result removed.');
    this.rows[this.rows.length - 1].test.focus();
    this.container.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** Adds each row's result to `results`; rows left empty are none. Gives the problems as {pointer, text, at}. */
  read(results) {
    const problems = [];
    for (const row of this.rows) {
      delete row.element.dataset.pointer;
      if (row.isEmpty) continue;
      const { code, result, problem, at } = row.read();
      const repeated = code !== undefined && code in results;
      row.element.dataset.pointer = code && !repeated ? `/lab_results/${code}` : `/lab_results/#${row.id}`;
      if (code !== undefined && !repeated) results[code] = result;
      else problems.push({ pointer: row.element.dataset.pointer, text: problem ?? 'This test is entered twice.', at: at ?? row.test });
    }
    return problems;
  }

  state() {
    return this.rows.map((row) => row.state());
  }

  restore(states) {
    this.rows.forEach((row) => row.element.remove());
    this.rows = [];
    states.forEach((state) => this.add().restore(state));
    if (this.rows.length === 0) this.add();
  }

  static stateOf(labResults = {}) {
    return Object.entries(labResults).map(([code, result]) => {
      const { value, unit } = typeof result === 'object' ? result : { value: result, unit: USUAL_UNIT };
      return { code: '', chosenName: '', usual: [], units: COMMON_UNITS, test: code, value: String(value), unit };
    });
  }
}
