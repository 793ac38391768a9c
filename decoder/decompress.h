// One compressed frame through the codec of its transfer syntax.
#pragma once

#include <gdcmDataElement.h>
#include <gdcmTransferSyntax.h>

#include "base/bytes.h"
#include "base/result.h"
#include "decoder/pixel_format.h"

namespace osler::decoder {

/// `frame`: the fragments of one frame, whose stream is of the size in `format`. frame_bytes() of it, host byte order, colour by pixel.
/// ErrorCode::malformed: the codec cannot, or makes something else of it. In the one thread that calls.
Result<Bytes> decompress(const gdcm::DataElement& frame, const gdcm::TransferSyntax& syntax, const PixelFormat& format);

}  // namespace osler::decoder
