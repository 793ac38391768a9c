// Numbers in text.
#pragma once

#include <optional>
#include <string_view>

namespace osler {

/// A finite number in decimal notation, and nothing else ("0.5", "-1e-3"). Thread-safe.
std::optional<double> number_in_text(std::string_view text);

}  // namespace osler
