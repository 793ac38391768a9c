// What the server says of a film, in the order a clinician needs it.
import { make } from '../dom.js';
import { percent } from '../numbers.js';

const VERDICTS = {
  normal: { className: 'routine', symbol: '○', title: 'Normal', advice: 'No sign of pneumonia found.', note: 'Only pneumonia was looked for; other disease is not ruled out.' },
  pneumonia: { className: 'urgent', symbol: '●', title: 'Pneumonia', advice: 'The film looks like pneumonia.' },
  requires_further_evaluation: { className: 'look-again', symbol: '?', title: 'Look again', advice: 'This film requires further evaluation: the model does not say what it shows.' },
};

const REVIEWS = {
  priority: { title: 'Priority', advice: 'read this film before the routine ones.' },
  routine: { title: 'Routine', advice: 'this film can be read in its turn.' },
};

const verdictOf = (answer) => VERDICTS[answer.diagnosis] ?? { className: 'look-again', symbol: '?', title: answer.diagnosis, advice: '' };
const pneumoniaOf = (answer) => answer.all_probabilities[answer.labels.indexOf('pneumonia')];

/** What leads to the answer where it lies below the film. */
export const answerInShort = (answer) => `${verdictOf(answer).title}: see the answer below ↓`;

/** For those who hear it. */
export function answerInWords(answer) {
  return `${verdictOf(answer).title}. Probability of pneumonia ${percent(pneumoniaOf(answer))}. Review: ${answer.review_urgency}.`;
}

/** `age` as it was entered, `isDrawn`: whether the film could be. */
export function filmAnswerView(answer, { age, isDrawn }) {
  return [
    !isDrawn && make('p', { className: 'warnings' }, 'This browser does not give pages the exact pixels of a picture, so the film cannot be shown here. The answer is not touched by that.'),
    verdictView(answer),
    reviewView(answer.review_urgency),
    probabilityView(answer),
    listView('Of the film', 'quality', answer.quality.map(({ text }) => text)),
    listView('Please note', 'warnings', answer.warnings),
    factsView(answer, age),
    footerView(answer),
  ].filter(Boolean);
}

function verdictView(answer) {
  const { className, symbol, title, advice, note } = verdictOf(answer);
  return make('section', { className: `urgency verdict ${className}`, 'aria-labelledby': 'verdict-title' },
    make('p', { className: 'urgency-symbol', 'aria-hidden': 'true' }, symbol),
    make('div', {},
      make('h3', { id: 'verdict-title' }, title),
      make('p', { className: 'verdict-advice' }, advice),
      make('p', {}, answer.reason),
      note && make('p', {}, note)));
}

function reviewView(urgency) {
  const { title, advice } = REVIEWS[urgency] ?? { title: urgency, advice: '' };
  return make('p', { className: `review ${urgency === 'routine' ? '' : 'first'}` }, 'Review: ', make('strong', {}, title), advice && `, ${advice}`);
}

function probabilityView(answer) {
  const probability = pneumoniaOf(answer);
  const isAnswer = answer.diagnosis in VERDICTS && answer.diagnosis !== 'requires_further_evaluation';
  const fill = make('span', { className: isAnswer ? 'bar-fill' : 'bar-fill open' });
  fill.style.width = `${Math.max(0.5, probability * 100)}%`;
  return make('section', { className: 'answer-section', 'aria-labelledby': 'probability-title' },
    make('div', { className: 'probability-head' },
      make('h3', { id: 'probability-title' }, 'Probability of pneumonia'), make('span', { className: 'confidence' }, percent(probability))),
    make('div', { 'aria-hidden': 'true' },
      make('span', { className: 'bar' }, fill),
      make('p', { className: 'scale' }, make('span', {}, '0'), make('span', {}, '0.5'), make('span', {}, '1'))),
    setView(answer),
    !isAnswer && make('p', { className: 'hint' }, 'A number for whoever looks again, not an answer.'));
}

/** The kinds that a film like this can still be of, at the error rate that was chosen. */
function setView({ prediction_set: set, error_rate: rate }) {
  const label = rate === undefined ? 'What fits' : `At an error rate of ${percent(rate)}`;
  const said = ['neither normal nor pneumonia fits', `only ${set[0]} fits`, 'normal and pneumonia both fit'][set.length];
  return make('div', {},
    make('p', {}, `${label}: `, make('strong', { className: 'prediction-set' }, said), '.'),
    rate !== undefined && set.length > 0 && make('p', { className: 'hint' }, `Of films like those it was calibrated on, at most ${percent(rate)} are of a kind that is not named here.`));
}

function listView(title, name, texts) {
  if (texts.length === 0) return null;
  return make('section', { className: name === 'warnings' ? 'warnings' : `answer-section ${name}`, 'aria-labelledby': `${name}-title` },
    make('h3', { id: `${name}-title` }, title),
    make('ul', { className: 'plain-list' }, texts.map((text) => make('li', {}, text))));
}

const SOURCES = { dicom: 'DICOM', png: 'PNG', jpeg: 'JPEG' };

function factsView({ film, film_picture: picture, outlier_share: outlier }, age) {
  const size = (width, height) => `${width.toLocaleString('en')} × ${height.toLocaleString('en')}`;
  const isSmaller = picture && Math.max(picture.width, picture.height) < Math.max(film.width, film.height);
  const facts = {
    File: [SOURCES[film.source] ?? film.source, film.modality].filter(Boolean).join(', '),
    View: film.view,
    'Age entered': age && `${age} years`,
    Size: `${size(film.width, film.height)} pixels`,
    'Shown here': isSmaller && `${size(picture.width, picture.height)}: to look along, not to report from`,
    'Pixel height to width': film.pixel_aspect !== 1 && film.pixel_aspect.toFixed(3),
    Unfamiliar: `${Math.round(outlier * 100).toLocaleString('en')} % of the limit above which a film is unlike those of training`,
    Stored: [film.photometric, film.transfer_syntax].filter(Boolean).join(', '),
  };
  return make('section', { className: 'answer-section', 'aria-labelledby': 'facts-title' },
    make('h3', { id: 'facts-title' }, 'The film'),
    make('dl', { className: 'facts' }, Object.entries(facts).filter(([, text]) => text)
      .map(([name, text]) => make('div', {}, make('dt', {}, name), make('dd', {}, text)))));
}

function footerView(answer) {
  return make('footer', { className: 'answer-footer' },
    make('p', {}, answer.disclaimer),
    make('p', { className: 'fine-print' }, `Request ${answer.request_id} · model ${answer.model_version} · ${Math.round(answer.processing_time_ms)} ms`));
}
