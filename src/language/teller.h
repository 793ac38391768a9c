// Who tells: "found my wife drowsy", "Gran keeps falling" are about the patient, not about a relative.
#pragma once

#include <vector>

#include "clinical/patient_case.h"
#include "language/tokens.h"

namespace osler::language {

/// What is known of the patient when a text is read.
struct PatientView {
  clinical::Sex sex = clinical::Sex::unknown;
  double age_years = 40;
};

/// For each token, whether it is a relation's name that stands for the patient. Only when the text tells of nobody's own complaint
/// ("I feel", "my chest"), when the relation fits the patient's sex and age, and when it is told of as ill now ("my husband ... he's
/// muddled", not "my mother had"). Linear time. Thread-safe.
std::vector<bool> patient_named_by_relation(const std::vector<Token>& tokens, const PatientView& patient);

}  // namespace osler::language
