// What the EXIF data of a picture say of how it is to be shown.
#pragma once

#include "base/bytes.h"

namespace osler::decoder {

/// Orientation (tag 0x0112 of the first directory; CIPA DC-008, "Exif"): 1 as it is stored, 2 to 8 mirrored or turned. 1 where the data do not say, or cannot be
/// read: what most programs take. `tiff`: from the byte order mark on, without "Exif\0\0". Thread-safe.
unsigned exif_orientation(ByteView tiff);

}  // namespace osler::decoder
