// What becomes of each attribute: the Basic Application Level Confidentiality Profile (PS3.15 annex E) with two of its options.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace osler::decoder {

enum class ProfileAction {
  remove,   // X
  empty,    // Z: stays, without a value
  dummy,    // D: stays, with a value that says nothing
  map_uid,  // U: another UID, the same for the same one
  clean,    // not in the table, or kept by an option: what cannot describe anybody stays, else it goes
};

struct ProfileOptions {
  bool keeps_dates = false;            // Retain Longitudinal Temporal Information With Modified Dates
  bool keeps_characteristics = false;  // Retain Patient Characteristics: sex, age, size, weight, smoking, pregnancy
};

/// The action on the attribute `group << 16 | element`, wherever it stands. Where the table leaves a choice by the attribute's type (X/Z, Z/D,
/// ...), the one that every type allows is taken, so that a valid file stays valid. Thread-safe.
ProfileAction profile_action(std::uint32_t tag, const ProfileOptions& options);

/// The birth date and time and what else no option keeps though it is a date. Thread-safe.
bool is_never_kept(std::uint32_t tag);

/// The letters of table E.1-1 for an attribute, e.g. "X/Z/D"; nothing if it is not there. Whole groups are not in it. Thread-safe.
std::optional<std::string_view> profile_letters(std::uint32_t tag);

/// True for a word that the standard defines (or the name of a maker of equipment), so that it names nobody. Thread-safe.
bool is_defined_term(std::string_view word);

}  // namespace osler::decoder
