#include "train/image/augmentation.h"

#include <cmath>

#include "imaging/resample.h"

namespace osler::train {

namespace {

using imaging::GrayImage;

constexpr double kDegree = 3.14159265358979323846 / 180;
constexpr double kLargestErased = 0.25, kSmallestErased = 0.05;  // of the film, each way
constexpr double kErasedBand = 0.15;                             // from the edge

double log_uniform(Random& random, double most) {
  const double limit = std::log1p(most);
  return std::exp(random.uniform(-limit, limit));
}

/// Near one of the four edges, where markers and collimation are: never over the middle.
void draw_erased(Random& random, double probability, Change& change) {
  const bool erases = random.chance(probability);
  const double width = random.uniform(kSmallestErased, kLargestErased), height = random.uniform(kSmallestErased, kLargestErased);
  const double along = random.uniform(), across = random.uniform() * kErasedBand, grey = random.uniform();
  const std::size_t edge = random.below(4);
  if (!erases) return;
  change.erased_width = edge < 2 ? width : std::min(width, kErasedBand);
  change.erased_height = edge < 2 ? std::min(height, kErasedBand) : height;
  const double free_x = 1 - change.erased_width, free_y = 1 - change.erased_height, depth = across * 0.5;
  change.erased_x = edge < 2 ? along * free_x : edge == 2 ? depth : free_x - depth;
  change.erased_y = edge < 2 ? (edge == 0 ? depth : free_y - depth) : along * free_y;
  change.erased_grey = grey;
}

/// Grey levels of the film itself, by a table of its 256 values.
GrayImage film_in_grey(const StoredFilm& film, const Change& change) {
  float levels[256];
  for (int i = 0; i < 256; ++i) {
    double value = i / 255.0;
    if (change.gamma != 1) value = std::pow(value, change.gamma);
    value = (value - 0.5) * change.contrast + 0.5 + change.brightness;
    levels[i] = static_cast<float>(std::clamp(value, 0.0, 1.0));
  }
  GrayImage image{film.width, film.height, std::vector<float>(film.pixels.size())};
  for (std::size_t i = 0; i < film.pixels.size(); ++i) image.pixels[i] = levels[film.pixels[i]];
  return image;
}

void erase(GrayImage& image, const Change& change) {
  const auto at = [](double share, std::size_t length) { return std::min(length, static_cast<std::size_t>(std::lround(share * static_cast<double>(length)))); };
  const std::size_t left = at(change.erased_x, image.width), right = at(change.erased_x + change.erased_width, image.width);
  for (std::size_t y = at(change.erased_y, image.height); y < at(change.erased_y + change.erased_height, image.height); ++y)
    std::fill(image.pixels.begin() + static_cast<std::ptrdiff_t>(y * image.width + left), image.pixels.begin() + static_cast<std::ptrdiff_t>(y * image.width + right),
              static_cast<float>(change.erased_grey));
}

/// Three taps each way: (b, 1, b) / (1 + 2b). The edge is repeated.
void blur(GrayImage& image, float b) {
  const float norm = 1 / (1 + 2 * b);
  const std::size_t width = image.width, height = image.height;
  std::vector<float> other(image.pixels.size());
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const float* row = image.pixels.data() + y * width;
      other[y * width + x] = norm * (row[x] + b * (row[x == 0 ? 0 : x - 1] + row[std::min(x + 1, width - 1)]));
    }
  for (std::size_t y = 0; y < height; ++y) {
    const float* above = other.data() + (y == 0 ? 0 : y - 1) * width;
    const float* here = other.data() + y * width;
    const float* below = other.data() + std::min(y + 1, height - 1) * width;
    for (std::size_t x = 0; x < width; ++x) image.pixels[y * width + x] = norm * (here[x] + b * (above[x] + below[x]));
  }
}

void add_noise(GrayImage& image, double deviation, std::uint64_t seed) {
  Random random(seed);
  const double width = deviation * std::sqrt(12.0 / 3);  // the sum of three uniform numbers is near enough to normal, and cheap
  for (float& value : image.pixels) value = std::clamp(value + static_cast<float>(width * (random.uniform() + random.uniform() + random.uniform() - 1.5)), 0.0f, 1.0f);
}

/// Bilinear; outside the picture it is black.
float sample(const GrayImage& image, double x, double y) {
  const double left = std::floor(x), top = std::floor(y);
  const auto width = static_cast<std::ptrdiff_t>(image.width), height = static_cast<std::ptrdiff_t>(image.height);
  const auto column = static_cast<std::ptrdiff_t>(left), row = static_cast<std::ptrdiff_t>(top);
  const auto at = [&](std::ptrdiff_t u, std::ptrdiff_t v) { return u < 0 || v < 0 || u >= width || v >= height ? 0.0f : image.pixels[static_cast<std::size_t>(v * width + u)]; };
  const float right_share = static_cast<float>(x - left), lower_share = static_cast<float>(y - top);
  return (1 - lower_share) * ((1 - right_share) * at(column, row) + right_share * at(column + 1, row)) +
         lower_share * ((1 - right_share) * at(column, row + 1) + right_share * at(column + 1, row + 1));
}

std::vector<float> turned(const GrayImage& square, const Change& change) {
  const std::size_t side = square.width;
  const double length = static_cast<double>(side), middle = length / 2;
  const double cosine = std::cos(change.radians) / change.scale, sine = std::sin(change.radians) / change.scale;
  std::vector<float> out(side * side);
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x) {
      const double dx = static_cast<double>(x) + 0.5 - middle - change.shift_x * length, dy = static_cast<double>(y) + 0.5 - middle - change.shift_y * length;
      out[y * side + x] = sample(square, cosine * dx + sine * dy + middle - 0.5, -sine * dx + cosine * dy + middle - 0.5);
    }
  return out;
}

}  // namespace

Change draw_change(const AugmentationSettings& settings, const ProportionSettings& proportions, Random& random) {
  Change change;
  change.proportion = std::exp(random.uniform(std::log(proportions.lowest), std::log(proportions.highest)));
  change.radians = random.uniform(-settings.rotation, settings.rotation) * kDegree;
  change.scale = log_uniform(random, settings.scale);
  change.shift_x = random.uniform(-settings.shift, settings.shift);
  change.shift_y = random.uniform(-settings.shift, settings.shift);
  change.brightness = random.uniform(-settings.brightness, settings.brightness);
  change.contrast = log_uniform(random, settings.contrast);
  change.gamma = log_uniform(random, settings.gamma);
  const double blur = random.uniform(0.1, 0.5), noise = random.uniform() * settings.noise_deviation;
  if (random.chance(settings.blur)) change.blur = blur;
  if (random.chance(settings.noise)) change.noise = noise;
  draw_erased(random, settings.erasing, change);
  change.noise_seed = random.next();
  return change;
}

std::vector<float> seen_by_network(const StoredFilm& film, const Change& change, std::size_t side) {
  GrayImage image = film_in_grey(film, change);
  if (change.erased_width > 0) erase(image, change);
  if (change.blur > 0) blur(image, static_cast<float>(change.blur));
  if (change.noise > 0) add_noise(image, change.noise, change.noise_seed);
  // Height of a pixel over its width, such that the whole has the proportion.
  const double aspect = film.proportions_lost ? static_cast<double>(film.width) / (static_cast<double>(film.height) * change.proportion) : 1;
  GrayImage square = imaging::fit_into_square(image, aspect, side);
  if (change.radians == 0 && change.scale == 1 && change.shift_x == 0 && change.shift_y == 0) return std::move(square.pixels);
  return turned(square, change);
}

}  // namespace osler::train
