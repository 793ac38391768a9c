#include "clinical/loinc.h"

namespace osler::clinical {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<LoincCode> LoincCode::parse(std::string_view text) {
  const bool long_enough = text.size() >= 3 && text.size() <= 9;
  bool shape = long_enough && text[text.size() - 2] == '-' && is_digit(text.back());
  for (std::size_t i = 0; shape && i + 2 < text.size(); ++i) shape = is_digit(text[i]);
  if (!shape)
    return make_error(ErrorCode::invalid, "A LOINC code has 1 to 7 digits, a dash and one check digit.");
  return LoincCode(std::string(text));
}

bool LoincCode::check_digit_is_right() const {
  int sum = 0;
  bool doubled = true;  // the digit just before the dash is doubled
  for (std::size_t i = text_.size() - 2; i-- > 0;) {
    int digit = text_[i] - '0';
    if (doubled) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
    doubled = !doubled;
  }
  return (10 - sum % 10) % 10 == text_.back() - '0';
}

}  // namespace osler::clinical
