// One film through each branch of the way from stored to shown values ("decoder/dicom.h", PS3.3 C.7.5, C.7.6.3, C.11), worked out by hand.
#include "decoder/dicom.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "decoder/tags.h"
#include "dicom_builder.h"
#include "imaging/film.h"

namespace osler::decoder {
namespace {

using imaging::Film;
namespace t = tags;

Film decoded(const DicomBuilder& builder, std::optional<std::size_t> frame = {}) {
  const Result<Film> film = decode_dicom(builder.build(), frame);
  if (!film) {
    ADD_FAILURE() << describe(film.error());
    return {};
  }
  return *film;
}

Error refused(const DicomBuilder& builder, std::optional<std::size_t> frame = {}) {
  const Result<Film> film = decode_dicom(builder.build(), frame);
  if (film) {
    ADD_FAILURE() << "it was decoded";
    return {};
  }
  return film.error();
}

/// What is shown of each pixel, 0 to 65,535.
std::vector<int> shown(const Film& film) {
  std::vector<int> levels;
  for (const std::uint16_t value : film.values) levels.push_back(film.display.at(value));
  return levels;
}

std::vector<double> modality_values(const Film& film) {
  std::vector<double> values;
  for (const std::uint16_t value : film.values) values.push_back(film.value_intercept + film.value_slope * value);
  return values;
}

bool warns(const Film& film, const std::string& words) {
  for (const std::string& warning : film.warnings)
    if (warning.find(words) != std::string::npos) return true;
  return false;
}

DicomBuilder windowed(const std::vector<std::uint16_t>& pixels, const char* centre, const char* width) {
  return DicomBuilder::film(static_cast<std::uint16_t>(pixels.size()), 1, pixels).text(t::kWindowCentre, centre, "DS").text(t::kWindowWidth, width, "DS");
}

TEST(DicomTest, LinearWindowIsThatOfTheStandard) {  // C.11.2.1.2.1: centre 2048, width 4096 shows 0 black and 4095 white
  const Film film = decoded(windowed({0, 1, 2047, 2048, 4095, 5000}, "2048", "4096"));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 16, 32759, 32776, 65535, 65535}));  // 65535 * x / 4095
  EXPECT_EQ(film.window_centre, 2048);
  EXPECT_EQ(film.window_width, 4096);
  EXPECT_FALSE(film.inverted);
  EXPECT_TRUE(film.warnings.empty());
}

TEST(DicomTest, LinearWindowOfWidthOneIsAStep) {
  EXPECT_EQ(shown(decoded(windowed({99, 100, 101}, "100", "1"))), (std::vector<int>{0, 65535, 65535}));  // black up to 99.5
}

TEST(DicomTest, LinearExactWindow) {  // C.11.2.1.3.2: 100 -+ 50
  const Film film = decoded(windowed({50, 75, 100, 125, 150, 151}, "100", "100").text(t::kVoiLutFunction, "LINEAR_EXACT", "CS"));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 16384, 32768, 49151, 65535, 65535}));
}

TEST(DicomTest, SigmoidWindow) {  // C.11.2.1.3.1: 1 / (1 + exp(-4 (x - c) / w))
  const Film film = decoded(windowed({100, 150, 50}, "100", "100").text(t::kVoiLutFunction, "SIGMOID", "CS"));
  EXPECT_EQ(shown(film), (std::vector<int>{32768, 57723, 7812}));  // exp(-2): 0.880797, 0.119203
}

TEST(DicomTest, OfSeveralWindowsTheFirstWithAWarning) {
  const Film film = decoded(windowed({0, 99}, "50\\500", "100\\1000"));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 65535}));
  EXPECT_TRUE(warns(film, "several windows"));
}

TEST(DicomTest, AWindowThatIsNoneIsRefused) {
  EXPECT_EQ(refused(windowed({0}, "1", "0")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "1", "0.5")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "1\\2", "10")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "one", "10")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "1", "10").text(t::kVoiLutFunction, "CUBIC", "CS")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "1", "10").remove(t::kWindowWidth)).code, ErrorCode::malformed);
}

TEST(DicomTest, WithoutAWindowTheFullRangeIsShownWithAWarning) {
  const Film film = decoded(DicomBuilder::film(3, 1, {100, 200, 300}));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 32768, 65535}));
  EXPECT_EQ(film.window_centre, 200);
  EXPECT_EQ(film.window_width, 200);
  EXPECT_TRUE(warns(film, "no window"));
}

TEST(DicomTest, MonochromeOneShowsTheLowestValueWhite) {
  const Film film = decoded(windowed({0, 4095}, "2048", "4096").text(t::kPhotometric, "MONOCHROME1", "CS"));
  EXPECT_EQ(shown(film), (std::vector<int>{65535, 0}));
  EXPECT_TRUE(film.inverted);
}

TEST(DicomTest, PresentationLutShapeMayOnlyConfirm) {
  EXPECT_TRUE(decoded(windowed({0}, "1", "2").text(t::kPhotometric, "MONOCHROME1", "CS").text(t::kPresentationLutShape, "INVERSE", "CS")).inverted);
  EXPECT_FALSE(decoded(windowed({0}, "1", "2").text(t::kPresentationLutShape, "IDENTITY", "CS")).inverted);
  EXPECT_EQ(refused(windowed({0}, "1", "2").text(t::kPresentationLutShape, "INVERSE", "CS")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "1", "2").text(t::kPresentationLutShape, "LIN OD", "CS")).code, ErrorCode::malformed);
}

TEST(DicomTest, RescaleComesBeforeTheWindow) {  // stored 0, 1000, 2000 to -1000, 1000, 3000
  const Film film = decoded(windowed({0, 1000, 2000}, "1000.5", "4001").text(t::kRescaleSlope, "2", "DS").text(t::kRescaleIntercept, "-1000", "DS"));
  EXPECT_EQ(modality_values(film), (std::vector<double>{-1000, 1000, 3000}));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 32768, 65535}));
}

TEST(DicomTest, RescaleMustBeWhole) {
  EXPECT_EQ(refused(windowed({0}, "1", "2").text(t::kRescaleSlope, "2", "DS")).code, ErrorCode::malformed);
  EXPECT_EQ(refused(windowed({0}, "1", "2").text(t::kRescaleSlope, "0", "DS").text(t::kRescaleIntercept, "0", "DS")).code, ErrorCode::malformed);
}

TEST(DicomTest, SignedValuesAreTwosComplement) {  // -3, -1, 0, 2
  const Film film = decoded(windowed({0xfffd, 0xffff, 0, 2}, "0", "6").words(t::kPixelRepresentation, {1}));
  EXPECT_EQ(modality_values(film), (std::vector<double>{-3, -1, 0, 2}));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 26214, 39321, 65535}));  // (x + 0.5) / 5 + 0.5
}

TEST(DicomTest, OnlyTheStoredBitsCount) {  // 12 bits in the upper end of 16, an overlay's bit below, signed: 0x7ff, 0x800
  const DicomBuilder builder = windowed({0x7ff8, 0x8007}, "0", "4096").words(t::kBitsStored, {12}).words(t::kHighBit, {15}).words(t::kPixelRepresentation, {1});
  EXPECT_EQ(modality_values(decoded(builder)), (std::vector<double>{2047, -2048}));
}

TEST(DicomTest, EightBitsAllocated) {
  const DicomBuilder builder = windowed({}, "128", "256").words(t::kColumns, {3}).words(t::kBitsAllocated, {8}).words(t::kBitsStored, {8}).words(t::kHighBit, {7})
    .bytes(t::kPixelData, {0, 51, 255});
  EXPECT_EQ(shown(decoded(builder)), (std::vector<int>{0, 13107, 65535}));
}

DicomBuilder table_item(const std::vector<std::uint16_t>& descriptor, const std::vector<std::uint16_t>& data) {
  return DicomBuilder().words(t::kLutDescriptor, descriptor).words(t::kLutData, data, "OW");
}

TEST(DicomTest, ModalityTable) {  // inputs from 10: 100, 400, 900; below and beyond it the ends
  const Film film = decoded(windowed({9, 10, 11, 12, 60000}, "500", "1000").items(t::kModalityLutSequence, {table_item({3, 10, 16}, {100, 400, 900})}));
  EXPECT_EQ(modality_values(film), (std::vector<double>{100, 100, 400, 900, 900}));
}

TEST(DicomTest, ModalityTableOfSignedInput) {  // -1, 0, 1
  const DicomBuilder builder = windowed({0xffff, 0, 1}, "5", "10").words(t::kPixelRepresentation, {1})
    .items(t::kModalityLutSequence, {table_item({3, 0xffff, 8}, {7, 8, 9})});
  EXPECT_EQ(modality_values(decoded(builder)), (std::vector<double>{7, 8, 9}));
}

TEST(DicomTest, ATableAndARescaleContradict) {
  const DicomBuilder builder = windowed({0}, "1", "2").items(t::kModalityLutSequence, {table_item({1, 0, 8}, {1})}).text(t::kRescaleSlope, "1", "DS")
    .text(t::kRescaleIntercept, "0", "DS");
  EXPECT_EQ(refused(builder).code, ErrorCode::malformed);
}

TEST(DicomTest, VoiTable) {  // 12 bits: 0, 1024, 4095; the table is taken before a window, and says so
  const DicomBuilder builder = windowed({4, 5, 6, 7, 8}, "1", "2").items(t::kVoiLutSequence, {table_item({3, 5, 12}, {0, 1024, 4095})});
  const Film film = decoded(builder);
  EXPECT_EQ(shown(film), (std::vector<int>{0, 0, 16388, 65535, 65535}));
  EXPECT_EQ(film.window_centre, 6);
  EXPECT_EQ(film.window_width, 3);
  EXPECT_TRUE(warns(film, "several ways"));
}

TEST(DicomTest, VoiTableStartsBelowZeroWhereValuesCan) {
  const DicomBuilder builder = DicomBuilder::film(2, 1, {0xffff, 0}).words(t::kPixelRepresentation, {1})
    .items(t::kVoiLutSequence, {table_item({2, 0xffff, 8}, {0, 255})});
  EXPECT_EQ(shown(decoded(builder)), (std::vector<int>{0, 65535}));
}

TEST(DicomTest, TableOf65536EntriesSaysZero) {
  std::vector<std::uint16_t> data(65536);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint16_t>(65535 - i);
  DicomBuilder item = DicomBuilder().words(t::kLutDescriptor, {0, 0, 16}).words(t::kLutData, data, "OW");
  EXPECT_EQ(shown(decoded(DicomBuilder::film(2, 1, {0, 65535}).items(t::kVoiLutSequence, {item}))), (std::vector<int>{65535, 0}));
}

TEST(DicomTest, EightBitTableMayBePacked) {
  const DicomBuilder item = DicomBuilder().words(t::kLutDescriptor, {3, 0, 8}).bytes(t::kLutData, {0, 51, 255}, "OW");
  EXPECT_EQ(shown(decoded(DicomBuilder::film(3, 1, {0, 1, 2}).items(t::kVoiLutSequence, {item}))), (std::vector<int>{0, 13107, 65535}));
}

TEST(DicomTest, BrokenTablesAreRefused) {
  const auto with = [](const DicomBuilder& item) { return DicomBuilder::film(1, 1, {0}).items(t::kVoiLutSequence, {item}); };
  EXPECT_EQ(refused(with(table_item({3, 0, 16}, {1, 2}))).code, ErrorCode::malformed);      // too few entries
  EXPECT_EQ(refused(with(table_item({2, 0, 16}, {1, 2, 3}))).code, ErrorCode::malformed);   // too many
  EXPECT_EQ(refused(with(table_item({2, 0, 17}, {1, 2}))).code, ErrorCode::malformed);      // bits
  EXPECT_EQ(refused(with(table_item({2, 0, 10}, {1, 1024}))).code, ErrorCode::malformed);   // an entry of more bits
  EXPECT_EQ(refused(with(table_item({2, 0}, {1, 2}))).code, ErrorCode::malformed);          // half a descriptor
  EXPECT_EQ(refused(with(DicomBuilder().words(t::kLutDescriptor, {1, 0, 8}))).code, ErrorCode::malformed);  // no data
}

TEST(DicomTest, PaddingIsBlackAndOutOfTheRange) {  // the range of what is not padding: 1000 to 2000
  const Film film = decoded(DicomBuilder::film(4, 1, {63000, 1000, 1500, 2000}).words(t::kPixelPaddingValue, {63000}));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 0, 32768, 65535}));
  EXPECT_EQ(film.window_width, 1000);
}

TEST(DicomTest, PaddingOfMonochromeOneIsBlackToo) {
  const Film film = decoded(DicomBuilder::film(3, 1, {0, 1000, 2000}).words(t::kPixelPaddingValue, {0}).text(t::kPhotometric, "MONOCHROME1", "CS"));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 65535, 0}));
}

TEST(DicomTest, PaddingIsBlackEvenWhereNoValueIs) {  // a table that shows nothing darker than half
  const DicomBuilder builder = DicomBuilder::film(3, 1, {5, 0, 1}).words(t::kPixelPaddingValue, {5}).items(t::kVoiLutSequence, {table_item({2, 0, 8}, {128, 255})});
  EXPECT_EQ(shown(decoded(builder)), (std::vector<int>{0, 32896, 65535}));
}

TEST(DicomTest, PaddingRangeIncludesBothEndsEitherWayRound) {
  for (const auto& [value, limit] : {std::pair<std::uint16_t, std::uint16_t>{10, 12}, {12, 10}}) {
    const Film film = decoded(DicomBuilder::film(5, 1, {9, 10, 11, 12, 13}).words(t::kPixelPaddingValue, {value}).words(t::kPixelPaddingRangeLimit, {limit}));
    EXPECT_EQ(shown(film), (std::vector<int>{0, 0, 0, 0, 65535}));
    EXPECT_EQ(film.window_centre, 11);
  }
}

TEST(DicomTest, PaddingIsInStoredValuesBeforeRescale) {  // stored -2000 is padding; its modality value would be -3024
  const DicomBuilder builder = DicomBuilder::film(3, 1, {0xf830, 24, 1024}).words(t::kPixelRepresentation, {1}).words(t::kPixelPaddingValue, {0xf830}, "SS")
    .text(t::kRescaleSlope, "1", "DS").text(t::kRescaleIntercept, "-1024", "DS");
  const Film film = decoded(builder);
  EXPECT_EQ(film.window_centre, -500);
  EXPECT_EQ(film.window_width, 1000);
  EXPECT_EQ(shown(film), (std::vector<int>{0, 0, 65535}));
}

TEST(DicomTest, AllPaddingOrHalfOfItIsRefused) {
  EXPECT_EQ(refused(DicomBuilder::film(2, 1, {7, 7}).words(t::kPixelPaddingValue, {7})).code, ErrorCode::invalid);
  EXPECT_EQ(refused(DicomBuilder::film(1, 1, {7}).words(t::kPixelPaddingRangeLimit, {7})).code, ErrorCode::malformed);
}

TEST(DicomTest, AspectFromRatioThenSpacingThenDetector) {  // vertical over horizontal
  const DicomBuilder film = DicomBuilder::film(1, 1, {0});
  EXPECT_EQ(decoded(film).pixel_aspect, 1);
  DicomBuilder builder = film;
  EXPECT_DOUBLE_EQ(decoded(builder.text(t::kImagerPixelSpacing, "0.3\\0.1", "DS")).pixel_aspect, 3);
  EXPECT_DOUBLE_EQ(decoded(builder.text(t::kPixelSpacing, "0.2\\0.1", "DS")).pixel_aspect, 2);
  EXPECT_DOUBLE_EQ(decoded(builder.text(t::kPixelAspectRatio, "3\\4", "IS")).pixel_aspect, 0.75);
}

TEST(DicomTest, AnUnusableAspectIsPassedOverWithAWarning) {
  for (const char* text : {"0\\0", "1", "-1\\1", "a\\b"}) {
    const Film film = decoded(DicomBuilder::film(1, 1, {0}).text(t::kPixelSpacing, text, "DS"));
    EXPECT_EQ(film.pixel_aspect, 1);
    EXPECT_TRUE(warns(film, "Pixel Spacing")) << text;
  }
  EXPECT_EQ(refused(DicomBuilder::film(1, 1, {0}).text(t::kPixelAspectRatio, "11\\1", "IS")).code, ErrorCode::invalid);  // kMaxPixelAspect
}

TEST(DicomTest, FramesAreNamed) {
  const DicomBuilder builder = windowed({1, 2, 3}, "2", "4").words(t::kColumns, {1}).text(t::kNumberOfFrames, "3", "IS");
  EXPECT_EQ(modality_values(decoded(builder, 2)), (std::vector<double>{3}));
  EXPECT_EQ(decoded(builder, 0).attributes.frames, 3u);
  EXPECT_EQ(refused(builder).code, ErrorCode::invalid);
  EXPECT_NE(refused(builder).external.find("name a frame, 0 to 2"), std::string::npos);
  EXPECT_EQ(refused(builder, 3).code, ErrorCode::invalid);
}

TEST(DicomTest, FunctionalGroupsOfTheFrameComeFirst) {
  const auto transform = [](const char* slope) {
    return DicomBuilder().items(t::kPixelValueTransformationSequence, {DicomBuilder().text(t::kRescaleSlope, slope, "DS").text(t::kRescaleIntercept, "0", "DS")});
  };
  DicomBuilder shared = transform("2");
  shared.items(t::kFrameVoiLutSequence, {DicomBuilder().text(t::kWindowCentre, "20", "DS").text(t::kWindowWidth, "40", "DS")})
    .items(t::kPixelMeasuresSequence, {DicomBuilder().text(t::kPixelSpacing, "2\\1", "DS")});
  const DicomBuilder builder = DicomBuilder::film(1, 1, {5, 5}).text(t::kNumberOfFrames, "2", "IS").items(t::kSharedFunctionalGroups, {shared})
    .items(t::kPerFrameFunctionalGroups, {transform("3"), DicomBuilder().text(t::kModality, "MR", "CS")});
  EXPECT_EQ(modality_values(decoded(builder, 0)), (std::vector<double>{15}));
  EXPECT_EQ(modality_values(decoded(builder, 1)), (std::vector<double>{10}));
  EXPECT_EQ(decoded(builder, 1).window_centre, 20);
  EXPECT_EQ(decoded(builder, 1).pixel_aspect, 2);
}

TEST(DicomTest, FunctionalGroupsThatDoNotFitAreRefused) {
  const DicomBuilder builder = DicomBuilder::film(1, 1, {5, 5}).text(t::kNumberOfFrames, "2", "IS");
  EXPECT_EQ(refused(DicomBuilder(builder).items(t::kPerFrameFunctionalGroups, {DicomBuilder()}), 0).code, ErrorCode::malformed);
  EXPECT_EQ(refused(DicomBuilder(builder).items(t::kSharedFunctionalGroups, {DicomBuilder(), DicomBuilder()}), 0).code, ErrorCode::malformed);
}

DicomBuilder colour(const Bytes& pixels, const char* photometric = "RGB") {
  return DicomBuilder::film(static_cast<std::uint16_t>(pixels.size() / 3), 1, {}).words(t::kSamplesPerPixel, {3}).text(t::kPhotometric, photometric, "CS")
    .words(t::kPlanarConfiguration, {0}).words(t::kBitsAllocated, {8}).words(t::kBitsStored, {8}).words(t::kHighBit, {7}).bytes(t::kPixelData, pixels);
}

TEST(DicomTest, AGreyFilmStoredAsColourIsGrey) {
  const Film film = decoded(colour({0, 0, 0, 100, 104, 108, 255, 255, 255}));
  EXPECT_EQ(shown(film), (std::vector<int>{0, 104 * 257, 65535}));
  EXPECT_TRUE(warns(film, "stored as colour"));
  EXPECT_EQ(shown(decoded(colour({10, 20, 12, 22, 14, 24}).words(t::kPlanarConfiguration, {1}))), (std::vector<int>{12 * 257, 22 * 257}));
  EXPECT_EQ(shown(decoded(colour({77, 128, 128, 200, 131, 126}, "YBR_FULL"))), (std::vector<int>{77 * 257, 200 * 257}));
}

TEST(DicomTest, ColourIsRefused) {
  EXPECT_NE(refused(colour({100, 100, 109})).external.find("in colour"), std::string::npos);
  EXPECT_NE(refused(colour({100, 128, 133}, "YBR_FULL")).external.find("in colour"), std::string::npos);
  EXPECT_EQ(refused(colour({100, 100, 100}, "CMYK")).code, ErrorCode::invalid);
  EXPECT_EQ(refused(colour({100, 100, 100}, "YBR_FULL_422")).code, ErrorCode::invalid);
}

DicomBuilder palette(const std::vector<std::uint16_t>& red, const std::vector<std::uint16_t>& others) {
  DicomBuilder builder = windowed({}, "1", "2").words(t::kColumns, {2}).text(t::kPhotometric, "PALETTE COLOR", "CS").words(t::kBitsAllocated, {8})
    .words(t::kBitsStored, {8}).words(t::kHighBit, {7}).bytes(t::kPixelData, {0, 1});
  for (std::size_t i = 0; i < 3; ++i) builder.words(t::kPaletteDescriptors[i], {2, 0, 16}).words(t::kPaletteData[i], i == 0 ? red : others, "OW");
  return builder;
}

TEST(DicomTest, APaletteOfGreys) {
  EXPECT_EQ(shown(decoded(palette({5000, 60000}, {5000, 60000}))), (std::vector<int>{5000, 60000}));
  EXPECT_NE(refused(palette({5000, 60000}, {5000, 40000})).external.find("in colour"), std::string::npos);
  EXPECT_EQ(refused(palette({5000}, {5000, 60000})).code, ErrorCode::malformed);
  EXPECT_EQ(refused(palette({1, 2}, {1, 2}).words(t::kSegmentedPaletteData, {0}, "OW")).code, ErrorCode::invalid);
}

TEST(DicomTest, AttributesOfTheFilmAndNothingThatNames) {
  const DicomBuilder builder = windowed({0}, "1", "2").text(t::kBodyPart, "CHEST", "CS").text(t::kViewPosition, "PA", "CS").text(t::kSex, "F", "CS")
    .text(t::kAge, "018M", "AS").text(t::kManufacturer, " Maker ", "LO").text(t::kBurnedInAnnotation, "YES", "CS").text(t::kModelName, "K\xc3\xb6nig", "LO");
  const imaging::FilmAttributes attributes = decoded(builder).attributes;
  EXPECT_EQ(attributes.body_part, "CHEST");
  EXPECT_EQ(attributes.view_position, "PA");
  EXPECT_EQ(attributes.modality, "DX");
  EXPECT_EQ(attributes.sex, "F");
  EXPECT_EQ(attributes.age_years, 1.5);
  EXPECT_EQ(attributes.manufacturer, "Maker");
  EXPECT_EQ(attributes.model, "");  // not ASCII
  EXPECT_TRUE(attributes.burned_in_annotation);
  EXPECT_EQ(attributes.transfer_syntax, "1.2.840.10008.1.2.1");
}

TEST(DicomTest, ATextOverItsLimitIsLeftOut) {
  const std::string longest(limits::kMaxFilmTextCharacters, 'm');
  EXPECT_EQ(decoded(windowed({0}, "1", "2").text(t::kModelName, longest, "LO")).attributes.model, longest);
  EXPECT_EQ(decoded(windowed({0}, "1", "2").text(t::kModelName, longest + "m", "LO")).attributes.model, "");
}

TEST(DicomTest, AgeFromTheDates) {
  const DicomBuilder film = windowed({0}, "1", "2").text(t::kBirthDate, "20000101", "DA");
  EXPECT_NEAR(*decoded(DicomBuilder(film).text(t::kStudyDate, "20100101", "DA")).attributes.age_years, 10, 0.01);
  EXPECT_FALSE(decoded(DicomBuilder(film).text(t::kStudyDate, "19990101", "DA")).attributes.age_years);
  EXPECT_FALSE(decoded(DicomBuilder(film).text(t::kStudyDate, "20101301", "DA")).attributes.age_years);
  EXPECT_FALSE(decoded(DicomBuilder(film).text(t::kAge, "999Y", "AS")).attributes.age_years);
}

}  // namespace
}  // namespace osler::decoder
