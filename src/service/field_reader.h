// Typed reading of JSON members that collects one FieldError for each bad one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace osler::service {

/// Leading and trailing white space and control characters go, inner runs become one space. Invisible format characters
/// (soft hyphen, zero-width space, byte order and direction marks) go without a trace: they stand inside words.
std::string fold_white_space(std::string_view utf8);

/// Unicode lower case (root locale).
std::string lower_case(std::string_view utf8);

/// Unicode code points in valid UTF-8.
std::size_t count_characters(std::string_view utf8);

/// Reads members of one JSON object. Not thread-safe.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string pointer, std::vector<FieldError>& errors)
      : object_(object), pointer_(std::move(pointer)), errors_(errors) {}

  /// The member, or nullptr when it is missing or null.
  const Json* find(const char* name) const;
  std::string pointer_to(std::string_view name) const { return pointer_ + "/" + escape_pointer_token(name); }
  void fail(const std::string& pointer, std::string problem, std::string allowed) const;

  /// Bounds are inclusive; infinite ones bound nothing.
  std::optional<double> number(const char* name, double low, double high, bool required) const;
  std::optional<bool> boolean(const char* name, bool required) const;
  /// Position in `choices`.
  std::optional<std::size_t> choice(const char* name, std::initializer_list<std::string_view> choices, bool required) const;
  /// White space folded; empty when missing.
  std::string text(const char* name, std::size_t max_characters) const;
  /// Folded texts, empty ones dropped. `minimum` after dropping, `maximum` before.
  std::vector<std::string> texts(const char* name, std::size_t minimum, std::size_t maximum,
                                 std::size_t max_characters) const;

 private:
  const Json& object_;
  std::string pointer_;
  std::vector<FieldError>& errors_;
};

}  // namespace osler::service
