#include "reasoning/case_model.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

void add_factors(CaseModel& model) {
  for (const FactorSpec& spec : factors_of(model.tables, model.findings, model.state, model.parameters)) {
    model.factors.push_back(make_factor(model.tables, spec, model.nodes));
    const Factor& factor = model.factors.back();
    std::vector<double> logs = single_log_ratios(factor);
    for (std::size_t i = 0; i < logs.size(); ++i) model.likelihood[factor.speakers[i]] += logs[i] *= spec.weight;
    model.log_ratios.push_back(std::move(logs));
  }
}

NetworkParameters unflattened(NetworkParameters parameters) {
  parameters.alpha = 1;
  return parameters;
}

}  // namespace

CaseModel::CaseModel(const Tables& tables_in, const NetworkParameters& parameters_in, const CaseFindings& findings_in)
    : tables(tables_in), parameters(parameters_in), findings(findings_in), state(read_case(tables, findings)),
      unsaid(unsaid_at_large(tables, findings, state, parameters.silence)), candidates(candidates_of(tables, findings)), nodes(tables, findings, candidates, state.known),
      prior(log_priors(tables, findings, candidates, parameters)),
      visit_prior(log_priors(tables, findings, candidates, unflattened(parameters))), likelihood(candidates.size(), 0),
      severity(log_severity(findings.severity)) {
  CaseState blank;
  blank.standing.assign(state.standing.size(), Standing::unmentioned);
  risk = log_risks(tables, candidates, state, blank, std::vector<double>(candidates.size(), 0));
  for (const ConditionIndex c : candidates.conditions) {
    const Condition& one = tables.knowledge.conditions[c];
    silence.push_back(log_silence_of(tables, unsaid, c, parameters.silence));
    duration.push_back(log_duration(one, findings));
    onset.push_back(log_onset(one, findings));
    urgency.push_back(static_cast<std::uint8_t>(one.urgency));
  }
  add_factors(*this);
}

}  // namespace osler::reasoning
