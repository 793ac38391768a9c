#include "reasoning/evidence.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <optional>

#include "reasoning/evidence_text.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr double kAgeLeast = 0.1;  // nearly every condition leans a little on age
constexpr double kFits = 1e-9;

/// Leaves things out of one case.
class Omitter {
 public:
  Omitter(const Hypotheses& hypotheses, const std::vector<std::size_t>& asked)
      : hypotheses_(hypotheses), model_(hypotheses.model()), asked_(asked), nodes_(model_.tables, model_.findings, model_.candidates, model_.state.known) {
    const Sums sums = hypotheses.sums(hypotheses.weights());
    for (const std::size_t c : asked_) full_.push_back(hypotheses_.log_odds(hypotheses_.weights(), sums, c));
  }

  LeaveOneOut without(Evidence evidence, const Change& change, double least = kEvidenceLeast) {
    LeaveOneOut result;
    result.evidence = std::move(evidence);
    result.least = least;
    result.weight = hypotheses_.log_odds_after(change, asked_);
    for (std::size_t i = 0; i < asked_.size(); ++i) result.weight[i] = full_[i] - result.weight[i];
    result.fit.assign(asked_.size(), 0);
    return result;
  }

  /// Leaves out a finding, a cluster of quantities or a stated condition.
  LeaveOneOut without(Evidence evidence, const LeftOut& left_out) {
    const CaseState state = read_case(model_.tables, model_.findings, left_out);
    std::optional<Nodes> under_others;
    if (state.known != model_.state.known) under_others.emplace(model_.tables, model_.findings, model_.candidates, state.known);
    std::deque<Factor> fresh;
    Change change;
    change.factors = changed_factors(model_, state, [&](const FactorSpec& spec) -> const Factor& {
      return fresh.emplace_back(make_factor(model_.tables, spec, under_others ? *under_others : nodes_));
    });
    change.context = risk_change(state);
    LeaveOneOut result = without(std::move(evidence), change);
    for (std::size_t i = 0; i < asked_.size(); ++i) result.fit[i] = fit_of(change, asked_[i]);
    return result;
  }

 private:
  std::vector<double> risk_change(const CaseState& state) const {
    std::vector<double> change = log_risks(model_.tables, model_.candidates, state, model_.state, model_.risk);
    for (std::size_t c = 0; c < change.size(); ++c) change[c] -= model_.risk[c];
    return change;
  }

  double fit_of(const Change& change, std::size_t candidate) const {
    double fit = -change.context[candidate];
    for (const auto& [factor, weight] : change.factors)
      fit -= model_.parameters.lambda * weight * single_log_ratio(*factor, static_cast<std::uint32_t>(candidate));
    return fit;
  }

  const Hypotheses& hypotheses_;
  const CaseModel& model_;
  const std::vector<std::size_t>& asked_;
  std::vector<double> full_;
  Nodes nodes_;  // under the known conditions of the case, for whatever is left out
};

const char* name_of_sex(Sex sex) { return sex == Sex::female ? "female" : "male"; }

/// Everything that is not a list of observations.
class Circumstances {
 public:
  Circumstances(const Hypotheses& hypotheses, Omitter& omitter, std::vector<LeaveOneOut>& items)
      : model_(hypotheses.model()), omitter_(omitter), items_(items) {}

  void add_all() {
    const CaseFindings& findings = model_.findings;
    add_prior(age_evidence(findings.age_years), {false, true, true}, kAgeLeast);
    if (findings.sex == Sex::female || findings.sex == Sex::male)
      add_prior(plain_evidence(name_of_sex(findings.sex), "sex", CaseField::sex), {true, false, true}, kAgeLeast);
    if (findings.pregnant.value_or(false))
      add_prior(plain_evidence("pregnant", "pregnancy", CaseField::pregnant), {true, true, false}, kEvidenceLeast);
    Change change;
    change.drop_severity = true;
    if (findings.severity != Severity::moderate) {
      const char* text = findings.severity == Severity::severe ? "severe" : "mild";
      items_.push_back(omitter_.without(plain_evidence(text, "severity", CaseField::severity), change));
    }
    change = {};
    change.drop_duration = true;
    if (findings.duration_days) items_.push_back(omitter_.without(duration_evidence(*findings.duration_days), change));
    change = {};
    change.drop_onset = true;
    const char* onset = findings.onset == Onset::sudden ? "sudden onset" : "gradual onset";
    if (findings.onset) items_.push_back(omitter_.without(plain_evidence(onset, "onset", CaseField::onset), change));
  }

 private:
  void add_prior(Evidence evidence, const PriorUses& uses, double least) {
    Change change;
    change.context = log_priors(model_.tables, model_.findings, model_.candidates, model_.parameters, uses);
    for (std::size_t c = 0; c < change.context.size(); ++c) change.context[c] -= model_.prior[c];
    items_.push_back(omitter_.without(std::move(evidence), change, least));
  }

  const CaseModel& model_;
  Omitter& omitter_;
  std::vector<LeaveOneOut>& items_;
};

/// A silent hallmark multiplies every hypothesis that holds the candidate and no other, so its weight is exact as it is.
void add_silence(const CaseModel& model, std::size_t candidate, std::vector<Evidence>& list) {
  const std::vector<Hallmark> silent =
      silent_hallmarks(model.tables, model.unsaid, model.candidates.conditions[candidate]);
  double sum = 0;
  for (const Hallmark& one : silent) sum += log_silence(one, model.unsaid, model.parameters.silence);
  for (const Hallmark& one : silent) {
    Evidence evidence = silence_evidence(model.tables.knowledge, one.finding);
    const double own = log_silence(one, model.unsaid, model.parameters.silence);
    evidence.weight = log_silence_together(sum) - log_silence_together(sum - own);
    if (evidence.weight <= -kEvidenceLeast) list.push_back(std::move(evidence));
  }
}

void sort_evidence(std::vector<Evidence>& list) {
  std::sort(list.begin(), list.end(), [](const Evidence& a, const Evidence& b) {
    return std::abs(a.weight) != std::abs(b.weight) ? std::abs(a.weight) > std::abs(b.weight) : a.text < b.text;
  });
}

}  // namespace

std::vector<LeaveOneOut> leave_one_out(const Hypotheses& hypotheses, const std::vector<std::size_t>& candidates) {
  const CaseModel& model = hypotheses.model();
  const KnowledgeBase& knowledge = model.tables.knowledge;
  Omitter omitter(hypotheses, candidates);
  std::vector<LeaveOneOut> items;
  LeftOut left_out;
  for (const ObservedFinding& one : model.findings.findings) {
    if (model.state.by_measurement[one.finding]) continue;
    left_out.finding = one.finding;
    items.push_back(omitter.without(finding_evidence(knowledge, one), left_out));
  }
  left_out = {};
  for (const Measured& one : model.state.measured) {
    const auto observed = std::find_if(model.findings.quantities.begin(), model.findings.quantities.end(),
                                       [&](const ObservedQuantity& each) { return each.quantity == one.quantity; });
    left_out.cluster = one.cluster;
    items.push_back(omitter.without(quantity_evidence(knowledge, *observed), left_out));
  }
  left_out = {};
  for (const ConditionIndex condition : model.state.stated) {
    const auto stated = std::find_if(model.findings.known.begin(), model.findings.known.end(),
                                     [&](const StatedCondition& each) { return each.condition == condition; });
    left_out.condition = condition;
    items.push_back(omitter.without(history_evidence(knowledge, *stated), left_out));
  }
  Circumstances(hypotheses, omitter, items).add_all();
  return items;
}

std::vector<std::vector<Evidence>> evidence_for(const Hypotheses& hypotheses, const std::vector<std::size_t>& candidates) {
  std::vector<std::vector<Evidence>> lists(candidates.size());
  for (const LeaveOneOut& item : leave_one_out(hypotheses, candidates)) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const bool explained = item.fit[i] > kFits;
      if (!explained && !(std::abs(item.weight[i]) >= item.least)) continue;
      lists[i].push_back(item.evidence);
      lists[i].back().weight = explained ? std::max(item.weight[i], kExplainedLeast) : item.weight[i];
    }
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    add_silence(hypotheses.model(), candidates[i], lists[i]);
    sort_evidence(lists[i]);
  }
  return lists;
}

}  // namespace osler::reasoning
