// The second use-case: a chest radiograph in, an audited and stored answer out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/diagnose.h"

namespace osler::service {

/// One upload; the views live until predict() returns. All of it describes a patient.
struct FilmUpload {
  std::string_view file;        // DICOM, PNG or JPEG
  std::string_view patient_id;  // the caller's; may be empty
  std::string_view age_years;   // as typed; may be empty: then the file's
};

struct FilmOptions {
  std::optional<std::size_t> frame;  // of several, from 0
  bool heat_map = false;             // where the network looked, as a PNG in the answer
  bool film = false;                 // the film itself in grey levels, as a PNG in the answer, for a viewer
};

/// What drift monitoring may know of an answer: numbers and names of our own, never a patient.
struct FilmStatistics {
  std::string diagnosis;
  double pneumonia = 0;      // calibrated probability
  double outlier_share = 0;  // outlier score over its threshold
  std::size_t warnings = 0;
};

struct FilmAnswer {
  std::string json;  // the response body
  FilmStatistics statistics;
};

class FilmService {
 public:
  using Done = std::function<void(Result<FilmAnswer>)>;
  virtual ~FilmService() = default;

  /// Decodes in a process apart, classifies on the calling thread, then hands record and audit entry to the recorder. `done` is called exactly
  /// once: on the recorder's thread after both are on stable storage. Refusals are audited too. ErrorCode::unavailable where no model is
  /// installed or nothing can be recorded; unsupported_media, malformed, invalid, too_large, timeout for what the file is. Thread-safe; the
  /// calling thread waits for the decoder.
  virtual void predict(const FilmUpload& upload, const RequestContext& context, const FilmOptions& options, Done done) = 0;

  /// Whether a model is loaded, and its version or why there is none, as JSON: {"ready": true, "version": ...}.
  virtual std::pair<bool, std::string> readiness() const = 0;
};

}  // namespace osler::service
