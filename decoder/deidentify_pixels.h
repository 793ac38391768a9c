// The pixels of a file that is de-identified: the picture as it was, nothing beside it, and parts blanked where that was asked for.
#pragma once

#include <gdcmDataElement.h>

#include <span>

#include "decoder/dicom_file.h"
#include "imaging/deidentification.h"

namespace osler::decoder {

struct CleanPixels {
  gdcm::DataElement element;
  bool is_uncompressed = false;     // the file's syntax must become explicit VR little endian
  std::string photometric;          // if is_uncompressed and in colour: what the samples are now; else empty
};

/// Compressed pictures are copied without the texts in them (deidentify_codestream.h); uncompressed ones without what follows the last frame, and
/// without an overlay in their unused bits. ErrorCode::malformed: the pixels are fewer than declared, or cannot be told from texts; invalid: a way of
/// storing that cannot be cleaned. May throw std::bad_alloc.
Result<CleanPixels> copy_pixels(const DicomFile& file);

/// The same with `regions` of every frame set to 0. A compressed picture is stored uncompressed: nothing is lost by that. Also ErrorCode::too_large.
Result<CleanPixels> blank_pixels(const DicomFile& file, std::span<const imaging::PixelRegion> regions);

}  // namespace osler::decoder
