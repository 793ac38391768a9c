// The page for films: wires form, request, film and answer.
import { setAccessKey } from '../api.js';
import { announce, byId } from '../dom.js';
import { FieldMarks } from '../field_marks.js';
import { openWhatIsFoldedOnPaper } from '../paper.js';
import { clearProblems, showFailure, showProblems } from '../problems.js';
import { showServer } from '../server_notice.js';
import { answerInShort, answerInWords, filmAnswerView } from './film_answer_view.js';
import { FilmForm } from './film_form.js';
import { bitmapOf, filmOf } from './film_pixels.js';
import { sendFilm } from './film_request.js';
import { FilmTools } from './film_tools.js';
import { FilmView } from './film_view.js';

const WIDE = window.matchMedia('(min-width: 64rem)');

const marks = new FieldMarks(byId('film-form'));
const form = new FilmForm({ onFilm: takeFilm, onProblem: (text) => { clearProblems(marks); showProblems(marks, [{ pointer: '/file', text }]); } });
const view = new FilmView(byId('film-canvas'), () => tools.showNumbers());
const tools = new FilmTools(view);
let sending = null;   // an AbortController while a film is on its way
let answered = '';    // age and frame of the answer on the page

/** Another film: what was shown and said of the one before goes at once. */
function takeFilm() {
  cancel();
  clearProblems(marks);
  clearAnswer();
  byId('read-film').focus();
  announce(`Film chosen: ${form.film.name}.`);
}

function clearAnswer() {
  view.clear();
  byId('viewer').hidden = true;
  byId('film-pane').classList.remove('has-film');
  byId('verdict-link').textContent = '';
  byId('answer-content').replaceChildren();
  byId('answer-empty').hidden = false;
  byId('print-answer').hidden = true;
  byId('stale-notice').hidden = true;
  answered = '';
}

async function submit() {
  if (sending) return;
  clearProblems(marks);
  setAccessKey(byId('access-key').value);
  const entered = form.read();
  if (entered.problems.length > 0) {
    showProblems(marks, entered.problems);
    return;
  }
  const mine = new AbortController();
  showSending(mine);
  const outcome = await readFilm(entered, mine.signal);
  if (sending !== mine) return;   // cancelled, or another film was chosen since
  showSending(null);
  if (outcome.failure) showRefusal(outcome.failure);
  else show(outcome, entered);
}

/** {answer, film, heatMap} ready to be shown, {failure}, or {cancelled}. `film` is null where it cannot be drawn. */
async function readFilm(entered, signal) {
  const { answer, ...rest } = await sendFilm(entered, showProgress, signal);
  if (!answer) return rest;
  const film = await filmOf(answer.film_picture).catch(() => null);
  const heatMap = film && answer.heatmap ? await bitmapOf(answer.heatmap.png).catch(() => null) : null;
  return { answer, film, heatMap };
}

function show({ answer, film, heatMap }, entered) {
  clearAnswer();
  byId('answer-empty').hidden = true;
  byId('print-answer').hidden = false;
  byId('answer-content').replaceChildren(...filmAnswerView(answer, { age: entered.age, isDrawn: film !== null }));
  if (film) showFilm(answer, film, heatMap);
  answered = stateOf(entered);
  noteChange();
  announce(`The answer is ready. ${answerInWords(answer)}`);
  byId('answer').scrollTop = 0;
  if (film && document.activeElement === byId('read-film')) byId('film-canvas').focus({ preventScroll: true });   // its keys work at once
  if (!WIDE.matches) byId(film ? 'viewer' : 'answer').scrollIntoView({ block: 'start' });
}

function showFilm(answer, film, heatMap) {
  byId('viewer').hidden = false;
  byId('verdict-link').textContent = answerInShort(answer);
  byId('film-pane').classList.add('has-film');
  view.show(film, heatMap);
  tools.start(heatMap && answer.heatmap);
}

/** A film that was refused has no answer, and an older answer is not about it. */
function showRefusal(failure) {
  clearAnswer();
  const asksForFrame = /name a frame/.test(failure.text);
  if (asksForFrame) {
    form.needFrame(true);
    showProblems(marks, [{ pointer: '?frame', text: failure.text }]);
  } else {
    showFailure(marks, failure);
  }
}

function showSending(controller) {
  sending = controller;
  byId('sending').hidden = !controller;
  byId('answer').setAttribute('aria-busy', String(controller !== null));
  byId('read-film').setAttribute('aria-disabled', String(controller !== null));
  if (!controller) return;
  showProgress(0);
  announce('Sending the film.');
}

function showProgress(share) {
  const progress = byId('sending-progress');
  if (share < 1) {
    progress.value = share;
    byId('sending-text').textContent = `Sending… ${Math.floor(100 * share)} %`;
  } else {
    progress.removeAttribute('value');
    byId('sending-text').textContent = 'Reading the film… JPEG 2000 takes some seconds.';
  }
}

function cancel() {
  if (!sending) return;
  sending.abort();
  showSending(null);
  announce('Cancelled.');
}

const stateOf = ({ age, frame }) => JSON.stringify([age, frame]);

function noteChange() {
  byId('stale-notice').hidden = answered === '' || stateOf(form.read()) === answered;
}

byId('film-form').addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
byId('film-form').addEventListener('input', noteChange);
byId('cancel-sending').addEventListener('click', () => {
  cancel();
  byId('read-film').focus();
});
byId('print-answer').addEventListener('click', () => window.print());
openWhatIsFoldedOnPaper();
showServer().then(({ films }) => {
  if (films?.ages) {
    const { least_years: least, most_years: most } = films.ages;
    byId('known-ages').textContent = `The model on this server knows patients of ${least} to ${most} years. A film of anyone else always needs another look.`;
    byId('known-ages').hidden = false;
  }
  if (films?.ready !== false) return;
  byId('read-film').disabled = true;
  showFailure(marks, { status: 503, errors: [], text: `This server reads no films now. ${films.reason ?? ''}` });
});
