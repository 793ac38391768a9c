// The audit log: append-only, tamper-evident, durable before append() returns.
//
//   auto log = TRY(audit::Log::open(files, clock, keys, {.folder = "var/audit"}));
//   TRY_VOID(log->append(entries));   // one write, one sync
//
// Fails closed: after a write or sync that did not succeed nothing is appended until recover() has cut the file back to
// what was acknowledged.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/keys.h"
#include "audit/segment.h"
#include "base/clock.h"
#include "base/files.h"

namespace osler::audit {

inline constexpr std::uint64_t kCheckpointEntries = 1000;

struct LogOptions {
  std::string folder;
  std::string witness;                          // AUDIT_WITNESS: a file on another disk, or syslog: (audit/witness.h); empty: none
  std::uint64_t segment_bytes = 16 * 1024 * 1024;
  std::uint64_t checkpoint_entries = kCheckpointEntries;
  std::chrono::seconds checkpoint_interval{60};  // after it, the next append makes one
};

/// What open() had to mend: a write cut off by a crash, never acknowledged. Its bytes are kept in `torn-<index>-<n>.bin`,
/// and an entry "log.recovered" says so.
struct Recovery {
  std::uint64_t next_index = 0;
  std::uint64_t cut_bytes = 0;
};

/// Thread-safe. The referents outlive it.
class Log {
 public:
  /// Opens or makes the log of a folder. ErrorCode::conflict when another writer holds it; corrupted when anything but an
  /// unfinished last write is wrong (nothing is changed then: run the verifier); unavailable when the disk fails.
  static Result<std::unique_ptr<Log>> open(FileSystem& files, const Clock& clock, const Keys& keys, LogOptions options);
  ~Log();

  /// Appends 1 to kMaxFrameEntries entries, stamped with one time, and syncs once. The index of the first. After an error
  /// none of them counts. ErrorCode::too_large when one passes limits::kMaxAuditEntryBytes; unavailable otherwise.
  Result<std::uint64_t> append(std::span<const Entry> entries);

  /// True after a failed write or sync.
  bool broken() const { return broken_; }
  /// Cuts the file back to what was acknowledged and goes on there.
  Result<void> recover();

  /// Signs the present state into the checkpoint file and to the witness.
  Result<void> checkpoint();
  /// A last checkpoint, if anything came since the one before; then only errors. The destructor does the same.
  Result<void> close();

  std::uint64_t size() const;
  Digest root() const;
  const std::optional<Recovery>& recovery() const { return recovery_; }
  /// Checkpoints that did not reach the witness: worth an alert. They never stop the log.
  std::uint64_t witness_failures() const { return witness_failures_; }

 private:
  Log(FileSystem& files, const Clock& clock, const Keys& keys, LogOptions options, std::unique_ptr<FileLock> lock);
  Result<void> start();
  Result<void> start_segment();
  Result<Bytes> read_segment(const std::string& name);
  Result<void> resume_segment(ByteView unfinished);
  Result<void> cut(ByteView unfinished);
  Result<void> require_checkpoints_kept();
  Result<void> require_kept(const std::optional<Checkpoint>& checkpoint) const;
  Result<void> mend_checkpoint_file();
  Result<std::uint64_t> append_locked(std::span<const Entry> entries);
  Result<void> write_frame(const std::vector<std::string>& texts);
  Result<void> checkpoint_locked();
  Result<void> checkpoint_if_due();
  std::string path_of(std::string_view name) const;
  Error refuse(Error cause);

  FileSystem& files_;
  const Clock& clock_;
  const Keys& keys_;
  const LogOptions options_;
  const std::unique_ptr<FileLock> lock_;

  mutable std::mutex mutex_;
  ChainState state_;                       // what is acknowledged
  std::string segment_path_;
  std::uint64_t segment_size_ = 0;         // acknowledged bytes
  std::unique_ptr<AppendFile> segment_;
  std::uint64_t checkpointed_ = 0;         // size at the last checkpoint
  SteadyTime checkpointed_at_{};
  bool closed_ = false;
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> witness_failures_{0};
  std::optional<Recovery> recovery_;
};

/// The segments of a folder by first index.
Result<std::vector<std::pair<std::uint64_t, std::string>>> list_segments(FileSystem& files, const std::string& folder);

/// No segment is larger than this.
inline constexpr std::size_t kMaxSegmentBytes = 256 * 1024 * 1024;

}  // namespace osler::audit
