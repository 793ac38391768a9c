// "decoder/confidentiality_profile.h", "decoder/deidentify_values.h", "decoder/deidentify_pseudonyms.h" and "decoder/deidentify_codestream.h".
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "../random_seed.h"
#include "decoder/confidentiality_profile.h"
#include "decoder/deidentify_codestream.h"
#include "decoder/deidentify_pseudonyms.h"
#include "decoder/deidentify_values.h"

namespace osler::decoder {
namespace {

const Bytes kKey(32, 7);

TEST(ConfidentialityProfileTest, TakesTheActionThatEveryTypeOfAttributeAllows) {
  const ProfileOptions none;
  EXPECT_EQ(profile_action(0x00081030, none), ProfileAction::remove);   // X, Study Description
  EXPECT_EQ(profile_action(0x00080050, none), ProfileAction::empty);    // Z, Accession Number
  EXPECT_EQ(profile_action(0x00120010, none), ProfileAction::dummy);    // D, Clinical Trial Sponsor Name
  EXPECT_EQ(profile_action(0x00080022, none), ProfileAction::empty);    // X/Z, Acquisition Date
  EXPECT_EQ(profile_action(0x00080080, none), ProfileAction::dummy);    // X/Z/D, Institution Name
  EXPECT_EQ(profile_action(0x0020000d, none), ProfileAction::map_uid);  // U
  EXPECT_EQ(profile_action(0x00081140, none), ProfileAction::clean);    // X/Z/U*
  EXPECT_EQ(profile_action(0x00280010, none), ProfileAction::clean);    // not in the table
  for (const std::uint32_t tag : {0x00090010u, 0x00020016u, 0x50003000u, 0x60003000u, 0x60220022u, 0xfffcfffcu, 0xfffafffau, 0x00080000u, 0x00041130u})
    EXPECT_EQ(profile_action(tag, none), ProfileAction::remove) << std::hex << tag;
}

TEST(ConfidentialityProfileTest, AnOptionKeepsCharacteristicsButNoFreeText) {
  const ProfileOptions keeps{.keeps_characteristics = true};
  EXPECT_EQ(profile_action(0x00101010, keeps), ProfileAction::clean);
  EXPECT_EQ(profile_action(0x00102160, keeps), ProfileAction::remove);  // Ethnic Group
  EXPECT_EQ(profile_action(0x00102110, keeps), ProfileAction::remove);  // Allergies
  EXPECT_TRUE(is_never_kept(0x00100030));
}

TEST(ConfidentialityProfileTest, TheTableIsWhole) {
  std::map<std::string_view, int> counts;
  for (std::uint32_t group = 0; group < 0x10000; group += 2)
    if (group <= 0x88 || group == 0x100 || group == 0x400 || (group >= 0x2000 && group <= 0x2200) || (group >= 0x3000 && group <= 0x3010) || group == 0x4000 || group == 0x4008 || group >= 0xfff0)
      for (std::uint32_t element = 0; element < 0x10000; ++element)
        if (const auto letters = profile_letters(group << 16 | element)) ++counts[*letters];
  EXPECT_EQ(counts, (std::map<std::string_view, int>{{"D", 92}, {"U", 54}, {"X", 380}, {"X/D", 22}, {"X/Z", 11}, {"X/Z/D", 8}, {"X/Z/U*", 2}, {"Z", 42}, {"Z/D", 6}}));
}

TEST(DeidentifyValuesTest, OnlyWhatCannotNameAnybodyStays) {
  const Pseudonyms names(kKey, "12345");
  const auto kept = [&](gdcm::VR::VRType vr, const char* value) { return kept_text(vr, value, names, {}).value_or("(gone)"); };
  using gdcm::VR;
  EXPECT_EQ(kept(VR::CS, "ORIGINAL\\PRIMARY\\JANE DOE"), "ORIGINAL\\PRIMARY\\");
  EXPECT_EQ(kept(VR::CS, "JANE"), "(gone)");
  EXPECT_EQ(kept(VR::CS, "A\\F"), "A\\F");
  EXPECT_EQ(kept(VR::LO, "SIEMENS"), "SIEMENS");
  EXPECT_EQ(kept(VR::LO, "Jane Doe"), "(gone)");
  EXPECT_EQ(kept(VR::DS, "-1.5e3\\ 7 "), "-1.5e3\\7");
  EXPECT_EQ(kept(VR::DS, "1.5 Jane"), "(gone)");
  EXPECT_EQ(kept(VR::DS, "nan"), "(gone)");
  EXPECT_EQ(kept(VR::IS, "12345678901234567"), "(gone)") << "longer than a number may be";
  EXPECT_EQ(kept(VR::UI, "1.2.840.10008.1.2\\1.2.3.4").substr(0, 23), "1.2.840.10008.1.2\\2.25.");
  EXPECT_EQ(kept(VR::UI, "1.2.840.10008.Jane").substr(0, 5), "2.25.");
  for (const VR::VRType vr : {VR::PN, VR::ST, VR::LT, VR::UT, VR::UC, VR::UR, VR::AE, VR::DA, VR::TM, VR::DT, VR::UN}) EXPECT_EQ(kept(vr, "20200101"), "(gone)");
}

TEST(DeidentifyValuesTest, DatesAndTimesKeepTheirShapeOrGo) {
  const Pseudonyms names(kKey, "12345");
  const auto kept = [&](gdcm::VR::VRType vr, const char* value) { return kept_text(vr, value, names, {.keeps_dates = true}).value_or("(gone)"); };
  using gdcm::VR;
  EXPECT_EQ(kept(VR::DA, "20200229"), "20130927");
  EXPECT_EQ(kept(VR::DT, "20200229120102.5-0500"), "20130927120102.5");
  EXPECT_EQ(kept(VR::DT, "20200229-0500"), "20130927");
  EXPECT_EQ(kept(VR::TM, "120102.123456"), "120102.123456");
  for (const char* wrong : {"2020", "20200230", "2020.02.29", "00010101", "Jane Doe", "202002291"}) EXPECT_EQ(kept(VR::DA, wrong), "(gone)") << wrong;
  EXPECT_EQ(kept(VR::DT, "20200229Jane"), "(gone)");
  EXPECT_EQ(kept(VR::TM, "12:01"), "(gone)");
}

TEST(DeidentifyValuesTest, AgesOver89AreOne) {
  EXPECT_EQ(coarse_age("089Y"), "089Y");
  EXPECT_EQ(coarse_age("090Y"), "090Y");
  EXPECT_EQ(coarse_age("103Y"), "090Y");
  EXPECT_EQ(coarse_age("103D"), "103D");
  EXPECT_EQ(coarse_age("Jane"), std::nullopt);
}

TEST(DeidentifyValuesTest, CodesHaveTheShapeOfTheirScheme) {
  EXPECT_TRUE(is_standard_code("113100", "DCM"));
  EXPECT_TRUE(is_standard_code("T-D3000", "SRT"));
  EXPECT_TRUE(is_standard_code("399348003", "SCT"));
  EXPECT_FALSE(is_standard_code("Jane", "DCM"));
  EXPECT_FALSE(is_standard_code("J-ANE", "SRT"));
  EXPECT_FALSE(is_standard_code("113100", "99JANE"));
}

TEST(DeidentifyValuesTest, DummiesSayNothing) {
  EXPECT_EQ(dummy_text(gdcm::VR::LO), "REMOVED");
  EXPECT_EQ(dummy_text(gdcm::VR::DA), "19000101");
  EXPECT_EQ(dummy_text(gdcm::VR::OB), "");
}

TEST(PseudonymsTest, AreStableAndMoveEveryPatientsDaysBack) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(random());
    const Pseudonyms one(kKey, id), again(kKey, " " + id + std::string(1, '\0'));
    ASSERT_GE(one.days_back(), 1);
    ASSERT_LE(one.days_back(), 3650);
    ASSERT_EQ(one.patient(), again.patient());
    ASSERT_EQ(one.days_back(), again.days_back());
    ASSERT_LT(*one.earlier("20200229"), "20200229");
    const std::string uid = one.uid("1.2.3." + id);
    ASSERT_EQ(uid, one.object_uid("1.2.3." + id));
    ASSERT_LE(uid.size(), 44u);
    ASSERT_EQ(uid.find_first_not_of("0123456789."), std::string::npos);
    ASSERT_NE(uid[5], '0');
  }
  EXPECT_EQ(Pseudonyms(kKey, "x").uid(""), "");
}

Bytes bytes_of(std::initializer_list<int> numbers) {
  Bytes all;
  for (const int number : numbers) all.push_back(static_cast<std::uint8_t>(number));
  return all;
}

TEST(DeidentifyCodestreamTest, JpegLosesTextsAndNothingElse) {
  const Bytes jpeg = bytes_of({0xff, 0xd8, 0xff, 0xfe, 0, 4, 'J', 'D', 0xff, 0xff, 0xdb, 0, 3, 9, 0xff, 0xe5, 0, 3, 'J', 0xff, 0xda, 0, 3, 1, 5, 0xff, 0, 6, 0xff, 0xd3, 7,
    0xff, 0xfe, 0, 3, 'J', 0xff, 0xda, 0, 2, 8, 0xff, 0xd9, 'J'});
  EXPECT_EQ(without_jpeg_texts(jpeg).value(), bytes_of({0xff, 0xd8, 0xff, 0xdb, 0, 3, 9, 0xff, 0xda, 0, 3, 1, 5, 0xff, 0, 6, 0xff, 0xd3, 7, 0xff, 0xda, 0, 2, 8, 0xff, 0xd9}));
}

TEST(DeidentifyCodestreamTest, JpegKeepsWhatSaysHowColoursAreStored) {
  Bytes jpeg = bytes_of({0xff, 0xd8, 0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xd9});
  EXPECT_EQ(without_jpeg_texts(jpeg).value(), jpeg);
  Bytes longer = bytes_of({0xff, 0xd8, 0xff, 0xee, 0, 15, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1, 'J', 0xff, 0xd9});
  EXPECT_EQ(without_jpeg_texts(longer).value(), bytes_of({0xff, 0xd8, 0xff, 0xd9})) << "longer than that segment is: there may be more in it";
}

TEST(DeidentifyCodestreamTest, Jpeg2000LosesCommentsAlsoInTiles) {
  const Bytes stream = bytes_of({0xff, 0x4f, 0xff, 0x51, 0, 3, 1, 0xff, 0x64, 0, 4, 'J', 'D', 0xff, 0x55, 0, 3, 2,
    0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 24, 0, 1, 0xff, 0x64, 0, 5, 0, 1, 'J', 0xff, 0x93, 8, 9, 7, 0xff, 0xd9, 'J'});
  EXPECT_EQ(without_jpeg2000_texts(stream).value(), bytes_of({0xff, 0x4f, 0xff, 0x51, 0, 3, 1, 0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 17, 0, 1, 0xff, 0x93, 8, 9, 7, 0xff, 0xd9}));
  Bytes boxed = bytes_of({0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a, 0, 0, 0, 10, 'x', 'm', 'l', ' ', 'J', 'D', 0, 0, 0, 0, 0x6a, 0x70, 0x32, 0x63});
  boxed.insert(boxed.end(), stream.begin(), stream.end());
  EXPECT_EQ(without_jpeg2000_texts(boxed).value(), without_jpeg2000_texts(stream).value());
}

TEST(DeidentifyCodestreamTest, BearsAnyBytes) {
  std::mt19937 random(fresh_seed());
  const int interesting[] = {0xff, 0xd8, 0xd9, 0xda, 0xfe, 0xe0, 0x4f, 0x51, 0x64, 0x90, 0x93, 0, 2, 10, 4, 1};
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = round % 2 ? bytes_of({0xff, 0xd8}) : bytes_of({0xff, 0x4f});
    if (round % 4 == 0) bytes.insert(bytes.end(), {0xff, 0x90, 0, 10});
    for (std::size_t i = random() % 60; i > 0; --i) bytes.push_back(static_cast<std::uint8_t>(random() % 3 ? interesting[random() % std::size(interesting)] : random()));
    for (const Result<Bytes>& kept : {without_jpeg_texts(bytes), without_jpeg2000_texts(bytes)}) ASSERT_LE(kept ? kept.value().size() : 0, bytes.size() + 2);
  }
}

}  // namespace
}  // namespace osler::decoder
