// DICOM files are de-identified in a process of their own, one for each file, as they are decoded (docs/adr/0016, docs/adr/0019).
#pragma once

#include <chrono>
#include <string>

#include "imaging/deidentification.h"

namespace osler::imaging {

/// Starts the program osler-decoder. Thread-safe; each call has its own process.
class Deidentifier {
 public:
  /// `program`: its path. `time_limit`: on the wall's clock.
  explicit Deidentifier(std::string program, std::chrono::milliseconds time_limit = limits::kDecoderTimeout);

  /// `key`: kPseudonymKeyBytes; it goes through memory, never through the command line. ErrorCode::malformed, invalid, too_large, unsupported_media: the file
  /// is refused, or (invalid) the process broke its bounds; timeout; unavailable: the process could not be started.
  Result<Deidentified> run(ByteView file, ByteView key, const DeidentificationOptions& options) const;

 private:
  std::string program_;
  std::chrono::milliseconds time_limit_;
};

}  // namespace osler::imaging
