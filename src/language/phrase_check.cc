#include "language/phrase_check.h"

#include <algorithm>
#include <map>

#include "language/phrases.h"

namespace osler::language {

using namespace clinical;

std::vector<PhraseClash> phrase_clashes(const KnowledgeBase& knowledge) {
  struct Claim {
    FindingIndex finding;
    std::string phrase;
  };
  std::map<std::vector<std::string>, Claim> claims;
  std::vector<PhraseClash> clashes;
  for (FindingIndex i = 0; i < knowledge.findings.size(); ++i) {
    const Finding& finding = knowledge.findings[i];
    std::vector<std::string> phrases = {finding.name};
    phrases.insert(phrases.end(), finding.clinical_phrases.begin(), finding.clinical_phrases.end());
    phrases.insert(phrases.end(), finding.lay_phrases.begin(), finding.lay_phrases.end());
    for (const std::string& phrase : phrases) {
      const bool exact = is_exact_phrase(phrase);
      const std::vector<Token> tokens = tokenise(plain_phrase(phrase)).tokens;
      std::vector<std::string> keys = {std::string(finding.kind == FindingKind::family ? "family" : "") + (exact ? "=" : "")};
      for (const Token* token : exact ? all_words(tokens) : phrase_words(tokens)) keys.push_back(token->key);
      if (!exact) std::sort(keys.begin() + 1, keys.end());
      const auto [claim, fresh] = claims.try_emplace(std::move(keys), Claim{i, phrase});
      if (!fresh && claim->second.finding != i) clashes.push_back({claim->second.finding, i, claim->second.phrase, phrase});
    }
  }
  return clashes;
}

}  // namespace osler::language
