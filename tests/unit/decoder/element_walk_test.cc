// Files that end too early are told by their lengths ("decoder/element_walk.h"), before GDCM ends its process at them.
#include "decoder/element_walk.h"

#include <gtest/gtest.h>

#include "decoder/dicom.h"
#include "decoder/tags.h"
#include "dicom_builder.h"

namespace osler::decoder {
namespace {

namespace t = tags;
using Syntax = DicomBuilder::Syntax;

constexpr const char *kExplicit = "1.2.840.10008.1.2.1", *kImplicit = "1.2.840.10008.1.2", *kBig = "1.2.840.10008.1.2.2", *kJpeg = "1.2.840.10008.1.2.4.70";

DicomBuilder film() {
  return DicomBuilder::film(4, 2, {1, 2, 3, 4, 5, 6, 7, 8}).items(t::kAnatomicRegionSequence, {DicomBuilder().text(t::kCodeValue, "T-D3000", "SH")});
}

std::string reason(ByteView data_set, const char* syntax) {
  const FileLayout layout{syntax, data_set, {}, {}};
  const Result<void> outcome = check_not_cut_short(layout);
  return outcome ? std::string() : outcome.error().external;
}

/// Elements as bytes: an undefined length is -1.
Bytes element(std::uint16_t group, std::uint16_t number, const std::string& vr, std::int64_t length, const Bytes& value = {}) {
  const auto declared = static_cast<std::uint32_t>(length);
  const bool is_long = vr == "SQ" || vr == "OB" || vr == "UN" || vr.empty();
  Bytes bytes = {static_cast<std::uint8_t>(group), static_cast<std::uint8_t>(group >> 8), static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8)};
  bytes.insert(bytes.end(), vr.begin(), vr.end());
  if (is_long && !vr.empty()) bytes.insert(bytes.end(), {0, 0});
  for (int i = 0; i < (is_long ? 4 : 2); ++i) bytes.push_back(static_cast<std::uint8_t>(declared >> 8 * i));
  bytes.insert(bytes.end(), value.begin(), value.end());
  return bytes;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(ElementWalkTest, WholeFilesPass) {
  for (const auto& [syntax, uid] : {std::pair{Syntax::explicit_little, kExplicit}, {Syntax::implicit_little, kImplicit}, {Syntax::explicit_big, kBig}})
    EXPECT_EQ(reason(film().data_set(syntax), uid), "") << uid;
}

TEST(ElementWalkTest, PixelsCutShortAreSaidWithTheirBytes) {
  for (const auto& [syntax, uid] : {std::pair{Syntax::explicit_little, kExplicit}, {Syntax::implicit_little, kImplicit}, {Syntax::explicit_big, kBig}}) {
    const Bytes whole = film().data_set(syntax);
    for (std::size_t held = 1; held < 16; ++held)
      EXPECT_EQ(reason(ByteView(whole).first(whole.size() - 16 + held), uid), "The DICOM file is cut short or damaged: of the 16 bytes that Pixel Data declares it holds " + std::to_string(held) + ".");
  }
}

// In this process: where GDCM saw any of them first, its assertions would end the test.
TEST(ElementWalkTest, WhereverAFileIsCutItIsRefusedWithAReason) {
  for (const Syntax syntax : {Syntax::explicit_little, Syntax::implicit_little, Syntax::explicit_big, Syntax::deflated}) {
    const Bytes whole = film().build(syntax);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Result<imaging::Film> outcome = decode_dicom(ByteView(whole).first(length), {});
      ASSERT_FALSE(outcome.has_value()) << length;
      EXPECT_NE(outcome.error().code, ErrorCode::internal) << length;
    }
  }
}

TEST(ElementWalkTest, SequencesOfUndefinedLengthAreEntered) {
  const Bytes whole = joined({element(0x0008, 0x2218, "SQ", -1), element(0xfffe, 0xe000, "", -1), element(0x0008, 0x0100, "SH", 4, {'T', '-', 'D', '3'}),
    element(0xfffe, 0xe00d, "", 0), element(0xfffe, 0xe0dd, "", 0)});
  EXPECT_EQ(reason(whole, kExplicit), "");
  for (std::size_t length = 1; length < whole.size(); ++length) EXPECT_NE(reason(ByteView(whole).first(length), kExplicit).find("cut short"), std::string::npos) << length;
}

TEST(ElementWalkTest, CompressedPixelsMustEnd) {
  const Bytes whole = joined({element(0x7fe0, 0x0010, "OB", -1), element(0xfffe, 0xe000, "", 0), element(0xfffe, 0xe000, "", 4, {0xff, 0xd8, 0xff, 0xd9}), element(0xfffe, 0xe0dd, "", 0)});
  EXPECT_EQ(reason(whole, kJpeg), "");
  for (std::size_t length = 1; length < whole.size(); ++length) EXPECT_NE(reason(ByteView(whole).first(length), kJpeg).find("cut short"), std::string::npos) << length;
  EXPECT_NE(reason(ByteView(whole).first(whole.size() - 10), kJpeg).find("its compressed pixels do not end"), std::string::npos);
}

TEST(ElementWalkTest, WhatIsUnusualIsLeftToTheReader) {
  EXPECT_EQ(reason(element(0x0008, 0x0100, "ZZ", 400), kExplicit), "");                                             // no type
  EXPECT_EQ(reason(joined({element(0x0009, 0x0010, "UN", -1), {1, 2, 3}}), kExplicit), "");                         // goes on in implicit VR
  EXPECT_EQ(reason(element(0xfffe, 0xe0dd, "", 0), kExplicit), "");                                                 // the end of nothing
  EXPECT_EQ(reason(joined({element(0x7fe0, 0x0010, "OB", -1), element(0xfffe, 0xe000, "", -1)}), kJpeg), "");       // a fragment without a length
}

TEST(ElementWalkTest, NothingOfTheFileIsRepeated) {
  const Bytes text = {'J', 'a', 'n', 'e', ' ', 'D', 'o', 'e', '^', 'C', 'a', 'n'};  // read as an element, its tag and length would be the name
  EXPECT_EQ(reason(text, kImplicit), "The DICOM file is cut short or damaged: it ends within an element.");
}

}  // namespace
}  // namespace osler::decoder
