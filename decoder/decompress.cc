#include "decoder/decompress.h"

#include <gdcmImageCodec.h>
#include <gdcmJPEG2000Codec.h>
#include <gdcmJPEGCodec.h>
#include <gdcmJPEGLSCodec.h>
#include <gdcmRLECodec.h>
#include <gdcmSequenceOfFragments.h>

#include <memory>
#include <optional>

namespace osler::decoder {

namespace {

Error damaged(const char* what) { return make_error(ErrorCode::malformed, what); }

gdcm::PhotometricInterpretation gdcm_photometric(Photometric photometric) {
  switch (photometric) {
    case Photometric::monochrome1: return gdcm::PhotometricInterpretation::MONOCHROME1;
    case Photometric::rgb: return gdcm::PhotometricInterpretation::RGB;
    case Photometric::ybr_full: return gdcm::PhotometricInterpretation::YBR_FULL;
    case Photometric::ybr_full_422: return gdcm::PhotometricInterpretation::YBR_FULL_422;
    case Photometric::ybr_ict: return gdcm::PhotometricInterpretation::YBR_ICT;
    case Photometric::ybr_rct: return gdcm::PhotometricInterpretation::YBR_RCT;
    default: return gdcm::PhotometricInterpretation::MONOCHROME2;  // a palette is looked up afterwards
  }
}

gdcm::PixelFormat gdcm_format(const PixelFormat& format) {
  return gdcm::PixelFormat(static_cast<unsigned short>(format.samples), static_cast<unsigned short>(format.bits_allocated),
    static_cast<unsigned short>(format.bits_stored), static_cast<unsigned short>(format.high_bit), format.is_signed ? 1 : 0);
}

bool is_jpeg_ls(const gdcm::TransferSyntax& syntax) {
  return syntax == gdcm::TransferSyntax::JPEGLSLossless || syntax == gdcm::TransferSyntax::JPEGLSNearLossless;
}

/// Chosen here and not by gdcm::Bitmap, which tries one after the other, starts programs, and decodes JPEG 2000 in threads of its own.
std::unique_ptr<gdcm::ImageCodec> codec_for(const gdcm::TransferSyntax& syntax, const PixelFormat& format) {
  if (syntax == gdcm::TransferSyntax::RLELossless) {
    auto codec = std::make_unique<gdcm::RLECodec>();
    codec->SetBufferLength(format.frame_bytes());
    return codec;
  }
  if (is_jpeg_ls(syntax)) {
    auto codec = std::make_unique<gdcm::JPEGLSCodec>();
    codec->SetBufferLength(format.frame_bytes());
    return codec;
  }
  if (syntax == gdcm::TransferSyntax::JPEG2000Lossless || syntax == gdcm::TransferSyntax::JPEG2000) {
    auto codec = std::make_unique<gdcm::JPEG2000Codec>();
    codec->SetNumberOfThreadsForDecompression(0);
    return codec;
  }
  return std::make_unique<gdcm::JPEGCodec>();
}

/// Some writers of JPEG-LS put a zero before the end marker, which CharLS does not take: the last fragment without it, or nothing.
std::optional<gdcm::DataElement> without_padding(const gdcm::DataElement& frame) {
  const gdcm::SequenceOfFragments* fragments = frame.GetSequenceOfFragments();
  const std::size_t last = fragments->GetNumberOfFragments() - 1;
  const gdcm::ByteValue* value = fragments->GetFragment(last).GetByteValue();
  if (value == nullptr) return {};
  std::string bytes(value->GetPointer(), value->GetLength());
  const std::size_t end = bytes.rfind(std::string_view("\0\xff\xd9", 3));
  if (end == std::string::npos) return {};
  bytes.erase(end, 1);
  const gdcm::SmartPointer<gdcm::SequenceOfFragments> shorter = gdcm::SequenceOfFragments::New();
  for (std::size_t i = 0; i < last; ++i) shorter->AddFragment(fragments->GetFragment(i));
  gdcm::Fragment fragment;
  fragment.SetByteValue(bytes.data(), gdcm::VL(static_cast<std::uint32_t>(bytes.size())));
  shorter->AddFragment(fragment);
  gdcm::DataElement element(frame.GetTag());
  element.SetVR(frame.GetVR());
  element.SetValue(*shorter);
  return element;
}

Result<Bytes> decode_once(const gdcm::DataElement& frame, const gdcm::TransferSyntax& syntax, const PixelFormat& format) {
  const std::unique_ptr<gdcm::ImageCodec> codec = codec_for(syntax, format);
  const unsigned dimensions[3] = {static_cast<unsigned>(format.columns), static_cast<unsigned>(format.rows), 1};
  codec->SetNumberOfDimensions(2);
  codec->SetDimensions(dimensions);
  codec->SetPlanarConfiguration(0);
  codec->SetPhotometricInterpretation(gdcm_photometric(format.photometric));
  codec->SetPixelFormat(gdcm_format(format));
  gdcm::DataElement decoded;
  if (!codec->Decode(frame, decoded))
    return damaged("The compressed picture cannot be decoded: it is damaged, cut short, or not what its transfer syntax says.");
  const gdcm::ByteValue* value = decoded.GetByteValue();
  const std::size_t size = format.frame_bytes();
  const bool is_expected = value != nullptr && (value->GetLength() == size || value->GetLength() == size + size % 2)
    && codec->GetPixelFormat().GetBitsAllocated() == format.bits_allocated && codec->GetPixelFormat().GetSamplesPerPixel() == format.samples;
  if (!is_expected) return damaged("The compressed picture does not have the bits or channels that the file declares.");
  const auto* begin = reinterpret_cast<const std::uint8_t*>(value->GetPointer());
  return Bytes(begin, begin + size);
}

}  // namespace

Result<Bytes> decompress(const gdcm::DataElement& frame, const gdcm::TransferSyntax& syntax, const PixelFormat& format) {
  Result<Bytes> samples = decode_once(frame, syntax, format);
  if (samples || !is_jpeg_ls(syntax)) return samples;
  const std::optional<gdcm::DataElement> shorter = without_padding(frame);
  return shorter ? decode_once(*shorter, syntax, format) : std::move(samples);
}

}  // namespace osler::decoder
