// Lookup tables as DICOM stores them: PS3.3 C.11.1.1 (modality), C.11.2.1.1 (VOI), C.7.6.3.1.5 (palette).
#pragma once

#include "decoder/data_set.h"

namespace osler::decoder {

struct LookupTable {
  int first = 0;      // the input that the first entry is for
  unsigned bits = 8;  // of an entry, 8 to 16
  std::vector<std::uint16_t> entries;

  /// Below the first entry the first, beyond the last the last.
  std::uint16_t at(int input) const;
  std::uint16_t largest() const { return static_cast<std::uint16_t>((1u << bits) - 1); }
};

/// `may_be_negative`: inputs can be, so that a first input of unknown sign (implicit VR) is signed. ErrorCode::malformed: the descriptor is
/// missing or wrong, the data do not have as many entries as it says, or entries have more bits than it says.
Result<LookupTable> read_lookup_table(const DataSetView& set, const Tag& descriptor, const Tag& data, bool may_be_negative);

}  // namespace osler::decoder
