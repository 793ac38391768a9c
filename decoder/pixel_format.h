// How the pixels of a file are stored: PS3.3 C.7.6.3, Image Pixel Module.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "decoder/data_set.h"

namespace osler::decoder {

enum class Photometric { monochrome1, monochrome2, palette, rgb, ybr_full, ybr_full_422, ybr_ict, ybr_rct };

struct PixelFormat {
  std::size_t rows = 0, columns = 0, frames = 1;
  std::size_t samples = 1;        // 1 or 3
  unsigned bits_allocated = 16;   // 8 or 16
  unsigned bits_stored = 16;      // 8 to bits_allocated
  unsigned high_bit = 15;
  bool is_signed = false;
  bool is_planar = false;         // colour by plane; only natively
  Photometric photometric = Photometric::monochrome2;

  std::size_t pixels() const { return rows * columns; }
  std::size_t bytes_per_sample() const { return bits_allocated / 8; }
  std::size_t frame_bytes() const { return pixels() * samples * bytes_per_sample(); }  // decoded
  /// What a code of 0 stands for: codes are stored values from the lowest possible one.
  int lowest_stored() const { return is_signed ? -(1 << (bits_stored - 1)) : 0; }
};

/// Reads and checks it all before anything of its size is made. ErrorCode::malformed: an attribute is missing or contradicts another;
/// invalid: no picture, or one that is not read (1-bit, 32-bit, floating point, unusual colour); too_large: over limits.h.
Result<PixelFormat> read_pixel_format(const DataSetView& set);

/// The frame that is meant. Without a name only a file of one frame has one. ErrorCode::invalid: no such frame, or none named.
Result<std::size_t> choose_frame(std::size_t frames, std::optional<std::size_t> named);

}  // namespace osler::decoder
