#include "imaging/png.h"

#include <png.h>

#include "base/check.h"

namespace osler::imaging {

Bytes write_png(std::size_t width, std::size_t height, std::size_t channels, const std::vector<std::uint8_t>& pixels) {
  CHECK((channels == 3 || channels == 4) && width > 0 && height > 0 && pixels.size() == width * height * channels);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = channels == 4 ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  image.flags = PNG_IMAGE_FLAG_FAST;  // made for one look over a short way
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes bytes(size);
  CHECK(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr) != 0);
  bytes.resize(size);
  return bytes;
}

}  // namespace osler::imaging
