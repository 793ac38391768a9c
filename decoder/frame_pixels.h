// The samples of one frame, decompressed.
#pragma once

#include "decoder/dicom_file.h"
#include "decoder/pixel_format.h"

namespace osler::decoder {

struct FramePixels {
  ByteView samples;  // frame_bytes() of the format, host byte order; in `owned`, or in the file
  Bytes owned;
  bool is_planar = false;
  bool is_luminance_first = false;  // three samples are Y, Cb, Cr rather than R, G, B
  std::vector<std::string> warnings;
};

/// `format` must be that of the file, `frame` one of its frames. Only that frame is decoded. ErrorCode::malformed: pixels are missing,
/// damaged, or contradict the format; invalid: a way of storing that is not read. May throw std::bad_alloc.
Result<FramePixels> read_frame(const DicomFile& file, const PixelFormat& format, std::size_t frame);

}  // namespace osler::decoder
