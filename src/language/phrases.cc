#include "language/phrases.h"

#include <algorithm>
#include <unordered_set>

#include "language/synonyms.h"
#include "language/word_classes.h"

namespace osler::language {

namespace {

constexpr std::uint32_t kReach = 12;           // tokens to either side of the anchor
constexpr std::size_t kMaxMatchesPerToken = 48;

std::uint64_t bloom_bit(std::uint32_t id) { return std::uint64_t{1} << (id * 0x9E3779B1u >> 26); }

bool is_content(const Token& token) {
  return token.kind != TokenKind::punctuation && !token.is(kStop) && !token.is(kArticle);
}

/// Whether nothing may be matched across this token.
bool is_border(const Token& token) {
  if (token.is(kContrast | kReason | kNegation)) return true;
  if (token.kind != TokenKind::punctuation) return false;
  return token.text == ";" || token.text == ":" || token.text == "." || token.text == "!" || token.text == "?";
}

bool is_coordination(const Token& token) { return token.is(kCoordination) || token.text == "," || token.text == "/"; }

/// What lies between two matched words.
struct Between {
  std::uint32_t gaps = 0;
  bool coordinated = false;
  bool comma = false, conjunction = false;
  bool comma_first = false;  // directly behind the first word
  bool only_sites = true;
  bool only_heads = true;
};

Between between(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& matched, bool sites_free) {
  Between result;
  std::size_t next = 0;
  for (std::uint32_t at = matched.front(); at < matched.back(); ++at) {
    while (next < matched.size() && matched[next] < at) ++next;
    if (matched[next] == at) continue;
    const Token& token = tokens[at];
    const bool between_numbers = token.text == "/" && at > 0 && tokens[at - 1].kind == TokenKind::number;  // "pain 10/10"
    if (is_coordination(token) && !between_numbers) result.coordinated = true;
    if (token.text == ",") result.comma = true, result.comma_first = result.comma_first || at == matched.front() + 1;
    if (token.is(kCoordination)) result.conjunction = true;
    if (!is_content(token) || token.kind == TokenKind::number) continue;
    if (!token.is(kSite | kLight)) result.only_sites = false;
    if (token.is(kSharedHead)) result.only_sites = false;
    else if (!token.is(kLight)) result.only_heads = false;
    if (!token.is(sites_free ? kLight | kSite : kLight)) ++result.gaps;
  }
  return result;
}

/// Nothing but hyphens between: "light-headed".
bool adjacent(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& matched) {
  std::uint32_t between = 0;
  for (std::uint32_t at = matched.front(); at < matched.back(); ++at) between += tokens[at].text == "-" ? 1 : 0;
  return matched.back() - matched.front() + 1 == matched.size() + between;
}

/// "My neck has gone": words that meet by chance in any story, so they must stand as they are.
/// "It's just water", of which one word would remain, too. `content`: its phrase_words().
bool says_little(const std::vector<Token>& phrase, const std::vector<const Token*>& content) {
  if (content.size() == 1) return all_words(phrase).size() > 1;
  static const std::unordered_set<std::string_view> kEmptyVerbs = {"go", "com", "keep", "start", "begin", "seem", "becom"};
  const auto full = std::count_if(content.begin(), content.end(), [](const Token* token) { return !kEmptyVerbs.contains(token->key); });
  return full < 2;
}

}  // namespace

std::vector<const Token*> all_words(const std::vector<Token>& tokens) {
  std::vector<const Token*> words;
  for (const Token& token : tokens)
    if (token.kind != TokenKind::punctuation) words.push_back(&token);
  return words;
}

std::vector<const Token*> phrase_words(const std::vector<Token>& tokens) {
  std::vector<const Token*> content;
  for (const Token& token : tokens)
    if (is_content(token)) content.push_back(&token);
  if (content.size() >= 2) return content;
  std::vector<const Token*> whole;  // one word would be too little: keep the small words but articles
  for (const Token& token : tokens)
    if (token.kind != TokenKind::punctuation && !token.is(kArticle)) whole.push_back(&token);
  return whole;
}

void PhraseBook::add(std::string_view text, PhraseTarget target) {
  add_tokens(tokenise(plain_phrase(text)).tokens, target, is_exact_phrase(text) ? Fit::exact : Fit::loose);
}

void PhraseBook::add_tight(const std::vector<Token>& phrase, PhraseTarget target) { add_tokens(phrase, target, Fit::tight); }

void PhraseBook::add_tokens(const std::vector<Token>& tokens, PhraseTarget target, Fit fit) {
  std::vector<const Token*> content = phrase_words(tokens);
  if (fit == Fit::loose && says_little(tokens, content)) fit = Fit::exact;
  if (fit == Fit::exact) content = all_words(tokens);
  if (content.empty() || content.size() > 12) return;
  std::vector<std::uint32_t> own;
  for (const Token* token : content) own.push_back(intern(token->key));
  if (!is_new(own, target, fit)) return;
  const bool tight = fit != Fit::loose;
  const bool pair = content.size() == 2 && !tight;
  Phrase phrase;
  phrase.target = target;
  phrase.tight = tight;
  phrase.exact = fit == Fit::exact;
  phrase.first = static_cast<std::uint32_t>(words_of_phrases_.size());
  phrase.count = static_cast<std::uint32_t>(own.size());
  phrase.coordinated = std::any_of(tokens.begin(), tokens.end(), is_coordination);
  phrase.shared_head = pair && (content.front()->is(kSharedHead) || content.back()->is(kSharedHead));
  phrase.shared_modifier = pair && content.front()->is(kSharedModifier);
  for (const std::uint32_t word : own) {
    const std::uint32_t shared = shared_[word];
    words_of_phrases_.push_back({shared, word});
    ++uses_[shared];
    phrase.bloom |= bloom_bit(shared);
  }
  phrases_.push_back(phrase);
}

bool PhraseBook::is_new(const std::vector<std::uint32_t>& words, PhraseTarget target, Fit fit) {
  std::u32string sorted(words.begin(), words.end());
  std::sort(sorted.begin(), sorted.end());
  const auto [first, last] = targets_.equal_range(sorted);
  const auto same = [target](const auto& entry) { return entry.second == target; };
  const auto written = [](const auto& entry) { return entry.second.kind != TargetKind::condition; };
  if (std::any_of(first, last, same)) return false;
  if (fit == Fit::tight && target.kind != TargetKind::condition && std::any_of(first, last, written)) return false;
  targets_.emplace_hint(first, std::move(sorted), target);
  return true;
}

std::uint32_t PhraseBook::intern(const std::string& key) {
  const auto [found, fresh] = words_.try_emplace(key, static_cast<std::uint32_t>(words_.size()));
  const std::uint32_t id = found->second;
  if (!fresh) return id;
  uses_.push_back(0);
  shared_.push_back(id);
  if (const std::string& common = common_key(key); common != key) {
    const std::uint32_t shared = intern(common);
    shared_[id] = shared;
  }
  return id;
}

void PhraseBook::seal() {
  by_rarest_.assign(words_.size(), {});
  for (std::uint32_t i = 0; i < phrases_.size(); ++i) {
    const std::span<const PhraseWord> words = words_of(phrases_[i]);
    const auto rarest = *std::min_element(words.begin(), words.end(), [this](const PhraseWord& a, const PhraseWord& b) { return uses_[a.shared] < uses_[b.shared]; });
    by_rarest_[rarest.shared].push_back(i);
  }
  targets_.clear();
}

std::uint32_t PhraseBook::word_id(const std::string& key) const {
  if (const auto found = words_.find(key); found != words_.end()) return found->second;
  const auto common = words_.find(common_key(key));
  return common == words_.end() ? kUnknownWord : common->second;
}

std::vector<PhraseMatch> PhraseBook::match(const std::vector<Token>& tokens) const {
  std::vector<PhraseMatch> matches;
  const auto count = static_cast<std::uint32_t>(tokens.size());
  for (std::uint32_t at = 0; at < count; ++at) {
    if (tokens[at].id == kUnknownWord || by_rarest_[tokens[at].id].empty()) continue;
    std::uint64_t nearby = 0;
    const std::uint32_t from = at > kReach ? at - kReach : 0;
    for (std::uint32_t i = from; i < std::min(count, at + kReach + 1); ++i)
      if (tokens[i].id != kUnknownWord) nearby |= bloom_bit(tokens[i].id);
    match_at(tokens, at, nearby, matches);
  }
  return matches;
}

void PhraseBook::match_at(const std::vector<Token>& tokens, std::uint32_t anchor, std::uint64_t nearby,
                          std::vector<PhraseMatch>& out) const {
  const std::size_t before = out.size();
  for (const std::uint32_t index : by_rarest_[tokens[anchor].id]) {
    const Phrase& phrase = phrases_[index];
    if ((phrase.bloom & ~nearby) != 0) continue;
    PhraseMatch match;
    if (!try_phrase(tokens, anchor, phrase, match)) continue;
    out.push_back(std::move(match));
    if (out.size() - before >= kMaxMatchesPerToken) return;
  }
}

bool PhraseBook::try_phrase(const std::vector<Token>& tokens, std::uint32_t anchor, const Phrase& phrase,
                            PhraseMatch& match) const {
  const std::span<const PhraseWord> words = words_of(phrase);
  std::vector<std::uint32_t> needed(words.size());
  std::transform(words.begin(), words.end(), needed.begin(), [](const PhraseWord& word) { return word.shared; });
  needed.erase(std::find(needed.begin(), needed.end(), tokens[anchor].id));
  match.tokens.assign(1, anchor);
  bool open_left = true, open_right = true;
  const auto look = [&](std::uint32_t at) {
    const Token& token = tokens[at];
    const auto found = std::find(needed.begin(), needed.end(), token.id);
    if (token.id != kUnknownWord && found != needed.end()) {
      needed.erase(found);
      match.tokens.push_back(at);
      return true;
    }
    return !is_border(token);
  };
  for (std::uint32_t step = 1; step <= kReach && !needed.empty() && (open_left || open_right); ++step) {
    const std::uint32_t right = anchor + step;
    open_right = open_right && right < tokens.size() && tokens[right].sentence == tokens[anchor].sentence && look(right);
    if (needed.empty()) break;
    open_left = open_left && step <= anchor && tokens[anchor - step].sentence == tokens[anchor].sentence && look(anchor - step);
  }
  if (!needed.empty()) return false;
  std::sort(match.tokens.begin(), match.tokens.end());
  const Between gap = between(tokens, match.tokens, phrase.shared_head);  // "pain in my left upper chest"
  const bool in_order = [&] {
    for (std::size_t i = 0; i < match.tokens.size(); ++i)
      if (tokens[match.tokens[i]].id != words[i].shared) return false;
    return true;
  }();
  const std::uint32_t first = match.tokens.front();
  const bool free_head = tokens[first].is(kSharedHead) && (first == 0 || !tokens[first - 1].is(kSite));
  const bool listed = !gap.comma || (tokens[first].is(kSharedHead) ? !gap.comma_first : gap.conjunction);  // not "ears, hurts", "pain, foot"
  const bool shared = (phrase.shared_head && gap.only_sites && listed) ||                       // pain in the chest and back
                      (phrase.shared_head && gap.only_heads && free_head) ||          // pain and swelling in the calf
                      (phrase.shared_modifier && gap.only_heads && in_order);         // urinary frequency and urgency
  if (gap.coordinated && !phrase.coordinated && !shared) return false;
  const std::uint32_t allowed = phrase.tight ? 0 : gap.coordinated && shared ? 5 : words.size() <= 2 ? 0 : 3;
  if (gap.gaps > allowed) return false;
  for (std::size_t i = 0; i < match.tokens.size(); ++i) {
    const Token& token = tokens[match.tokens[i]];
    if (std::none_of(words.begin(), words.end(), [&token](const PhraseWord& word) { return word.own == token.own_id; })) ++match.synonyms;
  }
  if (phrase.exact && (match.synonyms > 0 || !in_order || !adjacent(tokens, match.tokens))) return false;
  match.target = phrase.target;
  match.gaps = gap.gaps;
  match.in_order = in_order;
  match.coordinated = phrase.coordinated;
  return true;
}

}  // namespace osler::language
