// One film in every transfer syntax: what is lossless must equal its uncompressed twin pixel for pixel, what is lossy within a bound.
#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "base/limits.h"
#include "base/sha256.h"
#include "decoder/dicom.h"
#include "decoder/tags.h"
#include "dicom_builder.h"
#include "imaging/decoder_process.h"
#include "../random_seed.h"

namespace osler::decoder {
namespace {

namespace t = tags;
using Syntax = DicomBuilder::Syntax;
using Type = gdcm::TransferSyntax;

constexpr std::uint16_t kColumns = 62, kRows = 46;  // no multiple of 8, so that partial blocks happen

/// A gradient with noise. Signed films go below zero.
DicomBuilder noisy_film(unsigned bits_stored, bool is_signed, std::mt19937& random) {
  const int levels = 1 << bits_stored, lowest = is_signed ? -levels / 2 : 0;
  std::vector<std::uint16_t> pixels;
  for (int i = 0; i < kColumns * kRows; ++i) {
    const int value = levels * (i % kColumns + i / kColumns) / (kColumns + kRows) + static_cast<int>(random() % (levels / 32));
    pixels.push_back(static_cast<std::uint16_t>(std::min(value, levels - 1) + lowest));
  }
  DicomBuilder builder = DicomBuilder::film(kColumns, kRows, pixels).words(t::kBitsStored, {static_cast<std::uint16_t>(bits_stored)})
    .words(t::kHighBit, {static_cast<std::uint16_t>(bits_stored - 1)}).words(t::kPixelRepresentation, {static_cast<std::uint16_t>(is_signed)});
  if (bits_stored != 8) return builder;
  Bytes small(pixels.begin(), pixels.end());
  return builder.words(t::kBitsAllocated, {8}).bytes(t::kPixelData, small);
}

imaging::Film decoded(const Bytes& file) {
  const Result<imaging::Film> film = decode_dicom(file, {});
  if (film) return *film;
  ADD_FAILURE() << describe(film.error());
  return {};
}

/// The file in another transfer syntax, by GDCM's encoders; nothing where it has none.
std::optional<Bytes> transcoded(const Bytes& file, Type::TSType type) {
  std::istringstream in{std::string(as_text(file))};
  gdcm::ImageReader reader;
  reader.SetStream(in);
  if (!reader.Read()) return {};
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(Type(type));
  change.SetInput(reader.GetImage());
  if (!change.Change()) return {};
  std::ostringstream out;
  gdcm::ImageWriter writer;
  writer.SetStream(out);
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  if (!writer.Write()) return {};
  const std::string text = out.str();
  return Bytes(text.begin(), text.end());
}

struct Depth {
  unsigned bits;
  bool is_signed;
};
constexpr Depth kDepths[] = {{8, false}, {10, false}, {12, false}, {12, true}, {14, false}, {16, false}, {16, true}};

std::string words_for(const Depth& depth) { return std::to_string(depth.bits) + (depth.is_signed ? " bits signed" : " bits"); }

TEST(TransferSyntaxTest, UncompressedOnesAreTheSame) {
  std::mt19937 random(fresh_seed());
  for (const Depth& depth : kDepths) {
    const DicomBuilder builder = noisy_film(depth.bits, depth.is_signed, random);
    const imaging::Film twin = decoded(builder.build());
    ASSERT_EQ(twin.values.size(), std::size_t{kColumns} * kRows);
    for (const Syntax syntax : {Syntax::implicit_little, Syntax::deflated, Syntax::explicit_big}) {
      DicomBuilder other = builder;
      if (syntax == Syntax::explicit_big && depth.bits == 8) continue;  // OB has no byte order; OW is below
      const imaging::Film film = decoded(other.build(syntax));
      EXPECT_EQ(film.values, twin.values) << words_for(depth);
      EXPECT_EQ(film.display, twin.display) << words_for(depth);
    }
  }
}

TEST(TransferSyntaxTest, TablesAndPaddingAreTheSame) {
  DicomBuilder item;
  item.words(t::kLutDescriptor, {3, 0xfffe, 12}).words(t::kLutData, {1, 700, 4000}, "OW");
  const DicomBuilder builder = DicomBuilder::film(4, 1, {0xfffe, 0xffff, 0, 0x8000}).words(t::kPixelRepresentation, {1})
    .words(t::kPixelPaddingValue, {0x8000}, "SS").items(t::kVoiLutSequence, {item});
  const imaging::Film twin = decoded(builder.build());
  EXPECT_EQ(twin.display[twin.values[1]], 11203);  // 65535 * 700 / 4095
  for (const Syntax syntax : {Syntax::implicit_little, Syntax::deflated, Syntax::explicit_big}) {
    const imaging::Film film = decoded(builder.build(syntax));
    EXPECT_EQ(film.values, twin.values);
    EXPECT_EQ(film.display, twin.display);
  }
}

TEST(TransferSyntaxTest, EightBitsInBigEndianWords) {  // PS3.5 annex A.3: OW swaps, OB does not
  DicomBuilder builder = DicomBuilder::film(4, 1, {}).words(t::kBitsAllocated, {8}).words(t::kBitsStored, {8}).words(t::kHighBit, {7});
  for (const char* vr : {"OB", "OW"})
    EXPECT_EQ(decoded(builder.bytes(t::kPixelData, {1, 2, 3, 4}, vr).build(Syntax::explicit_big)).values, (std::vector<std::uint16_t>{1, 2, 3, 4})) << vr;
}

TEST(TransferSyntaxTest, LosslessOnesEqualTheirTwin) {
  std::mt19937 random(fresh_seed());
  int compared = 0;
  for (const Depth& depth : kDepths) {
    const Bytes plain = noisy_film(depth.bits, depth.is_signed, random).build();
    const imaging::Film twin = decoded(plain);
    for (const Type::TSType type : {Type::RLELossless, Type::JPEGLosslessProcess14, Type::JPEGLosslessProcess14_1, Type::JPEGLSLossless, Type::JPEG2000Lossless}) {
      const std::optional<Bytes> file = transcoded(plain, type);
      ASSERT_TRUE(file) << Type::GetTSString(type) << ' ' << words_for(depth);
      const imaging::Film film = decoded(*file);
      EXPECT_EQ(film.attributes.transfer_syntax, Type::GetTSString(type));
      EXPECT_EQ(film.values, twin.values) << Type::GetTSString(type) << ' ' << words_for(depth);
      EXPECT_EQ(film.display, twin.display);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 35);
}

/// The file with other Bits Stored, which its compressed picture knows nothing of.
Bytes with_bits_stored(Bytes file, std::uint8_t bits) {
  for (const auto& [element, value] : {std::pair{std::uint8_t{0x01}, bits}, {std::uint8_t{0x02}, static_cast<std::uint8_t>(bits - 1)}}) {
    const Bytes header = {0x28, 0x00, element, 0x01, 'U', 'S', 2, 0};
    const auto at = std::search(file.begin(), file.end(), header.begin(), header.end());
    if (at == file.end()) ADD_FAILURE() << "no Bits Stored or High Bit";
    else at[8] = value;
  }
  return file;
}

TEST(TransferSyntaxTest, ValuesBeyondBitsStoredAreNotShownAsOthers) {
  std::mt19937 random(fresh_seed());
  for (const bool is_signed : {false, true}) {
    const Bytes plain = noisy_film(16, is_signed, random).build();
    for (const Type::TSType type : {Type::JPEGLosslessProcess14_1, Type::JPEGLSLossless, Type::JPEG2000Lossless}) {
      if (is_signed && type != Type::JPEG2000Lossless) continue;
      const Result<imaging::Film> film = decode_dicom(with_bits_stored(transcoded(plain, type).value(), 12), {});
      ASSERT_FALSE(film.has_value()) << Type::GetTSString(type);
      EXPECT_NE(film.error().external.find("Bits Stored"), std::string::npos) << film.error().external;
    }
    const imaging::Film lossy = decoded(with_bits_stored(transcoded(plain, Type::JPEG2000).value(), 12));  // an overshoot is held at the end of the scale
    EXPECT_EQ(*std::max_element(lossy.values.begin(), lossy.values.end()), 4095);
    if (is_signed) {
      EXPECT_EQ(*std::min_element(lossy.values.begin(), lossy.values.end()), 0);
    }
    EXPECT_EQ(std::count_if(lossy.warnings.begin(), lossy.warnings.end(), [](const std::string& text) { return text.find("beyond Bits Stored") != std::string::npos; }), 1);
  }
  const Bytes film = noisy_film(12, false, random).build();
  for (const Type::TSType type : {Type::JPEGLosslessProcess14_1, Type::JPEGLSLossless, Type::JPEG2000Lossless})  // fewer bits than are stored
    EXPECT_EQ(decoded(with_bits_stored(transcoded(film, type).value(), 16)).values, decoded(film).values) << Type::GetTSString(type);
  const Bytes twelve = noisy_film(12, true, random).build();  // signs that reach into the unused bits are no such values
  EXPECT_EQ(decoded(transcoded(twelve, Type::JPEG2000Lossless).value()).values, decoded(twelve).values);
}

/// The whole way, walls and all: codecs that ask the operating system for something would be stopped here.
TEST(TransferSyntaxTest, TheProcessDecodesThemToo) {
  std::mt19937 random(fresh_seed());
  const imaging::FilmDecoder decoder(OSLER_DECODER, std::chrono::seconds(60));
  const DicomBuilder builder = noisy_film(12, false, random);
  const imaging::Film twin = decoded(builder.build());
  std::vector<Bytes> files = {builder.build(), builder.build(Syntax::implicit_little), builder.build(Syntax::explicit_big), builder.build(Syntax::deflated)};
  for (const Type::TSType type : {Type::RLELossless, Type::JPEGLosslessProcess14_1, Type::JPEGLSLossless, Type::JPEG2000Lossless})
    files.push_back(transcoded(builder.build(), type).value_or(Bytes()));
  for (const Bytes& file : files) {
    const Result<imaging::Film> film = decoder.decode(file);
    ASSERT_TRUE(film.has_value()) << describe(film.error());
    EXPECT_EQ(film->values, twin.values) << film->attributes.transfer_syntax;
    EXPECT_EQ(film->display, twin.display);
  }
}

/// RLE (PS3.5 annex G): two segments of runs of 128 equal bytes.
Bytes rle_of_zeros(std::size_t pixels) {
  Bytes frame(64);
  const std::size_t segment = pixels / 128 * 2;
  frame[0] = 2;
  for (std::size_t i = 0; i < 4; ++i) {
    frame[4 + i] = static_cast<std::uint8_t>(std::size_t{64} >> 8 * i);
    frame[8 + i] = static_cast<std::uint8_t>((64 + segment) >> 8 * i);
  }
  for (std::size_t i = 0; i < pixels / 128 * 2; ++i) frame.insert(frame.end(), {0x81, 0});
  return frame;
}

TEST(TransferSyntaxTest, TheLargestFilmFitsIntoTheMemory) {
  const DicomBuilder builder = DicomBuilder::film(8192, 4096, {}).text(t::kWindowCentre, "1", "DS").text(t::kWindowWidth, "2", "DS");
  static_assert(std::size_t{8192} * 4096 == limits::kMaxFilmPixels);
  const Result<imaging::Film> film = imaging::FilmDecoder(OSLER_DECODER, std::chrono::seconds(60))
    .decode(builder.build_compressed(Type::GetTSString(Type::RLELossless), {rle_of_zeros(limits::kMaxFilmPixels)}));
  ASSERT_TRUE(film.has_value()) << describe(film.error());
  EXPECT_EQ(film->values.size(), limits::kMaxFilmPixels);
}

int largest_difference(const imaging::Film& a, const imaging::Film& b) {
  if (a.values.size() != b.values.size()) return 1 << 20;
  int largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) largest = std::max(largest, std::abs(a.values[i] - b.values[i]));
  return largest;
}

TEST(TransferSyntaxTest, LossyOnesStayNearTheirTwin) {
  std::mt19937 random(fresh_seed());
  struct Case {
    Type::TSType type;
    unsigned bits;
    int bound;  // of 2^bits
  };
  for (const Case& each : {Case{Type::JPEGBaselineProcess1, 8, 24}, {Type::JPEGLSNearLossless, 8, 8},
         {Type::JPEGLSNearLossless, 16, 8}, {Type::JPEG2000, 12, 400}}) {
    const Bytes plain = noisy_film(each.bits, false, random).build();
    const std::optional<Bytes> file = transcoded(plain, each.type);
    ASSERT_TRUE(file) << Type::GetTSString(each.type);
    EXPECT_LE(largest_difference(decoded(*file), decoded(plain)), each.bound) << Type::GetTSString(each.type) << ' ' << each.bits;
  }
}

/// 16 x 16 pixels of 12 bits in JPEG extended, by DCMTK's encoder at quality 75, of square().
constexpr std::string_view kTwelveBits =
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30"
    "313434341f27393d38323c2e333432ffc1000b0c0010001001011100ffc4001700000301000000000000000000000000000007080affc4002e1000000109040a03000000000000000000"
    "0501020406071314151703081618090b12192223243241440a0c43ffda0008010100003f00650585847d88757c0d6459003709a2684478e11dfe69eb4d67d829dc453148c3d27a4a6f81"
    "28d9efa705d55f979ab88846bdcd5f66cb237853372a22687e98c9d1de6646add5a852dbf11c629f2395530b1f0211939f5613a92e2379a08d7b9abea937859195ee5444d0fdb4e01279"
    "991ab756b60e3b9e54753e472aa60693b0423273eac2753b3c67ecfc23e7d2afb246f0de18c64a112e7b1f27049c54ac5f8ba14eb7e79c8c0f030985ec49d890fa37f273ccffffd9";
int square(int x, int y) { return (x / 4 + y / 4) % 2 == 0 ? 4095 : x * y * 18 % 4096; }

TEST(TransferSyntaxTest, JpegExtendedOfTwelveBitsKeepsWhiteWhite) {
  const DicomBuilder builder = DicomBuilder::film(16, 16, std::vector<std::uint16_t>(256)).words(t::kBitsStored, {12}).words(t::kHighBit, {11});
  const imaging::Film film = decoded(builder.build_compressed(Type::GetTSString(Type::JPEGExtendedProcess2_4), {from_hex(kTwelveBits).value()}));
  ASSERT_EQ(film.values.size(), 256u);
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 16; ++x) EXPECT_NEAR(film.values[static_cast<std::size_t>(y * 16 + x)], square(x, y), 18) << x << ", " << y;
}

TEST(TransferSyntaxTest, JpegExtendedOfSixteenBitsIsRefused) {  // such as GDCM 3.0 writes
  std::mt19937 random(fresh_seed());
  const std::optional<Bytes> file = transcoded(noisy_film(12, false, random).build(), Type::JPEGExtendedProcess2_4);
  ASSERT_TRUE(file);
  const Result<imaging::Film> film = decode_dicom(*file, {});
  ASSERT_FALSE(film.has_value());
  EXPECT_NE(film.error().external.find("JPEG extended has 8 or 12"), std::string::npos) << film.error().external;
}

std::string hash_of(const imaging::Film& film) {
  const auto bytes = [](const std::vector<std::uint16_t>& words) { return ByteView(reinterpret_cast<const std::uint8_t*>(words.data()), words.size() * 2); };
  return to_hex(sha256({bytes(film.values), bytes(film.display)})).substr(0, 16);
}

TEST(TransferSyntaxTest, GoldenHashesOfWholePipelines) {  // values and display; a change of any is a change of what doctors see
  std::mt19937 random(5);
  const DicomBuilder film = noisy_film(12, true, random);
  EXPECT_EQ(hash_of(decoded(film.build())), "aa12ab904560fb6b");
  EXPECT_EQ(hash_of(decoded(DicomBuilder(film).text(t::kWindowCentre, "40", "DS").text(t::kWindowWidth, "400", "DS").build())), "b9dc14f1f76198ed");
  EXPECT_EQ(hash_of(decoded(DicomBuilder(film).text(t::kWindowCentre, "40", "DS").text(t::kWindowWidth, "400", "DS").text(t::kVoiLutFunction, "SIGMOID", "CS")
    .text(t::kPhotometric, "MONOCHROME1", "CS").words(t::kPixelPaddingValue, {0xf800}, "SS").text(t::kRescaleSlope, "0.5", "DS")
    .text(t::kRescaleIntercept, "-10", "DS").build())), "f7bdead83112b2d9");
}

}  // namespace
}  // namespace osler::decoder
