#include "evaluate/case_runner.h"

#include <algorithm>
#include <map>

#include "service/case_json.h"

namespace osler::evaluate {

using namespace clinical;

namespace {

constexpr double kWorthCounting = 0.02;   // confidence from which a pair counts for calibration
constexpr std::size_t kExplainedMost = 60;
constexpr std::size_t kReasonsMost = 5;
constexpr int kRelevanceOfRight = 3, kRelevanceOfListed = 1;

/// Relevance of each of the first ten against the diagnosis and the listed differential; a listed entry counts once.
double gain_of(const KnowledgeBase& knowledge, const Vignette& vignette, const std::set<ConditionIndex>& right,
               const Differential& differential) {
  std::vector<std::set<ConditionIndex>> listed;
  for (const NamedDiagnosis& one : vignette.differential) listed.push_back(matching_conditions(knowledge, one));
  std::vector<int> relevance, ideal(listed.size(), kRelevanceOfListed);
  ideal.push_back(kRelevanceOfRight);
  bool right_counted = false;
  for (std::size_t i = 0; i < std::min<std::size_t>(10, differential.suspected.size()); ++i) {
    const ConditionIndex condition = differential.suspected[i].condition;
    int one = 0;
    if (right.contains(condition) && !right_counted) {
      one = kRelevanceOfRight;
      right_counted = true;
    } else if (const auto entry = std::find_if(listed.begin(), listed.end(), [&](const auto& set) { return set.contains(condition); });
               entry != listed.end()) {
      one = kRelevanceOfListed;
      listed.erase(entry);
    }
    relevance.push_back(one);
  }
  return ndcg_at_ten(relevance, std::move(ideal));
}

double milliseconds(SteadyTime::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

bool speaks_of_the_patient(const Evidence& evidence) {
  return evidence.source == "finding" || evidence.source == "measurement" || evidence.source == "history";
}

}  // namespace

const char* name_of(Failure failure) {
  switch (failure) {
    case Failure::none: return "none";
    case Failure::not_known: return "not known";
    case Failure::excluded: return "excluded";
    case Failure::not_understood: return "not understood";
    case Failure::outranked: return "outranked";
  }
  return "";
}

Result<PatientCase> patient_of(const Vignette& vignette, std::optional<Setting> default_setting) {
  Result<service::ParsedCase> parsed = service::parse_case(vignette.request);
  if (!parsed) return make_error(ErrorCode::invalid, "Vignette " + vignette.id + " breaks the contract.", describe(parsed.error()));
  if (!parsed->patient.setting) parsed->patient.setting = default_setting;
  return std::move(parsed->patient);
}

CaseRunner::CaseRunner(const KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
                       const service::EncoderStage* encoder, std::optional<Setting> default_setting)
    : knowledge_(knowledge), reader_(reader), network_(network), encoder_(encoder), default_setting_(default_setting) {}

Result<CaseOutcome> CaseRunner::run(const Vignette& vignette) const {
  const PatientCase patient = TRY(patient_of(vignette, default_setting_));
  const SteadyTime start = clock_.steady_now();
  const language::CaseReading reading = reader_.read(patient);
  const SteadyTime read = clock_.steady_now();
  std::optional<reasoning::EncoderOpinion> opinion;
  if (encoder_ != nullptr) opinion = encoder_->read(encoder_->prepare(patient, reading.findings));
  const reasoning::EncoderOpinion* second = opinion ? &*opinion : nullptr;
  const Differential differential = network_.diagnose(reading.findings, 0, 2.0, second);
  const SteadyTime reasoned = clock_.steady_now();
  const auto right = matching_conditions(knowledge_, vignette.diagnosis);
  const auto acceptable = acceptable_conditions(knowledge_, vignette);

  CaseOutcome outcome;
  outcome.reading_ms = milliseconds(read - start);
  outcome.reasoning_ms = milliseconds(reasoned - read);
  outcome.nothing_found = reasoning::findings_given(reading.findings) == 0;
  ScoredCase& scored = outcome.scored;
  scored.id = vignette.id;
  scored.specialty = vignette.specialty;
  scored.age_years = vignette.age_years;
  scored.covered = !right.empty();
  std::size_t rank_of_right = 0;
  for (std::size_t i = 0; i < differential.suspected.size(); ++i) {
    const RankedCondition& ranked = differential.suspected[i];
    const bool hit = right.contains(ranked.condition);
    if (hit && rank_of_right == 0) rank_of_right = i + 1;
    if ((hit || acceptable.contains(ranked.condition)) && scored.rank == 0) scored.rank = i + 1;
    if (ranked.confidence >= kWorthCounting && (hit || !acceptable.contains(ranked.condition)))
      scored.pairs.emplace_back(ranked.confidence, hit);
  }
  if (!differential.suspected.empty()) {
    scored.first_confidence = differential.suspected.front().confidence;
    scored.first_is_right = scored.rank == 1;
    outcome.first = knowledge_.conditions[differential.suspected.front().condition].name;
  }
  scored.gain = gain_of(knowledge_, vignette, right, differential);
  scored.urgency_expected = vignette.urgency;
  scored.urgency_given = clinical::name_of(differential.urgency.urgency);
  for (const CaseWarning& warning : reading.warnings)
    if (warning.code == "not_understood") outcome.not_understood.push_back(warning.text);

  if (scored.rank == 1) outcome.failure = Failure::none;
  else if (right.empty()) outcome.failure = Failure::not_known;
  else if (rank_of_right == 0) outcome.failure = Failure::excluded;
  else explain(reading.findings, rank_of_right, second, outcome);
  return outcome;
}

void CaseRunner::explain(const CaseFindings& findings, std::size_t right, const reasoning::EncoderOpinion* opinion,
                         CaseOutcome& outcome) const {
  outcome.failure = Failure::outranked;
  if (right > kExplainedMost) {
    outcome.failure = Failure::not_understood;  // so far down, nothing speaks for it
    return;
  }
  const Differential explained = network_.diagnose(findings, right, 2.0, opinion);
  const std::vector<Evidence>& for_first = explained.suspected.front().evidence;
  const std::vector<Evidence>& for_right = explained.suspected[right - 1].evidence;
  const bool supported = std::any_of(for_right.begin(), for_right.end(),
                                     [](const Evidence& one) { return one.weight > 0.3 && speaks_of_the_patient(one); });
  if (!supported) outcome.failure = Failure::not_understood;
  std::map<std::string, double> difference;
  for (const Evidence& one : for_first) difference[one.text] += one.weight;
  for (const Evidence& one : for_right) difference[one.text] -= one.weight;
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto& [text, weight] : difference) sorted.emplace_back(weight, text);
  std::sort(sorted.rbegin(), sorted.rend());
  for (std::size_t i = 0; i < std::min(kReasonsMost, sorted.size()) && sorted[i].first > 0.2; ++i) {
    char text[16];
    std::snprintf(text, sizeof text, " (%+.1f)", sorted[i].first);
    outcome.why.push_back(sorted[i].second + text);
  }
}

}  // namespace osler::evaluate
