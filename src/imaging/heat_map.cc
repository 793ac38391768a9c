#include "imaging/heat_map.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "imaging/png.h"

namespace osler::imaging {

namespace {

struct Colour {
  std::uint8_t red, green, blue;
};
// Apart for the colour-blind too: the ends of ColorBrewer's RdBu.
constexpr Colour kFor{202, 0, 32}, kAgainst{5, 113, 176};
constexpr double kMostOpaque = 0.5 * 255;

/// Bilinear between the centres of the positions; `x` and `y` in positions.
double value_at(const ActivationMap& map, double x, double y) {
  const auto clamp = [](double v, std::size_t count) { return std::clamp(v - 0.5, 0.0, static_cast<double>(count) - 1); };
  const double column = clamp(x, map.width), row = clamp(y, map.height);
  const auto left = static_cast<std::size_t>(column), top = static_cast<std::size_t>(row);
  const std::size_t right = std::min(left + 1, map.width - 1), bottom = std::min(top + 1, map.height - 1);
  const double across = column - static_cast<double>(left), down = row - static_cast<double>(top);
  const auto at = [&](std::size_t r, std::size_t c) { return static_cast<double>(map.values[r * map.width + c]); };
  return (1 - down) * ((1 - across) * at(top, left) + across * at(top, right)) + down * ((1 - across) * at(bottom, left) + across * at(bottom, right));
}

}  // namespace

Bytes draw_heat_map(const ActivationMap& map, const Placement& placement, std::size_t side, std::size_t longer_side) {
  CHECK(map.width > 0 && map.height > 0 && map.values.size() == map.width * map.height && side > 0);
  const double scale = static_cast<double>(longer_side) / static_cast<double>(std::max(placement.width, placement.height));
  const auto size_of = [&](std::size_t length) { return std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(static_cast<double>(length) * scale))); };
  const std::size_t width = size_of(placement.width), height = size_of(placement.height);
  double largest = 0;
  for (const float value : map.values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  std::vector<std::uint8_t> pixels(width * height * 4, 0);
  for (std::size_t y = 0; y < height && largest > 0; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const double in_x = (static_cast<double>(placement.left) + (static_cast<double>(x) + 0.5) / scale) / static_cast<double>(side);
      const double in_y = (static_cast<double>(placement.top) + (static_cast<double>(y) + 0.5) / scale) / static_cast<double>(side);
      const double value = value_at(map, in_x * static_cast<double>(map.width), in_y * static_cast<double>(map.height)) / largest;
      const Colour& colour = value > 0 ? kFor : kAgainst;
      std::uint8_t* pixel = pixels.data() + (y * width + x) * 4;
      pixel[0] = colour.red;
      pixel[1] = colour.green;
      pixel[2] = colour.blue;
      pixel[3] = static_cast<std::uint8_t>(std::lround(std::abs(value) * kMostOpaque));
    }
  }
  return write_png(width, height, 4, pixels);
}

}  // namespace osler::imaging
