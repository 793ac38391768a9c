// Single values of a data set: what may stay of them, and what stands in for them.
#pragma once

#include <gdcmVR.h>

#include <optional>
#include <string>

#include "decoder/confidentiality_profile.h"
#include "decoder/deidentify_pseudonyms.h"

namespace osler::decoder {

/// What stays of a text value: numbers, ages, mapped UIDs, words that the standard defines, and with the option for dates the days of before,
/// moved. Everything else is free text, or may be: nothing of it stays. Without padding. Thread-safe.
std::optional<std::string> kept_text(gdcm::VR::VRType vr, std::string_view value, const Pseudonyms& pseudonyms, const ProfileOptions& options);

/// A value that says nothing, as action D wants it; empty where there is none of that VR.
std::string dummy_text(gdcm::VR::VRType vr);

/// True if `value` looks like a code of the named scheme (DCM, SCT, SRT, SNM3, LN). Thread-safe.
bool is_standard_code(std::string_view value, std::string_view scheme);

/// An age as it is, 090Y for all over 89 years (45 CFR 164.514(b)(2)(i)(C)); nothing unless `age` is an AS.
std::optional<std::string> coarse_age(std::string_view age);

}  // namespace osler::decoder
