#include "language/context.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "language/word_classes.h"

namespace osler::language {

namespace {

constexpr int kNegationReach = 7;   // content words after the cue or the last comma, "or", "and"
constexpr int kUncertainReach = 5;
constexpr int kRelativeReach = 14;
constexpr int kPastReach = 10;
constexpr std::size_t kSegmentReach = 30;  // tokens
constexpr double kAdultYears = 18;
constexpr std::size_t kListReach = 14;
constexpr std::size_t kCannotSayReach = 8;

/// A scope that a cue opens: alive for so many content words.
struct Scope {
  int left = 0;
  bool fresh = true;    // nothing with a meaning since the cue
  bool closing = false; // "without X or Y,": the next comma ends the list
  bool strong = false;  // survives semicolons ("past medical history:")

  bool open() const { return left > 0; }
  void start(int reach, bool is_strong = false) { left = reach, fresh = true, closing = false, strong = is_strong; }
  void close() { left = 0; }
  void refresh(int reach) {
    if (open()) left = reach;
  }
  void spend(const Token& token) {
    if (!open() || token.kind == TokenKind::punctuation || token.is(kStop | kArticle | kLight)) return;
    fresh = false;
    --left;
  }
};

class ContextReader {
 public:
  ContextReader(const std::vector<Token>& tokens, const std::vector<bool>& in_phrase, const PatientView& patient)
      : tokens_(tokens), in_phrase_(in_phrase), child_patient_(patient.age_years < kAdultYears), names_patient_(patient_named_by_relation(tokens, patient)),
        contexts_(tokens.size()) {}

  std::vector<TokenContext> run() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) step(tokens_[at_]);
    return std::move(contexts_);
  }

 private:
  std::string_view text_at(std::size_t at) const {
    if (at >= tokens_.size() || tokens_[at].sentence != tokens_[at_].sentence) return {};
    return tokens_[at].text;
  }
  std::uint32_t classes_at(std::size_t at) const { return text_at(at).empty() ? 0 : tokens_[at].classes; }
  std::string_view before(std::size_t back) const { return back > at_ ? std::string_view{} : text_at(at_ - back); }
  std::uint32_t classes_before(std::size_t back) const { return back > at_ ? 0 : classes_at(at_ - back); }
  bool after_joint() const { return before(1) == "," || (classes_before(1) & kCoordination) != 0 || before(1).empty(); }

  void step(const Token& token) {
    if (at_ == 0 || tokens_[at_ - 1].sentence != token.sentence) reset();
    close_scopes(token);
    open_scopes(token);
    TokenContext& here = contexts_[at_];
    here.negated = here.negated || negation_.open();
    here.uncertain = here.uncertain || uncertain_.open();
    here.relative = here.relative || relative_.open();
    here.past = here.past || past_.open();
    here.known = here.known || known_.open() || past_.open();
    for (Scope* scope : {&negation_, &uncertain_, &relative_, &past_, &known_}) scope->spend(token);
    content_seen_ = content_seen_ || !token.is(kStop | kArticle);
  }

  void reset() {
    for (Scope* scope : {&negation_, &uncertain_, &relative_, &past_, &known_}) scope->close();
    segment_begin_ = at_;
    cannot_say_ = 0;
    own_negation_.reset();
    content_seen_ = false;
    described_ = false;
  }

  bool is_spaced_dash(const Token& token) const {
    return token.text == "-" && at_ > 0 && at_ + 1 < tokens_.size() && tokens_[at_ - 1].normal_end < token.normal_begin &&
           tokens_[at_ + 1].normal_begin > token.normal_end;
  }

  void close_scopes(const Token& token) {
    if (own_negation_ && token.begin != *own_negation_) negation_.close(), own_negation_.reset();
    if (token.is(kContrast) && !in_phrase_[at_]) {
      for (Scope* scope : {&negation_, &uncertain_, &relative_, &past_, &known_}) scope->close();
      segment_begin_ = at_ + 1;
    }
    if (token.text == ";" || is_spaced_dash(token)) close_weak();
    if (token.text == ",") at_comma();
    if (begins_statement(token)) negation_.close(), uncertain_.close();
    if (token.text == "or" && without_) negation_.closing = true;
    if (token.is(kCoordination) || token.text == "/") refresh_lists();
    if (token.is(kReason)) negation_.close(), uncertain_.close();
    if (one_of(token.text, {"positive", "yes"})) negation_.close();
    if (token.is(kNow) && !(token.text == "noticed" && relative_.open())) past_.close(), known_.close();
    if (token.is(kReport) && !negation_.fresh && (after_joint() || !token.is(kStop))) negation_.close(), uncertain_.close();
    if (token.is(kReport) && (after_joint() || before(1) == "who")) past_.close(), known_.close();
    if (relative_.open() && one_of(token.text, {"i", "i'm", "i've", "we"}) && near_joint()) relative_.close();
    if (is_subject(token)) negation_.close(), uncertain_.close(), relative_.close(), past_.close(), known_.close();
    if (token.text == "with" && !past_.fresh) past_.close(), known_.close();
    if (token.text == "with" && before(1) == ",") negation_.close();
    if (token.text == "now" && before(1) == ",") relative_.close();
    if (token.text == "my" && (one_of(before(1), {"with", "by", "from"}) || (before(1) == "of" && before(2) == "because")) && (classes_at(at_ + 1) & kRelative) == 0) relative_.close();
  }

  /// "no fever and at night she snores", "no fever and the rash spreads": what follows is no item of the list.
  bool begins_statement(const Token& token) const {
    if (!negation_.open() || negation_.fresh || before(1) == "or" || before(1) == "nor") return false;
    if (after_joint() && one_of(token.text, {"the", "his", "her", "my", "their", "our", "your"})) return !list_follows();
    if (after_joint() && token.is(kRelative)) return one_of(text_at(at_ + 1), {"has", "had", "is", "was", "got", "gets"});
    return one_of(token.text, {"i", "he", "she", "they", "we", "it"}) && near_joint();
  }

  /// Behind a comma or an "and", but for a word or two of time: "and now I", ", at night she".
  bool near_joint() const {
    for (std::size_t back = 1; back <= 4; ++back) {
      if (one_of(before(back), {"when", "whenever", "if", "that", "which", "who", "as", "after", "while", "where", "before", "what", "unless"})) return false;
      if (before(back) == "," || before(back) == "and") return true;
    }
    return false;
  }

  /// Whether an "or" is still to come: "no pain in the chest, the back or the arms".
  bool list_follows() const {
    for (std::size_t at = at_ + 1; at < tokens_.size() && at <= at_ + kListReach && tokens_[at].sentence == tokens_[at_].sentence; ++at) {
      if (tokens_[at].is(kContrast | kReason) || tokens_[at].text == ";") return false;
      if (one_of(tokens_[at].text, {"or", "nor"})) return true;
    }
    return false;
  }

  /// Whether the words from here to the next comma are a statement: "headache is worse today", "femoral pulses absent".
  bool statement_follows() const {
    if (one_of(text_at(at_ + 1), {"or", "nor"})) return false;
    for (std::size_t at = at_ + 1; at < tokens_.size() && at <= at_ + kListReach && tokens_[at].sentence == tokens_[at_].sentence; ++at) {
      const std::string& text = tokens_[at].text;
      if (one_of(text, {",", ";", "that", "which", "who", "when", "or"}) || tokens_[at].is(kContrast | kReason | kNegation)) return false;
      if (one_of(text, {"is", "are", "was", "were", "absent", "present", "worse", "normal", "intact", "started", "began", "prolonged", "positive", "nad"})) return true;
    }
    return false;
  }

  /// A new subject after a comma or "and": ", she has a cough".
  bool is_subject(const Token& token) const {
    if (!after_joint()) return false;
    if (one_of(token.text, {"i", "i'm", "i've", "he", "she", "they", "patient", "pt", "we"})) return true;
    if (names_relative_as_subject()) return true;
    return relative_.open() && one_of(token.text, {"my", "the"}) && (classes_at(at_ + 1) & kRelative) == 0;
  }

  /// "..., and my mum had": not the list of "no cancer in my father or my mother".
  bool names_relative_as_subject() const {
    if (!one_of(tokens_[at_].text, {"my", "his", "her", "their", "our"}) || before(1) == "or" || before(1) == "nor") return false;
    return (classes_at(at_ + 1) & kRelative) != 0 && one_of(text_at(at_ + 2), {"has", "had", "is", "was", "gets", "got", "died", "also", "suffers"});
  }

  void close_weak() {
    for (Scope* scope : {&negation_, &uncertain_}) scope->close();
    for (Scope* scope : {&relative_, &past_, &known_})
      if (!scope->strong) scope->close();
    refresh_lists();
    segment_begin_ = at_ + 1;
  }

  void at_comma() {
    if (negation_.closing && ((classes_at(at_ + 1) & kCoordination) == 0 || (!without_ && text_at(at_ + 1) == "and"))) negation_.close();
    if (negation_.open() && (statement_follows() || text_at(at_ + 1) == "?")) negation_.close();
    refresh_lists();
    uncertain_.close();
    segment_begin_ = at_ + 1;
    if (one_of(text_at(at_ + 1), {"some", "also", "now", "just", "only", "mild", "bad", "still", "occasional", "positive", "slight",
                                  "feels", "feeling", "got", "severe", "fewer", "less", "more", "increased", "reduced", "decreased", "worse", "worsening", "plus", "then", "my", "very"}))
      negation_.close();
  }

  void refresh_lists() {
    negation_.refresh(kNegationReach);
    uncertain_.refresh(kUncertainReach);
    relative_.refresh(kRelativeReach);
    past_.refresh(kPastReach);
    known_.refresh(kPastReach);
  }

  void open_scopes(const Token& token) {
    if (token.text == "[cannot-say]") cannot_say_ = at_ + kCannotSayReach;
    if (excludes(token) || (token.is(kNegation) && !in_phrase_[at_] && text_at(at_ + 1) != "," && !ends_answer() && at_ >= cannot_say_)) {
      negation_.start(kNegationReach);
      own_negation_ = token.is(kNegatesOne) ? std::optional(token.begin) : std::nullopt;
      without_ = token.text == "without";
      negation_.closing = (token.key == "not" || token.text == "never" || without_) && !list_follows();
    }
    if (token.is(kUncertain) || token.text == "if") uncertain_.start(kUncertainReach);
    if (names_patient_[at_] || (names_child(token) && child_patient_ && !is_other_child())) contexts_[at_].is_patient = true;
    else if (token.is(kRelative) || (names_child(token) && is_my_child())) open_relative(token);
    open_past(token);
    open_known(token);
  }

  /// "the scan excluded a bleed"; not "a bleed was excluded", "excluded on the scan".
  bool excludes(const Token& token) const {
    if (token.text != "excluded" || at_ == 0 || before(1).empty()) return false;
    if (one_of(before(1), {"was", "were", "been", "is", "are", "be", "not", ",", "cannot"}) || in_phrase_[at_ - 1]) return false;
    return !text_at(at_ + 1).empty() && tokens_[at_ + 1].kind != TokenKind::punctuation &&
           !one_of(text_at(at_ + 1), {"on", "by", "with", "in", "from", "at", "and", "after", "but"});
  }

  /// "fever: no" and "fever - no": an answer, which read_after() gives to its question.
  bool ends_answer() const { return tokens_[at_].text == "no" && (text_at(at_ + 1).empty() || text_at(at_ + 1) == "."); }

  static bool names_child(const Token& token) {
    return one_of(token.text, {"son", "son's", "daughter", "daughter's", "baby", "child", "toddler", "grandson", "granddaughter",
                               "grandchild", "boy", "girl", "one"});
  }

  /// "my older daughter" beside the child who is the patient; "his friend's son".
  bool is_other_child() const {
    for (std::size_t back = 1; back <= 2; ++back)
      if (one_of(before(back), {"other", "older", "elder", "eldest", "younger", "youngest", "oldest", "another"}) || before(back).ends_with("'s"))
        return true;
    return false;
  }

  /// A grown-up's "my little boy has", where the words are the subject: not "since my baby was born", nor the unborn.
  bool is_my_child() const {
    if (child_patient_ || one_of(text_at(at_ + 2), {"born", "moving", "moved", "kicking", "due", "stopped"}) || !one_of(text_at(at_ + 1), {"has", "had", "is", "keeps", "got"})) return false;
    if (tokens_[at_].text == "one") return before(1) == "little" && before(2) == "my";
    for (std::size_t back = 1; back <= 2; ++back)
      if (one_of(before(back), {"my", "our"})) return (classes_before(back + 1) & kCoordination) != 0 || before(back + 1).empty() || before(back + 1) == ",";
    return false;
  }

  void open_relative(const Token& token) {
    if (token.text == "relative" && one_of(text_at(at_ + 1), {"bradycardia", "tachycardia", "afferent", "hypotension", "risk", "rest", "weakness"})) return;
    if (token.text == "family-history") {
      relative_.start(kRelativeReach, true);
      mark_back(&TokenContext::relative, false);
      return;
    }
    if (one_of(text_at(at_ + 1), {"of", "doctor", "physician", "dinner", "practice", "medicine", "planning"}) || before(1) == "old" ||
        before(1) == "single" || before(1) == "new")
      return;
    const bool in_relative = one_of(before(1), {"in", "for"}) || one_of(before(2), {"in"}) || one_of(before(3), {"in"}) ||
                             (before(1) == "(" && text_at(at_ + 1) == ")");
    if (in_relative) mark_back(&TokenContext::relative, true);
    if (!is_informant()) relative_.start(kRelativeReach);
  }

  bool is_informant() const {
    for (std::size_t back = 1; back <= 2; ++back)
      if (one_of(before(back), {"by", "per", "with", "according", "from", "to"}) && text_at(at_ + 1) != "who") return true;
    for (std::size_t ahead = 1; ahead <= 3; ++ahead) {
      if ((classes_at(at_ + ahead) & kInformant) != 0) return true;
      if (!one_of(text_at(at_ + ahead), {"has", "have", "had", "also", "who", "is", "and", "are", "was", "were"})) return false;
    }
    return false;
  }

  /// "breast cancer in her mother": what stands before, back to a border or, with `to_comma`, a comma.
  void mark_back(bool TokenContext::*flag, bool to_comma) {
    for (std::size_t back = 1; back <= 10 && back <= at_; ++back) {
      const Token& token = tokens_[at_ - back];
      if (token.sentence != tokens_[at_].sentence || token.is(kContrast) || token.text == ";") return;
      if (to_comma && (token.text == "," || (token.is(kReport) && !token.is(kStop)))) return;
      if (one_of(token.text, {"i", "he", "she", "patient"})) return;
      contexts_[at_ - back].*flag = true;
    }
  }

  bool time_near(std::size_t from, std::size_t to) const {
    for (std::size_t at = from; at < to && at < tokens_.size(); ++at)
      if (time_unit_days(tokens_[at].text) > 0 && tokens_[at].sentence == tokens_[at_].sentence) return true;
    return false;
  }

  void open_past(const Token& token) {
    if (token.text == "history") return open_history();
    if (token.text == "ago" || token.text == "last") return open_long_ago(token);
    if (token.text == "in" && tokens_.size() > at_ + 1 && tokens_[at_ + 1].value >= 1930 && tokens_[at_ + 1].value <= 2035)
      return mark_segment();
    if (token.text == "as" && text_at(at_ + 1) == "a" && one_of(text_at(at_ + 2), {"child", "teenager", "baby", "kid"}))
      return mark_segment();
    if (token.text == "childhood" && before(1) == "in") return mark_segment();
    if (token.text == "used" && text_at(at_ + 1) == "to") return past_.start(4);
    if (!token.is(kPast) || text_at(at_ + 1) == "to" || in_phrase_[at_]) return;
    if (token.text == "past" && (time_near(at_ + 1, at_ + 4) || (classes_before(1) & kPast) != 0)) return;
    if (token.text == "past" && !one_of(text_at(at_ + 1), {"medical", "history", "surgical", "psychiatric", "obstetric"})) return;
    if (token.text == "previously") mark_segment();
    past_.start(token.text == "previously" ? kPastReach : 4);
  }

  void open_history() {
    const bool strong = one_of(before(1), {"medical", "surgical", "past", "psychiatric"}) || text_at(at_ + 1) == ":";
    const bool of_time = time_near(at_ > 4 ? at_ - 4 : 0, at_) || time_near(at_ + 1, at_ + 6);
    if (of_time && !strong) return;
    if (text_at(at_ + 1) != "of" && text_at(at_ + 1) != "includes" && !strong) return;
    if (past_now_ = presenting_before(); past_now_) return known_.start(kPastReach);
    past_.start(kPastReach, strong);
  }

  /// "presents with a history of": a manner of speaking of today.
  bool presenting_before() const {
    for (std::size_t back = 1; back <= 4; ++back)
      if (one_of(before(back), {"presents", "presented", "presenting"})) return true;
    return false;
  }

  void open_long_ago(const Token& token) {
    const bool years_ago = token.text == "ago" && time_unit_days(before(1)) >= 300;
    const bool last_year = token.text == "last" && one_of(text_at(at_ + 1), {"year", "winter", "summer", "autumn", "spring"});
    if (!years_ago && !last_year) return;
    for (std::size_t at = segment_start(); at < segment_end() && tokens_[at].text != ","; ++at)
      if (tokens_[at].is(kBegin) || one_of(tokens_[at].text, {"since", "for", "over", "first", "progressive", "worsening"})) return;
    mark_segment();
  }

  /// The part of the sentence around here that a far-reaching word may colour; bounded, so that hostile text stays linear.
  std::size_t segment_start() const { return std::max(segment_begin_, at_ > kSegmentReach ? at_ - kSegmentReach : 0); }
  std::size_t segment_end() const {
    std::size_t at = at_;
    while (at < tokens_.size() && at < at_ + kSegmentReach && tokens_[at].sentence == tokens_[at_].sentence) ++at;
    return at;
  }

  void mark_segment() {
    for (std::size_t at = segment_start(); at < at_; ++at) contexts_[at].past = contexts_[at].known = true;
    for (std::size_t at = at_; at < segment_end(); ++at) {
      if (one_of(tokens_[at].text, {",", ";"}) || tokens_[at].is(kContrast | kNow)) return;
      contexts_[at].past = contexts_[at].known = true;
    }
  }

  void open_known(const Token& token) {
    if (one_of(token.text, {"man", "woman", "male", "female", "gentleman", "lady", "boy", "girl", "patient", "old"})) described_ = true;
    if (token.is(kReport) && !token.is(kStop)) described_ = false;
    if (token.text == "known" || token.text == "longstanding" || token.text == "background" || token.text == "underlying")
      known_.start(kPastReach);
    if (token.text == "diagnosed" || (token.text == "suffers" && text_at(at_ + 1) == "from")) known_.start(kPastReach);
    if (token.text == "with" && described_) known_.start(3);
  }

  const std::vector<Token>& tokens_;
  const std::vector<bool>& in_phrase_;
  bool child_patient_;
  std::vector<bool> names_patient_;
  std::vector<TokenContext> contexts_;
  std::size_t at_ = 0;
  std::optional<std::size_t> own_negation_;  // where "afebrile" begins, whose spelled-out words alone are denied
  std::size_t cannot_say_ = 0;     // up to here "I cannot say that" takes a negation back
  std::size_t segment_begin_ = 0;  // after the last comma or border
  bool content_seen_ = false;
  bool described_ = false;         // "65-year-old man" stood here, no complaint yet
  bool past_now_ = false;
  bool without_ = false;           // the open negation began with "without"
  Scope negation_, uncertain_, relative_, past_, known_;
};

bool is_linking(const Token& token) {
  return one_of(token.text, {"is", "was", "were", "are", "has", "have", "had", "been", "be", ":", "-", "both", "all", "also", "now",
                             "currently", "completely", "since", "fully", "mostly", "symptoms", "which", "that", "then", "=", "spell", "spells", "attack", "attacks",
                             "episode", "episodes", "feeling"});
}

bool ends_clause(const std::vector<Token>& tokens, std::size_t at, std::uint32_t sentence) {
  return at >= tokens.size() || tokens[at].sentence != sentence || tokens[at].text == "," || tokens[at].text == ";" ||
         tokens[at].text == "." || tokens[at].text == ")";
}

/// "... I had on Monday", behind a mention.
bool had_it(const std::vector<Token>& tokens, std::size_t at) {
  return at + 1 < tokens.size() && one_of(tokens[at].text, {"i", "he", "she", "they", "we", "that", "which"}) &&
         (one_of(tokens[at + 1].text, {"had", "got", "have"}) || (at + 2 < tokens.size() && one_of(tokens[at + 2].text, {"had", "got"})));
}

}  // namespace

std::vector<TokenContext> read_context(const std::vector<Token>& tokens, const std::vector<bool>& in_phrase, const PatientView& patient) {
  return ContextReader(tokens, in_phrase, patient).run();
}

AfterMention read_after(const std::vector<Token>& tokens, std::size_t last) {
  AfterMention after;
  const std::uint32_t sentence = tokens[last].sentence;
  bool plural = false, asked = false;
  const bool clause = had_it(tokens, last + 1);  // "the headache I had on Monday has gone"
  for (std::size_t at = last + 1; at < tokens.size() && at <= last + (clause ? 9 : 5) && tokens[at].sentence == sentence; ++at) {
    const Token& token = tokens[at];
    plural = plural || one_of(token.text, {"were", "are", "all", "both"});
    asked = asked || one_of(token.text, {":", "-", "="});
    if (token.text == "[not-excluded]" || token.text == "unlikely" || token.text == "?") {
      after.uncertain = token.text != "?" || ends_clause(tokens, at + 1, sentence);
      return after;
    }
    if (token.text == "no" || token.text == "none" || token.text == "nil" || token.text == "nope") {
      after.denied = ends_clause(tokens, at + 1, sentence);
      return after;
    }
    if (token.is(kGoneAfter)) {
      after.denied = true;
      after.whole_list = plural;
      return after;
    }
    if (token.key == "not") {
      after.denied = at + 1 < tokens.size() &&
                     one_of(tokens[at + 1].text, {"present", "noted", "seen", "found", "reported", "felt", "heard", "observed", "detected",
                                                  "elicited", "apparent", "evident", "there", "endorsed", "appreciated", "demonstrated"});
      after.whole_list = plural;
      return after;
    }
    const bool soon_over = at + 1 < tokens.size() && one_of(tokens[at + 1].text, {"in", "within"});  // "gone in ten minutes": an attack
    if (soon_over && (token.is(kResolved) || token.text == "gone")) return after;
    if (token.is(kResolved) || (token.text == "gone" || (token.text == "went" && at + 1 < tokens.size() && tokens[at + 1].text == "away"))) {
      after.resolved = true;
      return after;
    }
    if (token.is(kUncertain) && (ends_clause(tokens, at + 1, sentence) || tokens[at + 1].is(kContrast))) {
      after.uncertain = true;
      return after;
    }
    if (!is_linking(token) && !(clause && token.kind != TokenKind::punctuation)) return after;
  }
  return after;
}

bool says_gone(const std::vector<Token>& tokens, std::size_t at) {
  if (!one_of(tokens[at].text, {"it", "it's", "that", "that's", "this", "they", "these", "both", "all"})) return false;
  const std::uint32_t sentence = tokens[at].sentence;
  for (std::size_t next = at + 1; next < tokens.size() && next <= at + 4 && tokens[next].sentence == sentence; ++next) {
    const bool gone = tokens[next].is(kResolved) || tokens[next].text == "gone" || (tokens[next].text == "went" && next + 1 < tokens.size() && tokens[next + 1].text == "away");
    if (gone) {
      const std::size_t after = next + (one_of(tokens[next].text, {"went", "cleared", "settled"}) && next + 1 < tokens.size() && one_of(tokens[next + 1].text, {"away", "up", "down"}) ? 2 : 1);
      if (after < tokens.size() && one_of(tokens[after].text, {"in", "within"})) return false;
      return ends_clause(tokens, after, sentence) || tokens[after].is(kStop | kContrast | kNow | kCoordination) || one_of(tokens[after].text, {"after", "within", "completely", "before", "since", "without"});
    }
    if (!one_of(tokens[next].text, {"has", "have", "is", "are", "all", "now", "since", "had", "then", "both", "mostly", "completely"})) return false;
  }
  return false;
}

}  // namespace osler::language
