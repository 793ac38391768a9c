// The page: wires the form to the server and the answer to the page.
import { AnswerPane } from './answer_pane.js';
import { diagnose, setAccessKey } from './api.js';
import { CaseForm } from './case_form.js';
import { byId, make } from './dom.js';
import { FieldMarks } from './field_marks.js';
import { NextSteps } from './next_steps.js';
import { openWhatIsFoldedOnPaper } from './paper.js';
import { clearProblems as clearMarks, showFailure, showProblems } from './problems.js';
import { REFERENCE_CASE } from './reference_case.js';
import { showServer } from './server_notice.js';

const BUSY_AFTER_MS = 300;

const form = byId('case-form');
const caseForm = new CaseForm(form);
const marks = new FieldMarks(form);
const next = new NextSteps({ resubmit, addLab: (name) => caseForm.labs.addTest(name) });
const pane = new AnswerPane({ next, goTo });
let asking = false;
let entering = false;   // a click on a next step changes the form: no news to the reader
let answered = '';      // the state of the form that the answer on the page is about

/** The case in the form, or null when something in it needs attention. */
function readCase() {
  setAccessKey(byId('access-key').value);
  const { patientCase, problems } = caseForm.read();
  if (problems.length === 0) return patientCase;
  clearProblems();
  showProblems(marks, problems);
  return null;
}

async function ask(patientCase, quietly = false) {
  asking = true;
  const asked = formState();
  const busy = setTimeout(() => pane.showBusy(true, quietly), BUSY_AFTER_MS);
  const outcome = await diagnose(patientCase);
  clearTimeout(busy);
  pane.showBusy(false, quietly);
  asking = false;
  if (outcome.answer) answered = asked;
  return outcome;
}

/** Compared as a whole: a field that loses the focus says "change" although nothing is new since its last "input". */
const formState = () => JSON.stringify(caseForm.state());

async function submit() {
  if (asking) return;
  clearProblems();
  const patientCase = readCase();
  if (!patientCase) return;
  const { answer, failure } = await ask(patientCase);
  if (failure) {
    showFailure(marks, failure);
    return;
  }
  next.forget();
  pane.show(answer, patientCase);
  settle(answer, patientCase);
}

/** For NextSteps: one text in or out of the form, and a new answer in the place of the old one. */
async function resubmit({ field, text, there }) {
  if (asking || !readCase()) return {};
  const samePatient = formState() === answered;   // as far as one can tell: the form is what the answer is about
  const entered = enter(field, text, there);
  if (there && !entered) return { problem: `“${text}” could not be entered: it stands there already, or the field is full.` };
  const before = pane.answer;
  const patientCase = { ...readCase(), ...(samePatient && { patient_id: before.patient_id }) };
  const { answer, failure } = await ask(patientCase, true);
  if (failure) {
    if (entered) enter(field, text, !there);
    if (failure.status === 401 || failure.errors.length > 0) showFailure(marks, failure);
    return { problem: `Not entered. ${failure.text}` };
  }
  pane.keeping(() => {
    pane.fill(answer, patientCase, before);
    clearProblems();
    settle(answer, patientCase);
  });
  return { before, answer };
}

function enter(field, text, there) {
  let done = false;
  entering = true;
  pane.keeping(() => { done = caseForm.setEntry(field, text, there); });
  entering = false;
  return done;
}

function settle(answer, patientCase) {
  pane.setStale(formState() !== answered);
  for (const { pointer, text } of answer.warnings) if (pointer !== '') marks.mark(pointer, text, 'warning');
  next.load(patientCase);
}

function goTo(pointer) {
  const target = marks.find(pointer);
  target?.control.focus();
  return target !== null;
}

function clearProblems() {
  clearMarks(marks);
  byId('form-notice').replaceChildren();
}

function noteChange() {
  if (!entering) pane.setStale(formState() !== answered);
}

/** Replaces what is in the form and offers to take that back. */
function replaceCase(change, text) {
  const before = caseForm.state();
  clearProblems();
  next.forget();
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
  pane.clear();
  byId('age').focus();
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
openWhatIsFoldedOnPaper();
showServer();
