// Stored values to modality values (optical density, Hounsfield units, ...): PS3.3 C.11.1.
#pragma once

#include "decoder/lookup_table.h"
#include "decoder/pixel_format.h"

namespace osler::decoder {

/// A code is a stored value from the lowest possible one: 0 to 2^bits_stored - 1. A modality value is intercept + slope * value_of(code).
struct ModalityTransform {
  double slope = 1, intercept = 0;
  std::vector<std::uint16_t> table;  // of a Modality LUT: what each code becomes; else empty, and a code stays what it is

  std::uint16_t value_of(std::uint16_t code) const { return table.empty() ? code : table[code]; }
  double lowest_value(const PixelFormat& format) const;  // the lowest modality value that can come out
};

/// Rescale Slope and Intercept, or a Modality LUT; neither: as stored. ErrorCode::malformed: both, half of one, or a slope of 0.
Result<ModalityTransform> read_modality_transform(const DataSetView& set, const PixelFormat& format);

}  // namespace osler::decoder
