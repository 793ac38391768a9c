#include "language/spelling.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "language/stem.h"
#include "language/tokens.h"
#include "language/word_classes.h"

namespace osler::language {

namespace {

/// Common words one edit away from clinical ones.
bool is_common_word(std::string_view word) {
  static const std::unordered_set<std::string_view> kCommon = {
      "brother", "bother", "another", "mother", "father", "rather", "gather", "weather", "whether", "leather", "feather", "present",
      "prevent", "patient", "patience", "station", "nation", "ration", "motion", "notion", "lotion", "caution", "action", "section",
      "auction", "friend", "trend", "before", "become", "please", "really", "little", "letter", "better", "butter", "bitter", "matter",
      "latter", "winter", "dinner", "sinner", "winner", "thinner", "number", "member", "remember", "september", "december", "monday",
      "sunday", "friday", "saturday", "thursday", "tuesday", "wednesday", "morning", "evening", "during", "turning", "burning", "mourning",
      "warning", "walking", "talking", "waking", "working", "cooking", "looking", "taking", "making", "having", "coming", "running",
      "rushing", "pushing", "rusting", "resting", "testing", "wasting", "lasting", "casting", "fasting", "tasting", "should", "shouldn",
      "moving", "living", "loving", "giving", "driving", "washing", "wishing", "watching", "catching", "matching", "reaching", "teaching",
      "course", "source", "coarse", "horses", "house", "houses", "mouse", "stable", "table", "tables", "unable", "street", "strong",
      "string", "spring", "strain", "train", "trains", "trail", "trial", "brain", "grain", "drain", "school", "second", "seconds",
      "minute", "minutes", "person", "people", "reason", "season", "treason", "market", "marked", "parked", "worked", "walked", "talked",
      "looked", "cooked", "booked", "hooked", "picked", "kicked", "locked", "blocked", "looser", "loser", "closer", "higher", "hither",
      "change", "changes", "chance", "chest", "chess", "chart", "charts", "charge", "stomach", "however", "forever", "whenever",
      "wherever", "several", "general", "natural", "neutral", "mental", "dental", "rental", "normal", "formal", "social", "special",
      "office", "officer", "coffee", "toffee", "summer", "hammer", "manner", "banner", "corner", "garner", "former", "farmer", "warmer",
      "woman", "human", "single", "simple", "sample", "temple", "middle", "muddle", "puddle", "saddle", "handle", "candle", "double",
      "trouble", "couple", "purple", "people", "finger", "singer", "linger", "ginger", "danger", "manger", "hanger", "hunger", "longer",
      "stronger", "younger", "heavier", "thick", "thicker", "sticker", "quicker", "slower", "flower", "power", "powder", "shower", "tower",
      "lower", "mower", "border", "order", "older", "holder", "folder", "shoulder", "soldier", "career", "carrier", "barrier", "marriage",
      "carriage", "package", "passage", "message", "massage", "manage", "damage", "garage", "image", "usage", "travel", "gravel", "level",
      "weekly", "weaker", "weaken", "spoken", "broken", "woken", "token", "taken", "waken", "shaken", "given", "driven", "proven", "seven",
      "eleven", "heaven", "even", "event", "events", "prevent", "extent", "intent", "content", "contact", "contract", "context", "within",
      "without", "outside", "inside", "beside", "besides", "reside", "decide", "decided", "divided", "provided", "guided", "needed", "needle"};
  return kCommon.contains(word);
}

std::uint64_t hash_of(std::string_view word) { return std::hash<std::string_view>{}(word); }

template <typename Visit>
void for_each_form(std::string_view word, const Visit& visit) {
  visit(hash_of(word));
  std::string shorter;
  for (std::size_t i = 0; i < word.size(); ++i) {
    shorter.assign(word);
    shorter.erase(i, 1);
    visit(hash_of(shorter));
  }
}

}  // namespace

bool within_one_edit(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  std::size_t i = 0;
  while (i < a.size() && a[i] == b[i]) ++i;
  if (a.size() < b.size()) return a.substr(i) == b.substr(i + 1);
  if (i == a.size()) return true;
  if (a.substr(i + 1) == b.substr(i + 1)) return true;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
}

void SpellingIndex::add(std::string_view word, std::uint32_t id) {
  if (word.size() < kMinCorrectedLetters - 1) return;
  const auto position = static_cast<std::uint32_t>(words_.size());
  words_.emplace_back(word, id);
  for_each_form(word, [this, position](std::uint64_t hash) { by_deletion_.emplace_back(hash, position); });
}

void SpellingIndex::seal() { std::sort(by_deletion_.begin(), by_deletion_.end()); }

std::uint32_t SpellingIndex::correct(std::string_view word) const {
  if (word.size() < kMinCorrectedLetters || word.size() > 40 || is_common_word(word) || word_classes(word) != 0) return kUnknownWord;
  const std::string key = stem(word);
  std::uint32_t found = kUnknownWord;
  bool several = false;
  for_each_form(key, [&](std::uint64_t hash) {
    auto entry = std::lower_bound(by_deletion_.begin(), by_deletion_.end(), std::make_pair(hash, std::uint32_t{0}));
    for (; entry != by_deletion_.end() && entry->first == hash; ++entry) {
      const auto& [candidate, id] = words_[entry->second];
      if (candidate.front() != key.front() || !within_one_edit(key, candidate)) continue;
      several = several || (found != kUnknownWord && found != id);
      found = id;
    }
  });
  return several ? kUnknownWord : found;
}

}  // namespace osler::language
