// What weighs for one condition: its share of each entry (Shapley values), or the words of the case coloured by what they do (LIME).
import { cutAtPlaces, entriesView, storyView, wordsAt } from './case_texts.js';
import { hiddenText, make } from './dom.js';
import { finePercent, oddsFactor, probabilityOf } from './numbers.js';
import { effectInWords, isRough, isUnclear, weighing, weightRows } from './weight_rows.js';

const UNITS_SHOWN = 8;
const WORDS_SHOWN = 6;
const SAID = 3;
const LEAST_FIDELITY = 0.7;

// Depth of a word's colour, by its share of the strongest word: below the first it stays plain.
const STEPS = [1 / 4, 1 / 2, 3 / 4];
const LEAST_STRONGEST = Math.log(2);   // words that hardly weigh never look as if they did

const ROUGH = 'Read with care. There was too little time for this many entries: only the largest bars mean something.';
const UNLIKE_WHY = 'Under “Why” one finding is taken away and others may stand in for it; here the whole step is shared out, so the sizes differ.';
const HOW_TO_READ = '×2 doubles the odds, ÷2 halves them; the small numbers are changes of the log-odds and add up.';

/** `explanation` by "shap", of `patientCase`. */
export function unitsView(explanation, patientCase) {
  const units = weighing(explanation.units);
  if (units.length === 0) return make('p', {}, 'Nothing that you entered weighs for or against it.');
  return [
    make('p', {}, stepText(explanation), ' Each entry has its share of that step.'),
    units.some(isRough) && make('p', { className: 'note' }, ROUGH),
    weightRows(inOwnWords(units, patientCase), UNITS_SHOWN),
    make('p', { className: 'hint' }, UNLIKE_WHY),
    make('p', { className: 'hint' }, `${exactnessText(explanation)} ${HOW_TO_READ}`, units.some(isUnclear) && ' Unclear: less than twice its standard error.'),
  ];
}

/** As the caller wrote them: the server reads symptoms in lower case and says "no", "history of" before others. */
const inOwnWords = (items, patientCase) => items.map((item) => ({ ...item, text: wordsAt(patientCase, item) || item.text }));

function stepText({ with_none: none, with_all: all }) {
  if (!Number.isFinite(none) || !Number.isFinite(all)) return '';
  return `All entries together take it from ${finePercent(probabilityOf(none))} to ${finePercent(probabilityOf(all))}.`;
}

function exactnessText({ exact, evaluations, largest_standard_error: largest }) {
  if (exact) return 'Exact, not estimated.';
  const versions = `Estimated from ${evaluations.toLocaleString('en')} versions of the case`;
  if (!Number.isFinite(largest)) return `${versions}.`;
  return `${versions}, ± ${largest.toFixed(2)} at most (the thin lines: one standard error).`;
}

/** `explanation` by "lime", of `patientCase`. */
export function wordsView(explanation, patientCase) {
  const words = weighing(explanation.words);
  if (words.length === 0) return make('p', {}, 'No word weighs for or against it by itself.');
  const scale = Math.max(LEAST_STRONGEST, Math.abs(words[0].value));
  const show = (text) => colouredText(cutAtPlaces(text, words), scale);
  return [
    fidelityView(explanation.fidelity),
    legend(words, scale),
    make('div', { className: 'coloured' }, storyView(patientCase, show), entriesView(patientCase, show)),
    weightRows(inOwnWords(words, patientCase), WORDS_SHOWN),
    make('p', { className: 'hint' }, 'An estimate: words are left out at random while age, numbers and choices stay.'),
  ];
}

function fidelityView(fidelity) {
  if (!Number.isFinite(fidelity)) return make('p', { className: 'note' }, 'How well single words explain this answer is not known. Read with care.');
  const share = Math.max(0, fidelity).toFixed(2);
  const text = `Single words explain ${share} of the change when words are left out (1 is all of it)`;
  return fidelity < LEAST_FIDELITY ? make('p', { className: 'note' }, `Read with care. ${text}; the rest is how words act together, or chance.`)
    : make('p', {}, `${text}; under ${LEAST_FIDELITY} read with care.`);
}

const depthOf = (value, scale) => STEPS.filter((step) => Math.abs(value) / scale >= step).length;
const classOf = (value, scale) => `word ${value < 0 ? 'against' : 'for'}-${depthOf(value, scale)}`;

function legend(words, scale) {
  const swatch = (value, text) => make('li', {}, make('span', { className: classOf(value, scale) }, text));
  return make('ul', { className: 'legend', 'aria-label': 'What the colours mean' },
    swatch(scale, 'for it'), swatch(-scale, 'against it'),
    make('li', { className: 'quiet' }, `deeper and thicker: more, up to ${oddsFactor(scale)} or ${oddsFactor(-scale)}; plain: hardly anything`));
}

function colouredText(pieces, scale) {
  return pieces.map(({ text, mentions: [word] }) => {
    if (!word || depthOf(word.value, scale) === 0) return text;
    const meaning = `${word.value < 0 ? 'against' : 'for'}, ${effectInWords(word)}`;
    return make('span', { className: classOf(word.value, scale), title: meaning }, text, hiddenText(` (${meaning}) `));
  });
}

/** The entries or words that weigh most, for those who hear the page. */
export function inShort(explanation, patientCase) {
  const most = inOwnWords(weighing(explanation.units ?? explanation.words).slice(0, SAID), patientCase);
  return most.length === 0 ? 'Nothing weighs for or against it.' : `Most: ${most.map((item) => `${item.text}, ${effectInWords(item)}`).join('; ')}.`;
}
