#include "decoder/exif.h"

#include <algorithm>
#include <cstddef>

namespace osler::decoder {

namespace {

constexpr unsigned kAsStored = 1, kLast = 8;
constexpr std::uint32_t kOrientation = 0x0112, kShort = 3;
constexpr std::size_t kEntryBytes = 12;

/// Numbers of a TIFF file in its byte order; 0 beyond its end.
struct Numbers {
  ByteView bytes;
  bool little;

  std::uint32_t read(std::size_t at, std::size_t size) const {
    std::uint32_t number = 0;
    if (at > bytes.size() || bytes.size() - at < size) return 0;
    for (std::size_t i = 0; i < size; ++i) number = number << 8 | bytes[little ? at + size - 1 - i : at + i];
    return number;
  }
};

}  // namespace

unsigned exif_orientation(ByteView tiff) {
  const std::string_view mark = as_text(tiff.first(std::min<std::size_t>(2, tiff.size())));
  if (mark != "II" && mark != "MM") return kAsStored;
  const Numbers numbers{tiff, mark == "II"};
  const std::size_t directory = numbers.read(4, 4), entries = numbers.read(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (numbers.read(entry, 2) != kOrientation) continue;
    const std::uint32_t value = numbers.read(entry + 8, 2);
    return numbers.read(entry + 2, 2) == kShort && value >= kAsStored && value <= kLast ? value : kAsStored;
  }
  return kAsStored;
}

}  // namespace osler::decoder
