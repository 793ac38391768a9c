// The page: wires the form to the server and the answer to the page.
import { about, diagnose, setAccessKey } from './api.js';
import { answerView } from './answer_view.js';
import { CaseForm } from './case_form.js';
import { leadingCondition } from './differential_view.js';
import { announce, byId, make } from './dom.js';
import { FieldMarks, listProblems } from './field_marks.js';
import { percent } from './numbers.js';
import { REFERENCE_CASE } from './reference_case.js';

const BUSY_AFTER_MS = 300;
const WIDE = window.matchMedia('(min-width: 64rem)');

const form = byId('case-form');
const caseForm = new CaseForm(form);
const marks = new FieldMarks(form);
let asking = false;

async function submit() {
  if (asking) return;
  clearProblems();
  setAccessKey(byId('access-key').value);
  const { patientCase, problems } = caseForm.read();
  if (problems.length > 0) {
    showProblems(problems);
    return;
  }
  asking = true;
  const busy = setTimeout(() => showBusy(true), BUSY_AFTER_MS);
  const { answer, failure } = await diagnose(patientCase);
  clearTimeout(busy);
  showBusy(false);
  asking = false;
  if (answer) showAnswer(answer, patientCase);
  else showFailure(failure);
}

function showBusy(busy) {
  byId('answer').setAttribute('aria-busy', String(busy));
  byId('busy-notice').hidden = !busy;
  byId('diagnose').setAttribute('aria-disabled', String(busy));
  if (busy) announce('Working it out.');
}

function showAnswer(answer, patientCase) {
  byId('answer-empty').hidden = true;
  byId('stale-notice').hidden = true;
  byId('print-answer').hidden = false;
  byId('answer-content').replaceChildren(...answerView(answer, patientCase, goTo));
  for (const { pointer, text } of answer.warnings) if (pointer !== '') marks.mark(pointer, text, 'warning');
  const first = leadingCondition(answer);
  announce(`The answer is ready. ${answer.urgency.level.replace('_', ' ')}.`
    + (first ? ` Most likely: ${first.condition}, ${percent(first.confidence)}.` : ''));
  byId('answer').scrollTop = 0;
  if (WIDE.matches) return;
  byId('answer-title').focus({ preventScroll: true });
  byId('answer').scrollIntoView({ block: 'start' });
}

function goTo(pointer) {
  const target = marks.find(pointer);
  target?.control.focus();
  return target !== null;
}

/** `problems` are {pointer, text}; the first bad field gets the focus. */
function showProblems(problems) {
  const entries = problems.map(({ pointer, text, at }) => {
    const marked = marks.mark(pointer, text, 'error');
    return { text, label: marked?.label, control: at ?? marked?.control };
  });
  const count = entries.length;
  listProblems(byId('error-summary'), count === 1 ? 'One entry needs your attention' : `${count} entries need your attention`, entries);
  const marked = entries.filter((entry) => entry.control).map((entry) => entry.control);
  firstOnPage(marked)?.focus();
}

function firstOnPage(controls) {
  const precedes = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  return controls.reduce((first, control) => (first && precedes(first, control) ? first : control), null);
}

function showFailure(failure) {
  if (failure.status === 401) {
    byId('access-field').hidden = false;
    byId('access-key').focus();
  }
  const fieldErrors = failure.errors.filter((error) => error.pointer !== undefined);
  if (fieldErrors.length > 0) {
    showProblems(fieldErrors.map(({ pointer, problem, allowed }) => ({ pointer, text: sentence(problem, allowed) })));
    return;
  }
  const summary = byId('error-summary');
  summary.replaceChildren(make('p', { className: 'error-title' }, failure.text),
    failure.requestId ? make('p', { className: 'fine-print' }, `Request ${failure.requestId}`) : '');
  summary.hidden = false;
  summary.scrollIntoView({ block: 'nearest' });
}

function sentence(problem, allowed) {
  return `This ${problem}.${allowed ? ` Allowed: ${allowed}.` : ''}`;
}

function clearProblems() {
  marks.clear();
  byId('error-summary').hidden = true;
  byId('form-notice').replaceChildren();
}

function noteChange() {
  if (byId('answer-content').hasChildNodes()) byId('stale-notice').hidden = false;
}

/** Replaces what is in the form and offers to take that back. */
function replaceCase(change, text) {
  const before = caseForm.state();
  clearProblems();
  change();
  const undo = make('button', { type: 'button', className: 'link-button' }, 'Undo');
  undo.addEventListener('click', () => {
    caseForm.restore(before);
    byId('form-notice').replaceChildren();
    byId('age').focus();
  });
  byId('form-notice').replaceChildren(`${text} `, undo);
}

function clearCase() {
  replaceCase(() => caseForm.clear(), 'Cleared.');
  byId('answer-content').replaceChildren();
  byId('answer-empty').hidden = false;
  byId('stale-notice').hidden = true;
  byId('print-answer').hidden = true;
  byId('age').focus();
}

/** Paper shows the reported conditions and whatever else is folded, but of the rest what is open on the screen. */
function openForPrint() {
  for (const details of document.querySelectorAll('details:not([open])')) {
    if (details.closest('.also-considered')) continue;
    details.dataset.closedOnScreen = '';
    details.open = true;
  }
}

function closeAfterPrint() {
  for (const details of document.querySelectorAll('details[data-closed-on-screen]')) {
    delete details.dataset.closedOnScreen;
    details.open = false;
  }
}

async function showServer() {
  const server = await about();
  byId('trial-notice').hidden = server.trial !== true;
  byId('access-field').hidden = (server.authentication ?? 'none') === 'none';
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) {
    event.preventDefault();
    submit();
  }
});
form.addEventListener('input', noteChange);
form.addEventListener('change', noteChange);
byId('load-example').addEventListener('click', () => replaceCase(() => caseForm.load(REFERENCE_CASE), 'Reference case loaded.'));
byId('clear-case').addEventListener('click', clearCase);
byId('print-answer').addEventListener('click', () => window.print());
window.addEventListener('beforeprint', openForPrint);
window.addEventListener('afterprint', closeAfterPrint);
showServer();
