#include "language/phrases.h"

#include <algorithm>

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
  bool only_sites = true;
  bool only_heads = true;
};

Between between(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& matched) {
  Between result;
  std::size_t next = 0;
  for (std::uint32_t at = matched.front(); at < matched.back(); ++at) {
    while (next < matched.size() && matched[next] < at) ++next;
    if (matched[next] == at) continue;
    const Token& token = tokens[at];
    const bool between_numbers = token.text == "/" && at > 0 && tokens[at - 1].kind == TokenKind::number;  // "pain 10/10"
    if (is_coordination(token) && !between_numbers) result.coordinated = true;
    if (!is_content(token) || token.kind == TokenKind::number) continue;
    if (!token.is(kSite | kLight)) result.only_sites = false;
    if (token.is(kSharedHead)) result.only_sites = false;
    else if (!token.is(kLight)) result.only_heads = false;
    if (!token.is(kLight)) ++result.gaps;
  }
  return result;
}

/// Nothing but hyphens between: "light-headed".
bool adjacent(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& matched) {
  std::uint32_t between = 0;
  for (std::uint32_t at = matched.front(); at < matched.back(); ++at) between += tokens[at].text == "-" ? 1 : 0;
  return matched.back() - matched.front() + 1 == matched.size() + between;
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
  const bool tight = fit != Fit::loose;
  const std::vector<const Token*> content = fit == Fit::exact ? all_words(tokens) : phrase_words(tokens);
  if (content.empty() || content.size() > 12) return;
  Phrase phrase;
  phrase.target = target;
  phrase.tight = tight;
  phrase.exact = fit == Fit::exact;
  bool head = false;
  for (const Token* token : content) {
    phrase.own.push_back(intern(token->key));
    phrase.words.push_back(shared_[phrase.own.back()]);
    head = head || token->is(kSharedHead);
  }
  for (const Token& token : tokens) phrase.coordinated = phrase.coordinated || is_coordination(token);
  phrase.shared_head = head && content.size() == 2 && !tight;
  phrase.shared_modifier = content.size() == 2 && !tight && content.front()->is(kSharedModifier);
  std::vector<std::uint32_t> sorted = phrase.own;
  std::sort(sorted.begin(), sorted.end());
  std::string words(reinterpret_cast<const char*>(sorted.data()), sorted.size() * sizeof(std::uint32_t));
  if (target.kind != TargetKind::condition && !written_.insert(words).second && fit == Fit::tight) return;
  words += static_cast<char>(target.kind);
  words.append(reinterpret_cast<const char*>(&target.index), sizeof target.index);
  if (!seen_.insert(std::move(words)).second) return;
  for (const std::uint32_t word : phrase.words) {
    ++uses_[word];
    phrase.bloom |= bloom_bit(word);
  }
  phrases_.push_back(std::move(phrase));
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
    const std::vector<std::uint32_t>& words = phrases_[i].words;
    const auto rarest = *std::min_element(words.begin(), words.end(),
                                          [this](std::uint32_t a, std::uint32_t b) { return uses_[a] < uses_[b]; });
    by_rarest_[rarest].push_back(i);
  }
  seen_.clear();
  written_.clear();
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
  std::vector<std::uint32_t> needed = phrase.words;
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
  const Between gap = between(tokens, match.tokens);
  const bool in_order = [&] {
    for (std::size_t i = 0; i < match.tokens.size(); ++i)
      if (tokens[match.tokens[i]].id != phrase.words[i]) return false;
    return true;
  }();
  const std::uint32_t first = match.tokens.front();
  const bool free_head = tokens[first].is(kSharedHead) && (first == 0 || !tokens[first - 1].is(kSite));
  const bool shared = (phrase.shared_head && gap.only_sites) ||                       // pain in the chest and back
                      (phrase.shared_head && gap.only_heads && free_head) ||          // pain and swelling in the calf
                      (phrase.shared_modifier && gap.only_heads && in_order);         // urinary frequency and urgency
  if (gap.coordinated && !phrase.coordinated && !shared) return false;
  const std::uint32_t allowed = phrase.tight ? 0 : gap.coordinated && shared ? 5 : phrase.words.size() <= 2 ? 2 : 3;
  if (gap.gaps > allowed) return false;
  for (std::size_t i = 0; i < match.tokens.size(); ++i) {
    const Token& token = tokens[match.tokens[i]];
    if (std::find(phrase.own.begin(), phrase.own.end(), token.own_id) == phrase.own.end()) ++match.synonyms;
  }
  if (phrase.exact && (match.synonyms > 0 || !in_order || !adjacent(tokens, match.tokens))) return false;
  match.target = phrase.target;
  match.gaps = gap.gaps;
  match.in_order = in_order;
  match.coordinated = phrase.coordinated;
  return true;
}

}  // namespace osler::language
