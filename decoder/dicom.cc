#include "decoder/dicom.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstring>
#include <exception>
#include <new>

#include "decoder/attributes.h"
#include "decoder/dicom_file.h"
#include "decoder/frame_pixels.h"
#include "decoder/grey.h"
#include "decoder/modality_transform.h"
#include "decoder/padding.h"
#include "decoder/pixel_format.h"
#include "decoder/tags.h"
#include "decoder/voi.h"

namespace osler::decoder {

namespace {

constexpr std::size_t kLevels = 65536;

/// Samples to codes: without the bits that are not stored, counted from the lowest possible value.
template <typename Sample>
void fill_codes(const PixelFormat& format, ByteView samples, std::vector<std::uint16_t>& codes) {
  const unsigned shift = format.high_bit + 1 - format.bits_stored, mask = (1u << format.bits_stored) - 1;
  const unsigned flip = format.is_signed ? 1u << (format.bits_stored - 1) : 0;  // two's complement to distance from the lowest
  for (std::size_t i = 0; i < codes.size(); ++i) {
    Sample sample;
    std::memcpy(&sample, samples.data() + i * sizeof sample, sizeof sample);
    codes[i] = static_cast<std::uint16_t>(((sample >> shift) & mask) ^ flip);
  }
}

std::vector<std::uint16_t> codes_of(const PixelFormat& format, ByteView samples) {
  std::vector<std::uint16_t> codes(format.pixels());
  if (format.bits_allocated == 8) fill_codes<std::uint8_t>(format, samples, codes);
  else fill_codes<std::uint16_t>(format, samples, codes);
  return codes;
}

/// MONOCHROME1 shows the lowest value white. Presentation LUT Shape says the same again, where it is there (PS3.3 C.8.11.3.1.2).
Result<bool> read_inversion(const DataSetView& set, Photometric photometric) {
  const std::string shape = set.text(tags::kPresentationLutShape);
  const bool is_inverted = photometric == Photometric::monochrome1;
  if (shape.empty()) return is_inverted;
  if (shape != "IDENTITY" && shape != "INVERSE") return wrong_attribute(tags::kPresentationLutShape, "is neither IDENTITY nor INVERSE.");
  if ((shape == "INVERSE") != is_inverted) return wrong_attribute(tags::kPresentationLutShape, "contradicts Photometric Interpretation.");
  return is_inverted;
}

/// The window of a film that brings none: all that is not padding.
Result<Voi> range_of(const std::vector<std::uint16_t>& codes, const Padding& padding, const ModalityTransform& transform) {
  std::bitset<kLevels> is_used;
  for (const std::uint16_t code : codes) is_used[code] = true;
  int low = -1, high = -1;
  for (int code = 0; code < static_cast<int>(kLevels); ++code) {
    if (!is_used[static_cast<std::size_t>(code)] || padding.contains(static_cast<std::uint16_t>(code))) continue;
    const int value = transform.value_of(static_cast<std::uint16_t>(code));
    low = low < 0 ? value : std::min(low, value);
    high = std::max(high, value);
  }
  if (low < 0) return make_error(ErrorCode::invalid, "Every pixel of the picture is padding.");
  const double a = transform.intercept + transform.slope * low, b = transform.intercept + transform.slope * high;
  return full_range(std::min(a, b), std::max(a, b));
}

void fill_display(imaging::Film& film, const Voi& voi) {
  film.display.resize(kLevels);
  for (std::size_t value = 0; value < kLevels; ++value) {
    const double shown = voi.shown(film.value_intercept + film.value_slope * static_cast<double>(value));
    film.display[value] = static_cast<std::uint16_t>(std::lround((film.inverted ? 1 - shown : shown) * 65535));
  }
  film.window_centre = voi.centre;
  film.window_width = voi.width;
}

/// A value that is shown black: from the dark end the first that is black or that no pixel has.
std::uint16_t black_value(const imaging::Film& film, const std::bitset<kLevels>& is_used) {
  const bool is_dark_below = film.display.front() <= film.display.back();
  for (std::size_t i = 0; i < kLevels; ++i) {
    const std::size_t value = is_dark_below ? i : kLevels - 1 - i;
    if (film.display[value] == 0 || !is_used[value]) return static_cast<std::uint16_t>(value);
  }
  return static_cast<std::uint16_t>(std::min_element(film.display.begin(), film.display.end()) - film.display.begin());
}

void fill_values(imaging::Film& film, std::vector<std::uint16_t> codes, const Padding& padding, const ModalityTransform& transform) {
  if (transform.table.empty() && padding.is_empty()) {
    film.values = std::move(codes);
    return;
  }
  std::bitset<kLevels> is_used;
  for (const std::uint16_t code : codes)
    if (!padding.contains(code)) is_used[transform.value_of(code)] = true;
  const std::uint16_t black = padding.is_empty() ? 0 : black_value(film, is_used);
  if (!padding.is_empty() && !is_used[black]) film.display[black] = 0;
  for (std::uint16_t& code : codes) code = padding.contains(code) ? black : transform.value_of(code);
  film.values = std::move(codes);
}

Result<void> show_grey(const DicomFile& file, const PixelFormat& format, std::size_t frame, std::vector<std::uint16_t> codes, imaging::Film& film) {
  const ModalityTransform transform =
    TRY(read_modality_transform(TRY(file.of_frame(tags::kPixelValueTransformationSequence, frame, format.frames)), format));
  const Padding padding = TRY(read_padding(file.top(), format));
  const DataSetView voi_set = TRY(file.of_frame(tags::kFrameVoiLutSequence, frame, format.frames));
  std::optional<Voi> voi = TRY(read_voi(voi_set, transform.lowest_value(format) < 0, film.warnings));
  if (!voi) {
    voi = TRY(range_of(codes, padding, transform));
    film.warnings.push_back("The file names no window; the full range of its values is shown.");
  }
  film.value_slope = transform.slope;
  film.value_intercept = transform.intercept;
  film.inverted = TRY(read_inversion(file.top(), format.photometric));
  fill_display(film, *voi);
  fill_values(film, std::move(codes), padding, transform);
  return ok();
}

/// Grey levels that are meant to be seen as they are.
void show_levels(std::vector<std::uint16_t> levels, imaging::Film& film) {
  film.values = std::move(levels);
  film.display.resize(kLevels);
  for (std::size_t i = 0; i < kLevels; ++i) film.display[i] = static_cast<std::uint16_t>(i);
  film.window_centre = static_cast<double>(kLevels) / 2;
  film.window_width = static_cast<double>(kLevels);
  film.warnings.push_back("The film is stored as colour; its grey levels are shown as they are.");
}

Result<imaging::Film> decode(ByteView bytes, std::optional<std::size_t> named) {
  FileLayout layout = TRY(check_file_layout(bytes));
  const DicomFile file = TRY(DicomFile::read(layout));
  const PixelFormat format = TRY(read_pixel_format(file.top()));
  const std::size_t frame = TRY(choose_frame(format.frames, named));
  FramePixels pixels = TRY(read_frame(file, format, frame));
  imaging::Film film;
  film.width = format.columns;
  film.height = format.rows;
  film.attributes = read_attributes(file, format.frames);
  film.warnings = std::move(layout.warnings);
  film.pixel_aspect = TRY(read_pixel_aspect(file.top(), TRY(file.of_frame(tags::kPixelMeasuresSequence, frame, format.frames)), film.warnings));
  check_orientation(file.top(), film.warnings);
  film.warnings.insert(film.warnings.end(), pixels.warnings.begin(), pixels.warnings.end());
  if (format.samples == 3) {
    show_levels(TRY(grey_of_channels(pixels, format)), film);
    return film;
  }
  std::vector<std::uint16_t> codes = codes_of(format, pixels.samples);
  if (format.photometric == Photometric::palette) show_levels(TRY(grey_of_palette(file.top(), format, codes)), film);
  else TRY_VOID(show_grey(file, format, frame, std::move(codes), film));
  return film;
}

}  // namespace

Result<imaging::Film> decode_dicom(ByteView bytes, std::optional<std::size_t> frame) {
  try {
    return decode(bytes, frame);
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::too_large, "The film needs more memory than the decoder may use.");
  } catch (const std::exception&) {  // GDCM throws where it should say no; its texts quote the file
    return make_error(ErrorCode::malformed, "The DICOM file cannot be decoded: it is damaged.");
  }
}

}  // namespace osler::decoder
