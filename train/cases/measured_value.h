// Numbers for the measurements of a generated patient.
#pragma once

#include <optional>

#include "clinical/findings.h"
#include "train/cases/random.h"

namespace osler::train {

/// A plausible value in the quantity's unit that is graded so for such a patient, rounded as people write it; none when the quantity has no such grade
/// for this patient or some tries found none. How values spread within a grade is an estimate. Thread-safe.
std::optional<double> value_graded(const clinical::Quantity& quantity, clinical::Grade grade, double age_years, clinical::Sex sex, bool pregnant, Random& random);

}  // namespace osler::train
