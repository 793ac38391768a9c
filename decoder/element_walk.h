// Whether a data set ends before its elements do, told by their lengths before GDCM sees it: GDCM ends its process at some of these.
#pragma once

#include "decoder/file_layout.h"

namespace osler::decoder {

/// ErrorCode::malformed where an element declares more bytes than are left, its header is not whole, or a sequence does not end. Whatever else is
/// unusual ends the walk without a word: it refuses what is surely cut short, and no more. Thread-safe.
Result<void> check_not_cut_short(const FileLayout& layout);

}  // namespace osler::decoder
