#include "decoder/grey.h"

#include <algorithm>
#include <array>

#include "decoder/tags.h"

namespace osler::decoder {

namespace {

constexpr int kTolerance = 8;  // of 255: lossy compression rounds
constexpr int kNeutralChroma = 128;

Error in_colour() { return make_error(ErrorCode::invalid, "The picture is in colour; a radiograph is grey. Send the original film."); }

bool are_alike(int red, int green, int blue) {
  const auto [low, high] = std::minmax({red, green, blue});
  return high - low <= kTolerance;
}

bool are_neutral(int blue_chroma, int red_chroma) {
  return std::abs(blue_chroma - kNeutralChroma) <= kTolerance / 2 && std::abs(red_chroma - kNeutralChroma) <= kTolerance / 2;
}

}  // namespace

Result<std::vector<std::uint16_t>> grey_of_channels(const FramePixels& pixels, const PixelFormat& format) {
  const std::size_t count = format.pixels(), step = pixels.is_planar ? 1 : 3, plane = pixels.is_planar ? count : 1;
  std::vector<std::uint16_t> grey(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = pixels.samples.data() + i * step;
    const int first = pixel[0], second = pixel[plane], third = pixel[2 * plane];
    if (pixels.is_luminance_first ? !are_neutral(second, third) : !are_alike(first, second, third)) return in_colour();
    grey[i] = static_cast<std::uint16_t>((pixels.is_luminance_first ? first : second) * 257);
  }
  return grey;
}

Result<std::vector<std::uint16_t>> grey_of_palette(const DataSetView& set, const PixelFormat& format, const std::vector<std::uint16_t>& codes) {
  if (set.has(tags::kSegmentedPaletteData)) return make_error(ErrorCode::invalid, "The picture is coloured by a segmented palette; that is not read.");
  std::array<LookupTable, 3> channels;
  for (std::size_t i = 0; i < channels.size(); ++i)
    channels[i] = TRY(read_lookup_table(set, tags::kPaletteDescriptors[i], tags::kPaletteData[i], format.is_signed));
  std::vector<std::uint16_t> grey(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const int input = codes[i] + format.lowest_stored();
    std::array<int, 3> levels{};
    for (std::size_t k = 0; k < 3; ++k) levels[k] = static_cast<int>(std::int64_t{channels[k].at(input)} * 65535 / channels[k].largest());
    if (!are_alike(levels[0] / 257, levels[1] / 257, levels[2] / 257)) return in_colour();
    grey[i] = static_cast<std::uint16_t>(levels[1]);
  }
  return grey;
}

}  // namespace osler::decoder
