// A DICOM file without what tells whose it is: PS3.15 annex E, Basic Application Level Confidentiality Profile (docs/deidentification.md).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "imaging/deidentification.h"

namespace osler::decoder {

/// Only images are taken, and of these only what is known to be harmless stays: numbers, words that the standard defines, mapped UIDs, pixels. `key`:
/// imaging::kPseudonymKeyBytes. ErrorCode::invalid: not an image that this can clean, or text is burned into its pixels (declared, or likely) and
/// `options.regions` is empty; malformed: damaged, or does not say what it is; too_large; unsupported_media. Errors and notes repeat nothing of the file.
/// Thread-safe.
Result<imaging::Deidentified> deidentify(ByteView file, ByteView key, const imaging::DeidentificationOptions& options);

}  // namespace osler::decoder
