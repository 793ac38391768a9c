#include "service/answer_json.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "service/findings_answer.h"

namespace osler::service {

using namespace clinical;

namespace {

constexpr std::size_t kCandidates = 10;
constexpr std::size_t kEvidenceTexts = 12;
constexpr const char* kIntendedUse =
    "Decision support for health professionals; not an autonomous diagnosis. A clinician decides.";

Json write_span(const TextSpan& span) {
  Json json = object_of(4);
  json["field"] = name_of(span.field);
  json["item"] = span.item;
  json["begin"] = span.begin;
  json["end"] = span.end;
  return json;
}

Json write_evidence(const std::vector<Evidence>& evidence) {
  Json list = Json::array();
  list.get_ref<Json::array_t&>().reserve(evidence.size());
  for (const Evidence& item : evidence) {
    Json json = object_of(5);
    json["text"] = item.text;
    json["weight"] = std::round(item.weight * 1000) / 1000;
    json["source"] = item.source;
    json["id"] = item.id;
    Json& spans = json["spans"] = Json::array();
    for (const TextSpan& span : item.spans) spans.push_back(write_span(span));
    list.push_back(std::move(json));
  }
  return list;
}

Json evidence_texts(const std::vector<Evidence>& evidence, bool supporting) {
  Json list = Json::array();
  for (const Evidence& item : evidence)
    if ((item.weight > 0) == supporting && item.weight != 0 && list.size() < kEvidenceTexts) list.push_back(item.text);
  return list;
}

void write_tests(const Condition& condition, Json& json) {
  json["recommended_tests"] = Json::array();
  json["conditional_tests"] = Json::array();
  for (const RecommendedTest& test : condition.tests) {
    if (test.when.empty()) json["recommended_tests"].push_back(test.name);
    else json["conditional_tests"].push_back({{"name", test.name}, {"when", test.when}});
  }
}

Json write_condition(const Condition& condition, const char* status, double confidence) {
  Json json = object_of(14);  // with those that its callers add
  json["condition"] = condition.name;
  json["condition_id"] = condition.id;
  json["condition_code"] = condition.code;
  json["other_codes"] = condition.other_codes;
  json["status"] = status;
  json["confidence"] = rounded_confidence(confidence);
  json["urgency"] = name_of(condition.urgency);
  json["must_not_miss"] = condition.must_not_miss;
  return json;
}

Json write_suspected(const KnowledgeBase& knowledge, const RankedCondition& ranked) {
  const Condition& condition = knowledge.conditions[ranked.condition];
  Json json = write_condition(condition, "suspected", ranked.confidence);
  json["supporting_evidence"] = evidence_texts(ranked.evidence, true);
  // Nothing the caller said speaks for it: what remains is how common it is in such a patient.
  if (json["supporting_evidence"].empty()) json["supporting_evidence"].push_back("how common it is at this age and sex");
  json["opposing_evidence"] = evidence_texts(ranked.evidence, false);
  write_tests(condition, json);
  json["ruled_out_by"] = condition.ruled_out_by;
  json["evidence"] = write_evidence(ranked.evidence);
  return json;
}

Json write_known(const KnowledgeBase& knowledge, const StatedCondition& stated) {
  const Condition& condition = knowledge.conditions[stated.condition];
  Json json = write_condition(condition, "known", 1.0);
  json["supporting_evidence"] = {"stated by the caller"};
  json["opposing_evidence"] = Json::array();
  write_tests(condition, json);
  json["ruled_out_by"] = Json::array();
  Evidence evidence{"stated by the caller", 0, "history", condition.id, {stated.span}};
  json["evidence"] = write_evidence({evidence});
  return json;
}

Json write_diagnoses(const AnswerParts& parts) {
  Json list = Json::array();
  for (const RankedCondition& ranked : parts.differential.suspected)
    if (rounded_confidence(ranked.confidence) >= parts.threshold) list.push_back(write_suspected(parts.knowledge, ranked));
  std::set<ConditionIndex> seen;
  for (const StatedCondition& stated : parts.reading.findings.known)
    if (seen.insert(stated.condition).second) list.push_back(write_known(parts.knowledge, stated));
  return list;
}

Json write_candidates(const AnswerParts& parts) {
  Json list = Json::array();
  for (const RankedCondition& ranked : parts.differential.suspected)
    if (list.size() < kCandidates) list.push_back(write_suspected(parts.knowledge, ranked));
  return list;
}

Json write_must_not_miss(const AnswerParts& parts) {
  Json list = Json::array();
  for (const ConditionIndex index : parts.differential.must_not_miss) {
    const Condition& condition = parts.knowledge.conditions[index];
    const auto ranked = std::find_if(parts.differential.suspected.begin(), parts.differential.suspected.end(),
                                     [&](const RankedCondition& entry) { return entry.condition == index; });
    Json json;
    json["condition"] = condition.name;
    json["condition_id"] = condition.id;
    json["condition_code"] = condition.code;
    json["confidence"] = rounded_confidence(ranked == parts.differential.suspected.end() ? 0 : ranked->confidence);
    json["reason"] = condition.ruled_out_by.empty() ? "dangerous if missed and not excluded by what is known"
                                                    : "dangerous if missed; ruled out by " + condition.ruled_out_by.front();
    list.push_back(std::move(json));
  }
  return list;
}

Json write_unexplained(const AnswerParts& parts) {
  Json json;
  json["probability"] = rounded_confidence(parts.differential.unexplained.probability);
  json["findings"] = Json::array();
  for (const FindingIndex finding : parts.differential.unexplained.findings)
    json["findings"].push_back(parts.knowledge.findings[finding].name);
  return json;
}

}  // namespace

double rounded_confidence(double confidence) { return std::round(std::clamp(confidence, 0.0, 1.0) * 1e4) / 1e4; }

Json write_answer(const AnswerParts& parts) {
  Json answer;
  answer["patient_id"] = parts.patient.patient_id;
  answer["request_id"] = parts.request_id;
  answer["model_version"] = parts.model_version;
  answer["processing_time_ms"] = 0.0;
  answer["urgency"] = {{"level", name_of(parts.differential.urgency.urgency)},
                       {"reasons", parts.differential.urgency.reasons}};
  answer["threshold"] = parts.threshold;
  answer["diagnoses"] = write_diagnoses(parts);
  answer["candidates"] = write_candidates(parts);
  answer["must_not_miss"] = write_must_not_miss(parts);
  answer["unexplained"] = write_unexplained(parts);
  answer["similar_cases"] = Json::array();
  answer["warnings"] = write_warnings(parts.warnings);
  answer["understood"] = write_mentions(parts.knowledge, parts.reading.mentions);
  answer["calibration"] = {{"population", parts.calibration.population},
                           {"cases", parts.calibration.cases},
                           {"date", parts.calibration.date},
                           {"note", parts.calibration.note}};
  answer["intended_use"] = kIntendedUse;
  return answer;
}

Json similar_cases_left_out() {
  return write_warnings({{std::string(kSimilarCasesLeftOut), "", "Similar cases could not be looked up in time. The rest of the answer is not affected."}}).front();
}

AnswerStatistics statistics_of(const AnswerParts& parts, const Json& answer) {
  AnswerStatistics statistics;
  for (const Json& candidate : answer["candidates"])
    statistics.candidate_confidences.push_back(candidate["confidence"].get<double>());
  for (const Json& diagnosis : answer["diagnoses"])
    if (diagnosis["status"] == "suspected") statistics.reported_condition_codes.push_back(diagnosis["condition_code"]);
  statistics.urgency = answer["urgency"]["level"];
  statistics.warnings = parts.warnings.size();
  for (const CaseWarning& warning : parts.warnings) statistics.texts_not_understood += warning.code == "not_understood";
  return statistics;
}

}  // namespace osler::service
