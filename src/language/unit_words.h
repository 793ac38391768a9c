// Units as people write them.
#pragma once

#include <string>
#include <string_view>

namespace osler::language {

/// One form for all spellings of a unit, UCUM or written: "mmol/L", "mmols per litre" -> "mmol/l"; "10*9/L", "k/uL",
/// "x10^3/mm3" -> "103/ul"; "Cel", "degrees C" -> "c". Not for display.
std::string canonical_unit(std::string_view unit);

/// Whether a normalised word begins something that looks like a unit at all ("mg", "mmol", "units").
bool looks_like_unit(std::string_view word);

}  // namespace osler::language
