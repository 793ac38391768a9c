// How long and how it began: "for 3 days", "two weeks ago", "3-day history", "suddenly".
#pragma once

#include <optional>
#include <vector>

#include "clinical/patient_case.h"
#include "language/context.h"
#include "language/tokens.h"

namespace osler::language {

/// The first stated duration of the present illness in days; none where a time belongs to an age, a pregnancy, a drug, a single
/// attack, a journey or a relative. `complaint_tokens`: marks tokens of today's symptoms, beside which "two weeks ago" is a beginning.
std::optional<double> read_duration(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts,
                                    const std::vector<bool>& complaint_tokens);

/// The first stated onset; "not sudden" says nothing.
std::optional<clinical::Onset> read_onset(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts);

}  // namespace osler::language
