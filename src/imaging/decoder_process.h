// Films are decoded in a process of their own, one for each file, that ends with it (docs/adr/0016): whatever a hostile file does to the
// libraries that parse it, it does there, without files, network or another patient's data.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "imaging/film.h"

namespace osler::imaging {

/// Starts the program osler-decoder. Thread-safe; each call has its own process.
class FilmDecoder {
 public:
  /// `program`: its path. `time_limit`: on the wall's clock; the program limits its own processor time and memory (limits.h).
  explicit FilmDecoder(std::string program, std::chrono::milliseconds time_limit = limits::kDecoderTimeout);

  /// DICOM, PNG or JPEG to a film; `frame` from 0, may be left out for a file of one. Waits for the process, which is gone on return.
  /// ErrorCode::malformed, invalid, too_large, unsupported_media: the decoder's refusal, or (invalid) it crashed or broke its bounds;
  /// timeout; unavailable: the process could not be started.
  Result<Film> decode(ByteView file, std::optional<std::size_t> frame = {}) const;

 private:
  std::string program_;
  std::chrono::milliseconds time_limit_;
};

}  // namespace osler::imaging
