// PNG and JPEG, for trying out: what they show is taken as it is, with a warning, for they say nothing about patient, view or window.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "imaging/film.h"

namespace osler::decoder {

/// The file starts as PNG or JPEG files do.
bool is_picture(ByteView bytes);

/// Grey, 8 or 16 bits, or colour whose three channels are alike (a grey film saved as colour). ErrorCode::malformed: cannot be read;
/// invalid: a picture in colour, or transparent; too_large: over limits.h; unsupported_media: neither PNG nor JPEG. Thread-safe.
Result<imaging::Film> decode_picture(ByteView bytes);

}  // namespace osler::decoder
