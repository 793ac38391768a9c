// PNG and JPEG for trying out.
#include "decoder/picture.h"

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>

#include <cstdlib>

#include "imaging/decoder_process.h"

namespace osler::decoder {
namespace {

constexpr std::size_t kPngTrailer = 16;  // IEND and the checksum before it, which libpng can do without

Bytes png_of(std::uint32_t format, std::uint32_t width, std::uint32_t height, const void* pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.format = format;
  image.width = width;
  image.height = height;
  png_alloc_size_t size = 0;
  EXPECT_TRUE(png_image_write_to_memory(&image, nullptr, &size, 0, pixels, 0, nullptr));
  Bytes bytes(size);
  EXPECT_TRUE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels, 0, nullptr));
  bytes.resize(size);
  return bytes;
}

Bytes jpeg_of(unsigned width, unsigned height, int channels, std::vector<std::uint8_t> pixels) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  for (unsigned y = 0; y < height; ++y) {
    JSAMPROW row = pixels.data() + std::size_t{y} * width * static_cast<unsigned>(channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const Bytes bytes(memory, memory + size);
  std::free(memory);
  return bytes;
}

TEST(PictureTest, GreyPngOfEightBits) {
  const std::uint8_t pixels[] = {0, 100, 200, 255};
  const imaging::Film film = decode_picture(png_of(PNG_FORMAT_GRAY, 2, 2, pixels)).value();
  EXPECT_EQ(film.source, imaging::FilmSource::png);
  EXPECT_EQ(film.values, (std::vector<std::uint16_t>{0, 100 * 257, 200 * 257, 65535}));
  EXPECT_EQ(film.display[100 * 257], 100 * 257);
  EXPECT_NE(film.warnings.at(0).find("send DICOM"), std::string::npos);
}

TEST(PictureTest, GreyPngOfSixteenBits) {
  const std::uint16_t pixels[] = {0, 1000, 40000, 65535};
  EXPECT_EQ(decode_picture(png_of(PNG_FORMAT_LINEAR_Y, 4, 1, pixels)).value().values.size(), 4u);
}

TEST(PictureTest, GreyStoredAsColourIsTakenColourIsNot) {
  const std::uint8_t grey[] = {10, 12, 14, 200, 200, 200}, red[] = {200, 10, 10, 0, 0, 0};
  EXPECT_EQ(decode_picture(png_of(PNG_FORMAT_RGB, 2, 1, grey)).value().values, (std::vector<std::uint16_t>{12 * 257, 200 * 257}));
  EXPECT_EQ(decode_picture(png_of(PNG_FORMAT_RGB, 2, 1, red)).error().code, ErrorCode::invalid);
  EXPECT_EQ(decode_picture(jpeg_of(8, 8, 3, std::vector<std::uint8_t>(192, 77))).value().values[5], 77 * 257);
}

TEST(PictureTest, TransparencyIsRefused) {
  const std::uint8_t pixels[] = {10, 0, 20, 255};
  EXPECT_EQ(decode_picture(png_of(PNG_FORMAT_GA, 2, 1, pixels)).error().code, ErrorCode::invalid);
}

TEST(PictureTest, GreyJpeg) {
  const imaging::Film film = decode_picture(jpeg_of(8, 4, 1, std::vector<std::uint8_t>(32, 130))).value();
  EXPECT_EQ(film.source, imaging::FilmSource::jpeg);
  EXPECT_EQ(film.width, 8u);
  EXPECT_EQ(film.height, 4u);
  EXPECT_EQ(film.values[31], 130 * 257);
}

TEST(PictureTest, TheProcessDecodesThemToo) {
  const std::uint8_t pixels[] = {0, 100, 200, 255};
  const imaging::FilmDecoder decoder(OSLER_DECODER, std::chrono::seconds(60));
  for (const Bytes& file : {png_of(PNG_FORMAT_GRAY, 2, 2, pixels), jpeg_of(8, 4, 1, std::vector<std::uint8_t>(32, 130))}) {
    const Result<imaging::Film> film = decoder.decode(file);
    ASSERT_TRUE(film.has_value()) << describe(film.error());
    EXPECT_EQ(film->values, decode_picture(file)->values);
  }
}

TEST(PictureTest, CutShortIsMalformedAnythingElseUnsupported) {
  const std::uint8_t pixels[64] = {1, 2, 3};
  for (const Bytes& whole : {png_of(PNG_FORMAT_GRAY, 8, 8, pixels), jpeg_of(8, 8, 1, std::vector<std::uint8_t>(64, 9))}) {
    EXPECT_TRUE(is_picture(whole));
    for (std::size_t length = 8; length < whole.size() - kPngTrailer; ++length)
      EXPECT_FALSE(decode_picture(ByteView(whole).first(length)).has_value()) << length << " of " << whole.size();
  }
  EXPECT_EQ(decode_picture(as_bytes("no picture")).error().code, ErrorCode::unsupported_media);
}

}  // namespace
}  // namespace osler::decoder
