#include "language/completion.h"

#include <algorithm>
#include <map>

#include "language/normalise.h"
#include "language/phrases.h"

namespace osler::language {

using clinical::FindingKind;

namespace {

constexpr std::uint32_t kSymptom = 1, kHistory = 2, kLab = 4;

std::uint32_t filters_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::symptom:
    case FindingKind::sign:
    case FindingKind::imaging:
    case FindingKind::vital: return kSymptom;
    case FindingKind::history:
    case FindingKind::exposure: return kHistory;
    case FindingKind::family:
    case FindingKind::lab: return 0;
  }
  return 0;
}

/// American and British spelling meet, also half-typed: "diarrho" and "diarrhe" are both "diarrh..".
std::string fold(std::string_view text) {
  std::string folded = normalise(text).text;
  std::string result;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const bool digraph = (folded[i] == 'a' || folded[i] == 'o') && i + 1 < folded.size() && folded[i + 1] == 'e';
    if (digraph) continue;
    result += folded[i];
  }
  return result;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80 || c == '\'';
    if (inside) words.back() += c;
    else if (!words.back().empty()) words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

CompletionIndex::CompletionIndex(const clinical::KnowledgeBase& knowledge) {
  for (const clinical::Finding& finding : knowledge.findings) {
    add_entry({finding.id, finding.name, std::string(clinical::name_of(finding.kind))}, filters_of(finding.kind));
    add_text(finding.name, true);
    for (const std::string& phrase : finding.clinical_phrases) add_text(std::string(plain_phrase(phrase)), false);
    for (const std::string& phrase : finding.lay_phrases) add_text(std::string(plain_phrase(phrase)), false);
  }
  for (const clinical::Condition& condition : knowledge.conditions) {
    add_entry({condition.id, condition.name, "condition"}, kHistory);
    add_text(condition.name, true);
    for (const std::string& synonym : condition.synonyms) add_text(synonym, false);
  }
  for (const clinical::Quantity& quantity : knowledge.quantities) {
    const bool lab = quantity.kind == clinical::QuantityKind::lab;
    add_entry({quantity.id, quantity.name, lab ? "lab" : "vital"}, lab ? kLab : 0);
    add_text(quantity.name, true);
    for (const std::string& alias : quantity.aliases) add_text(alias, false);
    for (const auto& [code, unit] : quantity.codes) add_text(code, false);
  }
  std::sort(words_.begin(), words_.end());
}

void CompletionIndex::add_entry(CaseReader::Completion completion, std::uint32_t filters) {
  entries_.push_back({std::move(completion), filters});
}

void CompletionIndex::add_text(std::string_view text, bool is_name) {
  Text entry;
  entry.entry = static_cast<std::uint32_t>(entries_.size() - 1);
  entry.is_name = is_name;
  entry.text = fold(text);
  entry.words = words_of(entry.text);
  for (const std::string& word : entry.words) words_.emplace_back(word, static_cast<std::uint32_t>(texts_.size()));
  // "diarrho", half of the British spelling, must find what is folded to "diarrhea".
  const bool folded = text.find("ae") != std::string_view::npos || text.find("oe") != std::string_view::npos;
  for (const std::string& word : folded ? words_of(normalise(text).text) : std::vector<std::string>{})
    if (std::find(entry.words.begin(), entry.words.end(), word) == entry.words.end()) {
      words_.emplace_back(word, static_cast<std::uint32_t>(texts_.size()));
      entry.words.push_back(word);
    }
  texts_.push_back(std::move(entry));
}

std::vector<CaseReader::Completion> CompletionIndex::complete(std::string_view typed, std::string_view kind,
                                                              std::size_t limit) const {
  const std::string folded = fold(typed.substr(0, 200));
  const std::vector<std::string> wanted = words_of(folded);
  if (wanted.empty() || limit == 0) return {};
  const std::uint32_t filter = kind == "symptom" ? kSymptom : kind == "history" ? kHistory : kind == "lab" ? kLab : 0;
  const std::string& longest = *std::max_element(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::map<std::uint32_t, int> best;  // entry -> rank, smaller is better
  auto at = std::lower_bound(words_.begin(), words_.end(), std::make_pair(longest, std::uint32_t{0}));
  for (; at != words_.end() && at->first.starts_with(longest); ++at) {
    const Text& text = texts_[at->second];
    if (filter != 0 && (entries_[text.entry].filters & filter) == 0) continue;
    const bool all = std::all_of(wanted.begin(), wanted.end(), [&text](const std::string& want) {
      return std::any_of(text.words.begin(), text.words.end(), [&want](const std::string& word) { return word.starts_with(want); });
    });
    if (!all) continue;
    const bool starts = text.text.starts_with(folded);
    const int rank = text.text == folded ? 0 : (text.is_name ? 1 : 3) + (starts ? 0 : 1);  // "mi" is a synonym, whole
    const auto [found, fresh] = best.try_emplace(text.entry, rank);
    if (!fresh) found->second = std::min(found->second, rank);
  }
  std::vector<std::pair<int, std::uint32_t>> order;
  for (const auto& [entry, rank] : best) order.emplace_back(rank, entry);
  std::sort(order.begin(), order.end(), [this](const auto& a, const auto& b) {
    const std::string &left = entries_[a.second].completion.name, &right = entries_[b.second].completion.name;
    if (a.first != b.first) return a.first < b.first;
    if (left.size() != right.size()) return left.size() < right.size();
    return a.second < b.second;
  });
  std::vector<CaseReader::Completion> completions;
  for (std::size_t i = 0; i < order.size() && i < limit; ++i) completions.push_back(entries_[order[i].second].completion);
  return completions;
}

}  // namespace osler::language
