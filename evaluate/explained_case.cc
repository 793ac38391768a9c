#include "evaluate/explained_case.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "evaluate/case_runner.h"
#include "reasoning/attribution_units.h"

namespace osler::evaluate {

using namespace clinical;
using reasoning::Coalition;

namespace {

/// The place that an entry of an explanation names.
TextSpan place_of(const Json& entry) {
  TextSpan place;
  for (int field = 0; field <= static_cast<int>(CaseField::pregnant); ++field)
    if (name_of(static_cast<CaseField>(field)) == entry["field"].get_ref<const std::string&>()) place.field = static_cast<CaseField>(field);
  place.item = entry["item"].get<std::size_t>();
  place.begin = entry["begin"].get<std::size_t>();
  place.end = entry["end"].get<std::size_t>();
  return place;
}

TestedExplanation test_order(const std::vector<double>& values, unsigned seed, const PartConfidence& confidence) {
  const std::vector<std::size_t> order = by_support(values);
  std::mt19937 random(seed);
  return {values.size(), removed_in(order, confidence), added_in(order, confidence), removed_at_random(values.size(), kRandomOrders, random, confidence)};
}

}  // namespace

struct ExplanationTester::Patient {
  PatientCase request;
  language::CaseReading reading;
  ConditionIndex condition = kNone;  // the first suspected
};

ExplanationTester::ExplanationTester(const KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
                                     const service::EncoderStage* encoder, const Clock& clock, std::optional<Setting> default_setting)
    : knowledge_(knowledge), reader_(reader), network_(network), encoder_(encoder), clock_(clock), default_setting_(default_setting) {}

Result<ExplainedCase> ExplanationTester::run(const Vignette& vignette, unsigned seed) const {
  Patient patient{TRY(patient_of(vignette, default_setting_)), {}, kNone};
  patient.reading = reader_.read(patient.request);
  std::optional<reasoning::EncoderOpinion> opinion;
  if (encoder_ != nullptr) opinion = encoder_->read(encoder_->prepare(patient.request, patient.reading.findings));
  const Differential differential = network_.diagnose(patient.reading.findings, 0, 2.0, opinion ? &*opinion : nullptr);
  if (differential.suspected.empty()) return make_error(ErrorCode::invalid, "Vignette " + vignette.id + " leaves nothing to suspect.");
  patient.condition = differential.suspected.front().condition;
  return ExplainedCase{test_units(patient, seed), test_words(patient, seed)};
}

double ExplanationTester::confidence(const CaseFindings& findings, const std::optional<reasoning::EncoderOpinion>& opinion, ConditionIndex condition) const {
  const double network = network_.posterior(findings).log_odds[condition];
  if (std::isinf(network)) return 0;  // a hard limit excludes it
  if (!opinion) return reasoning::confidence_of(network, network_.parameters());
  return reasoning::combined_confidence(*opinion, condition, network, reasoning::calibrated_log_odds(network, network_.parameters()),
                                        reasoning::findings_given(findings));
}

Json ExplanationTester::explanation(const Patient& patient, service::ExplanationMethod method) const {
  return service::explain({knowledge_, reader_, network_, encoder_, patient.request, patient.reading, clock_}, patient.condition, method);
}

TestedExplanation ExplanationTester::test_units(const Patient& patient, unsigned seed) const {
  const CaseFindings& findings = patient.reading.findings;
  const std::vector<language::CaseTextUnit> units = language::case_text_units(knowledge_, patient.request, findings.quantities);
  std::vector<double> values(units.size(), 0);  // an explanation leaves out what changes nothing
  const Json explained = explanation(patient, service::ExplanationMethod::shap);
  for (const Json& entry : explained["units"]) {
    const auto unit = std::find_if(units.begin(), units.end(), [place = place_of(entry)](const auto& one) { return one.span == place; });
    CHECK(unit != units.end());
    values[static_cast<std::size_t>(unit - units.begin())] = entry["value"].get<double>();
  }
  std::vector<reasoning::Unit> places;
  for (const language::CaseTextUnit& unit : units) places.push_back({unit.span});
  const std::vector<reasoning::Piece> pieces = reasoning::pieces_of(findings, places);
  std::optional<service::EncoderCase> for_encoder;
  if (encoder_ != nullptr) for_encoder = encoder_->prepare(patient.request, findings);
  return test_order(values, seed, [&](const Coalition& present) {
    std::optional<reasoning::EncoderOpinion> opinion;
    if (for_encoder) opinion = encoder_->read_parts(*for_encoder, {&present, 1}).front();
    return confidence(reasoning::said_by(findings, pieces, present), opinion, patient.condition);
  });
}

TestedExplanation ExplanationTester::test_words(const Patient& patient, unsigned seed) const {
  std::vector<TextSpan> words;
  std::vector<double> values;
  const Json explained = explanation(patient, service::ExplanationMethod::lime);
  for (const Json& entry : explained["words"]) {
    words.push_back(place_of(entry));
    values.push_back(entry["value"].get<double>());
  }
  return test_order(values, seed, [&](const Coalition& present) {
    std::vector<TextSpan> hidden;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (!present[i]) hidden.push_back(words[i]);
    const PatientCase shorter = service::without_texts(patient.request, hidden);
    const CaseFindings findings = reader_.read(shorter).findings;
    std::optional<reasoning::EncoderOpinion> opinion;
    if (encoder_ != nullptr) opinion = encoder_->read(encoder_->prepare(shorter, findings));
    return confidence(findings, opinion, patient.condition);
  });
}

}  // namespace osler::evaluate
