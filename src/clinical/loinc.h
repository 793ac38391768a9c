// LOINC codes: shape and check digit.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace osler::clinical {

/// A code of LOINC's shape: 1 to 7 digits, '-', one check digit. Whether the check digit is right is a
/// separate question: a wrong one is a warning to the caller, a wrong shape an error.
class LoincCode {
 public:
  /// ErrorCode::invalid when the shape is wrong. The message never repeats the input.
  static Result<LoincCode> parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// LOINC's mod-10 (Luhn) check over the digits before the dash (LOINC Users' Guide, appendix B).
  bool check_digit_is_right() const;

  bool operator==(const LoincCode&) const = default;
  auto operator<=>(const LoincCode&) const = default;

 private:
  explicit LoincCode(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace osler::clinical
