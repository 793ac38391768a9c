#include "audit/log.h"

#include <filesystem>

#include "audit/actions.h"
#include "audit/witness.h"
#include "base/check.h"
#include "base/limits.h"

namespace osler::audit {

namespace {

constexpr std::string_view kLockFile = "LOCK";
constexpr unsigned kOwnerOnly = 0600;

Error damaged(std::string what) {
  return make_error(ErrorCode::corrupted, "The audit log is damaged; run `osler audit verify`.", std::move(what));
}

std::string parent_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

Entry recovery_entry(const Recovery& recovery) {
  Entry entry;
  entry.actor = "system";
  entry.role = "system";
  entry.action = name_of(Action::log_recovered);
  entry.outcome = "cut " + std::to_string(recovery.cut_bytes) + " bytes of an unfinished write";
  return entry;
}

}  // namespace

Result<std::vector<std::pair<std::uint64_t, std::string>>> list_segments(FileSystem& files, const std::string& folder) {
  std::vector<std::pair<std::uint64_t, std::string>> segments;
  for (const std::string& name : TRY(files.list(folder)))
    if (const auto first = first_index_of(name)) segments.emplace_back(*first, name);
  return segments;
}

Log::Log(FileSystem& files, const Clock& clock, const Keys& keys, LogOptions options, std::unique_ptr<FileLock> lock)
    : files_(files), clock_(clock), keys_(keys), options_(std::move(options)), lock_(std::move(lock)),
      checkpointed_at_(clock.steady_now()) {}

Log::~Log() { static_cast<void>(close()); }

std::string Log::path_of(std::string_view name) const { return options_.folder + "/" + std::string(name); }

Result<std::unique_ptr<Log>> Log::open(FileSystem& files, const Clock& clock, const Keys& keys, LogOptions options) {
  TRY_VOID(files.make_folders(options.folder));
  TRY_VOID(files.sync_folder(parent_of(options.folder)));
  Result<std::unique_ptr<FileLock>> lock = files.lock(options.folder + "/" + std::string(kLockFile));
  if (!lock && lock.error().code == ErrorCode::conflict)
    return make_error(ErrorCode::conflict, "Another process writes this audit log.", options.folder);
  std::unique_ptr<Log> log(new Log(files, clock, keys, std::move(options), TRY(std::move(lock))));
  const Result<void> started = log->start();
  if (!started) {
    log->closed_ = true;  // nothing of a log that did not start is to be signed
    return started.error();
  }
  return log;
}

Result<void> Log::start() {
  const auto segments = TRY(list_segments(files_, options_.folder));
  Bytes unfinished;
  if (!segments.empty()) unfinished = TRY(read_segment(segments.back().second));
  TRY_VOID(require_checkpoints_kept());  // nothing is changed before this
  TRY_VOID(segments.empty() ? start_segment() : resume_segment(unfinished));
  TRY_VOID(mend_checkpoint_file());
  if (recovery_) {
    const Entry entry = recovery_entry(*recovery_);
    TRY_VOID(append_locked({&entry, 1}));
  }
  return ok();
}

/// Writes the header of a segment that continues from `state_`, and makes its name durable.
Result<void> Log::start_segment() {
  const std::string path = path_of(segment_name(state_.next_index()));
  const Bytes header = encode_header(keys_, state_);
  TRY_VOID(files_.write_atomically(path, header, kOwnerOnly));
  segment_ = TRY(files_.open_append(path));
  segment_path_ = path;
  segment_size_ = header.size();
  return ok();
}

/// Where the log ends, and what follows there of an unfinished write.
Result<Bytes> Log::read_segment(const std::string& name) {
  segment_path_ = path_of(name);
  const Bytes bytes = TRY(files_.read(segment_path_, kMaxSegmentBytes));
  DecodedHeader header = TRY(decode_header(keys_, bytes));
  if (segment_name(header.state.next_index()) != name) return damaged(name + " was renamed");
  Scan scan = scan_frames(keys_, bytes, std::move(header), {});
  if (scan.tail == TailKind::damaged) return damaged(name + " at byte " + std::to_string(scan.good_bytes));
  state_ = std::move(scan.state);
  segment_size_ = scan.good_bytes;
  return Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(scan.good_bytes), bytes.end());
}

Result<void> Log::resume_segment(ByteView unfinished) {
  if (!unfinished.empty()) TRY_VOID(cut(unfinished));
  segment_ = TRY(files_.open_append(segment_path_));
  // What a killed process wrote and did not sync is in the page cache only: make it durable before building on it.
  return segment_->sync();
}

Result<void> Log::cut(ByteView unfinished) {
  recovery_ = Recovery{state_.next_index(), unfinished.size()};
  const std::string prefix = "torn-" + std::to_string(recovery_->next_index) + "-";
  std::size_t number = 0;
  while (files_.exists(path_of(prefix + std::to_string(number) + ".bin"))) ++number;
  TRY_VOID(files_.write_atomically(path_of(prefix + std::to_string(number) + ".bin"), unfinished, kOwnerOnly));
  return files_.truncate(segment_path_, segment_size_);
}

/// A log shorter than one of its own checkpoints has lost entries that were acknowledged. Sizes only grow, so the last of each file tells.
Result<void> Log::require_checkpoints_kept() {
  const vault::PublicKey& key = keys_.signer().public_key();
  const NewestCheckpoint own = TRY(newest_checkpoint(files_, path_of(kCheckpointFile), key));
  if (own.lines_behind_it > 0) return damaged("the last line of " + std::string(kCheckpointFile) + " is not genuine");
  if (own.checkpoint) checkpointed_ = own.checkpoint->size;
  TRY_VOID(require_kept(own.checkpoint));
  // Others may write into a witness file (another replica, commands): only what is genuine counts.
  return options_.witness.empty() ? ok() : require_kept(TRY(newest_witnessed(files_, options_.witness, key)));
}

Result<void> Log::require_kept(const std::optional<Checkpoint>& checkpoint) const {
  if (!checkpoint) return ok();
  if (checkpoint->size > state_.next_index())
    return damaged("a checkpoint covers " + std::to_string(checkpoint->size) + " entries, the log holds " + std::to_string(state_.next_index()));
  if (checkpoint->size == state_.next_index() && checkpoint->root != state_.frontier.root()) return damaged("the last checkpoint has another root");
  return ok();
}

/// Cuts an unfinished last line, so that the next one stands on its own.
Result<void> Log::mend_checkpoint_file() {
  const std::string path = path_of(kCheckpointFile);
  if (!files_.exists(path)) return files_.write_atomically(path, {}, kOwnerOnly);
  const NewestCheckpoint newest = TRY(newest_checkpoint(files_, path, keys_.signer().public_key()));
  return newest.torn ? files_.truncate(path, newest.whole_bytes) : ok();
}

Error Log::refuse(Error cause) {
  broken_ = true;
  segment_.reset();
  return make_error(ErrorCode::unavailable, "The audit log cannot be written.", describe(cause));
}

Result<std::uint64_t> Log::append(std::span<const Entry> entries) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (closed_) return make_error(ErrorCode::unavailable, "The audit log is closed.");
  if (broken_) return make_error(ErrorCode::unavailable, "The audit log cannot be written.", "an earlier write failed");
  return append_locked(entries);
}

Result<std::uint64_t> Log::append_locked(std::span<const Entry> entries) {
  CHECK(!entries.empty() && entries.size() <= kMaxFrameEntries);
  const std::uint64_t first = state_.next_index();
  const std::string time = to_rfc3339(clock_.now());
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  for (const Entry& entry : entries) {
    texts.push_back(to_canonical_json({first + texts.size(), time, entry}));
    bytes += texts.back().size() + 4;
    if (texts.back().size() > limits::kMaxAuditEntryBytes || bytes > kMaxFrameBytes)
      return make_error(ErrorCode::too_large, "An audit entry is too large.");
  }
  TRY_VOID(write_frame(texts));
  TRY_VOID(checkpoint_if_due());
  return first;
}

/// Only a frame that is on stable storage moves the state on.
Result<void> Log::write_frame(const std::vector<std::string>& texts) {
  if (segment_size_ >= options_.segment_bytes) {
    if (const Result<void> signed_off = checkpoint_locked(); !signed_off) return refuse(signed_off.error());
    if (const Result<void> started = start_segment(); !started) return refuse(started.error());
  }
  ChainState next = state_;
  const Bytes frame = encode_frame(keys_, next, segment_size_, texts);
  if (const Result<void> written = segment_->append(frame); !written) return refuse(written.error());
  if (const Result<void> synced = segment_->sync(); !synced) return refuse(synced.error());
  state_ = std::move(next);
  segment_size_ += frame.size();
  return ok();
}

Result<void> Log::recover() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!broken_ || closed_) return ok();
  segment_.reset();
  TRY_VOID(files_.truncate(segment_path_, segment_size_));
  TRY_VOID(mend_checkpoint_file());
  segment_ = TRY(files_.open_append(segment_path_));
  broken_ = false;
  return ok();
}

Result<void> Log::checkpoint_if_due() {
  const bool many = state_.next_index() - checkpointed_ >= options_.checkpoint_entries;
  const bool long_ago = clock_.steady_now() - checkpointed_at_ >= options_.checkpoint_interval;
  if (!many && !long_ago) return ok();
  // The entries are durable already, so their requests succeed; the next append fails and says why.
  if (!checkpoint_locked()) broken_ = true;
  return ok();
}

Result<void> Log::checkpoint_locked() {
  if (state_.next_index() == 0) return ok();
  const Checkpoint checkpoint{state_.next_index(), state_.frontier.root(), to_rfc3339(clock_.now())};
  const std::string line = encode_checkpoint(keys_.signer(), checkpoint);
  const std::unique_ptr<AppendFile> file = TRY(files_.open_append(path_of(kCheckpointFile)));
  TRY_VOID(file->append(as_bytes(line)));
  TRY_VOID(file->sync());
  checkpointed_ = checkpoint.size;
  checkpointed_at_ = clock_.steady_now();
  if (!options_.witness.empty() && !tell_witness(files_, options_.witness, line)) ++witness_failures_;
  return ok();
}

Result<void> Log::checkpoint() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (closed_ || broken_) return make_error(ErrorCode::unavailable, "The audit log cannot be written.");
  if (const Result<void> done = checkpoint_locked(); !done) return refuse(done.error());
  return ok();
}

Result<void> Log::close() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (closed_) return ok();
  closed_ = true;
  segment_.reset();
  if (broken_ || checkpointed_ == state_.next_index()) return ok();
  return checkpoint_locked();
}

std::uint64_t Log::size() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return state_.next_index();
}

Digest Log::root() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return state_.frontier.root();
}

}  // namespace osler::audit
