// What is no film, or contradicts itself, is refused with its reason before anything of its size is made ("decoder/dicom.h").
#include <gtest/gtest.h>

#include "base/limits.h"
#include "decoder/codestream.h"
#include "decoder/dicom.h"
#include "decoder/file_layout.h"
#include "decoder/tags.h"
#include "dicom_builder.h"
#include "imaging/decoder_process.h"

namespace osler::decoder {
namespace {

namespace t = tags;
using Syntax = DicomBuilder::Syntax;

DicomBuilder film() { return DicomBuilder::film(2, 2, {1, 2, 3, 4}).text(t::kWindowCentre, "2", "DS").text(t::kWindowWidth, "4", "DS"); }

Error refusal(ByteView file, std::optional<std::size_t> frame = {}) {
  const Result<imaging::Film> outcome = decode_dicom(file, frame);
  if (outcome) {
    ADD_FAILURE() << "it was decoded";
    return {};
  }
  EXPECT_FALSE(outcome.error().external.empty());
  return outcome.error();
}

ErrorCode code_of(const DicomBuilder& builder) { return refusal(builder.build()).code; }
ErrorCode code_with(const Tag& tag, std::vector<std::uint16_t> values, const char* vr = "US") { return code_of(film().words(tag, values, vr)); }

TEST(DicomRefusalsTest, BitsThatAreNotRead) {
  EXPECT_EQ(code_with(t::kBitsAllocated, {1}), ErrorCode::invalid);
  EXPECT_EQ(code_with(t::kBitsAllocated, {32}), ErrorCode::invalid);
  EXPECT_EQ(code_with(t::kBitsAllocated, {12}), ErrorCode::invalid);
  EXPECT_EQ(code_with(t::kBitsStored, {7}), ErrorCode::invalid);
  EXPECT_EQ(code_with(t::kBitsStored, {17}), ErrorCode::malformed);
  EXPECT_EQ(code_with(t::kHighBit, {16}), ErrorCode::malformed);
  EXPECT_EQ(code_with(t::kHighBit, {14}), ErrorCode::malformed);
  EXPECT_EQ(code_with(t::kPixelRepresentation, {2}), ErrorCode::malformed);
  EXPECT_EQ(code_of(film().words(t::kFloatPixelData, {1, 2}, "OW")), ErrorCode::invalid);
}

TEST(DicomRefusalsTest, AttributesOfTheWrongKindOrMissing) {
  EXPECT_EQ(code_with(t::kRows, {2, 0}, "UL"), ErrorCode::malformed);
  EXPECT_EQ(code_with(t::kRows, {2, 2}), ErrorCode::malformed);
  EXPECT_EQ(code_with(t::kRows, {0}), ErrorCode::malformed);
  for (const Tag& tag : {t::kRows, t::kColumns, t::kBitsAllocated, t::kBitsStored, t::kHighBit, t::kPixelRepresentation, t::kPhotometric, t::kSamplesPerPixel}) {
    const Error error = refusal(film().remove(tag).build());
    EXPECT_EQ(error.code, ErrorCode::malformed);
    EXPECT_NE(error.external.find(tag.name), std::string::npos) << error.external;
  }
  EXPECT_EQ(code_with(t::kSamplesPerPixel, {3}), ErrorCode::malformed);
  for (const char* frames : {"0", "-1", "1.5", "two", "1\\2"}) EXPECT_EQ(code_of(film().text(t::kNumberOfFrames, frames, "IS")), ErrorCode::malformed) << frames;
}

TEST(DicomRefusalsTest, NoPictureSaysSo) {
  EXPECT_NE(refusal(film().remove(t::kPixelData).build()).external.find("no picture"), std::string::npos);
}

TEST(DicomRefusalsTest, SizesOverTheLimits) {
  EXPECT_EQ(code_with(t::kRows, {limits::kMaxFilmSide + 1}), ErrorCode::too_large);
  EXPECT_EQ(code_of(film().words(t::kRows, {8192}).words(t::kColumns, {4097})), ErrorCode::too_large);  // one column over kMaxFilmPixels
  EXPECT_EQ(refusal(film().words(t::kRows, {8192}).words(t::kColumns, {4096}).build()).code, ErrorCode::malformed);  // allowed, but the pixels are not there
  EXPECT_EQ(code_of(film().text(t::kNumberOfFrames, std::to_string(limits::kMaxFrames + 1), "IS")), ErrorCode::too_large);
}

TEST(DicomRefusalsTest, PixelsCutShort) {
  EXPECT_NE(refusal(film().words(t::kPixelData, {1, 2, 3}, "OW").build()).external.find("cut short"), std::string::npos);
  const Bytes whole = film().build();
  const imaging::FilmDecoder decoder(OSLER_DECODER, std::chrono::seconds(60));  // a process of its own: GDCM ends its own at some of these
  for (std::size_t length = 0; length < whole.size(); length += 11) EXPECT_FALSE(decoder.decode(ByteView(whole).first(length)).has_value()) << length;
  const Result<imaging::Film> longer = decode_dicom(film().words(t::kPixelData, {1, 2, 3, 4, 5}, "OW").build(), {});
  ASSERT_TRUE(longer.has_value());
  EXPECT_NE(longer->warnings.front().find("more bytes"), std::string::npos);
}

TEST(DicomRefusalsTest, AFileIsDicomByItsHeader) {
  EXPECT_EQ(refusal({}).code, ErrorCode::unsupported_media);
  EXPECT_EQ(refusal(as_bytes("a text of no consequence, but long enough")).code, ErrorCode::unsupported_media);
  EXPECT_EQ(refusal(part10_header("")).code, ErrorCode::malformed);
  EXPECT_EQ(refusal(part10_header("1.2.840.10008.1.2.4.203")).code, ErrorCode::unsupported_media);  // high-throughput JPEG 2000
}

TEST(DicomRefusalsTest, MetaInformationIsCheckedByItself) {
  const Bytes good = film().build();
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes bytes = good;
    bytes.at(at) = value;
    return check_file_layout(bytes);
  };
  ASSERT_TRUE(check_file_layout(good).has_value());
  EXPECT_EQ(changed(136, 'Z').error().code, ErrorCode::malformed);    // the type of (0002,0000)
  EXPECT_EQ(changed(148, 'Z').error().code, ErrorCode::malformed);    // of (0002,0010)
  EXPECT_EQ(changed(151, 0xff).error().code, ErrorCode::malformed);   // its length
  EXPECT_EQ(changed(146, 0x00).error().code, ErrorCode::malformed);   // (0002,0000) twice
  EXPECT_EQ(changed(128, 'd').error().code, ErrorCode::unsupported_media);
}

TEST(DicomRefusalsTest, MetaInformationHasALimit) {
  Bytes bytes = part10_header("");
  const std::size_t elements = limits::kMaxFileMetaBytes / 60'000 + 1;
  for (std::size_t i = 0; i < elements; ++i) {
    for (const int byte : {0x02, 0x00, static_cast<int>(0x20 + i), 0x00, int{'U'}, int{'I'}, 60'000 & 0xff, 60'000 >> 8}) bytes.push_back(static_cast<std::uint8_t>(byte));
    bytes.resize(bytes.size() + 60'000);
  }
  EXPECT_EQ(check_file_layout(bytes).error().code, ErrorCode::too_large);
}

TEST(DicomRefusalsTest, AFileOverItsLimitIsNotLookedAt) {
  EXPECT_EQ(check_file_layout(Bytes(limits::kMaxFilmFileBytes + 1)).error().code, ErrorCode::too_large);
}

TEST(DicomRefusalsTest, ADeflatedDataSetIsBounded) {
  DicomBuilder bomb = film().bytes(t::kPixelData, Bytes(limits::kMaxInflatedFilmBytes), "OW");
  const Bytes packed = bomb.build(Syntax::deflated);
  EXPECT_LT(packed.size(), std::size_t{1} << 20);
  EXPECT_EQ(refusal(packed).code, ErrorCode::too_large);
  const Bytes whole = film().build(Syntax::deflated);
  for (std::size_t length = whole.size() - 20; length < whole.size(); ++length) EXPECT_EQ(refusal(ByteView(whole).first(length)).code, ErrorCode::malformed);
}

TEST(DicomRefusalsTest, ABareDataSetIsTakenWithAWarning) {
  for (const Syntax syntax : {Syntax::explicit_little, Syntax::implicit_little, Syntax::explicit_big}) {
    const Result<imaging::Film> outcome = decode_dicom(film().data_set(syntax), {});
    ASSERT_TRUE(outcome.has_value()) << describe(outcome.error());
    EXPECT_NE(outcome->warnings.front().find("no DICOM header"), std::string::npos);
    EXPECT_EQ(outcome->values, (std::vector<std::uint16_t>{1, 2, 3, 4}));
  }
  Bytes without_preamble = film().build();
  without_preamble.erase(without_preamble.begin(), without_preamble.begin() + 132);
  ASSERT_TRUE(decode_dicom(without_preamble, {}).has_value());
}

constexpr const char* kJpeg = "1.2.840.10008.1.2.4.70";

Bytes jpeg_head(std::uint8_t precision, std::uint16_t rows, std::uint16_t columns, std::uint8_t components) {
  return {0xff, 0xd8, 0xff, 0xc3, 0, 11, precision, static_cast<std::uint8_t>(rows >> 8), static_cast<std::uint8_t>(rows), static_cast<std::uint8_t>(columns >> 8),
    static_cast<std::uint8_t>(columns), components, 1, 0x11, 0};
}

TEST(DicomRefusalsTest, ACompressedPictureMustBeTheOneDescribed) {
  const auto code = [](const Bytes& stream) { return refusal(film().build_compressed(kJpeg, {stream})).external; };
  EXPECT_NE(code(jpeg_head(16, 3, 2, 1)).find("2 x 3"), std::string::npos);
  EXPECT_NE(code(jpeg_head(8, 2, 2, 1)).find("8 bits"), std::string::npos);
  EXPECT_NE(code(jpeg_head(16, 2, 2, 3)).find("Samples per Pixel"), std::string::npos);
  EXPECT_NE(code({1, 2, 3, 4}).find("transfer syntax"), std::string::npos);
  EXPECT_NE(code(jpeg_head(16, 2, 2, 1)).find("cannot be decoded"), std::string::npos);
}

TEST(DicomRefusalsTest, CompressedFramesMustBeToldApart) {
  const Bytes piece = jpeg_head(16, 2, 2, 1);
  EXPECT_NE(refusal(film().build_compressed(kJpeg, {piece, piece})).external.find("more compressed frames"), std::string::npos);
  DicomBuilder two = film().text(t::kNumberOfFrames, "2", "IS");
  EXPECT_NE(refusal(two.build_compressed(kJpeg, {piece}), 0).external.find("fewer pieces"), std::string::npos);
  EXPECT_NE(refusal(two.build_compressed(kJpeg, {piece, piece, piece}), 0).external.find("no offset table"), std::string::npos);
  EXPECT_NE(refusal(two.build_compressed(kJpeg, {piece, piece, piece}, {0, 5}), 0).external.find("does not fit"), std::string::npos);
  EXPECT_NE(refusal(two.build_compressed(kJpeg, {piece, piece, piece}, {0, 48}), 0).external.find("cannot be decoded"), std::string::npos);
}

TEST(DicomRefusalsTest, PixelsMustBeAsTheSyntaxSays) {
  Bytes native = part10_header(kJpeg);
  const Bytes data = film().data_set();
  native.insert(native.end(), data.begin(), data.end());
  EXPECT_EQ(refusal(native).code, ErrorCode::malformed);
  EXPECT_EQ(refusal(film().build_compressed("1.2.840.10008.1.2.1", {jpeg_head(16, 2, 2, 1)})).code, ErrorCode::malformed);
}

TEST(CodestreamTest, ReadsTheFrameHeaders) {
  const Codestream jpeg = read_codestream(jpeg_head(12, 300, 200, 1)).value();
  EXPECT_EQ(jpeg.rows, 300u);
  EXPECT_EQ(jpeg.columns, 200u);
  EXPECT_EQ(jpeg.precision, 12u);
  Bytes siz = {0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0};  // SOC, SIZ, its length, capabilities
  for (const std::uint8_t size : {70, 50, 10, 20}) siz.insert(siz.end(), {0, 0, 0, size});  // right, bottom, left, top
  siz.resize(40);
  for (const std::uint8_t byte : {0, 1, 0x8b, 1, 1}) siz.push_back(byte);  // one component, signed, 12 bits
  const Codestream jpeg2000 = read_codestream(siz).value();
  EXPECT_EQ(jpeg2000.columns, 60u);
  EXPECT_EQ(jpeg2000.rows, 30u);
  EXPECT_EQ(jpeg2000.precision, 12u);
  EXPECT_TRUE(jpeg2000.is_signed);
  for (const Bytes& whole : {jpeg_head(12, 300, 200, 1), siz})
    for (std::size_t length = 0; length + 3 < whole.size(); ++length) EXPECT_FALSE(read_codestream(ByteView(whole).first(length)).has_value()) << length;
}

}  // namespace
}  // namespace osler::decoder
