#include "language/tokens.h"

#include <charconv>
#include <cstdlib>

#include "language/abbreviations.h"
#include "language/stem.h"
#include "language/word_classes.h"

namespace osler::language {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) >= 0x80); }

class Tokeniser {
 public:
  explicit Tokeniser(std::string_view source) : normal_(normalise(source)), text_(normal_.text) {}

  TokenisedText run() {
    tokens_.reserve(text_.size() / 5 + 4);
    while (at_ < text_.size()) step();
    std::vector<Token> tokens = std::move(tokens_);
    return {std::move(normal_), expand_abbreviations(std::move(tokens))};
  }

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void step() {
    const char c = text_[at_];
    if (c == ' ') ++at_;
    else if (c == '\n') end_sentence();
    else if (text_.compare(at_, 2, "\xC2\xB0") == 0) add(TokenKind::punctuation, 2);
    else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) number();
    else if (is_letter(c)) word();
    else if (c == '.' || c == '!') full_stop();
    else if (c == '?') question_mark();
    else if (repeats_punctuation()) ++at_;
    else add(TokenKind::punctuation, 1);
  }

  /// A row of the same mark says no more than one.
  bool repeats_punctuation() const {
    return at_ > 0 && !tokens_.empty() && tokens_.back().kind == TokenKind::punctuation && text_[at_ - 1] == text_[at_];
  }

  void end_sentence() {
    ++at_;
    ++sentence_;
  }

  void full_stop() {
    const bool ends = peek(1) == ' ' || peek(1) == '\0' || peek(1) == '\n' || peek(1) == '.' || peek(1) == '"';
    add(TokenKind::punctuation, 1);
    if (ends) ++sentence_;
  }

  /// "? pneumonia" and "?pneumonia" doubt what follows; "do I need a scan?" ends a sentence.
  void question_mark() {
    const bool joined = at_ > 0 && text_[at_ - 1] != ' ' && text_[at_ - 1] != '(' && text_[at_ - 1] != ',';
    add(TokenKind::punctuation, 1);
    tokens_.back().classes |= kUncertain;
    if (!joined) return;
    tokens_.back().classes = 0;
    ++sentence_;
  }

  void number() {
    std::size_t length = 0;
    std::string digits(1, '0');  // so that ".5" is a number to from_chars too
    bool point = false;
    for (char c = peek(0); length < 24; c = peek(++length)) {
      if (is_digit(c)) digits += c;
      else if (c == '.' && !point && is_digit(peek(length + 1))) point = true, digits += c;
      else if (c == ',' && !point && length > 0 && thousands_at(length)) continue;
      else break;
    }
    add(TokenKind::number, length);
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    tokens_.back().value = value;
  }

  /// A comma before exactly three digits: 15,000.
  bool thousands_at(std::size_t comma) const {
    return is_digit(peek(comma + 1)) && is_digit(peek(comma + 2)) && is_digit(peek(comma + 3)) && !is_digit(peek(comma + 4)) &&
           comma <= 3;
  }

  void word() {
    std::size_t length = 1;
    while (is_letter(peek(length)) || is_digit(peek(length)) || (peek(length) == '\'' && is_letter(peek(length + 1)))) ++length;
    length = slashed(length);
    add(TokenKind::word, length);
    skip_point_of_abbreviation();
  }

  /// "c/o", "n/v/d": parts of at most two letters stay together.
  std::size_t slashed(std::size_t length) const {
    std::size_t total = length;
    std::size_t part = length;
    while (part <= 2 && peek(total) == '/' && is_letter(peek(total + 1))) {
      part = 1;
      while (is_letter(peek(total + 1 + part))) ++part;
      if (part > 2) break;
      total += 1 + part;
    }
    return total;
  }

  /// The point of "dr." and "e.g." does not end a sentence.
  void skip_point_of_abbreviation() {
    const std::string& word = tokens_.back().text;
    const bool short_form = word == "dr" || word == "mr" || word == "mrs" || word == "ms" || word == "vs" || word == "approx" ||
                            word == "hx" || word == "pt" || word == "temp" || word == "resp" || (word.size() == 1 && is_letter(peek(1)));
    if (short_form && peek(0) == '.') ++at_;
  }

  void add(TokenKind kind, std::size_t length) {
    Token token;
    token.kind = kind;
    token.text = std::string(text_.substr(at_, length));
    token.normal_begin = at_;
    token.normal_end = at_ + length;
    token.begin = normal_.begins[at_];
    token.end = normal_.ends[at_ + length - 1];
    token.sentence = sentence_;
    tokens_.push_back(std::move(token));
    at_ += length;
  }

  NormalText normal_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t sentence_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

TokenisedText tokenise(std::string_view source) { return Tokeniser(source).run(); }

}  // namespace osler::language
