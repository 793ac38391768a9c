#include "decoder/deidentify_pixels.h"

#include <gdcmSequenceOfFragments.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/limits.h"
#include "decoder/codestream.h"
#include "decoder/deidentify_codestream.h"
#include "decoder/frame_pixels.h"
#include "decoder/pixel_format.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

constexpr std::string_view kRle = "1.2.840.10008.1.2.5";

Error cannot(const char* what) { return make_error(ErrorCode::invalid, std::string("The pixels cannot be cleaned: ") + what); }
Error damaged(const char* what) { return make_error(ErrorCode::malformed, what); }

/// What tells how many bytes there must be; looser than PixelFormat, since nothing is decoded.
struct Layout {
  std::size_t rows = 0, columns = 0, frames = 1, samples = 1, bits_allocated = 0, bits_stored = 0, high_bit = 0;
  bool is_signed = false, is_planar = false;
  std::string photometric;

  std::size_t frame_bits() const {
    const std::size_t all = rows * columns * samples * bits_allocated;
    if (photometric.ends_with("_422")) return all * 2 / 3;
    return photometric.ends_with("_420") ? all / 2 : all;
  }
  bool is_subsampled() const { return photometric.ends_with("_422") || photometric.ends_with("_420"); }
};

Result<std::size_t> number(const DataSetView& set, const Tag& tag, std::size_t least, std::size_t most) {
  const std::optional<std::uint16_t> value = TRY(set.word(tag));
  if (!value || *value < least || *value > most) return wrong_attribute(tag, "is missing or not a number of its range.");
  return std::size_t{*value};
}

Result<Layout> read_layout(const DataSetView& set) {
  Layout layout;
  layout.rows = TRY(number(set, tags::kRows, 1, limits::kMaxFilmSide));
  layout.columns = TRY(number(set, tags::kColumns, 1, limits::kMaxFilmSide));
  layout.samples = TRY(number(set, tags::kSamplesPerPixel, 1, 4));
  layout.bits_allocated = TRY(number(set, tags::kBitsAllocated, 1, 64));
  layout.bits_stored = TRY(number(set, tags::kBitsStored, 1, layout.bits_allocated));
  layout.high_bit = TRY(number(set, tags::kHighBit, layout.bits_stored - 1, layout.bits_allocated - 1));
  layout.is_signed = TRY(set.word(tags::kPixelRepresentation)).value_or(0) == 1;
  layout.is_planar = TRY(set.word(tags::kPlanarConfiguration)).value_or(0) == 1;
  layout.photometric = set.text(tags::kPhotometric);
  const auto frames = TRY(set.decimals(tags::kNumberOfFrames));
  if (!frames) return layout;
  if (frames->size() != 1 || frames->front() < 1 || frames->front() > static_cast<double>(limits::kMaxFrames) || std::floor(frames->front()) != frames->front())
    return wrong_attribute(tags::kNumberOfFrames, "is not one whole number from 1 to 100,000.");
  layout.frames = static_cast<std::size_t>(frames->front());
  return layout;
}

gdcm::DataElement pixel_element(gdcm::VR::VRType vr) {
  gdcm::DataElement element(gdcm::Tag(tags::kPixelData.group, tags::kPixelData.element));
  element.SetVR(vr);
  return element;
}

/// `declared`: the type that the file gives its pixels, if they were not compressed; files in big endian differ in how words of two pixels lie, and one that
/// keeps its type keeps its bytes.
gdcm::DataElement native_element(Bytes pixels, std::size_t bits_allocated, gdcm::VR::VRType declared) {
  if (pixels.size() % 2 != 0) pixels.push_back(0);
  const bool is_of_words = declared == gdcm::VR::OW || (declared != gdcm::VR::OB && bits_allocated > 8);
  gdcm::DataElement element = pixel_element(is_of_words ? gdcm::VR::OW : gdcm::VR::OB);
  element.SetByteValue(reinterpret_cast<const char*>(pixels.data()), static_cast<std::uint32_t>(pixels.size()));
  return element;
}

/// Old files keep an overlay in bits that the picture does not use: it is described in a group 60xx, without data there.
bool has_overlay_in_pixels(const DataSetView& set) {
  for (std::uint16_t group = 0x6000; group <= 0x60ff; group += 2)
    if (set.has({group, 0x0100, "Overlay Bits Allocated"}) && !set.has({group, 0x3000, "Overlay Data"})) return true;
  return false;
}

gdcm::VR::VRType declared_type(const DicomFile& file) { return file.top().gdcm_set().GetDataElement(gdcm::Tag(tags::kPixelData.group, tags::kPixelData.element)).GetVR(); }

/// Not of signed pixels, whose sign lies there too, nor where the order of bytes is not known.
bool can_clear_unused_bits(const DicomFile& file, const Layout& layout) {
  const bool is_known = layout.bits_allocated == 8 || (layout.bits_allocated == 16 && !(is_big_endian(file.transfer_syntax()) && declared_type(file) == gdcm::VR::OB));
  return is_known && !layout.is_signed;
}

void clear_unused_bits(Bytes& pixels, const Layout& layout) {
  const unsigned mask = ((1u << layout.bits_stored) - 1) << (layout.high_bit + 1 - layout.bits_stored);
  if (layout.bits_allocated == 8) {
    for (std::uint8_t& byte : pixels) byte = static_cast<std::uint8_t>(byte & mask);
    return;
  }
  for (std::size_t i = 0; i + 1 < pixels.size(); i += 2) {  // the host's order
    std::uint16_t sample;
    std::memcpy(&sample, pixels.data() + i, sizeof sample);
    sample = static_cast<std::uint16_t>(sample & mask);
    std::memcpy(pixels.data() + i, &sample, sizeof sample);
  }
}

Result<Bytes> native_pixels(const DicomFile& file, const Layout& layout) {
  const std::optional<ByteView> all = file.top().bytes(tags::kPixelData);
  const std::size_t expected = (layout.frame_bits() * layout.frames + 7) / 8;
  if (!all || all->size() < expected) return damaged("The pixels are fewer than the file declares, or compressed though the transfer syntax says that they are not.");
  Bytes pixels(all->begin(), all->begin() + static_cast<std::ptrdiff_t>(expected));
  if (can_clear_unused_bits(file, layout)) clear_unused_bits(pixels, layout);  // also where whoever wrote it has taken out what describes the overlay, and no more
  else if (has_overlay_in_pixels(file.top())) return cannot("an overlay lies in bits of signed or unusual pixels.");
  return pixels;
}

ByteView bytes_of(const gdcm::Fragment& fragment) {
  const gdcm::ByteValue* value = fragment.GetByteValue();
  if (value == nullptr || value->GetPointer() == nullptr) return {};
  return ByteView(reinterpret_cast<const std::uint8_t*>(value->GetPointer()), value->GetLength());
}

/// The fragments joined to whole pictures: a new one starts where a stream starts.
Result<std::vector<Bytes>> whole_streams(const gdcm::SequenceOfFragments& fragments, std::size_t frames) {
  std::vector<Bytes> streams;
  const std::size_t count = fragments.GetNumberOfFragments();
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView piece = bytes_of(fragments.GetFragment(i));
    const bool is_first = count == frames || (frames == 1 ? i == 0 : starts_codestream(piece));
    if (is_first) streams.emplace_back();
    if (streams.empty()) return damaged("The compressed pixels do not start with a picture.");
    streams.back().insert(streams.back().end(), piece.begin(), piece.end());
  }
  if (streams.size() != frames) return damaged("The compressed pixels are not as many pictures as the file declares.");
  return streams;
}

void set_value(gdcm::Fragment& fragment, const Bytes& bytes) { fragment.SetByteValue(reinterpret_cast<const char*>(bytes.data()), static_cast<std::uint32_t>(bytes.size())); }

Result<gdcm::DataElement> compressed_element(const DicomFile& file, const Layout& layout) {
  const gdcm::Tag tag(tags::kPixelData.group, tags::kPixelData.element);
  const gdcm::SequenceOfFragments* fragments = file.top().gdcm_set().GetDataElement(tag).GetSequenceOfFragments();
  if (fragments == nullptr) return damaged("The pixels are not compressed though the transfer syntax says so.");
  if (has_overlay_in_pixels(file.top())) return cannot("an overlay lies in bits of compressed pixels.");
  const gdcm::SmartPointer<gdcm::SequenceOfFragments> kept = gdcm::SequenceOfFragments::New();
  for (const Bytes& stream : TRY(whole_streams(*fragments, layout.frames))) {
    Bytes clean;
    if (file.transfer_syntax() == kRle) clean = stream;
    else if (stream.size() > 1 && stream[0] == 0xff && stream[1] == 0xd8) clean = TRY(without_jpeg_texts(stream));
    else clean = TRY(without_jpeg2000_texts(stream));
    if (clean.size() % 2 != 0) clean.push_back(0);
    gdcm::Fragment fragment;
    set_value(fragment, clean);
    kept->AddFragment(fragment);
  }
  gdcm::DataElement element = pixel_element(gdcm::VR::OB);
  element.SetValue(*kept);
  return element;
}

struct Box {
  std::size_t left, top, right, bottom;
};

Box box_of(const imaging::PixelRegion& region, const Layout& layout) {
  const double across = region.is_share ? static_cast<double>(layout.columns) : 1, down = region.is_share ? static_cast<double>(layout.rows) : 1;
  const auto low = [](double value, std::size_t most) { return static_cast<std::size_t>(std::clamp(std::floor(value), 0.0, static_cast<double>(most))); };
  const auto high = [](double value, std::size_t most) { return static_cast<std::size_t>(std::clamp(std::ceil(value), 0.0, static_cast<double>(most))); };
  return {low(region.left * across, layout.columns), low(region.top * down, layout.rows), high((region.left + region.width) * across, layout.columns),
          high((region.top + region.height) * down, layout.rows)};
}

/// `pixels`: all frames.
void blank(Bytes& pixels, const Layout& layout, const Box& box) {
  const std::size_t planes = layout.is_planar ? layout.samples : 1, pixel_bytes = layout.bits_allocated / 8 * (layout.is_planar ? 1 : layout.samples);
  const std::size_t row_bytes = layout.columns * pixel_bytes, plane_bytes = layout.rows * row_bytes;
  for (std::size_t plane = 0; plane < planes * layout.frames; ++plane)
    for (std::size_t row = box.top; row < box.bottom; ++row) {
      std::uint8_t* start = pixels.data() + plane * plane_bytes + row * row_bytes;
      std::fill(start + box.left * pixel_bytes, start + std::max(box.left, box.right) * pixel_bytes, std::uint8_t{0});
    }
}

/// All frames decompressed; says in `layout` how they now lie.
Result<Bytes> decompressed(const DicomFile& file, Layout& layout, std::string& photometric) {
  const PixelFormat format = TRY(read_pixel_format(file.top()));
  if (format.frame_bytes() * format.frames > limits::kMaxInflatedFilmBytes) return make_error(ErrorCode::too_large, "The uncompressed pixels are more than 128 MiB.");
  Bytes pixels;
  pixels.reserve(format.frame_bytes() * format.frames);
  for (std::size_t frame = 0; frame < format.frames; ++frame) {
    const FramePixels one = TRY(read_frame(file, format, frame));
    pixels.insert(pixels.end(), one.samples.begin(), one.samples.end());
    layout.is_planar = one.is_planar;
    if (format.samples == 3) photometric = one.is_luminance_first ? "YBR_FULL" : "RGB";
  }
  return pixels;
}

}  // namespace

Result<CleanPixels> copy_pixels(const DicomFile& file) {
  const Layout layout = TRY(read_layout(file.top()));
  if (is_compressed(file.transfer_syntax())) return CleanPixels{TRY(compressed_element(file, layout)), false, ""};
  return CleanPixels{native_element(TRY(native_pixels(file, layout)), layout.bits_allocated, declared_type(file)), false, ""};
}

Result<CleanPixels> blank_pixels(const DicomFile& file, std::span<const imaging::PixelRegion> regions) {
  Layout layout = TRY(read_layout(file.top()));
  CleanPixels clean;
  clean.is_uncompressed = is_compressed(file.transfer_syntax());
  if (clean.is_uncompressed && has_overlay_in_pixels(file.top())) return cannot("an overlay lies in bits of compressed pixels.");
  if (layout.bits_allocated % 8 != 0 || (layout.is_subsampled() && !clean.is_uncompressed)) return cannot("they do not lie in whole bytes for each pixel.");
  Bytes pixels = clean.is_uncompressed ? TRY(decompressed(file, layout, clean.photometric)) : TRY(native_pixels(file, layout));
  for (const imaging::PixelRegion& region : regions) blank(pixels, layout, box_of(region, layout));
  clean.element = native_element(std::move(pixels), layout.bits_allocated, clean.is_uncompressed ? gdcm::VR::INVALID : declared_type(file));
  return clean;
}

}  // namespace osler::decoder
