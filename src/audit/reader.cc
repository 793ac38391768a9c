#include "audit/reader.h"

#include <algorithm>

#include "audit/log.h"

namespace osler::audit {

namespace {

Error damaged(const std::string& folder, const std::string& name, const std::string& what) {
  return make_error(ErrorCode::corrupted, "The audit log in " + folder + " is damaged; run `osler audit verify`.", name + ": " + what);
}

struct Segment {
  Bytes bytes;
  DecodedHeader header;
};

Result<Segment> read_segment(FileSystem& files, const Keys& keys, const std::string& folder, const std::string& name) {
  Segment segment{TRY(files.read(folder + "/" + name, kMaxSegmentBytes)), {}};
  Result<DecodedHeader> header = decode_header(keys, segment.bytes);
  if (!header) return damaged(folder, name, header.error().internal);
  segment.header = std::move(*header);
  return segment;
}

/// Shows the entries of one segment; the state after them.
Result<ChainState> walk(const Keys& keys, Segment segment, const std::string& folder, const std::string& name, bool last, const EntryReader& visit) {
  Result<void> outcome = ok();
  Scan scan = scan_frames(keys, segment.bytes, std::move(segment.header), [&](std::string_view json, const ChainState& after) {
    if (outcome) outcome = visit(after.next_index() - 1, json);
  });
  TRY_VOID(outcome);
  if (scan.tail == TailKind::damaged || (scan.tail == TailKind::torn && !last))
    return damaged(folder, name, "at byte " + std::to_string(scan.good_bytes) + ", after entry " + std::to_string(scan.state.next_index()));
  return std::move(scan.state);
}

}  // namespace

Result<std::uint64_t> read_entries(FileSystem& files, const Keys& keys, const std::string& folder, const EntryReader& visit, std::uint64_t from,
                                   std::uint64_t until) {
  const auto segments = TRY(list_segments(files, folder));
  if (segments.empty()) return make_error(ErrorCode::not_found, "There is no audit log in " + folder + ".");
  std::size_t first = 0;
  while (first + 1 < segments.size() && segments[first + 1].first <= from) ++first;
  const auto wanted = [&](std::uint64_t index, std::string_view json) { return index < from || index >= until ? Result<void>(ok()) : visit(index, json); };
  ChainState reached;
  for (std::size_t i = first; i < segments.size() && (i == first || segments[i].first < until); ++i) {
    const std::string& name = segments[i].second;
    Segment segment = TRY(read_segment(files, keys, folder, name));
    const ChainState& start = segment.header.state;
    if (i == first && first > 0) reached = start;
    if (start.next_index() != reached.next_index() || start.mac != reached.mac)
      return damaged(folder, name, "does not continue after entry " + std::to_string(reached.next_index()));
    reached = TRY(walk(keys, std::move(segment), folder, name, i + 1 == segments.size(), wanted));
  }
  return reached.next_index();
}

Result<std::optional<std::string>> last_entry(FileSystem& files, const Keys& keys, const std::string& folder, std::size_t segments,
                                              const std::function<bool(std::string_view json)>& wanted) {
  const auto names = TRY(list_segments(files, folder));
  const std::size_t first = names.size() - std::min(names.size(), segments);
  std::optional<std::string> found;
  for (std::size_t i = names.size(); i > first && !found; --i) {
    const std::string& name = names[i - 1].second;
    TRY(walk(keys, TRY(read_segment(files, keys, folder, name)), folder, name, i == names.size(), [&](std::uint64_t, std::string_view json) -> Result<void> {
      if (wanted(json)) found = std::string(json);
      return ok();
    }));
  }
  return found;
}

Result<bool> is_log(FileSystem& files, const std::string& folder) {
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names && names.error().code == ErrorCode::not_found) return false;
  if (!names) return names.error();
  return std::any_of(names->begin(), names->end(),
                     [](const std::string& name) { return name == kSecretsFile || name == kCheckpointFile || first_index_of(name).has_value(); });
}

Result<std::vector<std::string>> find_logs(FileSystem& files, const std::string& folder) {
  std::vector<std::string> logs;
  if (TRY(is_log(files, folder))) logs.push_back(folder);
  for (const std::string& name : TRY(files.list(folder)))
    if (TRY(is_log(files, folder + "/" + name))) logs.push_back(folder + "/" + name);
  return logs;
}

}  // namespace osler::audit
