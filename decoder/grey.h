// A grey film stored as colour: channels that are alike, or a palette of greys.
#pragma once

#include "decoder/frame_pixels.h"
#include "decoder/lookup_table.h"

namespace osler::decoder {

/// Grey levels, 0 black to 65,535 white, of three samples a pixel. ErrorCode::invalid: "in colour".
Result<std::vector<std::uint16_t>> grey_of_channels(const FramePixels& pixels, const PixelFormat& format);

/// What each of `codes` (stored values) looks up in the palette of `set`, 0 to 65,535. ErrorCode::invalid: "in colour"; malformed: a
/// palette that is missing, segmented or broken.
Result<std::vector<std::uint16_t>> grey_of_palette(const DataSetView& set, const PixelFormat& format, const std::vector<std::uint16_t>& codes);

}  // namespace osler::decoder
