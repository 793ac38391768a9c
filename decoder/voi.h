// Modality values to what is shown: PS3.3 C.11.2, VOI LUT.
#pragma once

#include <string>

#include "decoder/lookup_table.h"

namespace osler::decoder {

enum class VoiFunction { linear, linear_exact, sigmoid, table };

struct Voi {
  VoiFunction function = VoiFunction::linear_exact;
  double centre = 0, width = 1;  // modality values; of a table the middle and the length of what it covers
  LookupTable table;

  /// 0 darkest to 1 brightest.
  double shown(double modality_value) const;
};

/// The first VOI LUT, else the first window, each with a warning if there are others; nothing where the file gives neither.
/// `may_be_negative`: modality values can be. ErrorCode::malformed: a window that its function does not allow (width below 1 for LINEAR,
/// not above 0 else), half a window, an unknown function, a broken table.
Result<std::optional<Voi>> read_voi(const DataSetView& set, bool may_be_negative, std::vector<std::string>& warnings);

/// A window from the lowest to the highest value.
Voi full_range(double lowest, double highest);

}  // namespace osler::decoder
