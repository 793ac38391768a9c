// What goes to the process that de-identifies a file, and what comes back (docs/deidentification.md).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace osler::imaging {

inline constexpr std::size_t kPseudonymKeyBytes = 32;

/// A rectangle of every frame: in pixels, or as shares (0 to 1) of its width and height.
struct PixelRegion {
  double left = 0, top = 0, width = 0, height = 0;
  bool is_share = false;
};

struct DeidentificationOptions {
  bool keeps_dates = false;             // moved by the patient's number of days
  bool keeps_characteristics = false;   // sex, age, size, weight, ...
  bool tells_originals = false;         // for a file of the mapping
  std::vector<PixelRegion> regions{};   // blanked where text is declared or likely; at most limits::kMaxPixelRegions
};

/// The four names under which a file is kept.
struct FileIdentity {
  std::string patient, study, series, instance;
};

struct Deidentified {
  FileIdentity names;                    // new
  FileIdentity originals;                // empty unless asked for; as the file has them, in its own encoding
  bool has_blanked_pixels = false;
  std::vector<std::string> notes{};      // of what a person should look at; texts of this program
  Bytes file{};
};

/// What the child reads: everything but the file, which follows it. `key`: kPseudonymKeyBytes (CHECK).
Bytes write_deidentification_request(ByteView key, const DeidentificationOptions& options);

struct DeidentificationRequest {
  std::array<std::uint8_t, kPseudonymKeyBytes> key{};
  DeidentificationOptions options;
  ByteView file;
};

/// ErrorCode::malformed. The file is a view of `bytes`.
Result<DeidentificationRequest> read_deidentification_request(ByteView bytes);

/// What the child writes; the file, which is not repeated here, follows a success. Texts are cut to their limits.
Bytes write_deidentification_outcome(const Result<Deidentified>& outcome);

/// The file and its names, or the refusal that was written. The writer is not trusted: ErrorCode::corrupted for what no honest writer makes, among it names
/// that are not `OSL` and 12 hexadecimal digits and `2.25.` and a number. Thread-safe.
Result<Deidentified> read_deidentification_outcome(ByteView bytes);

}  // namespace osler::imaging
