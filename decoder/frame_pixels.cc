#include "decoder/frame_pixels.h"

#include <gdcmSequenceOfFragments.h>

#include <algorithm>
#include <cstring>

#include "decoder/codestream.h"
#include "decoder/decompress.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

Error damaged(const std::string& what) { return make_error(ErrorCode::malformed, what); }

const gdcm::DataElement& pixel_element(const DicomFile& file) {
  return file.top().gdcm_set().GetDataElement(gdcm::Tag(tags::kPixelData.group, tags::kPixelData.element));
}

bool is_ybr(Photometric photometric) { return photometric == Photometric::ybr_full || photometric == Photometric::ybr_full_422; }

Result<FramePixels> read_native(const DicomFile& file, const PixelFormat& format, std::size_t frame) {
  const std::optional<ByteView> all = file.top().bytes(tags::kPixelData);
  if (!all) return damaged("The pixels are missing, or compressed though the transfer syntax says that they are not.");
  if (format.photometric == Photometric::ybr_full_422)
    return make_error(ErrorCode::invalid, "The picture is in colour (YBR_FULL_422, not compressed); a radiograph is grey. Send the original film.");
  if (format.photometric == Photometric::ybr_ict || format.photometric == Photometric::ybr_rct)
    return wrong_attribute(tags::kPhotometric, "is one of JPEG 2000, but the pixels are not compressed.");
  const std::size_t expected = format.frame_bytes() * format.frames;
  if (all->size() < expected) return damaged("The pixels are cut short: the file declares " + std::to_string(expected) + " bytes of them and holds " + std::to_string(all->size()) + ".");
  FramePixels pixels;
  if (all->size() > expected + expected % 2) pixels.warnings.push_back("The file holds more bytes of pixels than it declares; the rest was left out.");
  pixels.samples = all->subspan(frame * format.frame_bytes(), format.frame_bytes());
  pixels.is_planar = format.is_planar;
  pixels.is_luminance_first = is_ybr(format.photometric);
  return pixels;
}

ByteView bytes_of(const gdcm::Fragment& fragment) {
  const gdcm::ByteValue* value = fragment.GetByteValue();
  if (value == nullptr || value->GetPointer() == nullptr) return {};
  return ByteView(reinterpret_cast<const std::uint8_t*>(value->GetPointer()), value->GetLength());
}

/// Where each frame starts, from the first fragment on, by the Basic Offset Table (PS3.5 A.4).
std::vector<std::uint32_t> offset_table(const gdcm::SequenceOfFragments& fragments) {
  const gdcm::ByteValue* table = fragments.GetTable().GetByteValue();
  if (table == nullptr || table->GetPointer() == nullptr) return {};
  std::vector<std::uint32_t> offsets(table->GetLength() / 4);
  std::memcpy(offsets.data(), table->GetPointer(), offsets.size() * 4);
  return offsets;
}

struct FragmentRange {
  std::size_t first = 0, end = 0;
};

/// The fragments between two offsets of the table, which must fall on the start of one.
Result<FragmentRange> by_offsets(const gdcm::SequenceOfFragments& fragments, const std::vector<std::uint32_t>& offsets, std::size_t frame) {
  const std::size_t count = fragments.GetNumberOfFragments();
  std::vector<std::uint64_t> starts(count + 1, 0);
  for (std::size_t i = 0; i < count; ++i) starts[i + 1] = starts[i] + 8 + bytes_of(fragments.GetFragment(i)).size();
  const auto fragment_at = [&](std::uint64_t offset) { return static_cast<std::size_t>(std::lower_bound(starts.begin(), starts.end(), offset) - starts.begin()); };
  const std::uint64_t begin = offsets[frame], end = frame + 1 < offsets.size() ? offsets[frame + 1] : starts.back();
  const FragmentRange range{fragment_at(begin), fragment_at(end)};
  if (range.first >= range.end || range.end > count || starts[range.first] != begin || starts[range.end] != end)
    return damaged("The offset table of the compressed frames does not fit them.");
  return range;
}

Result<FragmentRange> fragments_of(const gdcm::SequenceOfFragments& fragments, std::size_t frame, std::size_t frames) {
  const std::size_t count = fragments.GetNumberOfFragments();
  if (count < frames) return damaged("The compressed pixels are cut short: fewer pieces than frames.");
  if (frames == 1) {
    for (std::size_t i = 1; i < count; ++i)
      if (starts_codestream(bytes_of(fragments.GetFragment(i)))) return damaged("The file holds more compressed frames than it declares.");
    return FragmentRange{0, count};
  }
  if (count == frames) return FragmentRange{frame, frame + 1};
  const std::vector<std::uint32_t> offsets = offset_table(fragments);
  if (offsets.size() != frames) return damaged("The compressed frames cannot be told apart: there are more pieces than frames and no offset table.");
  return by_offsets(fragments, offsets, frame);
}

/// The stream must be the picture that the attributes describe.
Result<void> check_stream(const Codestream& stream, const PixelFormat& format, bool is_jpeg2000) {
  if (stream.columns != format.columns || stream.rows != format.rows)
    return damaged("The compressed picture is " + std::to_string(stream.columns) + " x " + std::to_string(stream.rows) + " pixels, the file declares "
      + std::to_string(format.columns) + " x " + std::to_string(format.rows) + ".");
  if (stream.components != format.samples) return wrong_attribute(tags::kSamplesPerPixel, "does not fit the compressed picture.");
  if ((stream.precision <= 8) != (format.bits_allocated == 8) || stream.precision > 16 || stream.precision < 2)
    return damaged("The compressed picture has " + std::to_string(stream.precision) + " bits a pixel, the file allocates " + std::to_string(format.bits_allocated) + ".");
  if (format.high_bit + 1 != format.bits_stored) return make_error(ErrorCode::invalid, "The picture is compressed with its bits shifted (High Bit); that is not read.");
  if (is_jpeg2000 && stream.is_signed != format.is_signed)
    return damaged("The file and its compressed picture contradict each other: one says that pixels are signed, the other that they are not.");
  if (!is_jpeg2000 && format.is_signed && stream.precision < format.bits_stored)
    return damaged("The compressed picture has fewer bits than the signed pixels of the file, so that their sign is not known.");
  return ok();
}

bool is_jpeg2000_syntax(const std::string& syntax) { return syntax == "1.2.840.10008.1.2.4.90" || syntax == "1.2.840.10008.1.2.4.91"; }
bool is_rle_syntax(const std::string& syntax) { return syntax == "1.2.840.10008.1.2.5"; }

constexpr std::string_view kJpegExtended = "1.2.840.10008.1.2.4.51";
constexpr unsigned kMaxJpegExtendedBits = 12;  // T.81, table B.2

/// What the stream says of itself; nothing in RLE, where it says nothing.
Result<std::optional<Codestream>> check_compressed(const gdcm::SequenceOfFragments& fragments, FragmentRange range, const DicomFile& file, const PixelFormat& format) {
  if (is_rle_syntax(file.transfer_syntax())) {
    if (range.end - range.first != 1) return damaged("A frame in RLE is not one piece.");
    return std::optional<Codestream>();
  }
  Bytes head;  // frame headers lie at the start; the first piece may be short
  for (std::size_t i = range.first; i < range.end; ++i) {
    const ByteView piece = bytes_of(fragments.GetFragment(i));
    head.insert(head.end(), piece.begin(), piece.end());
    if (head.size() > (std::size_t{1} << 17)) break;
  }
  Codestream stream = TRY(read_codestream(head));
  // GDCM 3.0 writes 16 there, and such a stream comes back with whites beyond the scale turned black.
  if (file.transfer_syntax() == kJpegExtended && stream.precision > kMaxJpegExtendedBits)
    return damaged("The compressed picture says that it has " + std::to_string(stream.precision) + " bits; JPEG extended has 8 or 12. Send it uncompressed or lossless.");
  TRY_VOID(check_stream(stream, format, is_jpeg2000_syntax(file.transfer_syntax())));
  return std::optional<Codestream>(stream);
}

/// Those that may overshoot: a white of 1023 can come out as 1030 where the stream has room for it.
bool is_lossy_syntax(const std::string& syntax) {
  return syntax == kJpegExtended || syntax == "1.2.840.10008.1.2.4.81" || syntax == "1.2.840.10008.1.2.4.91";
}

/// A codec gives what the stream holds, whatever Bits Stored says: a value beyond it would be shown as another. Bits above the stream's own mean nothing,
/// and go. Only JPEG 2000 knows signs; in other streams they may reach up to its bits, or not.
Result<void> fit_to_stored_bits(FramePixels& pixels, const PixelFormat& format, const Codestream& stream, bool is_lossy) {
  const int lowest = format.lowest_stored(), highest = lowest + (1 << format.bits_stored) - 1, levels = 1 << stream.precision;
  bool has_overshoot = false;
  for (std::size_t i = 0; i + 1 < pixels.owned.size(); i += 2) {
    std::uint16_t sample;
    std::memcpy(&sample, pixels.owned.data() + i, sizeof sample);
    const int code = sample & (levels - 1), value = format.is_signed && code >= levels / 2 ? code - levels : code;
    const bool is_code = !stream.is_signed && code >> format.bits_stored == 0;
    int fitting = is_code ? code : value;
    if (!is_code && (value < lowest || value > highest)) {
      if (!is_lossy) return wrong_attribute(tags::kBitsStored, "is too small: the compressed picture holds values of more bits.");
      has_overshoot = true;
      fitting = std::clamp(value, lowest, highest);
    }
    sample = static_cast<std::uint16_t>(fitting);
    std::memcpy(pixels.owned.data() + i, &sample, sizeof sample);
  }
  if (has_overshoot) pixels.warnings.push_back("The compressed picture holds values beyond Bits Stored; they are shown as the nearest within.");
  return ok();
}

gdcm::DataElement element_of(const gdcm::SequenceOfFragments& fragments, FragmentRange range) {
  const gdcm::SmartPointer<gdcm::SequenceOfFragments> own = gdcm::SequenceOfFragments::New();
  for (std::size_t i = range.first; i < range.end; ++i) own->AddFragment(fragments.GetFragment(i));
  gdcm::DataElement element(gdcm::Tag(tags::kPixelData.group, tags::kPixelData.element));
  element.SetVR(gdcm::VR::OB);
  element.SetValue(*own);
  return element;
}

Result<FramePixels> read_compressed(const DicomFile& file, const PixelFormat& format, std::size_t frame) {
  const gdcm::SequenceOfFragments* fragments = pixel_element(file).GetSequenceOfFragments();
  if (fragments == nullptr) return damaged("The pixels are not compressed though the transfer syntax says so.");
  const FragmentRange range = TRY(fragments_of(*fragments, frame, format.frames));
  const std::optional<Codestream> stream = TRY(check_compressed(*fragments, range, file, format));
  FramePixels pixels;
  pixels.owned = TRY(decompress(element_of(*fragments, range), file.gdcm_transfer_syntax(), format));
  if (stream && format.bits_allocated == 16 && stream->precision != format.bits_stored) TRY_VOID(fit_to_stored_bits(pixels, format, *stream, is_lossy_syntax(file.transfer_syntax())));
  pixels.samples = pixels.owned;
  pixels.is_luminance_first = is_ybr(format.photometric);
  return pixels;
}

}  // namespace

Result<FramePixels> read_frame(const DicomFile& file, const PixelFormat& format, std::size_t frame) {
  return is_compressed(file.transfer_syntax()) ? read_compressed(file, format, frame) : read_native(file, format, frame);
}

}  // namespace osler::decoder
