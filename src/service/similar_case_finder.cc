#include "service/similar_case_finder.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/limits.h"

namespace osler::service {

using namespace clinical;

namespace {

constexpr std::size_t kSharedShown = 8;
constexpr std::size_t kSpare = 3;           // asked for beside, since some may be of the same patient
constexpr std::size_t kMostAsked = 10'000;  // of a store for one question

const Condition* condition_called(const KnowledgeBase& knowledge, const std::string& id) {
  const auto found = knowledge.condition_by_id.find(id);
  return found == knowledge.condition_by_id.end() ? nullptr : &knowledge.conditions[found->second];
}

/// With everything that they are a kind of. Ids that the knowledge base does not know any more are left out.
std::set<FindingIndex> with_ancestors(const KnowledgeBase& knowledge, const std::vector<std::string>& ids) {
  std::set<FindingIndex> all;
  for (const std::string& id : ids) {
    const auto found = knowledge.finding_by_id.find(id);
    if (found == knowledge.finding_by_id.end()) continue;
    for (FindingIndex finding = found->second; finding != kNone; finding = knowledge.findings[finding].parent) all.insert(finding);
  }
  return all;
}

bool is_in_range(const CaseQuestion& question, double age_years) {
  return age_years >= question.age_from.value_or(age_years) && age_years <= question.age_to.value_or(age_years);
}

double rounded(double similarity) { return std::round(similarity * 1e4) / 1e4; }

}  // namespace

CaseInQuestion SimilarCaseFinder::in_question(const CaseVector& vector, const SummaryContent& content, const std::string& patient_id) {
  return {vector.set, rotations_.rotated(vector), content.present, names_.token("patient", patient_id)};
}

cases::CaseSummary SimilarCaseFinder::seal(std::string_view request_id, const CaseInQuestion& one, const SummaryContent& content) const {
  return seal_summary(*keys_.ring(), names_, request_id, one.vector_set, one.vector, content);
}

cases::CaseFilter SimilarCaseFinder::filter_of(const CaseQuestion& question) const {
  cases::CaseFilter filter;
  if (!question.age_band.empty()) filter.age_bands.push_back(names_.token("age band", question.age_band));
  else if (question.age_from || question.age_to)
    for (const std::string_view band : age_bands(question.age_from.value_or(0), question.age_to.value_or(limits::kMaxAgeYears)))
      filter.age_bands.push_back(names_.token("age band", band));
  if (!question.sex.empty()) filter.sex = names_.token("sex", question.sex);
  if (!question.condition_code.empty()) filter.condition = condition_token(names_, question.condition_code);
  filter.from = question.from;
  filter.until = question.until;
  return filter;
}

Result<SimilarCaseList> SimilarCaseFinder::find(const CaseInQuestion& one, std::size_t count, double least, const CaseQuestion& question) const {
  if (std::all_of(one.vector.begin(), one.vector.end(), [](float value) { return value == 0; })) return SimilarCaseList{};
  for (std::size_t asked = count + kSpare;; asked = std::min(asked * 8, kMostAsked)) {
    Found found = TRY(find_among(one, asked, count, least, question));
    if (found.all || found.cases.list.size() == count || asked == kMostAsked) return std::move(found.cases);
  }
}

Result<SimilarCaseFinder::Found> SimilarCaseFinder::find_among(const CaseInQuestion& one, std::size_t asked, std::size_t count, double least,
                                                               const CaseQuestion& question) const {
  const std::vector<cases::Neighbour> neighbours = TRY(store_.similar_cases().nearest(one.vector_set, one.vector, asked, filter_of(question), ""));
  Found found;
  found.all = neighbours.size() < asked;
  std::set<std::string> patients{one.patient_token};
  for (const cases::Neighbour& neighbour : neighbours) {
    if (found.cases.list.size() == count) break;
    if (rounded(neighbour.similarity) < least) {
      found.all = true;
      break;
    }
    if (!patients.insert(neighbour.patient_token).second) continue;
    const SummaryContent content = TRY(open_summary(*keys_.ring_for(neighbour.content.wrapped_key), neighbour.request_id, neighbour.content));
    if (!is_in_range(question, content.age_years)) continue;
    found.cases.list.push_back(write(neighbour, content, one));
    found.cases.patients.push_back(neighbour.patient_token);
  }
  return found;
}

Json SimilarCaseFinder::write(const cases::Neighbour& neighbour, const SummaryContent& content, const CaseInQuestion& one) const {
  Json json{{"request_id", neighbour.request_id}, {"similarity", rounded(neighbour.similarity)}};
  json["shared_findings"] = shared_findings(one.present, content.present);
  json["age_band"] = age_band(content.age_years);
  json["sex"] = name_of(content.sex);
  json["outcome"] = write_confirmed(knowledge_, content.outcome);
  json["suspected"] = content.outcome ? Json() : write_first_candidate(knowledge_, content.candidates);
  return json;
}

std::vector<std::string> SimilarCaseFinder::shared_findings(const std::vector<std::string>& one, const std::vector<std::string>& other) const {
  const std::set<FindingIndex> mine = with_ancestors(knowledge_, one), theirs = with_ancestors(knowledge_, other);
  std::set<FindingIndex> shared;
  std::set_intersection(mine.begin(), mine.end(), theirs.begin(), theirs.end(), std::inserter(shared, shared.end()));
  std::vector<FindingIndex> list;  // the most particular of each
  for (const FindingIndex finding : shared)
    if (std::none_of(shared.begin(), shared.end(), [&](FindingIndex below) { return knowledge_.findings[below].parent == finding; })) list.push_back(finding);
  std::sort(list.begin(), list.end(), [&](FindingIndex left, FindingIndex right) {
    return std::pair(knowledge_.findings[left].leak, left) < std::pair(knowledge_.findings[right].leak, right);
  });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kSharedShown, list.size()); ++i) names.push_back(knowledge_.findings[list[i]].name);
  return names;
}

Json write_confirmed(const KnowledgeBase& knowledge, const std::optional<CaseOutcome>& outcome) {
  if (!outcome) return Json();
  const Condition* condition = condition_called(knowledge, outcome->condition_id);
  return {{"condition", condition == nullptr ? "" : condition->name}, {"condition_id", outcome->condition_id}, {"condition_code", outcome->code}, {"confirmed_on", outcome->confirmed_on}};
}

Json write_first_candidate(const KnowledgeBase& knowledge, const std::vector<SummaryCandidate>& candidates) {
  if (candidates.empty()) return Json();
  const Condition* condition = condition_called(knowledge, candidates.front().condition_id);
  return {{"condition", condition == nullptr ? "" : condition->name}, {"condition_id", candidates.front().condition_id},
          {"condition_code", condition == nullptr ? "" : condition->code}, {"confidence", rounded(candidates.front().confidence)}};
}

}  // namespace osler::service
