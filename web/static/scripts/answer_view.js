// The whole answer, in the order a clinician needs it.
import { make } from './dom.js';
import { differentialView, knownView } from './differential_view.js';
import { percent } from './numbers.js';
import { OutcomeForm } from './outcome_form.js';
import { similarCasesView } from './similar_cases.js';
import { understoodView } from './understood_view.js';
import { mustNotMissView, urgencyView } from './urgency_view.js';

/**
 * `goTo(pointer)` moves the focus to a field of the form and says whether there is one; `next` is the section of the next
 * steps; `before` the answer that this one takes the place of.
 */
export function answerView(answer, patientCase, { goTo, next, before }) {
  return [
    caseSummary(patientCase),
    urgencyView(answer.urgency),
    mustNotMissView(answer.must_not_miss),
    warningsView(answer.warnings, goTo),
    differentialView(answer, { ...patientCase, patient_id: answer.patient_id }, before),
    similarCasesView(answer.similar_cases),
    next,
    knownView(answer),
    unexplainedView(answer.unexplained),
    understoodView(patientCase, answer),
    new OutcomeForm(answer).element,
    footerView(answer),
  ].filter(Boolean);
}

/** Shown on paper only: whom the answer is about. */
function caseSummary(patientCase) {
  const facts = [`Age ${patientCase.age}`, patientCase.sex, patientCase.severity, patientCase.onset && `${patientCase.onset} onset`,
    patientCase.duration_days !== undefined && `${patientCase.duration_days} days`].filter(Boolean);
  const lists = { symptoms: 'Symptoms', absent_findings: 'Not there', preexisting_conditions: 'History', family_history: 'Family' };
  return make('section', { className: 'case-summary' },
    make('p', {}, facts.join(' · ')),
    Object.entries(lists).map(([name, title]) => patientCase[name] && make('p', {}, `${title}: ${patientCase[name].join(', ')}`)),
    [patientCase.vitals, patientCase.lab_results].map((values) => values && make('p', {}, measuresText(values))));
}

function measuresText(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? `${value.value} ${value.unit}` : value}`).join(', ');
}

function warningsView(warnings, goTo) {
  if (warnings.length === 0) return null;
  const title = warnings.length === 1 ? 'Please check one entry' : `Please check ${warnings.length} entries`;
  return make('details', { className: 'warnings', 'data-part': 'warnings' },
    make('summary', {}, make('strong', {}, title), ': not everything was used as you entered it.'),
    make('ul', { className: 'plain-list' }, warnings.map((warning) => warningEntry(warning, goTo))));
}

function warningEntry(warning, goTo) {
  const button = make('button', { type: 'button', className: 'link-button' }, 'Show me');
  button.addEventListener('click', () => {
    if (!goTo(warning.pointer)) button.remove();
  });
  return make('li', {}, warning.text, ' ', warning.pointer !== '' && button);
}

function unexplainedView(unexplained) {
  if (!unexplained) return null;
  return make('section', { className: 'answer-section', 'aria-labelledby': 'unexplained-title' },
    make('h3', { id: 'unexplained-title' }, 'If it is none of these'),
    make('p', {}, make('strong', {}, percent(unexplained.probability)), ' chance that something this system does not know explains the case.'),
    unexplained.findings.length > 0
      && make('p', {}, 'Not explained by the first condition: ', make('strong', {}, unexplained.findings.join(', ')), '.'));
}

function footerView(answer) {
  const { population, cases, date, note } = answer.calibration;
  const basis = [population, cases > 0 && `${cases.toLocaleString('en')} cases`, date].filter(Boolean).join(', ');
  const took = Number(answer.processing_time_ms);
  return make('footer', { className: 'answer-footer' },
    make('p', {}, make('strong', {}, 'About these numbers. '), basis !== '' && `Calibrated on ${basis}. `, note ? `${note} ` : '',
      'This is not your local prevalence until your site has recalibrated on its own confirmed outcomes.'),
    make('p', {}, make('strong', {}, 'Intended use. '), answer.intended_use),
    make('p', { className: 'fine-print' }, `Request ${answer.request_id} · model ${answer.model_version} · ${took < 1 ? 'under 1' : Math.round(took)} ms`));
}
