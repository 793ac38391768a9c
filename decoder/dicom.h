// A DICOM file to the film it holds. What it uses was written for files that mean well, so a server calls it through the program osler-decoder only
// (docs/adr/0016); osler-train, whose user chose the films, calls it as it is.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "imaging/film.h"

namespace osler::decoder {

/// `frame`: which one, from 0; may be left out for a file of one. What the file leaves open in a way that would have to be guessed is refused; what
/// it leaves open harmlessly (no window) is done the plain way, with a warning. ErrorCode::malformed: damaged, or contradicts itself; invalid: no film
/// (no picture, colour, 1-bit, ...), or no such frame; too_large: over limits.h, or over the memory there is; unsupported_media: not DICOM, or a transfer
/// syntax that is not read. No text repeats a value of the file that could describe a patient. Thread-safe.
Result<imaging::Film> decode_dicom(ByteView bytes, std::optional<std::size_t> frame);

}  // namespace osler::decoder
