// PNG and JPEG for trying out.
#include "decoder/picture.h"

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

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

void append_big(Bytes& to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(number >> shift));
}

void append_chunk(Bytes& to, const std::string& name, const Bytes& content) {
  append_big(to, static_cast<std::uint32_t>(content.size()));
  Bytes body(name.begin(), name.end());
  body.insert(body.end(), content.begin(), content.end());
  to.insert(to.end(), body.begin(), body.end());
  append_big(to, static_cast<std::uint32_t>(crc32(0, body.data(), static_cast<unsigned>(body.size()))));
}

/// One row, with `more` chunks before the pixels; `colour_type`: 0 grey, 2 three channels.
Bytes plain_png(std::uint8_t bits, std::uint8_t colour_type, std::uint32_t width, const Bytes& row, const std::vector<std::pair<std::string, Bytes>>& more) {
  Bytes file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, header;
  append_big(header, width);
  append_big(header, 1);
  header.insert(header.end(), {bits, colour_type, 0, 0, 0});
  append_chunk(file, "IHDR", header);
  for (const auto& [name, content] : more) append_chunk(file, name, content);
  Bytes filtered = {0};
  filtered.insert(filtered.end(), row.begin(), row.end());
  Bytes packed(1024);
  uLongf size = packed.size();
  EXPECT_EQ(compress(packed.data(), &size, filtered.data(), filtered.size()), Z_OK);
  packed.resize(size);
  append_chunk(file, "IDAT", packed);
  append_chunk(file, "IEND", {});
  return file;
}

// Whatever a file says of its colours, its grey levels are those that it holds, in every depth: programs write a gamma of 0.45455 or "sRGB" by habit.
TEST(PictureTest, GreyLevelsOfPngAreTakenAsTheyAre) {
  using Chunks = std::vector<std::pair<std::string, Bytes>>;
  const Chunks usual_gamma = {{"gAMA", {0, 0, 0xb1, 0x8f}}}, linear = {{"gAMA", {0, 1, 0x86, 0xa0}}}, srgb = {{"sRGB", {0}}};
  const Bytes words = {0, 0, 0x20, 0, 0x9c, 0x40, 0xff, 0xff}, bytes = {0, 32, 156, 255};
  Bytes three_words, three_bytes;
  for (std::size_t i = 0; i < 4; ++i)
    for (int channel = 0; channel < 3; ++channel) {
      three_words.insert(three_words.end(), {words[2 * i], words[2 * i + 1]});
      three_bytes.push_back(bytes[i]);
    }
  for (const Chunks& more : {Chunks{}, usual_gamma, linear, srgb}) {
    for (const Bytes& file : {plain_png(16, 0, 4, words, more), plain_png(16, 2, 4, three_words, more)})
      EXPECT_EQ(decode_picture(file).value().values, (std::vector<std::uint16_t>{0, 0x2000, 40000, 65535})) << (more.empty() ? "" : more[0].first);
    for (const Bytes& file : {plain_png(8, 0, 4, bytes, more), plain_png(8, 2, 4, three_bytes, more)})
      EXPECT_EQ(decode_picture(file).value().values, (std::vector<std::uint16_t>{0, 32 * 257, 156 * 257, 65535})) << (more.empty() ? "" : more[0].first);
  }
  EXPECT_EQ(decode_picture(plain_png(16, 2, 1, {0x20, 0, 0x20, 0, 0x30, 0}, {})).error().code, ErrorCode::invalid);  // in colour
  EXPECT_EQ(decode_picture(plain_png(16, 0, 2, {0x20, 0, 0x40, 0}, {{"tRNS", {0x20, 0}}})).error().code, ErrorCode::invalid);  // one of its greys is transparent
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

/// An orientation as EXIF writes it, in either byte order.
Bytes exif_of(std::uint8_t orientation, bool little) {
  if (little) return {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0};
  return {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0};
}

TEST(PictureTest, WhatAsksToBeShownTurnedIsRefused) {
  const Bytes plain = jpeg_of(8, 4, 1, std::vector<std::uint8_t>(32, 130));
  for (const bool little : {true, false})
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      const Bytes exif = exif_of(orientation, little);
      Bytes marker = {0xff, 0xe1, 0, static_cast<std::uint8_t>(2 + 6 + exif.size()), 'E', 'x', 'i', 'f', 0, 0}, jpeg = plain;
      marker.insert(marker.end(), exif.begin(), exif.end());
      jpeg.insert(jpeg.begin() + 2, marker.begin(), marker.end());
      for (const Bytes& file : {jpeg, plain_png(8, 0, 4, {0, 32, 156, 255}, {{"eXIf", exif}})}) {
        const Result<imaging::Film> film = decode_picture(file);
        ASSERT_EQ(film.has_value(), orientation == 1) << int{orientation};
        if (film) continue;
        EXPECT_EQ(film.error().code, ErrorCode::invalid);
        EXPECT_NE(film.error().external.find("orientation " + std::to_string(orientation)), std::string::npos) << film.error().external;
      }
    }
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
