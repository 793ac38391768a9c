#include "imaging/resample.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace osler::imaging {

namespace {

/// The source pixels that one pixel of the result covers, and how much of each.
struct Cover {
  std::size_t first = 0;
  std::vector<float> shares;  // sum 1
};

std::vector<Cover> covers(std::size_t from, std::size_t to) {
  std::vector<Cover> result(to);
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * step, end = std::min(static_cast<double>(from), begin + step);
    const auto first = std::min(from - 1, static_cast<std::size_t>(begin));
    result[i].first = first;
    for (std::size_t k = first; k < from && (k == first || static_cast<double>(k) < end); ++k) {
      const double covered = std::min(end, static_cast<double>(k + 1)) - std::max(begin, static_cast<double>(k));
      result[i].shares.push_back(static_cast<float>(std::max(0.0, covered) / (end - begin)));
    }
  }
  return result;
}

}  // namespace

GrayImage resample_by_area(const GrayImage& image, std::size_t width, std::size_t height) {
  CHECK(width > 0 && height > 0 && image.width > 0 && image.height > 0 && image.pixels.size() == image.width * image.height);
  const std::vector<Cover> columns = covers(image.width, width), rows = covers(image.height, height);
  GrayImage result{width, height, std::vector<float>(width * height)};
  std::vector<float> sums(image.width);  // rows first: they are whole lines, which vectorise
  for (std::size_t y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (std::size_t k = 0; k < rows[y].shares.size(); ++k) {
      const float share = rows[y].shares[k];
      const float* line = image.pixels.data() + (rows[y].first + k) * image.width;
      for (std::size_t x = 0; x < image.width; ++x) sums[x] += share * line[x];
    }
    for (std::size_t x = 0; x < width; ++x) {
      float sum = 0;
      for (std::size_t k = 0; k < columns[x].shares.size(); ++k) sum += columns[x].shares[k] * sums[columns[x].first + k];
      result.pixels[y * width + x] = sum;
    }
  }
  return result;
}

Placement place_in_square(std::size_t width, std::size_t height, double pixel_aspect, std::size_t side) {
  const double seen_width = static_cast<double>(width), seen_height = static_cast<double>(height) * pixel_aspect;
  const double scale = static_cast<double>(side) / std::max(seen_width, seen_height);
  const auto pixels = [&](double length) { return std::clamp(static_cast<std::size_t>(std::lround(length * scale)), std::size_t{1}, side); };
  Placement placement;
  placement.width = pixels(seen_width);
  placement.height = pixels(seen_height);
  placement.left = (side - placement.width) / 2;
  placement.top = (side - placement.height) / 2;
  return placement;
}

GrayImage fit_into_square(const GrayImage& image, double pixel_aspect, std::size_t side) {
  const Placement placement = place_in_square(image.width, image.height, pixel_aspect, side);
  const GrayImage small = resample_by_area(image, placement.width, placement.height);
  GrayImage square{side, side, std::vector<float>(side * side, 0.0f)};
  for (std::size_t y = 0; y < small.height; ++y)
    std::copy_n(small.pixels.data() + y * small.width, small.width, square.pixels.data() + (placement.top + y) * side + placement.left);
  return square;
}

}  // namespace osler::imaging
