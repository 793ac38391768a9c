// Jobs of many cases, in chunks that any replica may take.
//
// A chunk is claimed under a lease. Its cases become records of their own under request ids that follow from batch and line, so that a chunk that is done
// twice stores nothing twice; only then is it finished, and its input destroyed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "vault/envelope.h"

namespace osler::cases {

inline constexpr std::string_view kChunkTable = "batch_chunks";  // rows "<batch id>/<chunk number>"

enum class BatchState { receiving, ready, cancelled, done };  // `ready`: all of it has come; done: every chunk is finished

struct BatchInfo {
  std::string id;       // UUID of our making
  std::string owner;
  std::string format;   // "ndjson" or "csv"
  BatchState state = BatchState::receiving;
  WallTime created{};
  std::string options;  // canonical JSON, no PHI: threshold
  std::uint64_t cases = 0, answered = 0, refused = 0;
  std::uint64_t chunks = 0, chunks_done = 0;
};

struct ChunkClaim {
  std::string batch;
  std::uint64_t chunk = 0;       // from 0
  std::uint64_t first_line = 0;  // of its first case in the upload, from 1
  bool claimed_before = false;   // by whoever's lease ran out or was given back: some of its records may be there already
  vault::SealedText input;
};

/// What became of one case of a chunk.
struct ChunkOutcome {
  std::uint64_t line = 0;
  std::string request_id;  // empty: refused
  std::string refusal;     // JSON of the problem without the caller's words; empty: answered
};

/// Thread-safe. Errors as for Store.
class Batches {
 public:
  virtual ~Batches() = default;

  virtual Result<void> create(const BatchInfo& batch) = 0;
  /// Adds the next chunk of a batch that is receiving. ErrorCode::conflict otherwise.
  virtual Result<void> add_chunk(std::string_view batch, std::uint64_t chunk, std::uint64_t first_line, std::uint64_t cases, const vault::SealedText& input) = 0;
  /// receiving to ready, or anything but done to cancelled (inputs that wait are destroyed). ErrorCode::conflict for other steps.
  virtual Result<void> set_state(std::string_view batch, BatchState state) = 0;
  virtual Result<BatchInfo> info(std::string_view batch) = 0;
  /// Newest first; everybody's where `owner` is empty.
  virtual Result<std::vector<BatchInfo>> list(std::string_view owner, std::size_t limit) = 0;

  /// Takes one chunk of a ready batch that is not done and whose lease, if any, has run out, oldest batch first; none when there is none. The lease runs for
  /// `lease` by the database's clock.
  virtual Result<std::optional<ChunkClaim>> claim(std::string_view worker, std::chrono::milliseconds lease) = 0;
  /// False when the lease is another's by now. A lease of 0 gives the chunk back.
  virtual Result<bool> renew(const ChunkClaim& claim, std::string_view worker, std::chrono::milliseconds lease) = 0;
  /// Stores what became of each case, destroys the input, counts, and marks the batch done with its last chunk: one transaction. False (and nothing is
  /// changed) when the lease is another's or the batch was cancelled.
  virtual Result<bool> finish(const ChunkClaim& claim, std::string_view worker, const std::vector<ChunkOutcome>& outcomes) = 0;
  /// Cancels what has been receiving since before that time: whoever sent it has gone. How many.
  virtual Result<std::uint64_t> cancel_abandoned(WallTime before) = 0;
  /// A patient was deleted at that time: of every batch that was begun until then and is not done or cancelled, no case of this token may stay stored.
  /// Idempotent.
  virtual Result<void> exclude_patient(std::string_view patient_token, WallTime deleted) = 0;
  /// The patient tokens of which nothing of this batch may stay stored.
  virtual Result<std::vector<std::string>> excluded_patients(std::string_view batch) = 0;
  /// Outcomes of finished chunks with lines above `after_line`, in order of lines, at most `limit`; stops before the first chunk that is not finished.
  virtual Result<std::vector<ChunkOutcome>> outcomes(std::string_view batch, std::uint64_t after_line, std::size_t limit) = 0;
};

}  // namespace osler::cases
