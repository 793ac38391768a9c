#include "language/completion.h"

#include <algorithm>
#include <map>
#include <numeric>

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

/// Parts of `text`, which outlives them.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ' ';
    const bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80 || c == '\'';
    if (inside) continue;
    if (at > begin) words.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  return words;
}

}  // namespace

CompletionIndex::CompletionIndex(const clinical::KnowledgeBase& knowledge) {
  for (const clinical::Finding& finding : knowledge.findings) {
    add_entry({finding.id, finding.name, std::string(clinical::name_of(finding.kind))}, filters_of(finding.kind));
    add_text(finding.name, true);
    for (const std::string& phrase : finding.clinical_phrases) add_text(plain_phrase(phrase), false);
    for (const std::string& phrase : finding.lay_phrases) add_text(plain_phrase(phrase), false);
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
  sort_words();
}

void CompletionIndex::add_entry(CaseReader::Completion completion, std::uint32_t filters) {
  entries_.push_back({std::move(completion), filters});
}

void CompletionIndex::add_text(std::string_view text, bool is_name) {
  Text entry;
  entry.entry = static_cast<std::uint32_t>(entries_.size() - 1);
  entry.is_name = is_name;
  entry.text = fold(text);
  for (const std::string_view word : words_of(entry.text)) add_word(entry, word);
  // "diarrho", half of the British spelling, must find what is folded to "diarrhea".
  const bool folded = text.find("ae") != std::string_view::npos || text.find("oe") != std::string_view::npos;
  const std::string whole = folded ? normalise(text).text : std::string();
  for (const std::string_view word : words_of(whole)) add_word(entry, word);
  texts_.push_back(std::move(entry));
}

/// The text is the next of texts_.
void CompletionIndex::add_word(Text& text, std::string_view word) {
  const auto [entry, fresh] = positions_.try_emplace(std::string(word), static_cast<std::uint32_t>(words_.size()));
  if (fresh) words_.push_back({entry->first, {}});
  if (std::find(text.words.begin(), text.words.end(), entry->second) != text.words.end()) return;
  text.words.push_back(entry->second);
  words_[entry->second].texts.push_back(static_cast<std::uint32_t>(texts_.size()));
}

void CompletionIndex::sort_words() {
  positions_.clear();
  sorted_.resize(words_.size());
  std::iota(sorted_.begin(), sorted_.end(), 0u);
  std::sort(sorted_.begin(), sorted_.end(), [this](std::uint32_t a, std::uint32_t b) { return words_[a].text < words_[b].text; });
}

/// Whether some word of the text begins with each that is wanted.
bool CompletionIndex::has_all(const Text& text, const std::vector<std::string_view>& wanted) const {
  return std::all_of(wanted.begin(), wanted.end(), [&](std::string_view want) {
    return std::any_of(text.words.begin(), text.words.end(), [&](std::uint32_t word) { return words_[word].text.starts_with(want); });
  });
}

std::vector<CaseReader::Completion> CompletionIndex::complete(std::string_view typed, std::string_view kind,
                                                              std::size_t limit) const {
  const std::string folded = fold(typed.substr(0, 200));
  const std::vector<std::string_view> wanted = words_of(folded);
  if (wanted.empty() || limit == 0) return {};
  const std::uint32_t filter = kind == "symptom" ? kSymptom : kind == "history" ? kHistory : kind == "lab" ? kLab : 0;
  const std::string_view longest = *std::max_element(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::map<std::uint32_t, int> best;  // entry -> rank, smaller is better
  auto at = std::lower_bound(sorted_.begin(), sorted_.end(), longest, [this](std::uint32_t word, std::string_view text) { return words_[word].text < text; });
  for (; at != sorted_.end() && words_[*at].text.starts_with(longest); ++at) {
    for (const std::uint32_t position : words_[*at].texts) {
      const Text& text = texts_[position];
      if (filter != 0 && (entries_[text.entry].filters & filter) == 0) continue;
      if (!has_all(text, wanted)) continue;
      const bool starts = text.text.starts_with(folded);
      const int rank = text.text == folded ? 0 : (text.is_name ? 1 : 3) + (starts ? 0 : 1);  // "mi" is a synonym, whole
      const auto [found, fresh] = best.try_emplace(text.entry, rank);
      if (!fresh) found->second = std::min(found->second, rank);
    }
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
