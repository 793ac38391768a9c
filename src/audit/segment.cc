#include "audit/segment.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>

#include "base/check.h"

namespace osler::audit {

namespace {

constexpr std::string_view kMagic = "OSLAUD1\n";
constexpr std::string_view kNamePrefix = "entries-";
constexpr std::string_view kNameSuffix = ".log";
constexpr std::size_t kIndexDigits = 20;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kPlainFrameHeader = 16;  // payload length u32, entry count u32, first index u64
constexpr std::size_t kFrameHeader = kPlainFrameHeader + 8;
constexpr std::size_t kSectorBytes = 512;      // what a disk writes whole or not at all

template <typename Integer>
void append_integer(Bytes& bytes, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <typename Integer>
Integer read_integer(ByteView bytes, std::size_t at) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value |= static_cast<Integer>(static_cast<Integer>(bytes[at + i]) << (8 * i));
  return value;
}

void append_bytes(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

Error damaged(const char* what) { return make_error(ErrorCode::corrupted, "The audit log is damaged.", what); }

struct FrameHeader {
  std::size_t payload = 0;
  std::size_t entries = 0;
  std::uint64_t first_index = 0;

  std::size_t frame_bytes() const { return kFrameHeader + payload + kMacBytes; }
};

/// Bound to its offset, so that a header found further on is known to be one of ours.
Bytes header_mac(const Keys& keys, ByteView plain, std::uint64_t offset) {
  Bytes message;
  append_bytes(message, as_bytes("frame header"));
  append_integer<std::uint64_t>(message, offset);
  append_bytes(message, plain);
  const Digest mac = keys.authenticate(message);
  return Bytes(mac.begin(), mac.begin() + 8);
}

Digest frame_mac(const Keys& keys, const Digest& previous, ByteView frame_without_mac) {
  Bytes message;
  message.reserve(8 + kMacBytes + frame_without_mac.size());
  append_bytes(message, as_bytes("frame   "));
  append_bytes(message, previous);
  append_bytes(message, frame_without_mac);
  return keys.authenticate(message);
}

std::optional<FrameHeader> read_frame_header(const Keys& keys, ByteView segment, std::size_t offset, std::uint64_t least_index) {
  if (segment.size() - offset < kFrameHeader) return std::nullopt;
  const FrameHeader header{read_integer<std::uint32_t>(segment, offset), read_integer<std::uint32_t>(segment, offset + 4),
                           read_integer<std::uint64_t>(segment, offset + 8)};
  // Cheap tests first: this runs at every byte of a bad tail.
  if (header.entries == 0 || header.entries > kMaxFrameEntries || header.payload > kMaxFrameBytes) return std::nullopt;
  if (header.first_index < least_index || header.first_index - least_index > kMaxFrameBytes) return std::nullopt;
  const Bytes mac = header_mac(keys, segment.subspan(offset, kPlainFrameHeader), offset);
  if (!constant_time_equal(mac, segment.subspan(offset + kPlainFrameHeader, mac.size()))) return std::nullopt;
  return header;
}

/// The entries of an authenticated payload; false when their lengths do not add up.
bool split_entries(ByteView payload, std::size_t count, std::vector<std::string_view>& entries) {
  for (; count > 0; --count) {
    if (payload.size() < 4) return false;
    const std::size_t length = read_integer<std::uint32_t>(payload, 0);
    if (payload.size() - 4 < length) return false;
    entries.push_back(as_text(payload.subspan(4, length)));
    payload = payload.subspan(4 + length);
  }
  return payload.empty();
}

bool has_empty_sector(ByteView segment, std::size_t begin) {
  while (begin < segment.size()) {
    const std::size_t end = std::min(segment.size(), (begin / kSectorBytes + 1) * kSectorBytes);
    if (std::all_of(segment.begin() + begin, segment.begin() + end, [](std::uint8_t byte) { return byte == 0; })) return true;
    begin = end;
  }
  return false;
}

/// True when some frame of ours begins after `offset`: then whatever is at `offset` was synced before that one was written.
bool frame_follows(const Keys& keys, ByteView segment, std::size_t offset, std::uint64_t next_index) {
  for (std::size_t at = offset + 1; at + kFrameHeader <= segment.size(); ++at)
    if (read_frame_header(keys, segment, at, next_index + 1)) return true;
  return false;
}

/// What stands at `offset`, where no good frame does. One write is in flight at a time, so a torn one is the last thing in
/// the file: it is cut short, or sectors of it never came (they read as zeros). Anything else was changed later.
TailKind classify_tail(const Keys& keys, ByteView segment, std::size_t offset, std::uint64_t next_index) {
  if (frame_follows(keys, segment, offset, next_index)) return TailKind::damaged;
  if (segment.size() - offset < kFrameHeader || has_empty_sector(segment, offset)) return TailKind::torn;
  const auto header = read_frame_header(keys, segment, offset, next_index);
  if (!header || header->first_index != next_index) return TailKind::damaged;
  return header->frame_bytes() > segment.size() - offset ? TailKind::torn : TailKind::damaged;
}

/// Moves `state` over the frame at `offset` and returns its size, or 0 when there is no good frame.
std::size_t accept_frame(const Keys& keys, ByteView segment, std::size_t offset, ChainState& state, const EntryVisitor& visit) {
  const auto header = read_frame_header(keys, segment, offset, state.next_index());
  if (!header || header->first_index != state.next_index() || header->frame_bytes() > segment.size() - offset) return 0;
  const std::size_t body = kFrameHeader + header->payload;
  const Digest mac = frame_mac(keys, state.mac, segment.subspan(offset, body));
  if (!constant_time_equal(mac, segment.subspan(offset + body, kMacBytes))) return 0;
  std::vector<std::string_view> entries;
  if (!split_entries(segment.subspan(offset + kFrameHeader, header->payload), header->entries, entries)) return 0;
  state.mac = mac;
  for (const std::string_view entry : entries) {
    state.frontier.add(leaf_hash(as_bytes(entry)));
    if (visit) visit(entry, state);
  }
  return header->frame_bytes();
}

}  // namespace

std::string segment_name(std::uint64_t first_index) {
  const std::string digits = std::to_string(first_index);
  return std::string(kNamePrefix) + std::string(kIndexDigits - digits.size(), '0') + digits + std::string(kNameSuffix);
}

std::optional<std::uint64_t> first_index_of(std::string_view name) {
  if (name.size() != kNamePrefix.size() + kIndexDigits + kNameSuffix.size()) return std::nullopt;
  std::uint64_t index = 0;
  const char* begin = name.data() + kNamePrefix.size();
  const auto [end, failure] = std::from_chars(begin, begin + kIndexDigits, index);
  if (failure != std::errc() || end != begin + kIndexDigits || segment_name(index) != name) return std::nullopt;
  return index;
}

Bytes encode_header(const Keys& keys, const ChainState& state) {
  Bytes bytes(kMagic.begin(), kMagic.end());
  append_integer<std::uint64_t>(bytes, state.next_index());
  for (const Digest& root : state.frontier.roots()) append_bytes(bytes, root);
  append_bytes(bytes, state.mac);
  append_bytes(bytes, keys.authenticate(bytes));
  return bytes;
}

Result<DecodedHeader> decode_header(const Keys& keys, ByteView segment) {
  const std::size_t fixed = kMagic.size() + 8;
  if (segment.size() < fixed || as_text(segment.first(kMagic.size())) != kMagic) return damaged("not an audit segment");
  const std::uint64_t first = read_integer<std::uint64_t>(segment, kMagic.size());
  const std::size_t roots = static_cast<std::size_t>(std::popcount(first));
  const std::size_t authenticated = fixed + (roots + 1) * kMacBytes;
  if (segment.size() < authenticated + kMacBytes) return damaged("segment header cut short");
  const Digest mac = keys.authenticate(segment.first(authenticated));
  if (!constant_time_equal(mac, segment.subspan(authenticated, kMacBytes)))
    return damaged("segment header changed, or written under other keys");
  const auto digest_at = [&](std::size_t number) {
    Digest digest;
    std::copy_n(segment.begin() + fixed + number * kMacBytes, kMacBytes, digest.begin());
    return digest;
  };
  std::vector<Digest> hashes;
  for (std::size_t i = 0; i < roots; ++i) hashes.push_back(digest_at(i));
  return DecodedHeader{{TRY(Frontier::restore(first, std::move(hashes))), digest_at(roots)}, authenticated + kMacBytes};
}

Bytes encode_frame(const Keys& keys, ChainState& state, std::uint64_t offset, const std::vector<std::string>& entries) {
  CHECK(!entries.empty() && entries.size() <= kMaxFrameEntries);
  std::size_t payload = 0;
  for (const std::string& entry : entries) payload += 4 + entry.size();
  CHECK(payload <= kMaxFrameBytes);
  Bytes frame;
  frame.reserve(kFrameHeader + payload + kMacBytes);
  append_integer<std::uint32_t>(frame, static_cast<std::uint32_t>(payload));
  append_integer<std::uint32_t>(frame, static_cast<std::uint32_t>(entries.size()));
  append_integer<std::uint64_t>(frame, state.next_index());
  append_bytes(frame, header_mac(keys, frame, offset));
  for (const std::string& entry : entries) {
    append_integer<std::uint32_t>(frame, static_cast<std::uint32_t>(entry.size()));
    append_bytes(frame, as_bytes(entry));
    state.frontier.add(leaf_hash(as_bytes(entry)));
  }
  state.mac = frame_mac(keys, state.mac, frame);
  append_bytes(frame, state.mac);
  return frame;
}

Scan scan_frames(const Keys& keys, ByteView segment, DecodedHeader header, const EntryVisitor& visit) {
  Scan scan{std::move(header.state), header.size, TailKind::clean};
  while (scan.good_bytes < segment.size()) {
    const std::size_t taken = accept_frame(keys, segment, scan.good_bytes, scan.state, visit);
    if (taken == 0) {
      scan.tail = classify_tail(keys, segment, scan.good_bytes, scan.state.next_index());
      break;
    }
    scan.good_bytes += taken;
  }
  return scan;
}

}  // namespace osler::audit
