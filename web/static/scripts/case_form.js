// The case as it stands in the form, and as the API takes it.
import { ChipField } from './chip_field.js';
import { byId } from './dom.js';
import { LabRows } from './lab_rows.js';
import { inDays, inYears, parseNumber } from './numbers.js';
import { VITAL_NAMES, buildVitals } from './vital_fields.js';

const CHOICES = ['sex', 'pregnant', 'setting', 'severity', 'onset'];
const TEXTS = ['age', 'age-unit', 'gestation-weeks', 'duration', 'duration-unit', 'narrative', ...VITAL_NAMES];
const CHILDBEARING_YEARS = [10, 60];

export class CaseForm {
  constructor(form) {
    this.form = form;
    buildVitals(byId('vitals'));
    this.chips = new Map([...form.querySelectorAll('[data-chips]')].map((field) => [field.dataset.chips, new ChipField(field)]));
    this.labs = new LabRows();
    this.blank = this.state();
    form.addEventListener('input', () => this.showPregnancy());
    form.addEventListener('change', () => this.showPregnancy());
  }

  choice(name) {
    return this.form.elements[name].value;
  }

  /** {patientCase, problems}: problems are {pointer, text} of what the server could not even be asked. */
  read() {
    this.chips.forEach((field) => field.takeTyped());
    const problems = [];
    const patientCase = {};
    this.readAge(patientCase, problems);
    this.readLists(patientCase, problems);
    this.readChoices(patientCase, problems);
    this.readDuration(patientCase, problems);
    this.readPregnancy(patientCase, problems);
    if (byId('narrative').value.trim() !== '') patientCase.narrative = byId('narrative').value;
    this.readVitals(patientCase, problems);
    const labs = {};
    problems.push(...this.labs.read(labs));
    if (Object.keys(labs).length > 0) patientCase.lab_results = labs;
    return { patientCase, problems };
  }

  /** The number of a text field; a problem when it is none. */
  number(id, pointer, problems) {
    const value = parseNumber(byId(id).value);
    if (!Number.isNaN(value)) return value;
    problems.push({ pointer, text: 'This is not a number.' });
    return undefined;
  }

  ageYears() {
    const age = parseNumber(byId('age').value);
    return age === undefined || Number.isNaN(age) ? undefined : inYears(age, byId('age-unit').value);
  }

  readAge(patientCase, problems) {
    if (byId('age').value.trim() === '') problems.push({ pointer: '/age', text: 'The age is needed.' });
    else if (this.number('age', '/age', problems) !== undefined) patientCase.age = this.ageYears();
  }

  readLists(patientCase, problems) {
    this.chips.forEach((field, name) => {
      if (field.texts.length > 0) patientCase[name] = [...field.texts];
    });
    if (!patientCase.symptoms) problems.push({ pointer: '/symptoms', text: 'At least one symptom is needed.' });
  }

  readChoices(patientCase, problems) {
    for (const name of ['sex', 'setting', 'onset', 'severity'])
      if (this.choice(name) !== '') patientCase[name] = this.choice(name);
    if (!patientCase.severity) problems.push({ pointer: '/severity', text: 'The severity is needed.' });
  }

  readDuration(patientCase, problems) {
    const duration = this.number('duration', '/duration_days', problems);
    if (duration !== undefined) patientCase.duration_days = inDays(duration, byId('duration-unit').value);
  }

  readPregnancy(patientCase, problems) {
    if (byId('pregnancy-row').hidden || this.choice('pregnant') === '') return;
    patientCase.pregnant = { value: this.choice('pregnant') === 'yes' };
    if (!patientCase.pregnant.value) return;
    const weeks = this.number('gestation-weeks', '/pregnant/gestation_weeks', problems);
    if (weeks !== undefined) patientCase.pregnant.gestation_weeks = weeks;
  }

  readVitals(patientCase, problems) {
    const vitals = {};
    for (const name of VITAL_NAMES) {
      const value = this.number(name, `/vitals/${name}`, problems);
      if (value !== undefined) vitals[name] = value;
    }
    if (Object.keys(vitals).length > 0) patientCase.vitals = vitals;
  }

  /** Puts `text` into one of the lists, or takes it out: false when there is nothing to do or no room. */
  setEntry(name, text, there) {
    const field = this.chips.get(name);
    return there ? field.add(text) : field.takeOut(text);
  }

  showPregnancy() {
    const age = this.ageYears();
    const possible = this.choice('sex') !== 'male' && age >= CHILDBEARING_YEARS[0] && age <= CHILDBEARING_YEARS[1];
    byId('pregnancy-row').hidden = !possible;
    byId('gestation-field').hidden = this.choice('pregnant') !== 'yes';
  }

  /** Everything in the form as it was typed, for undo. */
  state() {
    return {
      texts: Object.fromEntries(TEXTS.map((id) => [id, byId(id).value])),
      choices: Object.fromEntries(CHOICES.map((name) => [name, this.choice(name)])),
      lists: Object.fromEntries([...this.chips].map(([name, field]) => [name, [...field.texts]])),
      labs: this.labs.state(),
    };
  }

  restore({ texts, choices, lists, labs }) {
    for (const [id, value] of Object.entries(texts)) byId(id).value = value;
    for (const [name, value] of Object.entries(choices))
      for (const radio of this.form.elements[name]) radio.checked = radio.value === value;
    this.chips.forEach((field, name) => field.set(lists[name] ?? []));
    this.labs.restore(labs);
    this.form.dispatchEvent(new Event('change'));
  }

  clear() {
    this.restore(this.blank);
  }

  /** Shows a request of the API that has no members beside age, lists, choices and labs. */
  load(patientCase) {
    this.restore({
      texts: { ...this.blank.texts, age: String(patientCase.age) },
      choices: Object.fromEntries(CHOICES.map((name) => [name, patientCase[name] ?? ''])),
      lists: patientCase,
      labs: LabRows.stateOf(patientCase.lab_results),
    });
  }
}
