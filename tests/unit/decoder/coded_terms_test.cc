// Body part and view of a film that says them by codes ("decoder/coded_terms.h") or by where it lies ("decoder/attributes.h").
#include "decoder/coded_terms.h"

#include <gtest/gtest.h>

#include "decoder/dicom.h"
#include "decoder/tags.h"
#include "dicom_builder.h"
#include "imaging/film_checks.h"

namespace osler::decoder {
namespace {

namespace t = tags;

DicomBuilder code(const char* value, const char* scheme) { return DicomBuilder().text(t::kCodeValue, value, "SH").text(t::kCodingScheme, scheme, "SH"); }

imaging::Film decoded(const DicomBuilder& builder) {
  const Result<imaging::Film> film = decode_dicom(builder.build(), {});
  if (film) return *film;
  ADD_FAILURE() << describe(film.error());
  return {};
}

DicomBuilder film() { return DicomBuilder::film(2, 1, {1, 2}); }
std::string body_part(const char* value, const char* scheme) { return decoded(film().items(t::kAnatomicRegionSequence, {code(value, scheme)})).attributes.body_part; }
std::string view(const char* value, const char* scheme) { return decoded(film().items(t::kViewCodeSequence, {code(value, scheme)})).attributes.view_position; }

TEST(CodedTermsTest, BodyPartsOfCid4009) {
  EXPECT_EQ(body_part("51185008", "SCT"), "CHEST");
  for (const char* scheme : {"SRT", "SNM3", "99SDM"}) EXPECT_EQ(body_part("T-D3000", scheme), "CHEST") << scheme;
  EXPECT_EQ(body_part("39607008", "SCT"), "LUNG");
  EXPECT_EQ(body_part("85562004", "SCT"), "HAND");
  EXPECT_EQ(body_part("T-D8700", "SRT"), "HAND");
  EXPECT_EQ(body_part("T-D4000", "SRT"), "ABDOMEN");
  EXPECT_EQ(body_part("122495006", "SCT"), "TSPINE");
  EXPECT_EQ(body_part("416550000", "SCT"), "CHESTABDOMEN");
  EXPECT_EQ(body_part("416775004", "SCT"), "CHESTABDPELVIS");
}

TEST(CodedTermsTest, ViewsOfCid4010) {
  EXPECT_EQ(view("399348003", "SCT"), "AP");
  EXPECT_EQ(view("R-10206", "SRT"), "AP");
  EXPECT_EQ(view("272479007", "SCT"), "PA");
  EXPECT_EQ(view("R-10214", "SNM3"), "PA");
  EXPECT_EQ(view("399033003", "SCT"), "FRONTAL");
  EXPECT_EQ(view("399173006", "SCT"), "LL");
  EXPECT_EQ(view("R-10232", "SRT"), "RL");
  EXPECT_EQ(view("399067008", "SCT"), "LATERAL");
  EXPECT_EQ(view("R-102CD", "SRT"), "LATERAL");
  EXPECT_EQ(view("399356000", "SCT"), "OBLIQUE");
}

TEST(CodedTermsTest, ACodeThatIsNotKnownSaysNothing) {
  EXPECT_EQ(body_part("51185008", "99LOCAL"), "");  // another scheme's
  EXPECT_EQ(body_part("T-D3000", "SCT"), "");       // the other scheme's value
  EXPECT_EQ(body_part("Jane Doe", "SCT"), "");
  EXPECT_EQ(view("51185008", "SCT"), "");           // an anatomy is no view
  EXPECT_EQ(decoded(film().items(t::kViewCodeSequence, {})).attributes.view_position, "");
}

TEST(CodedTermsTest, WordsComeBeforeCodes) {
  const DicomBuilder builder = film().text(t::kBodyPart, "CHEST", "CS").text(t::kViewPosition, "PA", "CS").items(t::kAnatomicRegionSequence, {code("85562004", "SCT")})
    .items(t::kViewCodeSequence, {code("399067008", "SCT")});
  EXPECT_EQ(decoded(builder).attributes.body_part, "CHEST");
  EXPECT_EQ(decoded(builder).attributes.view_position, "PA");
}

TEST(CodedTermsTest, AHandOrALateralViewByCodeIsRefused) {
  const auto is_taken = [](const char* anatomy, const char* from) {
    return imaging::check_attributes(decoded(film().items(t::kAnatomicRegionSequence, {code(anatomy, "SCT")}).items(t::kViewCodeSequence, {code(from, "SCT")}))).has_value();
  };
  EXPECT_TRUE(is_taken("51185008", "272479007"));
  EXPECT_FALSE(is_taken("85562004", "272479007"));
  EXPECT_FALSE(is_taken("51185008", "399173006"));
  EXPECT_FALSE(is_taken("51185008", "399356000"));
  EXPECT_FALSE(is_taken("416775004", "399348003"));
}

bool warns_of_orientation(const imaging::Film& film) {
  for (const std::string& warning : film.warnings)
    if (warning.find("Patient Orientation") != std::string::npos) return true;
  return false;
}

TEST(PatientOrientationTest, ALateralViewIsToldByItsRows) {
  for (const char* text : {"A\\F", "P\\F", "AFL\\FP"}) EXPECT_EQ(decoded(film().text(t::kPatientOrientation, text, "CS")).attributes.view_position, "LATERAL") << text;
  for (const char* text : {"L\\F", "R\\F", "F\\A", "A", "\\F", "A\\", "X\\F"}) EXPECT_EQ(decoded(film().text(t::kPatientOrientation, text, "CS")).attributes.view_position, "") << text;
  EXPECT_EQ(decoded(film().text(t::kPatientOrientation, "A\\F", "CS").text(t::kViewPosition, "PA", "CS")).attributes.view_position, "PA");
}

TEST(PatientOrientationTest, AFilmThatLiesOtherwiseIsMarked) {
  for (const char* text : {"R\\F", "L\\H", "F\\L", "A\\F"}) EXPECT_TRUE(warns_of_orientation(decoded(film().text(t::kPatientOrientation, text, "CS")))) << text;
  for (const char* text : {"L\\F", "LF\\FR", "", "?\\!"}) EXPECT_FALSE(warns_of_orientation(decoded(film().text(t::kPatientOrientation, text, "CS")))) << text;
}

}  // namespace
}  // namespace osler::decoder
