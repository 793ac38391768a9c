// What kind of DICOM file this is, checked before GDCM sees a byte: GDCM believes the lengths and types that it reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace osler::decoder {

struct FileLayout {
  std::string transfer_syntax;  // UID, one of those that are read
  ByteView data_set;            // in the file, or in `inflated`
  Bytes inflated;               // of a deflated file
  std::vector<std::string> warnings;
};

/// A transfer syntax that is read: native (implicit and explicit little endian, big endian, deflated) or compressed pixels.
bool is_compressed(const std::string& transfer_syntax);

/// How a data set is written: without types (implicit VR), and its numbers' bytes.
bool is_implicit(const std::string& transfer_syntax);
bool is_big_endian(const std::string& transfer_syntax);

/// Bytes before the value of an element in explicit VR, 8 or 12; nothing for what is no type (PS3.5 table 6.2-1).
std::optional<std::size_t> explicit_header_bytes(std::string_view vr);

/// Checks preamble and File Meta Information (PS3.10 section 7.1): types known, tags ascending, lengths inside the file, at most
/// limits::kMaxFileMetaBytes. A deflated data set is inflated, up to limits::kMaxInflatedFilmBytes. A file that starts with its data set is
/// taken with a warning. The result views `bytes`. ErrorCode::unsupported_media: not DICOM, or in a transfer syntax that is not read;
/// malformed; invalid: a DICOMDIR; too_large. Thread-safe.
Result<FileLayout> check_file_layout(ByteView bytes);

/// Preamble and meta information with nothing but a transfer syntax, for GDCM to read in place of the file's own: explicit little endian for
/// what was inflated, else the file's.
Bytes plain_header(const FileLayout& layout);

}  // namespace osler::decoder
