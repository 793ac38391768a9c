#include "decoder/codestream.h"

namespace osler::decoder {

namespace {

std::size_t big_word(ByteView bytes, std::size_t at) { return std::size_t{bytes[at]} << 8 | bytes[at + 1]; }
std::size_t big_double_word(ByteView bytes, std::size_t at) { return big_word(bytes, at) << 16 | big_word(bytes, at + 2); }

Error broken(const char* what) { return make_error(ErrorCode::malformed, std::string("The compressed picture ") + what); }

bool is_jpeg(ByteView bytes) { return bytes.size() >= 4 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff; }
bool is_jpeg2000(ByteView bytes) { return bytes.size() >= 4 && big_double_word(bytes, 0) == 0xff4fff51; }

bool is_frame_header(unsigned marker) {  // SOF0 to SOF15 without DHT, JPG and DAC; and SOF55 of JPEG-LS
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) || marker == 0xf7;
}

Result<Codestream> read_jpeg(ByteView bytes) {
  std::size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (bytes[at] != 0xff) return broken("is damaged before its frame header.");
    const unsigned marker = bytes[at + 1];
    if (marker == 0xff) { ++at; continue; }  // fill byte
    const std::size_t length = big_word(bytes, at + 2);
    if (length < 2 || at + 2 + length > bytes.size() || marker == 0xda || marker == 0xd9) break;
    if (is_frame_header(marker)) {
      if (length < 8) break;
      return Codestream{big_word(bytes, at + 7), big_word(bytes, at + 5), bytes[at + 9], bytes[at + 4], false};
    }
    at += 2 + length;
  }
  return broken("has no frame header.");
}

Result<Codestream> read_jpeg2000(ByteView bytes) {
  constexpr std::size_t kHeader = 42;  // SOC, SIZ up to the components
  if (bytes.size() < kHeader) return broken("has no frame header.");
  const std::size_t components = big_word(bytes, 40);
  if (components == 0 || bytes.size() < kHeader + 3 * components) return broken("has no components.");
  const std::size_t x1 = big_double_word(bytes, 8), y1 = big_double_word(bytes, 12), x0 = big_double_word(bytes, 16), y0 = big_double_word(bytes, 20);
  if (x0 > x1 || y0 > y1) return broken("has no pixels.");
  for (std::size_t i = 0; i < components; ++i)
    if (bytes[kHeader + 3 * i] != bytes[kHeader] || bytes[kHeader + 3 * i + 1] != 1 || bytes[kHeader + 3 * i + 2] != 1)
      return broken("has components that differ in precision or size.");
  return Codestream{x1 - x0, y1 - y0, components, (bytes[kHeader] & 0x7fu) + 1, (bytes[kHeader] & 0x80) != 0};
}

/// JP2 boxes do not belong into DICOM (PS3.5 8.2.4), yet are met; the stream lies behind the box `jp2c`.
ByteView without_boxes(ByteView bytes) {
  if (bytes.size() < 12 || big_double_word(bytes, 4) != 0x6a502020) return bytes;
  std::size_t at = 0;
  while (at + 8 <= bytes.size()) {
    const std::size_t length = big_double_word(bytes, at);
    if (big_double_word(bytes, at + 4) == 0x6a703263) return bytes.subspan(at + 8);
    if (length < 8 || length > bytes.size() - at) break;
    at += length;
  }
  return {};
}

}  // namespace

bool starts_codestream(ByteView fragment) { return is_jpeg(fragment) || is_jpeg2000(fragment); }

Result<Codestream> read_codestream(ByteView stream) {
  const ByteView plain = without_boxes(stream);
  if (is_jpeg2000(plain)) return read_jpeg2000(plain);
  if (is_jpeg(stream)) return read_jpeg(stream);
  return broken("is not what its transfer syntax says.");
}

}  // namespace osler::decoder
