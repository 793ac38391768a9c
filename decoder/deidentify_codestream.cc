#include "decoder/deidentify_codestream.h"

#include <algorithm>

namespace osler::decoder {

namespace {

constexpr unsigned kStartOfPicture = 0xd8, kEndOfPicture = 0xd9, kStartOfScan = 0xda, kComment = 0xfe, kApplication0 = 0xe0;
constexpr unsigned kJ2kStart = 0xff4f, kJ2kTileLengths = 0xff55, kJ2kComment = 0xff64, kJ2kTilePart = 0xff90, kJ2kData = 0xff93, kJ2kEnd = 0xffd9;
constexpr std::size_t kTilePartHeader = 12;

std::size_t word(ByteView bytes, std::size_t at) { return std::size_t{bytes[at]} << 8 | bytes[at + 1]; }
std::size_t double_word(ByteView bytes, std::size_t at) { return word(bytes, at) << 16 | word(bytes, at + 2); }

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

Error broken() { return make_error(ErrorCode::malformed, "A compressed picture is damaged, so that texts in it cannot be told from the picture."); }

bool starts_with(ByteView payload, std::string_view name) { return as_text(payload).starts_with(name); }

/// Whether an application segment says only how colours are stored.
bool is_about_colour(unsigned marker, ByteView payload) {
  if (marker == kApplication0) return payload.size() == 14 && starts_with(payload, std::string_view("JFIF\0", 5)) && payload[12] == 0 && payload[13] == 0;
  if (marker == kApplication0 + 8) return payload.size() == 5 && starts_with(payload, "mrfx");
  if (marker == kApplication0 + 14) return payload.size() == 12 && starts_with(payload, "Adobe");
  return false;
}

bool is_text(unsigned marker, ByteView payload) {
  return marker == kComment || (marker >= kApplication0 && marker < kApplication0 + 16 && !is_about_colour(marker, payload));
}

bool has_no_length(unsigned marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7); }

/// The next marker that ends coded data; the end of the stream if there is none.
std::size_t end_of_scan(ByteView stream, std::size_t at) {
  for (; at + 1 < stream.size(); ++at)
    if (stream[at] == 0xff && stream[at + 1] >= 0x80 && stream[at + 1] != 0xff && !has_no_length(stream[at + 1])) return at;
  return stream.size();
}

/// The code stream in the box `jp2c`, or all of it where there are no boxes; empty if it cannot be found.
ByteView without_boxes(ByteView bytes) {
  constexpr std::size_t kSignatureBox = 0x6a502020, kStreamBox = 0x6a703263;
  if (bytes.size() < 12 || double_word(bytes, 4) != kSignatureBox) return bytes;
  for (std::size_t at = 0; at + 8 <= bytes.size();) {
    const std::size_t length = double_word(bytes, at);
    if (double_word(bytes, at + 4) == kStreamBox) return length == 0 ? bytes.subspan(at + 8) : bytes.subspan(at + 8, std::min(std::max<std::size_t>(length, 8) - 8, bytes.size() - at - 8));
    if (length < 8 || length > bytes.size() - at) return {};
    at += length;
  }
  return {};
}

/// Copies the segments of a header up to `end_marker` without comments and tile lengths (which no longer hold). Where the marker stands.
Result<std::size_t> copy_header(ByteView stream, std::size_t at, unsigned end_marker, Bytes& to) {
  while (at + 4 <= stream.size() && word(stream, at) != end_marker) {
    const std::size_t marker = word(stream, at), length = word(stream, at + 2);
    if (marker < 0xff00 || length < 2 || at + 2 + length > stream.size()) return broken();
    if (marker != kJ2kComment && marker != kJ2kTileLengths) append(to, stream.subspan(at, 2 + length));
    at += 2 + length;
  }
  if (at + 2 > stream.size() || word(stream, at) != end_marker) return broken();
  return at;
}

/// One tile part; where the next one, or the end, stands.
Result<std::size_t> copy_tile_part(ByteView stream, std::size_t at, Bytes& to) {
  if (at + kTilePartHeader > stream.size() || word(stream, at + 2) != kTilePartHeader - 2) return broken();
  const std::size_t declared = double_word(stream, at + 6);  // 0: up to the end of the picture
  const auto last_end = [&]() -> std::size_t {
    for (std::size_t i = stream.size(); i >= at + 2; --i)
      if (word(stream, i - 2) == kJ2kEnd) return i - 2;
    return stream.size();
  };
  const std::size_t end = declared == 0 ? last_end() : std::min(at + declared, stream.size());
  const std::size_t start_of_copy = to.size();
  append(to, stream.subspan(at, kTilePartHeader));
  const std::size_t data = TRY(copy_header(stream.first(std::max(end, at + kTilePartHeader)), at + kTilePartHeader, kJ2kData, to));
  append(to, stream.subspan(data, end - data));
  if (declared == 0) return end;
  const std::size_t length = to.size() - start_of_copy;
  for (int i = 0; i < 4; ++i) to[start_of_copy + 6 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  return end;
}

}  // namespace

Result<Bytes> without_jpeg_texts(ByteView stream) {
  if (stream.size() < 4 || word(stream, 0) != (0xff00 | kStartOfPicture)) return broken();
  Bytes kept;
  kept.reserve(stream.size());
  append(kept, stream.first(2));
  std::size_t at = 2;
  while (at + 2 <= stream.size()) {
    if (stream[at] != 0xff) return broken();
    const unsigned marker = stream[at + 1];
    if (marker == 0xff) { ++at; continue; }  // fill byte
    const bool is_end = marker == kEndOfPicture;
    if (is_end || has_no_length(marker)) {
      append(kept, stream.subspan(at, 2));
      at += 2;
      if (is_end) return kept;
      continue;
    }
    if (at + 4 > stream.size()) return broken();
    const std::size_t length = word(stream, at + 2);
    if (length < 2 || at + 2 + length > stream.size()) return broken();
    if (!is_text(marker, stream.subspan(at + 4, length - 2))) append(kept, stream.subspan(at, 2 + length));
    at += 2 + length;
    if (marker != kStartOfScan) continue;
    const std::size_t end = end_of_scan(stream, at);
    append(kept, stream.subspan(at, end - at));
    at = end;
  }
  return kept;  // no end marker: decoders bear that
}

Result<Bytes> without_jpeg2000_texts(ByteView boxed) {
  const ByteView stream = without_boxes(boxed);
  if (stream.size() < 4 || word(stream, 0) != kJ2kStart) return broken();
  Bytes kept;
  kept.reserve(stream.size());
  append(kept, stream.first(2));
  std::size_t at = TRY(copy_header(stream, 2, kJ2kTilePart, kept));
  while (at + 2 <= stream.size() && word(stream, at) == kJ2kTilePart) at = TRY(copy_tile_part(stream, at, kept));
  kept.push_back(kJ2kEnd >> 8);
  kept.push_back(kJ2kEnd & 0xff);
  return kept;
}

}  // namespace osler::decoder
