// Signed checkpoints: "at this time the log had this many entries and this root". Kept beside the log and, when there is
// one, with a witness. Grammar: docs/formats/audit_log.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "base/sha256.h"
#include "vault/signing.h"

namespace osler::audit {

struct Checkpoint {
  std::uint64_t size = 0;
  Digest root{};
  std::string time;  // RFC 3339
};

inline constexpr std::string_view kCheckpointFile = "checkpoints.log";

/// One line with its newline.
std::string encode_checkpoint(const vault::SigningKey& signer, const Checkpoint& checkpoint);

/// One line without its newline. ErrorCode::corrupted when it is no checkpoint signed by `key`.
Result<Checkpoint> parse_checkpoint(const vault::PublicKey& key, std::string_view line);

struct CheckpointFile {
  std::vector<Checkpoint> checkpoints;      // the good ones, in file order
  std::vector<std::size_t> bad_lines;       // numbers from 1
  bool torn = false;                        // the last line is an unfinished write: no newline, or zeros in it
  std::size_t whole_bytes = 0;              // up to the end of the last line that is not torn
};

/// A file that is missing has no checkpoints. Every signature is looked at: some 15,000 a second.
Result<CheckpointFile> read_checkpoints(FileSystem& files, const std::string& path, const vault::PublicKey& key);

struct NewestCheckpoint {
  std::optional<Checkpoint> checkpoint;     // the last line that the key signed
  std::size_t lines_behind_it = 0;          // whole ones, which it did not sign
  bool torn = false;                        // as in CheckpointFile
  std::uint64_t whole_bytes = 0;            // likewise
};

/// The file read from its end, so that a log of years starts as quickly as one of a day.
Result<NewestCheckpoint> newest_checkpoint(FileSystem& files, const std::string& path, const vault::PublicKey& key);

}  // namespace osler::audit
