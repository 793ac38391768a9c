// What weighs, one row each: a bar to the right (for) or to the left (against) of one zero line, with its standard error.
import { hiddenText, make } from './dom.js';
import { oddsFactor, signed } from './numbers.js';

const SMALLEST_SCALE = Math.log(5);   // what is weak never fills the track
const LONGEST_UNCUT = 60;             // longer texts may be cut to three lines: the title has the rest

const NAME_OF_FIELD = {
  symptoms: 'symptom', narrative: 'story', absent_findings: 'not there', preexisting_conditions: 'history', family_history: 'family',
  vitals: 'vital sign', lab_results: 'lab', age: 'age', sex: 'sex', severity: 'severity', onset: 'onset', duration_days: 'duration', pregnant: 'pregnancy',
};

/** An estimate may come without an error: null, where too little could be worked out. */
export const isRough = (item) => item.standard_error === null;

/** Within two standard errors of nothing. */
export const isUnclear = (item) => item.standard_error > 0 && Math.abs(item.value) < 2 * item.standard_error;

/** What a value does to the odds, in words. */
export function effectInWords(item) {
  if (isUnclear(item)) return 'unclear';
  return `${isRough(item) ? '≈ ' : ''}${oddsFactor(item.value)} odds`;
}

/** Of what has a value that is not 0, the largest first. */
export function weighing(items) {
  return items.filter((item) => Number.isFinite(item.value) && item.value !== 0)
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
}

/** `items` as of weighing(), each {field, text, value, standard_error}; the first `shown` stand open, the rest is folded away. */
export function weightRows(items, shown) {
  const scale = Math.max(SMALLEST_SCALE, ...items.map((item) => Math.abs(item.value) + (item.standard_error ?? 0)));
  const list = (some) => make('ul', { className: 'weights' }, some.map((item) => weightRow(item, scale)));
  const rest = items.slice(shown);
  return [
    make('p', { className: 'weights-axis', 'aria-hidden': 'true' },
      make('span', { className: 'weights-ends' }, make('span', {}, '◂ against'), make('span', {}, 'for ▸'))),
    list(items.slice(0, shown)),
    rest.length > 0 && make('details', { className: 'weights-rest' },
      make('summary', {}, `${rest.length} more, ${atMostInWords(rest[0].value)}`), list(rest)),
  ];
}

function atMostInWords(value) {
  const most = oddsFactor(Math.abs(value));
  return most === oddsFactor(0) ? 'which hardly weigh' : `at most ${most} or ${oddsFactor(-Math.abs(value))}`;
}

function weightRow(item, scale) {
  const direction = item.value < 0 ? 'against' : 'for';
  const kind = NAME_OF_FIELD[item.field];
  const text = item.text || kind || 'something entered';
  const error = item.standard_error > 0 ? ` ± ${item.standard_error.toFixed(2)}` : '';
  return make('li', { className: isUnclear(item) || isRough(item) ? 'weight-row unsure' : 'weight-row' },
    make('span', { className: 'weight-text', title: text.length > LONGEST_UNCUT ? text : undefined }, text,
      kind && kind !== text && make('span', { className: 'weight-kind' }, ` · ${kind}`)),
    hiddenText(`, ${direction}, `),
    make('strong', { className: 'weight-odds' }, effectInWords(item)),
    make('span', { className: 'weight-track', 'aria-hidden': 'true' }, barOf(item, direction, scale), whiskerOf(item, scale)),
    make('span', { className: 'weight-value' }, ` ${signed(item.value)}${error}`));
}

/** Places of the track, in per cent of its width: the zero line is in the middle. */
const placeOf = (value, scale) => 50 + (50 * value) / scale;

function span(element, from, to, scale) {
  element.style.left = `${placeOf(from, scale)}%`;
  element.style.width = `${placeOf(to, scale) - placeOf(from, scale)}%`;
  return element;
}

function barOf({ value }, direction, scale) {
  return span(make('span', { className: `weight-bar ${direction}` }), Math.min(0, value), Math.max(0, value), scale);
}

function whiskerOf(item, scale) {
  if (!(item.standard_error > 0)) return null;
  return span(make('span', { className: 'weight-whisker' }), item.value - item.standard_error, item.value + item.standard_error, scale);
}
