// Resizing by area: every pixel of the result is the mean of what it covers, so that nothing between two samples is lost and an
// enlarged picture invents nothing.
#pragma once

#include "imaging/gray_image.h"

namespace osler::imaging {

/// The picture in another size; the whole of it, whatever that does to its proportions. CHECKs that neither size is 0. Thread-safe.
GrayImage resample_by_area(const GrayImage& image, std::size_t width, std::size_t height);

/// Where the film lies in a square input.
struct Placement {
  std::size_t left = 0, top = 0, width = 0, height = 0;
};

/// The largest rectangle of a film's proportions in the middle of a square of `side` pixels. `pixel_aspect`: height of a pixel over its
/// width. At least one pixel each way.
Placement place_in_square(std::size_t width, std::size_t height, double pixel_aspect, std::size_t side);

/// The film in a square of `side` pixels, its proportions kept, black around it.
GrayImage fit_into_square(const GrayImage& image, double pixel_aspect, std::size_t side);

}  // namespace osler::imaging
