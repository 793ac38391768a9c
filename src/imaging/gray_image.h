// A picture as a network or an eye sees it.
#pragma once

#include <cstddef>
#include <vector>

namespace osler::imaging {

struct GrayImage {
  std::size_t width = 0, height = 0;
  std::vector<float> pixels;  // [height][width], 0 black to 1 white
};

}  // namespace osler::imaging
