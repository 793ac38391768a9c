// What a compressed picture says of itself, read before a codec trusts it: codecs of old let the stream change the size of a picture
// whose memory was already set aside.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace osler::decoder {

struct Codestream {
  std::size_t columns = 0, rows = 0, components = 0;
  unsigned precision = 0;  // bits
  bool is_signed = false;  // only JPEG 2000 says so
};

/// True if a fragment starts a JPEG, JPEG-LS or JPEG 2000 picture.
bool starts_codestream(ByteView fragment);

/// The frame header of JPEG and JPEG-LS (SOFn, SOF55), or SIZ of JPEG 2000. ErrorCode::malformed: there is none, or its components differ
/// in precision. Thread-safe.
Result<Codestream> read_codestream(ByteView stream);

}  // namespace osler::decoder
