// Compressed pictures without what is not the picture: comments and application segments may hold any text.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace osler::decoder {

/// One whole JPEG or JPEG-LS stream without COM and APPn and without anything behind its end. Three short segments that say how colours are
/// stored stay, if they have exactly their shape: JFIF without a thumbnail, Adobe (APP14), and the colour transform of JPEG-LS (APP8). The
/// picture is not touched. ErrorCode::malformed: not such a stream, or its segments do not fit into it. Thread-safe.
Result<Bytes> without_jpeg_texts(ByteView stream);

/// One whole JPEG 2000 stream without COM, also in its tiles, without boxes around it (JP2) and without anything behind its end. As above.
Result<Bytes> without_jpeg2000_texts(ByteView stream);

}  // namespace osler::decoder
