#include "decoder/file_layout.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace osler::decoder {

namespace {

constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2", kExplicitLittleEndian = "1.2.840.10008.1.2.1",
                           kDeflated = "1.2.840.10008.1.2.1.99", kExplicitBigEndian = "1.2.840.10008.1.2.2";
constexpr std::array kNative = {kImplicitLittleEndian, kExplicitLittleEndian, kDeflated, kExplicitBigEndian};
constexpr std::array<std::string_view, 9> kCompressed = {
  "1.2.840.10008.1.2.5",                                  // RLE
  "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",     // JPEG baseline, extended
  "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",     // JPEG lossless: any predictor, the first
  "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81",     // JPEG-LS lossless, near-lossless
  "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91",     // JPEG 2000 lossless, either
};
// PS3.5 table 6.2-1. Those in the first list have a length of two bytes.
constexpr std::array<std::string_view, 21> kShortVrs = {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM",
  "UI", "UL", "US"};
constexpr std::array<std::string_view, 13> kLongVrs = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};
constexpr std::size_t kPreambleBytes = 128;
constexpr std::size_t kInflateStep = std::size_t{1} << 20;
constexpr std::string_view kDicomDirectory = "1.2.840.10008.1.3.10";

bool is_in(const auto& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::uint16_t word_at(ByteView bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] | bytes[offset + 1] << 8);
}

std::uint32_t double_word_at(ByteView bytes, std::size_t offset) {
  return word_at(bytes, offset) | static_cast<std::uint32_t>(word_at(bytes, offset + 2)) << 16;
}

Error broken_meta(const std::string& what) {
  return make_error(ErrorCode::malformed, "The DICOM file's meta information " + what);
}

/// One element of the meta information, explicit VR little endian.
struct MetaElement {
  std::uint16_t element = 0;
  ByteView value;
  std::size_t end = 0;  // where the next one starts
};

Result<MetaElement> read_meta_element(ByteView bytes, std::size_t offset) {
  if (bytes.size() - offset < 12) return broken_meta("is cut short.");
  const std::string_view vr = as_text(bytes.subspan(offset + 4, 2));
  const std::optional<std::size_t> known = explicit_header_bytes(vr);
  if (!known) return broken_meta("has an element of an unknown type (VR); it must be in explicit VR little endian.");
  const std::size_t header = *known;
  const std::size_t length = header == 12 ? double_word_at(bytes, offset + 8) : word_at(bytes, offset + 6);
  if (vr == "SQ" || length > bytes.size() - offset - header) return broken_meta("has an element that is longer than the file.");
  return MetaElement{word_at(bytes, offset + 2), bytes.subspan(offset + header, length), offset + header + length};
}

struct Meta {
  std::string sop_class, transfer_syntax;
  std::size_t end = 0;
};

bool is_meta_at(ByteView bytes, std::size_t offset) {
  return bytes.size() - offset >= 4 && word_at(bytes, offset) == 0x0002;
}

std::string uid_in(ByteView value) {  // padded to an even length
  std::string_view text = as_text(value);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

Result<Meta> read_meta(ByteView bytes, std::size_t offset) {
  Meta meta;
  const std::size_t start = offset;
  int last = -1;
  while (is_meta_at(bytes, offset)) {
    const MetaElement element = TRY(read_meta_element(bytes, offset));
    if (element.element <= last) return broken_meta("has elements twice or out of order.");
    last = element.element;
    offset = element.end;
    if (offset - start > limits::kMaxFileMetaBytes) return make_error(ErrorCode::too_large, "The DICOM file's meta information is larger than 64 KiB.");
    if (element.element == 0x0002) meta.sop_class = uid_in(element.value);
    if (element.element == 0x0010) meta.transfer_syntax = uid_in(element.value);
  }
  if (last < 0) return broken_meta("is missing.");
  if (meta.transfer_syntax.empty()) return broken_meta("names no transfer syntax (0002,0010), so that the rest cannot be read.");
  meta.end = offset;
  return meta;
}

/// A data set without a header, as older archives hold them: it starts with the group 0008, whose first elements are few.
std::optional<std::string_view> syntax_of_bare_data_set(ByteView bytes) {
  if (bytes.size() < 16) return {};
  const bool is_big = bytes[0] == 0 && bytes[1] == 8 && bytes[2] == 0;
  if (!is_big && (word_at(bytes, 0) != 0x0008 || word_at(bytes, 2) > 0x0060)) return {};
  const std::string_view vr = as_text(bytes.subspan(4, 2));
  if (is_in(kShortVrs, vr)) return is_big ? kExplicitBigEndian : kExplicitLittleEndian;
  if (is_big || double_word_at(bytes, 4) > 256) return {};
  return kImplicitLittleEndian;
}

/// Here and not by GDCM, which inflates without a bound.
Result<Bytes> inflated(ByteView deflated) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return make_error(ErrorCode::malformed, "The deflated data set cannot be opened.");
  Bytes bytes;
  stream.next_in = const_cast<std::uint8_t*>(deflated.data());  // zlib takes no const; it does not write
  stream.avail_in = static_cast<unsigned>(deflated.size());
  int state = Z_OK;
  while (state == Z_OK && stream.total_out <= limits::kMaxInflatedFilmBytes) {
    bytes.resize(std::max(stream.total_out + kInflateStep, std::min(2 * stream.total_out, limits::kMaxInflatedFilmBytes + kInflateStep)));
    stream.next_out = bytes.data() + stream.total_out;
    stream.avail_out = static_cast<unsigned>(bytes.size() - stream.total_out);
    state = inflate(&stream, Z_NO_FLUSH);
  }
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  if (bytes.size() > limits::kMaxInflatedFilmBytes) return make_error(ErrorCode::too_large, "The deflated data set is larger than 128 MiB.");
  if (state != Z_STREAM_END) return make_error(ErrorCode::malformed, "The deflated data set is damaged or cut short.");
  return bytes;
}

void append(Bytes& bytes, std::string_view text) { bytes.insert(bytes.end(), text.begin(), text.end()); }

Error not_dicom() {
  return make_error(ErrorCode::unsupported_media, "The file is neither DICOM, PNG nor JPEG.");
}

}  // namespace

bool is_compressed(const std::string& transfer_syntax) { return is_in(kCompressed, transfer_syntax); }
bool is_implicit(const std::string& transfer_syntax) { return transfer_syntax == kImplicitLittleEndian; }
bool is_big_endian(const std::string& transfer_syntax) { return transfer_syntax == kExplicitBigEndian; }

std::optional<std::size_t> explicit_header_bytes(std::string_view vr) {
  if (is_in(kLongVrs, vr)) return 12;
  return is_in(kShortVrs, vr) ? std::optional<std::size_t>(8) : std::nullopt;
}

Result<FileLayout> check_file_layout(ByteView bytes) {
  if (bytes.size() > limits::kMaxFilmFileBytes) return make_error(ErrorCode::too_large, "The file is larger than 64 MiB.");
  FileLayout layout;
  const bool has_preamble = bytes.size() > kPreambleBytes + 4 && as_text(bytes.subspan(kPreambleBytes, 4)) == "DICM";
  if (!has_preamble && !(bytes.size() >= 4 && is_meta_at(bytes, 0))) {
    const std::optional<std::string_view> bare = syntax_of_bare_data_set(bytes);
    if (!bare) return not_dicom();
    layout.transfer_syntax = *bare;
    layout.data_set = bytes;
    layout.warnings.push_back("The file has no DICOM header; its encoding was told from its first bytes.");
    return layout;
  }
  const Meta meta = TRY(read_meta(bytes, has_preamble ? kPreambleBytes + 4 : 0));
  if (!has_preamble) layout.warnings.push_back("The file lacks the DICOM preamble.");
  if (meta.sop_class == kDicomDirectory) return make_error(ErrorCode::invalid, "The DICOM file is a directory of others (DICOMDIR) and holds no picture.");
  layout.transfer_syntax = meta.transfer_syntax;
  layout.data_set = bytes.subspan(meta.end);
  if (!is_in(kNative, layout.transfer_syntax) && !is_compressed(layout.transfer_syntax))
    return make_error(ErrorCode::unsupported_media,
      "The DICOM transfer syntax is not one that is read: uncompressed, deflated, RLE, JPEG, JPEG-LS and JPEG 2000 are.");
  if (layout.transfer_syntax != kDeflated) return layout;
  layout.inflated = TRY(inflated(layout.data_set));
  layout.data_set = layout.inflated;
  return layout;
}

Bytes plain_header(const FileLayout& layout) {
  std::string uid(layout.transfer_syntax == kDeflated ? std::string(kExplicitLittleEndian) : layout.transfer_syntax);
  if (uid.size() % 2 != 0) uid.push_back('\0');
  Bytes header(kPreambleBytes);
  append(header, "DICM");
  append(header, std::string_view("\x02\x00\x00\x00UL\x04\x00", 8));  // (0002,0000): the length of what follows
  for (const std::size_t byte : {8 + uid.size(), std::size_t{0}, std::size_t{0}, std::size_t{0}}) header.push_back(static_cast<std::uint8_t>(byte));
  append(header, std::string_view("\x02\x00\x10\x00UI", 6));
  header.push_back(static_cast<std::uint8_t>(uid.size()));
  header.push_back(0);
  append(header, uid);
  return header;
}

}  // namespace osler::decoder
