// API keys as people see them: `osler_<prefix>_<secret>`, 58 characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osler::http {

struct KeyText {
  std::string text;    // shown once, kept nowhere
  std::string prefix;  // 8 hexadecimal digits by which the key is found; shown in lists
};

/// A fresh key: 256 random bits in 43 characters of base64url.
KeyText make_key_text();

/// The prefix of a text that has the form of our keys; none for any other.
std::optional<std::string_view> key_prefix(std::string_view text);

}  // namespace osler::http
