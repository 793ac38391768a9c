// Facts about the patient that text may state and the structured fields may lack: pregnancy, sex and age.
#pragma once

#include <optional>
#include <vector>

#include "clinical/patient_case.h"
#include "language/context.h"
#include "language/tokens.h"

namespace osler::language {

/// true: "28 weeks pregnant", "G2P1 at 34 weeks"; false: "not pregnant"; none: not said, doubtful, or of another time or person.
std::optional<bool> read_pregnancy(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts);

/// From "65-year-old man", "45F": the patient's, never a relative's.
std::optional<clinical::Sex> read_sex(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts);

/// Years, from "65-year-old", "aged 65", "3 months old", "45F": the patient's, never a relative's, and not an age in the past
/// ("at the age of 12").
std::optional<double> read_age(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts);

}  // namespace osler::language
