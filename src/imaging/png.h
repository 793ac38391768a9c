// PNG of what an answer shows: a film for a viewer, a heat map to lay over it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace osler::imaging {

/// 8 bits a channel, row by row: three (red, green, blue) or four (and opacity, not premultiplied) bytes a pixel. CHECKs the length.
Bytes write_png(std::size_t width, std::size_t height, std::size_t channels, const std::vector<std::uint8_t>& pixels);

}  // namespace osler::imaging
