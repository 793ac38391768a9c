// Pixels that are no picture: PS3.3 C.7.5.1.1.2, Pixel Padding Value and Range Limit.
#pragma once

#include "decoder/data_set.h"
#include "decoder/pixel_format.h"

namespace osler::decoder {

/// Codes (stored values from the lowest possible one) that are padding, both ends included.
struct Padding {
  int first = 0, last = -1;  // as it starts, none
  bool contains(std::uint16_t code) const { return code >= first && code <= last; }
  bool is_empty() const { return last < first; }
};

/// Stored values, before any transformation. ErrorCode::malformed: a limit without a value, or numbers of the wrong kind.
Result<Padding> read_padding(const DataSetView& set, const PixelFormat& format);

}  // namespace osler::decoder
