#include "service/case_summary.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace osler::service {

using namespace clinical;

namespace {

constexpr int kSummaryFormat = 1;
constexpr std::size_t kCandidatesKept = 3;

struct Band {
  double from;
  std::string_view name;
};
constexpr Band kBands[] = {{0, "under 1"}, {1, "1-4"},    {5, "5-14"},   {15, "15-24"}, {25, "25-34"}, {35, "35-44"},
                           {45, "45-54"},  {55, "55-64"}, {65, "65-74"}, {75, "75-84"}, {85, "85+"}};

std::size_t band_index(double age_years) {
  std::size_t index = std::size(kBands) - 1;
  while (index > 0 && age_years < kBands[index].from) --index;
  return index;
}

constexpr Sex kSexes[] = {Sex::female, Sex::male, Sex::other, Sex::unknown};

/// The finding that a graded value is, if it is one.
FindingIndex finding_of(const KnowledgeBase& knowledge, const ObservedQuantity& observed) {
  const Quantity& quantity = knowledge.quantities[observed.quantity];
  switch (observed.grade) {
    case Grade::markedly_high: case Grade::high: return quantity.high;
    case Grade::markedly_low: case Grade::low: return quantity.low;
    case Grade::normal: break;
  }
  return kNone;
}

Json write_outcome(const CaseOutcome& outcome) {
  return {{"condition", outcome.condition_id}, {"code", outcome.code}, {"confirmed_on", outcome.confirmed_on},
          {"note", outcome.note}, {"recorded_by", outcome.recorded_by}, {"recorded_at", outcome.recorded_at}};
}

CaseOutcome read_outcome(const Json& json) {
  return {json.at("condition"), json.at("code"), json.at("confirmed_on"), json.at("note"), json.at("recorded_by"), json.at("recorded_at")};
}

Sex read_sex(const std::string& name) {
  for (const Sex sex : kSexes)
    if (name == name_of(sex)) return sex;
  return Sex::unknown;
}

SummaryContent read_content(const Json& json) {
  SummaryContent content;
  content.age_years = json.at("age_years");
  content.sex = read_sex(json.at("sex"));
  content.present = json.at("present");
  content.absent = json.at("absent");
  for (const Json& candidate : json.at("candidates")) content.candidates.push_back({candidate.at("condition"), candidate.at("confidence")});
  if (json.contains("outcome")) content.outcome = read_outcome(json.at("outcome"));
  return content;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// A letter, a digit, a digit or letter, and up to four more after a point.
bool is_icd10(std::string_view text) {
  if (text.size() < 3 || text.size() > 8 || !is_upper(text[0]) || !is_digit(text[1]) || !(is_digit(text[2]) || is_upper(text[2]))) return false;
  if (text.size() == 3) return true;
  const std::string_view rest = text.substr(4);
  return text[3] == '.' && !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) { return is_digit(c) || is_upper(c); });
}

template <typename Fits>
const Condition* only_one(const KnowledgeBase& knowledge, Fits fits) {
  const Condition* found = nullptr;
  for (const Condition& condition : knowledge.conditions) {
    if (!fits(condition)) continue;
    if (found != nullptr) return nullptr;
    found = &condition;
  }
  return found;
}

}  // namespace

std::string_view name_of(Sex sex) {
  switch (sex) {
    case Sex::female: return "female";
    case Sex::male: return "male";
    case Sex::other: return "other";
    case Sex::unknown: break;
  }
  return "unknown";
}

std::string_view age_band(double age_years) { return kBands[band_index(age_years)].name; }

std::vector<std::string_view> age_bands(double from, double to) {
  std::vector<std::string_view> names;
  for (std::size_t i = band_index(from); i <= band_index(to); ++i) names.push_back(kBands[i].name);
  return names;
}

bool is_age_band(std::string_view text) {
  return std::any_of(std::begin(kBands), std::end(kBands), [&](const Band& band) { return band.name == text; });
}

SummaryContent summarise(const KnowledgeBase& knowledge, const CaseFindings& findings, const Differential& differential) {
  std::set<std::string> present, absent;
  for (const ObservedFinding& observed : findings.findings)
    (observed.polarity == Polarity::present ? present : absent).insert(knowledge.findings[observed.finding].id);
  for (const ObservedQuantity& observed : findings.quantities)
    if (const FindingIndex finding = finding_of(knowledge, observed); finding != kNone) present.insert(knowledge.findings[finding].id);
  SummaryContent content;
  content.age_years = findings.age_years;
  content.sex = findings.sex;
  content.present.assign(present.begin(), present.end());
  content.absent.assign(absent.begin(), absent.end());
  for (std::size_t i = 0; i < std::min(kCandidatesKept, differential.suspected.size()); ++i) {
    const RankedCondition& ranked = differential.suspected[i];
    content.candidates.push_back({knowledge.conditions[ranked.condition].id, ranked.confidence});
  }
  return content;
}

std::string write_summary(const SummaryContent& content) {
  Json json{{"format", kSummaryFormat}, {"age_years", content.age_years}, {"sex", name_of(content.sex)}, {"present", content.present}, {"absent", content.absent}};
  json["candidates"] = Json::array();
  for (const SummaryCandidate& candidate : content.candidates)
    json["candidates"].push_back({{"condition", candidate.condition_id}, {"confidence", candidate.confidence}});
  if (content.outcome) json["outcome"] = write_outcome(*content.outcome);
  return json.dump();
}

Result<SummaryContent> parse_summary(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Error wrong = make_error(ErrorCode::corrupted, "The summary of a case is not of the format that this version reads (1).");
  if (!json.is_object() || !json.contains("format") || json["format"] != kSummaryFormat) return wrong;
  try {
    return read_content(json);
  } catch (const Json::exception&) {  // nlohmann's edge: a member that is missing or of another type
    return wrong;
  }
}

cases::CaseSummary seal_summary(const vault::KeyRing& keys, const vault::Names& names, std::string_view request_id, std::string vector_set,
                                std::vector<float> vector, const SummaryContent& content) {
  cases::CaseSummary summary;
  summary.vector_set = std::move(vector_set);
  summary.vector = std::move(vector);
  summary.age_band = names.token("age band", age_band(content.age_years));
  summary.sex = names.token("sex", name_of(content.sex));
  if (content.outcome) summary.condition = condition_token(names, content.outcome->code);
  summary.content = vault::seal(keys, {cases::kSummaryTable, request_id}, as_bytes(write_summary(content)));
  return summary;
}

Result<SummaryContent> open_summary(const vault::KeyRing& keys, std::string_view request_id, const vault::SealedText& sealed) {
  const Bytes opened = TRY(vault::open(keys, {cases::kSummaryTable, request_id}, sealed));
  return parse_summary(as_text(opened));
}

std::optional<NamedCondition> find_condition(const KnowledgeBase& knowledge, std::string_view id_or_code) {
  const auto by_id = knowledge.condition_by_id.find(std::string(id_or_code));
  const Condition* found = by_id == knowledge.condition_by_id.end() ? nullptr : &knowledge.conditions[by_id->second];
  if (found == nullptr && !is_icd10(id_or_code)) return std::nullopt;
  if (found == nullptr) found = only_one(knowledge, [&](const Condition& one) { return one.code == id_or_code; });
  const bool is_main_code = std::any_of(knowledge.conditions.begin(), knowledge.conditions.end(), [&](const Condition& one) { return one.code == id_or_code; });
  if (found == nullptr && !is_main_code)
    found = only_one(knowledge, [&](const Condition& one) { return std::count(one.other_codes.begin(), one.other_codes.end(), id_or_code) != 0; });
  if (found == nullptr) return NamedCondition{"", "", std::string(id_or_code)};
  return NamedCondition{found->id, found->name, found->code};
}

std::string condition_token(const vault::Names& names, const std::string& code) { return names.token("condition", code); }

}  // namespace osler::service
