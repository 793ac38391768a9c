// The knowledge base in memory: findings, quantities and conditions with every reference resolved to an
// index. Immutable after loading, so every thread may read it. docs/formats/knowledge.md is the schema;
// what each number means is derived in docs/reasoning.md.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clinical/patient_case.h"

namespace osler::clinical {

using FindingIndex = std::uint32_t;
using QuantityIndex = std::uint32_t;
using ConditionIndex = std::uint32_t;
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class FindingKind { symptom, sign, imaging, history, exposure, family, vital, lab };
enum class QuantityKind { vital, lab };
enum class Course { acute, episodic, chronic };
/// Most urgent first, so that the smaller is the more urgent.
enum class Urgency { emergency, urgent, routine, self_care };

std::string_view name_of(FindingKind kind);
std::string_view name_of(Urgency urgency);
std::string_view name_of(Course course);

/// Multipliers of a leak by who the patient is; 1 where not given.
struct LeakFactors {
  double female = 1, male = 1, infant = 1, child = 1, adult = 1, older = 1, pregnant = 1;
};

struct Limits {
  double age_min = 0, age_max = 1000;
  std::optional<Sex> sex;
  std::optional<bool> pregnant;
};

struct Finding {
  std::string id;
  std::string name;
  FindingKind kind = FindingKind::symptom;
  FindingIndex parent = kNone;
  double leak = 0;   // roots; for a child the loader fills leak(parent) * share
  double share = 1;  // children: P(child | parent) for unrelated reasons
  LeakFactors leak_factors;
  std::string group;                 // empty: none
  Limits limits;                     // of whom words can mean it at all: "smelly discharge" of a man is another thing
  QuantityIndex quantity = kNone;    // of vital and lab findings
  bool high = false;                 // which side of the quantity, where there is one
  std::vector<std::string> clinical_phrases;
  std::vector<std::string> lay_phrases;
  std::vector<std::string> denied_by;
  std::vector<FindingIndex> children;
};

/// `value in the quantity's unit = x * factor + offset`
struct UnitConversion {
  double factor = 1;
  double offset = 0;
};

/// First match wins. Limits are inclusive; an absent one does not bound.
struct ReferenceRange {
  std::optional<Sex> sex;
  double age_min = 0;     // years, inclusive
  double age_max = 1000;  // years, exclusive
  std::optional<bool> pregnant;
  std::optional<double> low, high;
  std::optional<double> marked_low, marked_high;
};

struct Quantity {
  std::string id;
  std::string name;
  QuantityKind kind = QuantityKind::lab;
  std::string field;                                // vitals: the API's field
  std::vector<std::string> aliases;
  std::string unit;                                 // UCUM
  std::map<std::string, UnitConversion> units;      // includes `unit` itself
  std::map<std::string, std::string> codes;         // LOINC -> its usual unit
  double plausible_low = 0, plausible_high = 0;     // in `unit`
  std::vector<ReferenceRange> ranges;
  std::string group;
  FindingIndex high = kNone, low = kNone;
};

/// What a condition says of one finding.
struct FindingLink {
  FindingIndex finding = kNone;
  double probability = 0;                 // P(finding | condition) at this visit, when looked for
  std::optional<double> baseline;         // chronic conditions: on an ordinary day
  std::optional<double> marked;           // quantities: of those, the share beyond the marked limit
  bool derived = false;                   // not authored: an ancestor of a listed child, filled in by the loader
};

struct RiskFactor {
  FindingIndex finding = kNone;      // exactly one of finding, condition, or self
  ConditionIndex condition = kNone;
  bool self = false;
  double ratio = 1;                  // likelihood ratio (odds multiplier) when present
  std::string group;
};

struct RecommendedTest {
  std::string name;
  std::string loinc;  // empty: not a laboratory test
  std::string when;   // empty: this patient needs it now; else its indication
};

/// Points (age in years, relative weight), ages ascending; log-linear in log(age + 0.25) between.
using AgeWeights = std::vector<std::pair<double, double>>;


struct Condition {
  std::string id;
  std::string name;
  std::string specialty;  // the folder
  std::vector<std::string> synonyms;
  std::string code;       // ICD-10
  std::vector<std::string> other_codes;  // under which records keep the same condition, by cause or site
  Course course = Course::acute;
  Urgency urgency = Urgency::routine;
  bool must_not_miss = false;
  double frequency_primary_care = 0, frequency_emergency = 0;  // per 10,000 visits
  AgeWeights age;                       // empty: flat
  double female = 1, male = 1, pregnancy = 1;
  Limits limits;
  double sudden = 0.5;                  // share with sudden onset
  double duration_median_days = 7, duration_spread = 1.5;
  std::vector<FindingLink> findings;    // sorted by finding index
  std::vector<RiskFactor> risk_factors;
  std::vector<ConditionIndex> alternatives;                        // symmetric
  std::vector<std::pair<ConditionIndex, double>> complications;    // raised by this condition
  std::vector<std::string> ruled_out_by;
  std::vector<RecommendedTest> tests;
  std::vector<std::string> advice;
  std::vector<std::string> sources;
};

/// Values only; build it with load_knowledge(). Vectors are sorted by id, so that indices do not depend on the
/// order of files.
struct KnowledgeBase {
  std::vector<Finding> findings;
  std::vector<Quantity> quantities;
  std::vector<Condition> conditions;
  std::string hash;  // lower-case hex SHA-256 over the sorted (path, content) pairs

  std::unordered_map<std::string, FindingIndex> finding_by_id;
  std::unordered_map<std::string, QuantityIndex> quantity_by_id;
  std::unordered_map<std::string, ConditionIndex> condition_by_id;
  std::unordered_map<std::string, QuantityIndex> quantity_by_loinc;
  std::unordered_map<std::string, QuantityIndex> quantity_by_field;
};

/// Relative weight at an age: log-linear between the points on log(age + 0.25 years), flat beyond; 1 if empty.
double weight_at(const AgeWeights& weights, double age_years);

/// Leak of a finding for this patient: a root's own, a child's leak(parent) * share, each times its
/// factors; limited to [1e-5, 0.95]. `other` and `unknown` sex take the mean of both factors.
double leak_for(const KnowledgeBase& knowledge, FindingIndex finding, double age_years, Sex sex, bool pregnant);

}  // namespace osler::clinical
