#include <cctype>

#include "base/numbers.h"
#include "clinical/loinc.h"
#include "clinical/raw_knowledge.h"

namespace osler::clinical {

namespace {

/// ICD-10: a letter, two digits (the third may be a letter in ICD-10-CM), optionally a dot and 1 to 2 characters.
bool is_icd10_shape(const std::string& code) {
  if (code.size() < 3 || code[0] < 'A' || code[0] > 'Z' || !std::isdigit(static_cast<unsigned char>(code[1])) ||
      !std::isalnum(static_cast<unsigned char>(code[2])))
    return false;
  if (code.size() == 3) return true;
  return code[3] == '.' && (code.size() == 5 || code.size() == 6);
}

void read_age(const YamlMap& map, Condition& condition) {
  map.each("age", [&](const std::string& key, const YamlNode& node) {
    const std::optional<double> age = number_in_text(key);
    const std::optional<double> weight = number_of(node);
    if (!age || *age < 0 || *age > 120) map.faults().add(node, "age '" + key + "' must be years in [0, 120]");
    else if (!weight || *weight < 0.0001 || *weight > 1000) map.faults().add(node, "an age weight must lie in [0.0001, 1000]");
    else condition.age.emplace_back(*age, *weight);
  });
  std::sort(condition.age.begin(), condition.age.end());
}

}  // namespace

void read_limits(const YamlMap& map, Limits& limits) {
  if (!map.has("limits")) return;
  const YamlMap body(map.get("limits"), map.faults(), "limits");
  body.allow_only({"age_min", "age_max", "sex", "pregnant"});
  limits.age_min = body.number_in("age_min", 0, 150, 0, false);
  limits.age_max = body.number_in("age_max", 0, 1000, 1000, false);
  if (body.has("sex")) limits.sex = body.choice("sex", {"female", "male"}, true) == 0 ? Sex::female : Sex::male;
  if (body.has("pregnant")) limits.pregnant = body.boolean("pregnant", true);
}

namespace {

void read_who(const YamlMap& map, Condition& condition) {
  const YamlMap frequency(map.get("frequency"), map.faults(), "frequency");
  frequency.allow_only({"primary_care", "emergency"});
  condition.frequency_primary_care = frequency.number_in("primary_care", 0.0001, 2000, 1, true);
  condition.frequency_emergency = frequency.number_in("emergency", 0.0001, 2000, 1, true);
  read_age(map, condition);
  if (map.has("sex")) {
    const YamlMap sex(map.get("sex"), map.faults(), "sex");
    sex.allow_only({"female", "male"});
    condition.female = sex.number_in("female", 0.0001, 100, 1, true);
    condition.male = sex.number_in("male", 0.0001, 100, 1, true);
  }
  condition.pregnancy = map.number_in("pregnancy", 0.0001, 100, 1, false);
  read_limits(map, condition.limits);
}

void read_when(const YamlMap& map, Condition& condition) {
  condition.sudden = map.number_in("sudden", 0, 1, 0.5, true);
  const YamlMap duration(map.get("duration_days"), map.faults(), "duration_days");
  duration.allow_only({"median", "spread"});
  condition.duration_median_days = duration.number_in("median", 0.0005, 20000, 7, true);
  condition.duration_spread = duration.number_in("spread", 0.7, 4, 1.2, true);
}

void read_links(const YamlMap& map, RawCondition& condition) {
  map.each("findings", [&](const std::string& id, const YamlNode& node) {
    RawLink link;
    link.finding = id;
    link.place = {map.faults().path(), node.line};
    if (node.is_map()) {
      const YamlMap body(node, map.faults(), "finding '" + id + "'");
      body.allow_only({"p", "baseline", "marked"});
      link.value.probability = body.number_in("p", 0.002, 0.98, 0.5, true);
      if (body.has("baseline")) link.value.baseline = body.number_in("baseline", 0.0001, 0.98, 0.01, true);
      if (body.has("marked")) link.value.marked = body.number_in("marked", 0.002, 0.98, 0.25, true);
    } else if (const std::optional<double> p = number_of(node); p && *p >= 0.002 && *p <= 0.98) {
      link.value.probability = *p;
    } else {
      map.faults().add(node, "the probability of '" + id + "' must lie in [0.002, 0.98]");
    }
    condition.findings.push_back(std::move(link));
  });
}

void read_risks(const YamlMap& map, RawCondition& condition) {
  map.each("risk_factors", [&](const std::string& id, const YamlNode& node) {
    RawRisk risk;
    risk.id = id;
    risk.place = {map.faults().path(), node.line};
    std::optional<double> ratio = number_of(node);
    if (node.is_map()) {
      const YamlMap body(node, map.faults(), "risk factor '" + id + "'");
      body.allow_only({"ratio", "group"});
      ratio = body.number("ratio");
      risk.value.group = body.text("group", false);
    }
    if (!ratio || *ratio < 0.02 || *ratio > 30) map.faults().add(node, "the ratio of '" + id + "' must lie in [0.02, 30]");
    else risk.value.ratio = *ratio;
    condition.risk_factors.push_back(std::move(risk));
  });
}

void read_neighbours(const YamlMap& map, RawCondition& condition) {
  for (const std::string& id : map.texts("alternatives"))
    condition.alternatives.push_back({id, {map.faults().path(), map.get("alternatives").line}});
  map.each("complications", [&](const std::string& id, const YamlNode& node) {
    const std::optional<double> factor = number_of(node);
    if (!factor || *factor < 1 || *factor > 30) map.faults().add(node, "a complication's factor must lie in [1, 30]");
    else condition.complications.push_back({id, {*factor, {map.faults().path(), node.line}}});
  });
}

void read_tests(const YamlMap& map, Condition& condition) {
  const YamlNode& list = map.get("tests");
  if (!list.is_defined() || !list.is_sequence()) return map.fault("'tests' must be a list");
  for (const YamlNode& node : list.values) {
    if (node.is_scalar()) {
      condition.tests.push_back({node.scalar, "", ""});
      continue;
    }
    const YamlMap body(node, map.faults(), "test");
    body.allow_only({"name", "loinc", "when"});
    RecommendedTest test{body.text("name", true), body.text("loinc", false), body.text("when", false)};
    const Result<LoincCode> loinc = LoincCode::parse(test.loinc);
    if (!test.loinc.empty() && (!loinc || !loinc->check_digit_is_right()))
      map.faults().add(node, "'" + test.loinc + "' is not a valid LOINC code");
    condition.tests.push_back(std::move(test));
  }
}

}  // namespace

void read_condition(const YamlNode& document, FaultList& faults, RawKnowledge& raw) {
  const YamlMap map(document, faults, "condition");
  map.allow_only({"id", "name", "synonyms", "code", "other_codes", "course", "urgency", "must_not_miss", "frequency", "age", "sex",
                  "pregnancy", "limits", "sudden", "duration_days", "findings", "risk_factors", "alternatives",
                  "complications", "ruled_out_by", "tests", "advice", "sources"});
  RawCondition condition;
  condition.place = {faults.path(), 1};
  Condition& value = condition.value;
  value.id = map.text("id", true);
  if (!is_identifier(value.id)) map.fault("an id is lower-case letters, digits and underscores");
  value.name = map.text("name", true);
  value.synonyms = map.texts("synonyms");
  value.code = map.text("code", true);
  if (!is_icd10_shape(value.code)) faults.add(map.get("code"), "'" + value.code + "' does not have the shape of an ICD-10 code");
  value.other_codes = map.texts("other_codes");
  for (const std::string& code : value.other_codes)
    if (!is_icd10_shape(code)) faults.add(map.get("other_codes"), "'" + code + "' does not have the shape of an ICD-10 code");
  constexpr Course kCourses[] = {Course::acute, Course::episodic, Course::chronic};
  value.course = kCourses[map.choice("course", {"acute", "episodic", "chronic"}, true)];
  constexpr Urgency kUrgencies[] = {Urgency::emergency, Urgency::urgent, Urgency::routine, Urgency::self_care};
  value.urgency = kUrgencies[map.choice("urgency", {"emergency", "urgent", "routine", "self_care"}, true)];
  value.must_not_miss = map.boolean("must_not_miss", false);
  read_who(map, value);
  read_when(map, value);
  read_links(map, condition);
  read_risks(map, condition);
  read_neighbours(map, condition);
  read_tests(map, value);
  value.ruled_out_by = map.texts("ruled_out_by");
  value.advice = map.texts("advice");
  value.sources = map.texts("sources");
  if (value.sources.empty()) map.fault("names no 'sources'");
  raw.conditions.push_back(std::move(condition));
}

}  // namespace osler::clinical
