#include "decoder/pixel_format.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/limits.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

struct NamedPhotometric {
  std::string_view name;
  Photometric value;
  std::size_t samples;
};

constexpr std::array<NamedPhotometric, 8> kPhotometrics = {{
  {"MONOCHROME1", Photometric::monochrome1, 1}, {"MONOCHROME2", Photometric::monochrome2, 1}, {"PALETTE COLOR", Photometric::palette, 1},
  {"RGB", Photometric::rgb, 3}, {"YBR_FULL", Photometric::ybr_full, 3}, {"YBR_FULL_422", Photometric::ybr_full_422, 3},
  {"YBR_ICT", Photometric::ybr_ict, 3}, {"YBR_RCT", Photometric::ybr_rct, 3},
}};

Error not_read(const std::string& what) { return make_error(ErrorCode::invalid, what); }

Result<std::size_t> needed(const DataSetView& set, const Tag& tag) {
  const std::optional<std::uint16_t> value = TRY(set.word(tag));
  if (!value) return wrong_attribute(tag, "is missing.");
  return std::size_t{*value};
}

Result<void> read_size(const DataSetView& set, PixelFormat& format) {
  format.rows = TRY(needed(set, tags::kRows));
  format.columns = TRY(needed(set, tags::kColumns));
  if (format.rows == 0) return wrong_attribute(tags::kRows, "is 0.");
  if (format.columns == 0) return wrong_attribute(tags::kColumns, "is 0.");
  if (format.rows > limits::kMaxFilmSide || format.columns > limits::kMaxFilmSide || format.pixels() > limits::kMaxFilmPixels)
    return make_error(ErrorCode::too_large, "The film is larger than 16,384 pixels a side or 32 million pixels.");
  const auto frames = TRY(set.decimals(tags::kNumberOfFrames));
  if (!frames) return ok();
  if (frames->size() != 1 || frames->front() < 1 || std::floor(frames->front()) != frames->front())
    return wrong_attribute(tags::kNumberOfFrames, "is not one whole number from 1.");
  if (frames->front() > static_cast<double>(limits::kMaxFrames)) return make_error(ErrorCode::too_large, "The file declares more than 100,000 frames.");
  format.frames = static_cast<std::size_t>(frames->front());
  return ok();
}

Result<void> read_bits(const DataSetView& set, PixelFormat& format) {
  const std::size_t allocated = TRY(needed(set, tags::kBitsAllocated));
  if (allocated == 1) return not_read("The picture has one bit a pixel (a segmentation or an overlay, not a film); 8 to 16 bits are read.");
  if (allocated != 8 && allocated != 16) return not_read("The picture has " + std::to_string(allocated) + " bits allocated for each pixel; 8 and 16 are read.");
  format.bits_allocated = static_cast<unsigned>(allocated);
  const std::size_t stored = TRY(needed(set, tags::kBitsStored)), high = TRY(needed(set, tags::kHighBit)), sign = TRY(needed(set, tags::kPixelRepresentation));
  if (stored > allocated || stored == 0) return wrong_attribute(tags::kBitsStored, "is not 1 to Bits Allocated.");
  if (stored < 8) return not_read("The picture has " + std::to_string(stored) + " bits stored for each pixel; 8 to 16 are read.");
  if (high >= allocated || high + 1 < stored) return wrong_attribute(tags::kHighBit, "does not fit Bits Stored and Bits Allocated.");
  if (sign > 1) return wrong_attribute(tags::kPixelRepresentation, "is neither 0 nor 1.");
  format.bits_stored = static_cast<unsigned>(stored);
  format.high_bit = static_cast<unsigned>(high);
  format.is_signed = sign == 1;
  return ok();
}

Result<void> read_samples(const DataSetView& set, PixelFormat& format) {
  const std::string name = set.text(tags::kPhotometric);
  if (name.empty()) return wrong_attribute(tags::kPhotometric, "is missing.");
  const auto known = std::find_if(kPhotometrics.begin(), kPhotometrics.end(), [&](const NamedPhotometric& each) { return each.name == name; });
  if (known == kPhotometrics.end())
    return not_read("The photometric interpretation is not one that is read: MONOCHROME1, MONOCHROME2, and a grey film stored as PALETTE COLOR, RGB or YBR are.");
  format.photometric = known->value;
  format.samples = TRY(needed(set, tags::kSamplesPerPixel));
  if (format.samples != known->samples) return wrong_attribute(tags::kSamplesPerPixel, "does not fit Photometric Interpretation.");
  if (format.samples == 1) return ok();
  if (format.bits_allocated != 8 || format.bits_stored != 8 || format.is_signed)
    return not_read("The picture is in colour of more than 8 bits a channel; a radiograph is grey. Send the original film.");
  const std::optional<std::uint16_t> planar = TRY(set.word(tags::kPlanarConfiguration));
  if (planar && *planar > 1) return wrong_attribute(tags::kPlanarConfiguration, "is neither 0 nor 1.");
  format.is_planar = planar == 1;
  return ok();
}

}  // namespace

Result<PixelFormat> read_pixel_format(const DataSetView& set) {
  if (set.has(tags::kFloatPixelData) || set.has(tags::kDoubleFloatPixelData)) return not_read("The picture holds floating-point values (a map, not a film).");
  if (!set.has(tags::kPixelData)) return not_read("The DICOM file holds no picture (no Pixel Data).");
  PixelFormat format;
  TRY_VOID(read_size(set, format));
  TRY_VOID(read_bits(set, format));
  TRY_VOID(read_samples(set, format));
  return format;
}

Result<std::size_t> choose_frame(std::size_t frames, std::optional<std::size_t> named) {
  if (!named && frames == 1) return std::size_t{0};
  if (!named) return not_read("The file holds " + std::to_string(frames) + " frames; name a frame, 0 to " + std::to_string(frames - 1) + ".");
  if (*named >= frames) return not_read("There is no such frame; name a frame, 0 to " + std::to_string(frames - 1) + ".");
  return *named;
}

}  // namespace osler::decoder
