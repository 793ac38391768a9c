// The bytes of one segment of the log: a header, then frames. Grammar: docs/formats/audit_log.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audit/keys.h"
#include "audit/merkle.h"
#include "base/bytes.h"
#include "base/result.h"

namespace osler::audit {

inline constexpr std::size_t kMaxFrameEntries = 4096;
inline constexpr std::size_t kMaxFrameBytes = 32 * 1024 * 1024;

/// What a frame depends on: everything that was logged before it.
struct ChainState {
  Frontier frontier;
  Digest mac{};  // of the frame before; all zero at the start of a log

  std::uint64_t next_index() const { return frontier.size(); }
};

/// `entries-<20 digits>.log`
std::string segment_name(std::uint64_t first_index);
/// The first index that a file name of this shape names.
std::optional<std::uint64_t> first_index_of(std::string_view file_name);

/// The start of a segment: the state of the chain up to here, authenticated, so that the last segment alone is enough to
/// go on.
Bytes encode_header(const Keys& keys, const ChainState& state);

struct DecodedHeader {
  ChainState state;
  std::size_t size = 0;  // bytes
};
/// ErrorCode::corrupted when it was not written under these keys.
Result<DecodedHeader> decode_header(const Keys& keys, ByteView segment);

/// One frame of the entries (1 to kMaxFrameEntries canonical JSON texts) at byte `offset` of its segment; moves `state` on.
Bytes encode_frame(const Keys& keys, ChainState& state, std::uint64_t offset, const std::vector<std::string>& entries);

enum class TailKind {
  clean,      // the last frame ends where the segment does
  torn,       // an unfinished write: was never synced, so never acknowledged
  damaged,    // bytes were changed after they were written
};

struct Scan {
  ChainState state;             // after the last good frame
  std::size_t good_bytes = 0;   // header and good frames
  TailKind tail = TailKind::clean;
};

using EntryVisitor = std::function<void(std::string_view json, const ChainState& after)>;

/// Walks the frames of a whole segment until its end or the first frame that is not good; `visit` (may be empty) sees every
/// entry of good frames in order, with the tree including it. `header` comes from decode_header().
Scan scan_frames(const Keys& keys, ByteView segment, DecodedHeader header, const EntryVisitor& visit);

}  // namespace osler::audit
