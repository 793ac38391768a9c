#include "reasoning/network.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reasoning/evidence.h"
#include "reasoning/next_steps.h"
#include "reasoning/urgency.h"

namespace osler::reasoning {

using namespace clinical;

class Network::Fixed {
 public:
  explicit Fixed(const KnowledgeBase& knowledge) : tables(knowledge), red_flags(knowledge) {}
  Tables tables;
  RedFlags red_flags;
};

namespace {

double sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

/// Suspected conditions of one case, most likely first, without evidence. What the patient is known to have all the time
/// is not suspected again.
class Ranking {
 public:
  Ranking(const Hypotheses& hypotheses, const NetworkParameters& parameters, const EncoderOpinion* encoder, std::size_t findings)
      : hypotheses_(hypotheses), model_(hypotheses.model()) {
    const Sums sums = hypotheses.sums(hypotheses.weights());
    std::vector<std::pair<double, ConditionIndex>> order;  // without what makes a RankedCondition slow to move
    for (std::size_t c = 0; c < model_.candidates.size(); ++c) {
      const ConditionIndex condition = model_.candidates.conditions[c];
      if (std::binary_search(model_.state.known.begin(), model_.state.known.end(), condition)) continue;
      double log_odds = hypotheses.log_odds(hypotheses.weights(), sums, c);
      if (encoder != nullptr)
        log_odds = combined_log_odds(*encoder, condition, log_odds, calibrated_log_odds(log_odds, parameters), findings);
      order.emplace_back(log_odds, condition);
    }
    std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
      if (a.first != b.first) return a.first > b.first;
      return model_.tables.knowledge.conditions[a.second].id < model_.tables.knowledge.conditions[b.second].id;
    });
    list.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      list[i].condition = order[i].second;
      list[i].log_odds = order[i].first;
      list[i].confidence = encoder == nullptr ? confidence_of(order[i].first, parameters)
                                              : confidence_at(*encoder, order[i].first, findings);
    }
  }

  void explain(std::size_t explained, double threshold) {
    std::size_t count = std::min(explained, list.size());
    while (count < list.size() && list[count].confidence >= threshold) ++count;
    if (count == 0) return;
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < count; ++i) asked.push_back(model_.candidates.position[list[i].condition]);
    std::vector<std::vector<Evidence>> evidence = evidence_for(hypotheses_, asked);
    for (std::size_t i = 0; i < count; ++i) list[i].evidence = std::move(evidence[i]);
  }

  std::vector<RankedCondition> list;

 private:
  const Hypotheses& hypotheses_;
  const CaseModel& model_;
};

bool is_risk_factor_of(const Condition& condition, FindingIndex finding) {
  return std::any_of(condition.risk_factors.begin(), condition.risk_factors.end(),
                     [&](const RiskFactor& risk) { return risk.finding == finding; });
}

/// Present findings that the candidate leaves to leak: neither it nor a known condition makes them likelier. An attribute
/// of a finding that it explains is explained with it.
std::vector<FindingIndex> left_to_leak(const CaseModel& model, std::uint32_t candidate) {
  std::vector<FindingIndex> left;
  for (const Factor& factor : model.factors) {
    const bool abnormal = factor.spec.kind == FactorSpec::Kind::measured && factor.spec.grade != Grade::normal;
    if (factor.spec.kind != FactorSpec::Kind::present && !abnormal) continue;
    const Quantity* quantity = factor.spec.quantity == kNone ? nullptr : &model.tables.knowledge.quantities[factor.spec.quantity];
    const FindingIndex finding =
        quantity == nullptr ? factor.spec.finding : (factor.spec.grade > Grade::normal ? quantity->high : quantity->low);
    const Finding& observed = model.tables.knowledge.findings[finding];
    const bool explained = factor.node->u_of(candidate) > 0 || factor.node->base > factor.node->leak;
    if (!explained && !is_exposure(observed) && !is_risk_factor_of(model.condition(candidate), finding)) left.push_back(finding);
  }
  return left;
}

std::vector<ConditionIndex> dangerous(const KnowledgeBase& knowledge, const std::vector<RankedCondition>& ranked) {
  std::vector<ConditionIndex> list;
  for (const RankedCondition& one : ranked)
    if (knowledge.conditions[one.condition].must_not_miss && one.confidence >= kMustNotMissLeast) list.push_back(one.condition);
  return list;
}

}  // namespace

Network::Network(const KnowledgeBase& knowledge, NetworkParameters parameters)
    : knowledge_(knowledge), parameters_(parameters), fixed_(std::make_unique<const Fixed>(knowledge)) {}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

Posterior Network::posterior(const CaseFindings& findings) const {
  const CaseModel model(fixed_->tables, parameters_, findings);
  const Hypotheses hypotheses(model);
  const Sums sums = hypotheses.sums(hypotheses.weights());
  Posterior posterior;
  posterior.log_odds.assign(knowledge_.conditions.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t c = 0; c < model.candidates.size(); ++c)
    posterior.log_odds[model.candidates.conditions[c]] = hypotheses.log_odds(hypotheses.weights(), sums, c);
  posterior.nothing_log_odds = hypotheses.nothing_log_odds(hypotheses.weights());
  const std::array<double, 4> shares = hypotheses.urgency_shares();
  posterior.emergency = shares[0];
  posterior.urgent_or_worse = shares[0] + shares[1];
  return posterior;
}

Differential Network::diagnose(const CaseFindings& findings, std::size_t explained, double threshold, const EncoderOpinion* encoder) const {
  const CaseModel model(fixed_->tables, parameters_, findings);
  const Hypotheses hypotheses(model);
  Ranking ranking(hypotheses, parameters_, encoder, findings_given(findings));
  ranking.explain(explained, threshold);
  Differential differential;
  differential.must_not_miss = dangerous(knowledge_, ranking.list);
  differential.urgency = assess_urgency(hypotheses.urgency_shares(), fixed_->red_flags.alarms(findings, model.state),
                                        findings.severity, parameters_);
  const double nothing = std::clamp(hypotheses.nothing_log_odds(hypotheses.weights()), -kNothingClip, kNothingClip);
  differential.unexplained.probability = sigmoid(parameters_.nothing_slope * nothing + parameters_.nothing_offset);
  if (!ranking.list.empty())
    differential.unexplained.findings = left_to_leak(model, model.candidates.position[ranking.list.front().condition]);
  differential.suspected = std::move(ranking.list);
  return differential;
}

std::vector<NextStep> Network::next_steps(const CaseFindings& findings, std::size_t count) const {
  const CaseModel model(fixed_->tables, parameters_, findings);
  return next_steps_of(Hypotheses(model), count);
}

double Network::nothing_without(const CaseFindings& findings, const std::vector<ConditionIndex>& left_out) const {
  const CaseModel model(fixed_->tables, parameters_, findings);
  std::vector<std::uint8_t> gone(model.candidates.size(), 0);
  for (const ConditionIndex condition : left_out)
    if (const std::uint32_t candidate = model.candidates.position[condition]; candidate != kNone) gone[candidate] = 1;
  return Hypotheses(model).nothing_without(gone);
}

const NetworkParameters& Network::parameters() const { return parameters_; }

const Tables& Network::tables() const { return fixed_->tables; }

const std::vector<std::string>& Network::unknown_red_flags() const { return fixed_->red_flags.unknown_ids(); }

std::size_t findings_given(const CaseFindings& findings) {
  const auto present = std::count_if(findings.findings.begin(), findings.findings.end(), [](const auto& one) { return one.polarity == Polarity::present; });
  const auto abnormal = std::count_if(findings.quantities.begin(), findings.quantities.end(), [](const auto& one) { return one.grade != Grade::normal; });
  return static_cast<std::size_t>(present + abnormal);
}

double calibrated_log_odds(double log_odds, const NetworkParameters& parameters) {
  return std::clamp(log_odds, -kLogitClip, kLogitClip) / parameters.temperature + parameters.offset;
}

double confidence_of(double log_odds, const NetworkParameters& parameters) { return sigmoid(calibrated_log_odds(log_odds, parameters)); }

}  // namespace osler::reasoning
