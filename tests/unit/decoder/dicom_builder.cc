#include "dicom_builder.h"

#include <zlib.h>

#include "base/check.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

using Syntax = DicomBuilder::Syntax;

void append(Bytes& to, ByteView from) { to.insert(to.end(), from.begin(), from.end()); }

void append_number(Bytes& to, std::uint64_t value, std::size_t size, bool is_big) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> 8 * (is_big ? size - 1 - i : i)));
}

bool has_long_length(const std::string& vr) { return vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UC" || vr == "UN" || vr == "UR" || vr == "UT"; }

void append_header(Bytes& to, std::uint32_t tag, const std::string& vr, std::size_t length, Syntax syntax) {
  const bool is_big = syntax == Syntax::explicit_big;
  append_number(to, tag >> 16, 2, is_big);
  append_number(to, tag & 0xffff, 2, is_big);
  if (syntax == Syntax::implicit_little || vr.empty()) return append_number(to, length, 4, is_big);
  append(to, as_bytes(vr));
  if (has_long_length(vr)) append_number(to, 0, 2, is_big);
  append_number(to, length, has_long_length(vr) ? 4 : 2, is_big);
}

Bytes in_order(Bytes value, const std::string& vr, Syntax syntax) {
  if (syntax == Syntax::explicit_big && (vr == "US" || vr == "SS" || vr == "OW"))
    for (std::size_t i = 0; i + 1 < value.size(); i += 2) std::swap(value[i], value[i + 1]);
  return value;
}

Bytes deflated(const Bytes& plain) {
  Bytes packed(plain.size() + 1024);
  z_stream stream{};
  CHECK(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = const_cast<std::uint8_t*>(plain.data());
  stream.avail_in = static_cast<unsigned>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<unsigned>(packed.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

const char* uid_of(Syntax syntax) {
  switch (syntax) {
    case Syntax::explicit_little: return "1.2.840.10008.1.2.1";
    case Syntax::implicit_little: return "1.2.840.10008.1.2";
    case Syntax::explicit_big: return "1.2.840.10008.1.2.2";
    default: return "1.2.840.10008.1.2.1.99";
  }
}

std::uint32_t key(const Tag& tag) { return static_cast<std::uint32_t>(tag.group) << 16 | tag.element; }

}  // namespace

DicomBuilder DicomBuilder::film(std::uint16_t columns, std::uint16_t rows, const std::vector<std::uint16_t>& pixels) {
  DicomBuilder builder;
  builder.text(tags::kSopClassUid, "1.2.840.10008.5.1.4.1.1.1.1", "UI").text(tags::kModality, "DX", "CS");
  builder.words(tags::kSamplesPerPixel, {1}).text(tags::kPhotometric, "MONOCHROME2", "CS");
  builder.words(tags::kRows, {rows}).words(tags::kColumns, {columns});
  builder.words(tags::kBitsAllocated, {16}).words(tags::kBitsStored, {16}).words(tags::kHighBit, {15}).words(tags::kPixelRepresentation, {0});
  return builder.words(tags::kPixelData, pixels, "OW");
}

DicomBuilder& DicomBuilder::words(const Tag& tag, const std::vector<std::uint16_t>& values, const char* vr) {
  Bytes value;
  for (const std::uint16_t word : values) append_number(value, word, 2, false);
  return bytes(tag, value, vr);
}

DicomBuilder& DicomBuilder::text(const Tag& tag, const std::string& value, const char* vr) {
  Bytes padded(value.begin(), value.end());
  if (padded.size() % 2 != 0) padded.push_back(std::string(vr) == "UI" ? 0 : ' ');
  return bytes(tag, padded, vr);
}

DicomBuilder& DicomBuilder::bytes(const Tag& tag, const Bytes& value, const char* vr) {
  elements_[key(tag)] = Element{vr, value, {}};
  if (value.size() % 2 != 0) elements_[key(tag)].value.push_back(0);
  return *this;
}

DicomBuilder& DicomBuilder::items(const Tag& tag, std::vector<DicomBuilder> items) {
  elements_[key(tag)] = Element{"SQ", {}, std::move(items)};
  return *this;
}

DicomBuilder& DicomBuilder::remove(const Tag& tag) {
  elements_.erase(key(tag));
  return *this;
}

Bytes DicomBuilder::data_set(Syntax syntax) const {
  Bytes all;
  for (const auto& [tag, element] : elements_) {
    Bytes value = in_order(element.value, element.vr, syntax);
    if (element.items)
      for (const DicomBuilder& item : *element.items) {
        const Bytes nested = item.data_set(syntax);
        append_header(value, 0xfffee000, "", nested.size(), syntax);
        append(value, nested);
      }
    append_header(all, tag, element.vr, value.size(), syntax);
    append(all, value);
  }
  return all;
}

Bytes DicomBuilder::build(Syntax syntax) const {
  Bytes file = part10_header(uid_of(syntax));
  append(file, syntax == Syntax::deflated ? deflated(data_set()) : data_set(syntax));
  return file;
}

Bytes DicomBuilder::build_compressed(const std::string& uid, const std::vector<Bytes>& fragments, const std::vector<std::uint32_t>& offsets) const {
  DicomBuilder rest = *this;
  rest.remove(tags::kPixelData);
  Bytes file = part10_header(uid);
  append(file, rest.data_set());
  append_header(file, key(tags::kPixelData), "OB", 0xffffffff, Syntax::explicit_little);
  append_header(file, 0xfffee000, "", offsets.size() * 4, Syntax::explicit_little);
  for (const std::uint32_t offset : offsets) append_number(file, offset, 4, false);
  for (Bytes fragment : fragments) {
    if (fragment.size() % 2 != 0) fragment.push_back(0);
    append_header(file, 0xfffee000, "", fragment.size(), Syntax::explicit_little);
    append(file, fragment);
  }
  append_header(file, 0xfffee0dd, "", 0, Syntax::explicit_little);
  return file;
}

Bytes part10_header(const std::string& transfer_syntax) {
  Bytes meta;
  if (!transfer_syntax.empty()) {
    std::string uid = transfer_syntax;
    if (uid.size() % 2 != 0) uid.push_back('\0');
    append_header(meta, 0x00020010, "UI", uid.size(), Syntax::explicit_little);
    append(meta, as_bytes(uid));
  }
  Bytes header(128);
  append(header, as_bytes("DICM"));
  append_header(header, 0x00020000, "UL", 4, Syntax::explicit_little);
  append_number(header, meta.size(), 4, false);
  append(header, meta);
  return header;
}

}  // namespace osler::decoder
