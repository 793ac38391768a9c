// Numbers and units as people type and read them.

/** A number typed with a point or a comma; NaN for anything else, undefined for nothing. */
export function parseNumber(text) {
  const typed = text.trim();
  if (typed === '') return undefined;
  return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(typed) ? Number(typed.replace(',', '.')) : NaN;
}

/** At most six significant digits, so that 7 months do not become 0.5833333333333334 years. */
export const tidy = (value) => Number(value.toPrecision(6));

const DAYS_IN = { hours: 1 / 24, days: 1, weeks: 7, months: 365.25 / 12, years: 365.25 };

export const inDays = (value, unit) => tidy(value * DAYS_IN[unit]);
export const inYears = (value, unit) => tidy((value * DAYS_IN[unit]) / DAYS_IN.years);

/** "87 %", "<1 %" and ">99 %" at the ends, where rounding would claim certainty. */
export function percent(confidence) {
  if (confidence > 0 && confidence < 0.01) return '<1 %';
  if (confidence < 1 && confidence >= 0.995) return '>99 %';
  return `${Math.round(confidence * 100)} %`;
}

/** As percent(), but with two decimals below 1 %: where small chances are compared. */
export function finePercent(probability) {
  if (probability < 0.0001) return '<0.01 %';
  return probability < 0.01 ? `${(probability * 100).toFixed(2)} %` : percent(probability);
}

export const probabilityOf = (logOdds) => 1 / (1 + Math.exp(-logOdds));

const LARGEST_FACTOR = 1000;

/** A change of the log-odds as what it does to the odds: "×3.2", "÷3.2", "×1.0" where that is nothing. */
export function oddsFactor(change) {
  const factor = Math.exp(Math.abs(change));
  const sign = change < 0 && factor >= 1.05 ? '÷' : '×';
  if (factor >= LARGEST_FACTOR) return `>${sign}${LARGEST_FACTOR}`;
  return `${sign}${factor < 9.95 ? factor.toFixed(1) : String(Number(factor.toPrecision(2)))}`;
}

/** "+1.25", "−0.04", "0.00". */
export function signed(value) {
  const digits = Math.abs(value).toFixed(2);
  if (Number(digits) === 0) return digits;
  return `${value < 0 ? '−' : '+'}${digits}`;
}

const READABLE_UNITS = {
  Cel: '°C', '[degF]': '°F', '/min': 'per minute', 'mm[Hg]': 'mmHg', '%': '%', '1': 'no unit', '{ratio}': 'ratio', '{INR}': 'INR',
};

/** A UCUM unit as it is printed on a report: "10*9/L" becomes "10⁹/L". */
export function readableUnit(ucum) {
  if (READABLE_UNITS[ucum]) return READABLE_UNITS[ucum];
  return ucum
    .replace(/10\*(\d+)/g, (_, digits) => `10${[...digits].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[digit]).join('')}`)
    .replace(/\bu(?=(mol|g|L|U|m\d|\[)|kat)/g, 'µ')
    .replace(/_?m2\b/g, ' m²')
    .replace(/m3\b/g, 'm³')
    .replace(/\{([^}]*)\}/g, ' $1')
    .replace(/[[\]]/g, '')
    .replace(/^ |(?<=\/) /g, '');
}
