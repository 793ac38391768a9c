#include "decoder/picture.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>
#include <png.h>

#include "base/limits.h"
#include "decoder/exif.h"

namespace osler::decoder {

namespace {

Error unreadable(const char* kind, std::string detail = {}) {
  return make_error(ErrorCode::malformed, std::string("The ") + kind + " file cannot be decoded: it is damaged or cut short.", std::move(detail));
}

Result<void> check_size(std::size_t width, std::size_t height) {
  if (width == 0 || height == 0) return make_error(ErrorCode::malformed, "The picture has no pixels.");
  if (width > limits::kMaxFilmSide || height > limits::kMaxFilmSide || width * height > limits::kMaxFilmPixels)
    return make_error(ErrorCode::too_large, "The picture is larger than 16,384 pixels a side or 32 million pixels.");
  return ok();
}

imaging::Film empty_film(imaging::FilmSource source, std::size_t width, std::size_t height) {
  imaging::Film film;
  film.source = source;
  film.width = width;
  film.height = height;
  film.values.resize(width * height);
  film.display.resize(65536);
  for (std::size_t i = 0; i < film.display.size(); ++i) film.display[i] = static_cast<std::uint16_t>(i);
  film.window_centre = 32768;
  film.window_width = 65536;
  film.warnings.push_back("A PNG or JPEG file says nothing about patient, body part, view or window, and its grey levels may have been changed: send DICOM.");
  return film;
}

/// Colour is accepted where it is none: JPEG rounds, so that channels of a grey film differ by a step or two.
constexpr int kChannelTolerance = 8;

bool are_alike(const std::uint8_t* pixel) {
  const auto [low, high] = std::minmax({pixel[0], pixel[1], pixel[2]});
  return high - low <= kChannelTolerance;
}

Error in_colour() {
  return make_error(ErrorCode::invalid, "The picture is in colour; a radiograph is grey. Send the original film.");
}

/// A film that a program would show turned or mirrored is no export of a PACS: a photograph, or turned by hand. Whoever looks at it and the network must see the same.
Result<void> require_upright(ByteView exif) {
  const unsigned orientation = exif_orientation(exif);
  if (orientation == 1) return ok();
  return make_error(ErrorCode::invalid, "The picture asks to be shown turned or mirrored (EXIF orientation " + std::to_string(orientation) +
                                            "). Send the original film, or save the picture as it is to be seen, without that mark.");
}

/// libjpeg's errors come by longjmp; nothing with a destructor is made between setjmp and the last call to the library.
class JpegReader {
 public:
  explicit JpegReader(ByteView bytes) {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = [](j_common_ptr info) { std::longjmp(reinterpret_cast<Errors*>(info->err)->place, 1); };
    errors_.base.output_message = [](j_common_ptr) {};
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, bytes.data(), bytes.size());
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header() {
    if (setjmp(errors_.place)) return false;
    jpeg_save_markers(&info_, JPEG_APP0 + 1, kMarkerBytes);
    if (jpeg_read_header(&info_, TRUE) != JPEG_HEADER_OK) return false;
    info_.out_color_space = info_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    info_.dct_method = JDCT_ISLOW;
    return true;
  }

  bool read_rows(std::vector<std::uint8_t>& pixels) {  // already of the right size
    if (setjmp(errors_.place)) return false;
    if (!jpeg_start_decompress(&info_)) return false;
    const std::size_t stride = width() * channels();
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels.data() + info_.output_scanline * stride;
      if (jpeg_read_scanlines(&info_, &row, 1) != 1) return false;
    }
    return jpeg_finish_decompress(&info_) == TRUE && errors_.base.num_warnings == 0;  // a warning: bytes were missing
  }

  /// Of the first marker that has any; after read_header.
  ByteView exif() const {
    constexpr std::string_view kName("Exif\0\0", 6);
    for (const jpeg_marker_struct* marker = info_.marker_list; marker; marker = marker->next) {
      const ByteView data(marker->data, marker->data_length);
      if (as_text(data).starts_with(kName)) return data.subspan(kName.size());
    }
    return {};
  }

  std::size_t width() const { return info_.image_width; }
  std::size_t height() const { return info_.image_height; }
  std::size_t channels() const { return info_.num_components == 1 ? 1 : 3; }
  bool is_supported() const { return info_.num_components == 1 || info_.num_components == 3; }

 private:
  static constexpr unsigned kMarkerBytes = 0xffff;  // whole
  struct Errors {
    jpeg_error_mgr base;
    std::jmp_buf place;
  };
  jpeg_decompress_struct info_{};
  Errors errors_{};
};

Result<imaging::Film> decode_jpeg(ByteView bytes) {
  JpegReader reader(bytes);
  if (!reader.read_header()) return unreadable("JPEG");
  if (!reader.is_supported()) return in_colour();
  TRY_VOID(require_upright(reader.exif()));
  TRY_VOID(check_size(reader.width(), reader.height()));
  const std::size_t count = reader.width() * reader.height(), channels = reader.channels();
  std::vector<std::uint8_t> pixels(count * channels);
  if (!reader.read_rows(pixels)) return unreadable("JPEG");
  imaging::Film film = empty_film(imaging::FilmSource::jpeg, reader.width(), reader.height());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = pixels.data() + i * channels;
    if (channels == 3 && !are_alike(pixel)) return in_colour();
    film.values[i] = static_cast<std::uint16_t>(pixel[channels / 2] * 257);
  }
  return film;
}

/// libpng's simplified interface: no callbacks, no longjmp in our frames.
struct PngImage {
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  png_image image{};
};

/// `format`: three channels of a sample each; `scale`: from the sample to 16 bits.
template <typename Sample>
Result<void> read_png_colours(png_image& image, png_uint_32 format, unsigned scale, imaging::Film& film) {
  image.format = format;
  std::vector<Sample> samples(film.values.size() * 3);
  if (!png_image_finish_read(&image, nullptr, samples.data(), 0, nullptr)) return unreadable("PNG", image.message);
  for (std::size_t i = 0; i < film.values.size(); ++i) {
    const Sample* pixel = samples.data() + i * 3;
    const auto [low, high] = std::minmax({pixel[0], pixel[1], pixel[2]});
    if ((high - low) * scale > kChannelTolerance * 257) return in_colour();
    film.values[i] = static_cast<std::uint16_t>(pixel[1] * scale);
  }
  return ok();
}

/// libpng takes 8 bits as sRGB and 16 as linear where the file names no gamma, so that each comes out as it is.
Result<imaging::Film> finish_png(png_image& image) {
  imaging::Film film = empty_film(imaging::FilmSource::png, image.width, image.height);
  const bool is_of_16_bits = (image.format & PNG_FORMAT_FLAG_LINEAR) != 0, is_colour = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  if (!is_of_16_bits) TRY_VOID(read_png_colours<std::uint8_t>(image, PNG_FORMAT_RGB, 257, film));
  else if (is_colour) TRY_VOID(read_png_colours<std::uint16_t>(image, PNG_FORMAT_FLAG_LINEAR | PNG_FORMAT_FLAG_COLOR, 1, film));
  else {
    image.format = PNG_FORMAT_LINEAR_Y;
    if (!png_image_finish_read(&image, nullptr, film.values.data(), 0, nullptr)) return unreadable("PNG", image.message);
  }
  return film;
}

bool is_png(ByteView bytes) {
  constexpr std::uint8_t kPng[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return bytes.size() >= sizeof kPng && std::equal(std::begin(kPng), std::end(kPng), bytes.begin());
}

bool is_jpeg(ByteView bytes) { return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff; }

struct PngParts {
  Bytes kept;
  ByteView exif;
};

/// The file without the chunks that it can be read without (their names start with a small letter), but for transparency: by gAMA, sRGB or iCCP libpng would change
/// grey levels. What is no chunk stays, for libpng to refuse.
PngParts without_colour_management(ByteView file) {
  constexpr std::size_t kSignature = 8, kAroundData = 12;  // length, name; checksum
  PngParts parts{{file.begin(), file.begin() + kSignature}, {}};
  parts.kept.reserve(file.size());
  std::size_t at = kSignature;
  while (file.size() - at >= kAroundData) {
    const std::size_t length = std::size_t{file[at]} << 24 | std::size_t{file[at + 1]} << 16 | std::size_t{file[at + 2]} << 8 | file[at + 3];
    if (length > file.size() - at - kAroundData) break;
    const ByteView chunk = file.subspan(at, kAroundData + length);
    const std::string_view name = as_text(chunk.subspan(4, 4));
    if ((name[0] >= 'A' && name[0] <= 'Z') || name == "tRNS") parts.kept.insert(parts.kept.end(), chunk.begin(), chunk.end());
    if (name == "eXIf") parts.exif = chunk.subspan(8, length);
    at += chunk.size();
  }
  parts.kept.insert(parts.kept.end(), file.begin() + static_cast<std::ptrdiff_t>(at), file.end());
  return parts;
}

Result<imaging::Film> decode_png(ByteView file) {
  const auto [bytes, exif] = without_colour_management(file);
  PngImage png;
  if (!png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size())) return unreadable("PNG", png.image.message);
  TRY_VOID(check_size(png.image.width, png.image.height));
  TRY_VOID(require_upright(exif));
  if (png.image.format & PNG_FORMAT_FLAG_ALPHA) return make_error(ErrorCode::invalid, "The picture has transparent parts; a radiograph has none.");
  return finish_png(png.image);
}

}  // namespace

bool is_picture(ByteView bytes) { return is_png(bytes) || is_jpeg(bytes); }

Result<imaging::Film> decode_picture(ByteView bytes) {
  if (is_png(bytes)) return decode_png(bytes);
  if (is_jpeg(bytes)) return decode_jpeg(bytes);
  return make_error(ErrorCode::unsupported_media, "The file is neither DICOM, PNG nor JPEG.");
}

}  // namespace osler::decoder
