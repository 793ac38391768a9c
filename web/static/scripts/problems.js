// Problems with what was entered or sent: marked at their fields, listed above the form.
import { byId, make } from './dom.js';
import { listProblems } from './field_marks.js';

/** `problems` are {pointer, text, at?}; the first bad field gets the focus. */
export function showProblems(marks, problems) {
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

/** `failure` as of failureOf() in api.js; a query parameter has the pointer "?name". */
export function showFailure(marks, failure) {
  if (failure.status === 401) {
    byId('access-field').hidden = false;
    byId('access-key').focus();
  }
  const pointerOf = ({ pointer, parameter }) => pointer ?? (parameter === undefined ? undefined : `?${parameter}`);
  const fieldErrors = failure.errors.filter((error) => pointerOf(error) !== undefined);
  if (fieldErrors.length > 0) {
    showProblems(marks, fieldErrors.map((error) => ({ pointer: pointerOf(error), text: sentence(error.problem, error.allowed) })));
    return;
  }
  const summary = byId('error-summary');
  summary.replaceChildren(make('p', { className: 'error-title' }, failure.text),
    failure.requestId ? make('p', { className: 'fine-print' }, `Request ${failure.requestId}`) : '');
  summary.hidden = false;
  summary.scrollIntoView({ block: 'nearest' });
}

/** A problem is the end of a sentence about its field, or one of its own. */
function sentence(problem, allowed) {
  const whole = /^[A-Z]/.test(problem) ? problem : `This ${problem}.`;
  return `${whole}${allowed ? ` Allowed: ${allowed}.` : ''}`;
}

export function clearProblems(marks) {
  marks.clear();
  byId('error-summary').hidden = true;
}
