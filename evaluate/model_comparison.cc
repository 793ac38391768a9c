#include "evaluate/model_comparison.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "evaluate/case_runner.h"
#include "reasoning/constants.h"

namespace osler::evaluate {

using namespace clinical;

namespace {

/// Log-odds of each condition that somebody may suspect, as one speaker has it.
using Opinion = std::vector<std::pair<ConditionIndex, double>>;

/// The network's opinion on what it was given, uncalibrated, and others on the same conditions.
class Hearing {
 public:
  Hearing(const reasoning::Network& network, const CaseFindings& findings) : network_(network), findings_(reasoning::findings_given(findings)) {
    for (const RankedCondition& one : network.diagnose(findings, 0, 2.0).suspected) alone_.emplace_back(one.condition, one.log_odds);
  }
  const Opinion& network() const { return alone_; }
  Opinion with(reasoning::EncoderOpinion encoder, bool encoder_alone) const {
    encoder.alone = encoder_alone;
    Opinion opinion;
    for (const auto& [condition, log_odds] : alone_) {
      const double calibrated = reasoning::calibrated_log_odds(log_odds, network_.parameters());
      opinion.emplace_back(condition, reasoning::combined_log_odds(encoder, condition, log_odds, calibrated, findings_));
    }
    return opinion;
  }

 private:
  const reasoning::Network& network_;
  std::size_t findings_;
  Opinion alone_;
};

/// Of the best of the conditions that count as a hit, from 1; 0 where none of them is suspected. Equal ones stand in the order of their ids, as in
/// an answer.
std::size_t rank_of(const KnowledgeBase& knowledge, const Opinion& opinion, const std::set<ConditionIndex>& hits) {
  const auto stands_before = [&](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : knowledge.conditions[a.first].id < knowledge.conditions[b.first].id;
  };
  const std::pair<ConditionIndex, double>* best = nullptr;
  for (const auto& one : opinion)
    if (hits.contains(one.first) && (best == nullptr || stands_before(one, *best))) best = &one;
  if (best == nullptr) return 0;
  return 1 + static_cast<std::size_t>(std::count_if(opinion.begin(), opinion.end(), [&](const auto& one) { return stands_before(one, *best); }));
}

double confidence_of(const Opinion& opinion, std::size_t place) {
  return 1 / (1 + std::exp(-std::clamp(opinion[place].second, -reasoning::kLogitClip, reasoning::kLogitClip)));
}

/// Both opinions are on the same conditions in the same order.
ConfidenceChange change_between(const Opinion& reference, const Opinion& other) {
  constexpr std::size_t kShown = 10;
  std::vector<std::size_t> order(reference.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return reference[a].second > reference[b].second; });
  order.resize(std::min(kShown, order.size()));
  ConfidenceChange change;
  for (const std::size_t place : order) {
    const double one = std::abs(confidence_of(reference, place) - confidence_of(other, place));
    if (place == order.front()) change.first = one;
    change.ten += one / static_cast<double>(order.size());
    change.largest = std::max(change.largest, one);
  }
  return change;
}

}  // namespace

CaseFindings withheld(CaseFindings findings) {
  findings.findings.clear();
  findings.quantities.clear();
  findings.known.clear();
  return findings;
}

ModelComparer::ModelComparer(const KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
                             std::vector<const service::EncoderStage*> stages, std::size_t served, std::optional<Setting> default_setting)
    : knowledge_(knowledge), reader_(reader), network_(network), stages_(std::move(stages)), served_(served), default_setting_(default_setting) {}

Result<ComparedCase> ModelComparer::run(const Vignette& vignette) const {
  const PatientCase patient = TRY(patient_of(vignette, default_setting_));
  const CaseFindings findings = reader_.read(patient).findings;
  std::set<ConditionIndex> hits = matching_conditions(knowledge_, vignette.diagnosis);
  hits.merge(acceptable_conditions(knowledge_, vignette));
  std::vector<reasoning::EncoderOpinion> heard;
  for (const service::EncoderStage* stage : stages_) heard.push_back(stage->read(stage->prepare(patient, findings)));
  const auto rank = [&](const Opinion& opinion) { return rank_of(knowledge_, opinion, hits); };
  const auto ranks_of = [&](const Hearing& hearing) {
    return RanksOfCase{rank(hearing.network()), rank(hearing.with(heard[served_], true)), rank(hearing.with(heard[served_], false))};
  };
  const Hearing hearing(network_, findings);
  ComparedCase compared;
  compared.nothing_found = reasoning::findings_given(findings) == 0;
  compared.ranks = ranks_of(hearing);
  compared.withheld = ranks_of(Hearing(network_, withheld(findings)));
  const Opinion alone = hearing.with(heard.front(), true), both = hearing.with(heard.front(), false);
  for (const reasoning::EncoderOpinion& opinion : heard) {
    const Opinion its_own = hearing.with(opinion, true), beside = hearing.with(opinion, false);
    compared.precisions.push_back({rank(its_own), rank(beside), change_between(alone, its_own), change_between(both, beside)});
  }
  return compared;
}

}  // namespace osler::evaluate
