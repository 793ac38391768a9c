#include "audit/verify.h"

#include <map>

#include "audit/witness.h"

namespace osler::audit {

namespace {

/// One walk over one log.
class Verifier {
 public:
  Verifier(FileSystem& files, const Keys& keys, const VerifyOptions& options)
      : files_(files), keys_(keys), options_(options) {}

  Result<VerifyReport> run();

 private:
  struct Expected {
    Digest root;
    std::string file;
  };

  Result<void> read_checkpoint_files();
  void expect(const std::vector<Checkpoint>& checkpoints, const std::string& file, std::uint64_t& covered);
  Result<void> walk_segment(std::uint64_t first_index, const std::string& name, bool last);
  void require_continuity(const ChainState& start, const std::string& name);
  void check_entry(std::string_view json, const ChainState& after, const std::string& name);
  void judge_tail(const Scan& scan, std::size_t bytes, const std::string& name, bool last);
  void check_end();
  void say_what_is_unseen();
  void report(std::uint64_t index, std::string file, std::string text) {
    report_.problems.push_back({index, std::move(file), std::move(text)});
  }

  FileSystem& files_;
  const Keys& keys_;
  const VerifyOptions& options_;
  std::multimap<std::uint64_t, Expected> expected_;  // by size
  ChainState state_;
  VerifyReport report_;
};

Result<VerifyReport> Verifier::run() {
  TRY_VOID(read_checkpoint_files());
  const auto segments = TRY(list_segments(files_, options_.folder));
  report_.segments = segments.size();
  if (segments.empty()) report(0, options_.folder, "there is no log here");
  for (std::size_t i = 0; i < segments.size(); ++i)
    TRY_VOID(walk_segment(segments[i].first, segments[i].second, i + 1 == segments.size()));
  report_.entries = state_.next_index();
  report_.root = state_.frontier.root();
  check_end();
  say_what_is_unseen();
  return std::move(report_);
}

Result<void> Verifier::read_checkpoint_files() {
  const vault::PublicKey& key = keys_.signer().public_key();
  const std::string name(kCheckpointFile);
  const CheckpointFile own = TRY(read_checkpoints(files_, options_.folder + "/" + name, key));
  for (const std::size_t line : own.bad_lines) report(0, name, "line " + std::to_string(line) + " is not signed by this log's key");
  if (own.torn) report_.notes.push_back("the last checkpoint is unfinished; the next start cuts it");
  report_.checkpoints = own.checkpoints.size();
  expect(own.checkpoints, name, report_.checkpointed_entries);
  for (std::size_t i = 1; i < own.checkpoints.size(); ++i)
    if (own.checkpoints[i].size < own.checkpoints[i - 1].size)
      report(own.checkpoints[i].size, name, "a checkpoint stands behind one of a longer log: lines were reordered or put back");
  if (options_.witness.empty()) return ok();
  const CheckpointFile witness = TRY(read_witness(files_, options_.witness, key));
  report_.witness_lines = witness.checkpoints.size();
  report_.foreign_witness_lines = witness.bad_lines.size();
  expect(witness.checkpoints, "witness", report_.witnessed_entries);
  return ok();
}

void Verifier::expect(const std::vector<Checkpoint>& checkpoints, const std::string& file, std::uint64_t& covered) {
  for (const Checkpoint& checkpoint : checkpoints) {
    expected_.emplace(checkpoint.size, Expected{checkpoint.root, file});
    covered = std::max(covered, checkpoint.size);
  }
}

Result<void> Verifier::walk_segment(std::uint64_t first_index, const std::string& name, bool last) {
  const Bytes bytes = TRY(files_.read(options_.folder + "/" + name, kMaxSegmentBytes));
  Result<DecodedHeader> header = decode_header(keys_, bytes);
  if (!header) {
    report(first_index, name, header.error().internal);
    return ok();
  }
  if (header->state.next_index() != first_index) report(first_index, name, "holds other entries than its name says");
  require_continuity(header->state, name);
  const Scan scan = scan_frames(keys_, bytes, std::move(*header),
                                [&](std::string_view json, const ChainState& after) { check_entry(json, after, name); });
  state_ = scan.state;
  judge_tail(scan, bytes.size(), name, last);
  return ok();
}

void Verifier::require_continuity(const ChainState& start, const std::string& name) {
  const std::uint64_t reached = state_.next_index();
  const std::uint64_t begins = start.next_index();
  if (begins > reached)
    report(reached, name, "entries " + std::to_string(reached) + " to " + std::to_string(begins - 1) + " are missing before it");
  else if (begins < reached)
    report(begins, name, "repeats entries that stand before it");
  else if (start.mac != state_.mac || start.frontier.roots() != state_.frontier.roots())
    report(begins, name, "does not continue the segment before it");
}

void Verifier::check_entry(std::string_view json, const ChainState& after, const std::string& name) {
  const std::uint64_t index = after.next_index() - 1;
  if (!json.starts_with("{\"index\":" + std::to_string(index) + ",")) report(index, name, "an entry does not bear its index");
  const auto [begin, end] = expected_.equal_range(after.next_index());
  if (begin == end) return;
  const Digest root = after.frontier.root();
  for (auto checkpoint = begin; checkpoint != end; ++checkpoint)
    if (checkpoint->second.root != root)
      report(index, name, "the entries up to here are not those that a checkpoint of " + checkpoint->second.file + " signed");
}

void Verifier::judge_tail(const Scan& scan, std::size_t bytes, const std::string& name, bool last) {
  const std::uint64_t index = scan.state.next_index();
  const std::string place = " at byte " + std::to_string(scan.good_bytes) + " of " + std::to_string(bytes);
  if (scan.tail == TailKind::damaged) report(index, name, "changed, deleted, inserted or reordered" + place);
  if (scan.tail == TailKind::torn && !last) report(index, name, "cut short" + place);
  if (scan.tail == TailKind::torn && last)
    report_.notes.push_back("an unfinished write follows entry " + std::to_string(index) + place + "; the next start cuts it");
}

void Verifier::check_end() {
  const std::uint64_t entries = state_.next_index();
  for (auto beyond = expected_.upper_bound(entries); beyond != expected_.end(); ++beyond)
    report(entries, beyond->second.file,
           "a checkpoint covers " + std::to_string(beyond->first) + " entries, the log ends after " + std::to_string(entries));
  // A log signs a checkpoint at every so many entries: fewer mean that some were taken away.
  if (entries >= report_.checkpointed_entries + options_.checkpoint_entries + kMaxFrameEntries)
    report(report_.checkpointed_entries, std::string(kCheckpointFile), "checkpoints are missing");
}

void Verifier::say_what_is_unseen() {
  const std::uint64_t covered = std::max(report_.checkpointed_entries, report_.witnessed_entries);
  const std::string count = std::to_string(covered);
  report_.unseen.push_back("whether entries that came after the last checkpoint (" + count + " entries) were cut off the end");
  if (options_.witness.empty())
    report_.unseen.push_back("whether the whole folder was put back to an older copy, or was emptied: no witness is set (AUDIT_WITNESS)");
  else if (is_syslog(options_.witness))
    report_.unseen.push_back("whether the whole folder was put back to an older copy: the witness is a journal, which cannot be read back from here; take "
                             "its lines out (journalctl -t osler-checkpoint -o cat) and give them with --witness FILE");
  else if (report_.witnessed_entries == 0)
    report_.unseen.push_back("whether the whole folder was put back to an older copy: the witness holds no checkpoint of this log");
  else
    report_.unseen.push_back("whether the folder was put back to a copy that is older than now and younger than the last "
                             "checkpoint of the witness (" + std::to_string(report_.witnessed_entries) + " entries)");
}

}  // namespace

Result<VerifyReport> verify(FileSystem& files, const Keys& keys, const VerifyOptions& options) {
  return Verifier(files, keys, options).run();
}

}  // namespace osler::audit
