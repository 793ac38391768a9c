#include "train/cases/case_generator.h"

#include <array>

namespace osler::train {

using namespace clinical;

CaseGenerator::CaseGenerator(const KnowledgeBase& knowledge, std::uint64_t seed, double flattening)
    : knowledge_(knowledge), seed_(seed), sampler_(knowledge, flattening) {}

GeneratedCase CaseGenerator::make(std::uint64_t index) const {
  Random random(seed_, index);
  const ConditionIndex condition = sampler_.sample_condition(random);
  return word(condition, random);
}

GeneratedCase CaseGenerator::make_of(ConditionIndex condition, std::uint64_t index) const {
  Random random(~seed_, index);
  return word(condition, random);
}

GeneratedCase CaseGenerator::word(ConditionIndex condition, Random& random) const {
  // Voices by how often each is met: own words most.
  static constexpr std::array<double, kVoices> kShares = {0.20, 0.33, 0.65, 0.75, 0.86, 0.91, 1.0};
  constexpr double kWritesFrom = 10;  // years; for the younger a relative does
  GeneratedCase out;
  out.condition = condition;
  out.voice = static_cast<Voice>(random.weighted(kShares));
  const SampledCase sampled = sampler_.sample(condition, random);
  if ((out.voice == Voice::own_words || out.voice == Voice::telegram) && sampled.age_years < kWritesFrom) out.voice = Voice::relative;
  out.words = put_into_words(knowledge_, sampled, out.voice, random);
  return out;
}

namespace {

void write_vitals(const Vitals& vitals, Json& json) {
  const std::array<std::pair<const char*, std::optional<double>>, 8> fields = {{
      {"temperature_c", vitals.temperature_c}, {"heart_rate_bpm", vitals.heart_rate_bpm}, {"respiratory_rate_bpm", vitals.respiratory_rate_bpm},
      {"systolic_mmhg", vitals.systolic_mmhg}, {"diastolic_mmhg", vitals.diastolic_mmhg}, {"spo2_percent", vitals.spo2_percent},
      {"weight_kg", vitals.weight_kg}, {"bmi", vitals.bmi}}};
  for (const auto& [name, value] : fields)
    if (value) json["vitals"][name] = *value;
}

Json write_patient(const PatientCase& patient) {
  static constexpr std::array<const char*, 3> kSeverities = {"mild", "moderate", "severe"};
  Json json;
  json["age"] = patient.age_years;
  if (patient.sex != Sex::unknown) json["sex"] = patient.sex == Sex::female ? "female" : "male";
  json["severity"] = kSeverities[static_cast<std::size_t>(patient.severity)];
  json["symptoms"] = patient.symptoms;
  if (!patient.narrative.empty()) json["narrative"] = patient.narrative;
  if (!patient.absent_findings.empty()) json["absent_findings"] = patient.absent_findings;
  if (!patient.preexisting_conditions.empty()) json["preexisting_conditions"] = patient.preexisting_conditions;
  if (!patient.family_history.empty()) json["family_history"] = patient.family_history;
  if (patient.duration_days) json["duration_days"] = *patient.duration_days;
  if (patient.onset) json["onset"] = *patient.onset == Onset::sudden ? "sudden" : "gradual";
  if (patient.pregnancy) json["pregnant"] = {{"value", patient.pregnancy->pregnant}};
  write_vitals(patient.vitals, json);
  for (const LabResult& lab : patient.lab_results) json["lab_results"][lab.code.text()] = {{"value", lab.value}, {"unit", lab.unit.value_or("")}};
  return json;
}

}  // namespace

Json write_generated(const KnowledgeBase& knowledge, const GeneratedCase& generated) {
  Json json{{"condition", knowledge.conditions[generated.condition].id}, {"voice", name_of(generated.voice)}};
  json["request"] = write_patient(generated.words.patient);
  json["spans"] = Json::array();
  for (const LabelledSpan& label : generated.words.spans)
    json["spans"].push_back({{"field", name_of(label.span.field)}, {"item", label.span.item}, {"begin", label.span.begin}, {"end", label.span.end},
                             {"finding", knowledge.findings[label.finding].id}, {"polarity", label.polarity == Polarity::present ? "present" : "absent"}});
  return json;
}

}  // namespace osler::train
