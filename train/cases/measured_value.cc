#include "train/cases/measured_value.h"

#include <algorithm>
#include <cmath>

namespace osler::train {

using namespace clinical;

namespace {

/// Rounded as it is written down: rates, pressures and saturation whole, all else to three digits.
double rounded(const Quantity& quantity, double value) {
  if (quantity.kind == QuantityKind::vital && quantity.field != "temperature_c" && quantity.field != "bmi") return std::round(value);
  const double digits = std::pow(10, 2 - std::floor(std::log10(std::max(std::abs(value), 1e-6))));
  return std::round(value * digits) / digits;
}

}  // namespace

std::optional<double> value_graded(const Quantity& quantity, Grade grade, double age_years, Sex sex, bool pregnant, Random& random) {
  const ReferenceRange& range = reference_range(quantity, age_years, sex, pregnant);
  const double high = range.high.value_or(quantity.plausible_high);
  // A vital sign without a lower limit (the diastolic pressure) still has a usual one; a laboratory value may be next to nothing.
  const double low = range.low.value_or(quantity.kind == QuantityKind::vital ? 0.6 * high : quantity.plausible_low);
  const double marked_low = range.marked_low.value_or(low * 0.6), marked_high = range.marked_high.value_or(high * 1.6);
  // Beyond the marked limit by up to one and a half times its distance from normal, so that no fever reaches 45 degrees.
  const double above = std::min(0.8 * std::abs(marked_high), 1.5 * (marked_high - high));
  const double below = std::min(0.4 * std::abs(marked_low), 1.5 * (low - marked_low));
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    const double u = random.uniform();
    double value = low + (high - low) * (0.1 + 0.8 * u);
    if (grade == Grade::high) value = high + (marked_high - high) * u;
    if (grade == Grade::markedly_high) value = marked_high + above * u * u;
    if (grade == Grade::low) value = marked_low + (low - marked_low) * u;
    if (grade == Grade::markedly_low) value = marked_low - below * u * u;
    value = rounded(quantity, std::clamp(value, quantity.plausible_low, quantity.plausible_high));
    if (grade_value(quantity, value, age_years, sex, pregnant) == grade) return value;
  }
  return std::nullopt;
}

}  // namespace osler::train
