#include "language/timing.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/limits.h"
#include "language/word_classes.h"

namespace osler::language {

namespace {

constexpr std::size_t kClauseReach = 30;  // tokens; keeps hostile text linear

class DurationReader {
 public:
  DurationReader(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts, const std::vector<bool>& complaints)
      : tokens_(tokens), contexts_(contexts), complaints_(complaints) {}

  std::optional<double> run() const {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (contexts_[at].relative) continue;
      const std::optional<double> days = duration_at(at);
      if (days && *days > 0 && *days <= limits::kMaxDurationDays) return days;
    }
    return std::nullopt;
  }

 private:
  struct Span {
    double days = 0;
    std::size_t first = 0, last = 0;  // tokens
  };

  std::string_view text_at(std::size_t at) const { return at < tokens_.size() ? std::string_view(tokens_[at].text) : std::string_view{}; }
  std::string_view before(std::size_t at, std::size_t back) const { return at < back ? std::string_view{} : text_at(at - back); }

  std::optional<double> duration_at(std::size_t at) const {
    if (text_at(at) == "since") return since(at);
    if (text_at(at) == "yesterday" && at > 0 && tokens_[at - 1].is(kBegin)) return 1;
    if (text_at(at) == "this" && text_at(at + 1) == "morning" && at > 0 && tokens_[at - 1].is(kBegin)) return 0.3;
    if (const std::optional<Span> span = span_at(at)) return accepted(*span);
    const double unit = time_unit_days(text_at(at));
    const bool one_whole = unit >= 1 && one_of(before(at, 1), {"past", "last"}) && one_of(before(at, 2), {"the", "over", "for", "this", "in"});
    if (one_whole && !contexts_[at].past && !is_event_near(at, at)) return unit;
    if (at > 0 && one_of(before(at, 1), {"for", "over", "past"})) return vague(at);
    return std::nullopt;
  }

  /// "for weeks", "for ages".
  std::optional<double> vague(std::size_t at) const {
    const std::string_view word = text_at(at);
    if (is_event_near(at, at)) return std::nullopt;
    if (word == "hours") return 0.25;
    if (word == "days") return 4;
    if (word == "weeks") return 21;
    if (word == "months") return 90;
    if (word == "years" || word == "ages") return 1000;
    return std::nullopt;
  }

  std::optional<double> since(std::size_t at) const {
    std::size_t next = at + 1;
    while (one_of(text_at(next), {"the", "about", "around", "early", "late"})) ++next;
    const std::string_view word = text_at(next), second = text_at(next + 1);
    if (is_event_near(at, next)) return std::nullopt;
    if (word == "yesterday") return 1;
    if (word == "this" || word == "today" || word == "morning") return 0.3;
    if (one_of(word, {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})) return 3;
    if (word != "last") return std::nullopt;
    if (second == "night") return 0.6;
    if (second == "week" || one_of(second, {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})) return 7;
    if (second == "month") return 30;
    if (second == "year") return 365;
    return std::nullopt;
  }

  /// A count and a unit of time from `at` on: "3 days", "3-day", "a couple of weeks", "2-3 weeks", "3/7".
  std::optional<Span> span_at(std::size_t at) const {
    const bool digits = tokens_[at].kind == TokenKind::number;
    double count = digits ? tokens_[at].value : number_word(text_at(at));
    if (count <= 0) return std::nullopt;
    if (before(at, 1) == "/") return std::nullopt;
    if (digits && text_at(at + 1) == "/") return slashed(at, count);
    std::size_t next = at + 1;
    if (digits && one_of(text_at(next), {"-", "to", "or"}) && next + 1 < tokens_.size() && tokens_[next + 1].kind == TokenKind::number) {
      count = (count + tokens_[next + 1].value) / 2;
      next += 2;
    }
    while (next < at + 5 && one_of(text_at(next), {"-", "of", "a", "couple", "few", "or", "so", "full", "whole", "more"})) {
      if (text_at(next) == "couple") count = 2;
      if (text_at(next) == "few") count = 3;
      ++next;
    }
    if (text_at(at) == "fortnight") return Span{14, at, at};
    const double unit = time_unit_days(text_at(next));
    if (unit <= 0) return std::nullopt;
    if (text_at(next).size() == 1 && !digits) return std::nullopt;
    return Span{count * unit, at, next};
  }

  /// The British "3/7", "2/52", "6/12".
  std::optional<Span> slashed(std::size_t at, double count) const {
    if (at + 2 >= tokens_.size() || tokens_[at + 2].kind != TokenKind::number || count > 60) return std::nullopt;
    if (!one_of(before(at, 1), {"for", "x", "past", "last", "since", "over", "history"})) return std::nullopt;
    const double denominator = tokens_[at + 2].value;
    const double unit = denominator == 7 ? 1 : denominator == 52 ? 7 : denominator == 12 ? 30 : 0;
    if (unit <= 0) return std::nullopt;
    return Span{count * unit, at, at + 2};
  }

  std::optional<double> accepted(const Span& span) const {
    if (is_age_or_rate(span) || is_of_an_attack(span)) return std::nullopt;
    const bool ago = one_of(text_at(span.last + 1), {"ago", "earlier", "back", "prior", "previously", "before"});
    if (ago) return begins_near(span) && !is_event_near(span.first, span.last) ? std::optional(span.days) : std::nullopt;
    if (is_event_near(span.first, span.last) || contexts_[span.first].past) return std::nullopt;
    if (lasts(span)) return span.days;
    return std::nullopt;
  }

  /// "out cold for a few seconds", "shook for two minutes": how long an attack was, not the illness.
  bool is_of_an_attack(const Span& span) const {
    if (span.days < 2.0 / 1440) return true;
    if (span.days > 1.0 / 24) return false;
    return any_in_clause(span.first, span.last, [this](std::size_t at) {
      return one_of(tokens_[at].text, {"out", "unconscious", "unresponsive", "fit", "fitting", "seizure", "shaking", "shook", "jerking", "jerked", "faint", "fainted",
                                       "stiff", "blank", "stared", "unconsciousness", "consciousness", "floppy", "blacked", "syncope", "lasted"});
    });
  }

  bool is_age_or_rate(const Span& span) const {
    const std::string_view next = text_at(span.last + 1), after = text_at(span.last + 2);
    if (one_of(next, {"old", "pregnant", "gestation", "gestational", "postpartum", "of", "later", "apart", "post", "each", "per", "daily",
                      "into", "[age]"}) &&
        !(next == "of" && after != "gestation" && after != "pregnancy" && after != "amenorrhoea"))
      return true;
    if (one_of(before(span.first, 1), {"i'm", "im", "am"}) && span.days >= 28 && span.days <= 301) return true;  // "I'm 32 weeks and ..."
    if ((next == "-" && after == "old") || (next == "after" && before(span.first, 1) != "for")) return true;
    return one_of(before(span.first, 1), {"pregnant", "every", "within", "after", "at", "age", "aged", "per", "in", "lasting", "lasts", "each", "q"}) ||
           one_of(before(span.first, 2), {"every", "within", "lasting", "lasts", "lasted"});
  }

  /// "for 3 days", "3 days of", "3-day history", "x 3 days", "past 2 weeks", "day 3": words that make a time a duration.
  bool lasts(const Span& span) const {
    const std::string_view next = text_at(span.last + 1);
    if (one_of(next, {"history", "hx", "of", "duration", "now", "course"})) return true;
    if (next == "-" && text_at(span.last + 2) == "history") return true;
    for (std::size_t back = 1; back <= 4; ++back) {
      const std::string_view word = before(span.first, back);
      if (one_of(word, {"for", "x", "past", "over", "last", "since", "duration", "previous", "been"})) return true;
      if (!one_of(word, {"the", "about", "around", "approximately", "at", "least", "roughly", "nearly", "almost", "a", "of", "more", "than",
                         "some", ":", "is", "~", "only", "just", "-", "(", "up", "to"}))
        break;
    }
    if (begins_near(span) && tokens_.size() <= span.last + 2) return true;
    const bool alone = span.first == 0 || tokens_[span.first - 1].sentence != tokens_[span.first].sentence || before(span.first, 1) == ",";
    return complaint_before(span) && (alone || complaints_[span.first - 1]);
  }

  /// "cough 3 days", "cough, 3 days".
  bool complaint_before(const Span& span) const {
    for (std::size_t back = 1; back <= 3 && back <= span.first; ++back)
      if (complaints_[span.first - back] && tokens_[span.first - back].sentence == tokens_[span.first].sentence) return true;
    return false;
  }

  template <typename Test>
  bool any_in_clause(std::size_t first, std::size_t last, const Test& test) const {
    const std::uint32_t sentence = tokens_[first].sentence;
    const auto border = [&](std::size_t at) {
      return tokens_[at].sentence != sentence || tokens_[at].text == "," || tokens_[at].text == ";" || tokens_[at].is(kContrast);
    };
    for (std::size_t at = first; at-- > 0 && first - at <= kClauseReach && !border(at);)
      if (test(at)) return true;
    for (std::size_t at = last + 1; at < tokens_.size() && at - last <= kClauseReach && !border(at); ++at)
      if (test(at)) return true;
    return false;
  }

  bool begins_near(const Span& span) const {
    return any_in_clause(span.first, span.last, [this](std::size_t at) {
      return (tokens_[at].is(kBegin) || complaints_[at]) && !contexts_[at].negated && !contexts_[at].relative;
    });
  }

  bool is_event_near(std::size_t first, std::size_t last) const {
    const bool event = any_in_clause(first, last, [this](std::size_t at) { return tokens_[at].is(kEvent); });
    const bool begins = any_in_clause(first, last, [this](std::size_t at) {
      return tokens_[at].is(kBegin) && !one_of(tokens_[at].text, {"noticed"});
    });
    return event && !begins;
  }

  const std::vector<Token>& tokens_;
  const std::vector<TokenContext>& contexts_;
  const std::vector<bool>& complaints_;
};

}  // namespace

std::optional<double> read_duration(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts,
                                    const std::vector<bool>& complaint_tokens) {
  return DurationReader(tokens, contexts, complaint_tokens).run();
}

std::optional<clinical::Onset> read_onset(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) {
  const auto text_at = [&tokens](std::size_t at) { return at < tokens.size() ? std::string_view(tokens[at].text) : std::string_view{}; };
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (contexts[at].negated || contexts[at].relative || contexts[at].past) continue;
    const std::string_view word = text_at(at), next = text_at(at + 1);
    if (one_of(word, {"sudden", "suddenly", "abrupt", "abruptly", "instantaneous", "instantly", "thunderclap"}) && next != "death" &&
        next != "cardiac")
      return clinical::Onset::sudden;
    if (word == "acute" && next == "onset") return clinical::Onset::sudden;
    if (word == "out" && next == "of" && (text_at(at + 2) == "nowhere" || text_at(at + 3) == "blue")) return clinical::Onset::sudden;
    if ((word == "woke" || word == "awoke") && (next == "with" || text_at(at + 2) == "with")) return clinical::Onset::sudden;
    if (one_of(word, {"gradual", "gradually", "insidious", "insidiously", "slowly", "progressive", "progressively"}) ||
        (word == "over" && one_of(next, {"weeks", "months", "years"})) || (word == "little" && next == "by"))
      return clinical::Onset::gradual;
  }
  return std::nullopt;
}

}  // namespace osler::language
