#include "language/teller.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "language/word_classes.h"

namespace osler::language {

using clinical::Sex;

namespace {

struct Relation {
  const char* words;
  Sex sex;
  double age_min, age_max;  // of a patient whom somebody else calls so
};

constexpr Relation kRelations[] = {
    {"husband husband's hubby", Sex::male, 18, 130},
    {"wife wife's missus", Sex::female, 18, 130},
    {"partner partner's friend flatmate roommate colleague coworker", Sex::unknown, 16, 130},
    {"dad dad's daddy father father's", Sex::male, 35, 130},
    {"mum mum's mom mom's mummy mommy mam mother mother's", Sex::female, 35, 130},
    {"grandad grandpa grandfather", Sex::male, 55, 130},
    {"gran gran's granny nan nan's nana grandma grandmother", Sex::female, 55, 130},
    {"brother brother's son son's nephew uncle", Sex::male, 0, 70},
    {"sister sister's daughter daughter's niece aunt", Sex::female, 0, 70},
};

bool holds(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1))
    if ((at == 0 || words[at - 1] == ' ') && (at + word.size() == words.size() || words[at + word.size()] == ' ')) return true;
  return false;
}

const Relation* relation_of(std::string_view word) {
  for (const Relation& relation : kRelations)
    if (holds(relation.words, word)) return &relation;
  return nullptr;
}

class Teller {
 public:
  Teller(const std::vector<Token>& tokens, const PatientView& patient) : tokens_(tokens), patient_(patient) {}

  const Relation* patient_relation() const {
    for (std::size_t at = 0; at < tokens_.size() && tokens_[at].sentence == tokens_.front().sentence; ++at) {
      const Relation* relation = relation_of(tokens_[at].text);
      if (relation == nullptr) continue;
      const bool familiar = one_of(tokens_[at].text, {"dad", "dad's", "mum", "mum's", "mom", "mom's", "gran", "gran's", "granny", "nan", "nan's", "nana", "grandad",
                                                      "grandpa", "grandma", "hubby"});
      const bool named = at == 0 ? familiar : one_of(text(at - 1), {"my", "our"});
      return named && fits(*relation) && (patient_.complaint || is_ill_now(at)) && !tells_of_self() ? relation : nullptr;
    }
    return nullptr;
  }

 private:
  std::string_view text(std::size_t at) const { return at < tokens_.size() ? std::string_view(tokens_[at].text) : std::string_view{}; }

  bool fits(const Relation& relation) const {
    const bool sex = relation.sex == Sex::unknown || patient_.sex == Sex::unknown || relation.sex == patient_.sex;
    return sex && patient_.age_years >= relation.age_min && patient_.age_years <= relation.age_max;
  }

  bool is_ill_now(std::size_t at) const {
    if (one_of(text(at + 1), {"had", "died", "was", "suffered", "says", "said", "noticed", "found", "thinks", "reports"})) return false;
    if (tokens_[at].text.ends_with("'s") && one_of(text(at + 1), {"been", "got", "not", "having", "very", "really", "so", "gone", "unwell", "poorly", "fallen", "had"}))
      return true;
    for (std::size_t next = at + 1; next < tokens_.size(); ++next)
      if (one_of(text(next), {"he", "she", "he's", "she's", "him", "hers", "they"})) return true;
    return one_of(text(at + 1), {"is", "keeps", "took", "cannot", "won't", "woke", "collapsed", "fell", "started", "drowsy", "unconscious", "confused"});
  }

  /// "I feel", "my chest": a complaint of whoever writes.
  bool tells_of_self() const {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const std::string_view next = text(at + 1);
      const bool observes = one_of(next, {"found", "think", "thought", "noticed", "notice", "saw", "see", "called", "rang", "brought", "took", "gave", "checked",
                                          "know", "want", "tried", "asked", "heard", "worry", "told", "cannot", "could", "can", "would", "went", "came"});
      if (text(at) == "i" && !observes) return true;
      if (text(at) == "i've" && !one_of(next, {"noticed", "found", "given", "tried", "called", "seen", "been"})) return true;
      if (text(at) == "i'm" && !one_of(next, {"worried", "concerned", "his", "her", "the", "calling", "ringing", "writing"})) return true;
      if (text(at) != "my") continue;
      const bool mine = relation_of(next) != nullptr || relation_of(text(at + 2)) != nullptr || one_of(next, {"gp", "doctor", "neighbour", "neighbor", "[clinician]"});
      if (!mine) return true;
    }
    return false;
  }

  const std::vector<Token>& tokens_;
  const PatientView& patient_;
};

}  // namespace

std::vector<bool> patient_named_by_relation(const std::vector<Token>& tokens, const PatientView& patient) {
  std::vector<bool> named(tokens.size(), false);
  if (tokens.empty()) return named;
  const Relation* relation = Teller(tokens, patient).patient_relation();
  if (relation == nullptr) return named;
  for (std::size_t at = 0; at < tokens.size(); ++at) named[at] = holds(relation->words, tokens[at].text);
  return named;
}

}  // namespace osler::language
