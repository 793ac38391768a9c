// "decoder/deidentify.h", "decoder/deidentify_pixels.h" and "decoder/deidentify_data_set.h": what stays, what is refused, what is blanked.
#include "decoder/deidentify.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "decoder/dicom_file.h"
#include "decoder/tags.h"
#include "dicom_builder.h"

namespace osler::decoder {
namespace {

const Bytes kKey(imaging::kPseudonymKeyBytes, 7);
constexpr Tag kSopInstance{0x0008, 0x0018, "SOP Instance UID"}, kStudy{0x0020, 0x000d, "Study Instance UID"}, kSeries{0x0020, 0x000e, "Series Instance UID"},
              kPatientId{0x0010, 0x0020, "Patient ID"}, kPatientName{0x0010, 0x0010, "Patient's Name"}, kReferencedImages{0x0008, 0x1140, "Referenced Image Sequence"},
              kReferencedInstance{0x0008, 0x1155, "Referenced SOP Instance UID"}, kReferencedClass{0x0008, 0x1150, "Referenced SOP Class UID"},
              kViewCodes{0x0054, 0x0220, "View Code Sequence"}, kCode{0x0008, 0x0100, "Code Value"}, kScheme{0x0008, 0x0102, "Coding Scheme Designator"},
              kMeaning{0x0008, 0x0104, "Code Meaning"}, kSeriesDate{0x0008, 0x0021, "Series Date"}, kStudyTime{0x0008, 0x0030, "Study Time"},
              kMethods{0x0012, 0x0064, "De-identification Method Code Sequence"}, kRemoved{0x0012, 0x0062, "Patient Identity Removed"},
              kTemporal{0x0028, 0x0303, "Longitudinal Temporal Information Modified"}, kKvp{0x0018, 0x0060, "KVP"};

DicomBuilder film() {
  DicomBuilder set = DicomBuilder::film(4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
  set.text(kSopInstance, "1.2.3.4", "UI").text(kStudy, "1.2.3", "UI").text(kSeries, "1.2.3.1", "UI");
  return set.text(kPatientId, "12345", "LO").text(kPatientName, "Doe^Jane", "PN").text(tags::kStudyDate, "20200229", "DA");
}

/// What came out, read again.
struct Read {
  explicit Read(const Result<imaging::Deidentified>& done)
      : outcome(done.value()), layout(check_file_layout(outcome.file).value()), file(DicomFile::read(layout).value()) {}
  DataSetView top() const { return file.top(); }
  imaging::Deidentified outcome;
  FileLayout layout;
  DicomFile file;
};

Read read(const Bytes& file, const imaging::DeidentificationOptions& options = {}) { return Read(deidentify(file, kKey, options)); }

std::string refusal(const Bytes& file, const imaging::DeidentificationOptions& options = {}) {
  const Result<imaging::Deidentified> done = deidentify(file, kKey, options);
  return done ? "taken" : std::string(name_of(done.error().code)) + ": " + done.error().external;
}

/// Pixels of 16 bits.
std::vector<std::uint16_t> pixels(const Read& file) { return file.top().words(tags::kPixelData).value()->values; }

TEST(DeidentifyTest, NamesArePseudonymsUnderTheKey) {
  const Read out = read(film().build());
  // HMAC-SHA-256 worked out elsewhere: of "patient\0" "12345" and of "uid\0" "1.2.3.4", under 32 bytes of 7.
  EXPECT_EQ(out.outcome.names.patient, "OSLa2ff2b22c25f");
  EXPECT_EQ(out.outcome.names.instance, "2.25.195060291850101085593651226218606583253");
  EXPECT_EQ(out.top().text(kPatientId), "OSLa2ff2b22c25f");
  EXPECT_EQ(out.top().text(kPatientName), "OSLa2ff2b22c25f");
  EXPECT_EQ(out.top().text(kSopInstance), out.outcome.names.instance);
  EXPECT_EQ(out.top().text(kStudy), out.outcome.names.study);
  EXPECT_EQ(out.top().text(kRemoved), "YES");
  EXPECT_EQ(out.outcome.originals.patient, "") << "only told when asked for";
  const Bytes other(imaging::kPseudonymKeyBytes, 8);
  EXPECT_NE(deidentify(film().build(), other, {})->names.patient, out.outcome.names.patient);
}

TEST(DeidentifyTest, FilesOfOneStudyStayTogether) {
  const Read one = read(film().build()), two = read(film().text(kSopInstance, "1.2.3.5", "UI").text(kPatientId, "12345 ", "LO").build());
  EXPECT_EQ(one.outcome.names.patient, two.outcome.names.patient);
  EXPECT_EQ(one.outcome.names.study, two.outcome.names.study);
  EXPECT_EQ(one.outcome.names.series, two.outcome.names.series);
  EXPECT_NE(one.outcome.names.instance, two.outcome.names.instance);
}

TEST(DeidentifyTest, ReferencesFollowTheObjects) {
  DicomBuilder reference;
  reference.text(kReferencedClass, "1.2.840.10008.5.1.4.1.1.1.1", "UI").text(kReferencedInstance, "1.2.3.4", "UI");
  const Read out = read(film().items(kReferencedImages, {reference}).build());
  const std::vector<DataSetView> items = out.top().items(kReferencedImages);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].text(kReferencedInstance), out.outcome.names.instance);
  EXPECT_EQ(items[0].text(kReferencedClass), "1.2.840.10008.5.1.4.1.1.1.1");
}

TEST(DeidentifyTest, WhatSaysHowThePictureIsStays) {
  const Read out = read(film().text(tags::kWindowCentre, "1024", "DS").text(kKvp, "120", "DS").text(tags::kViewPosition, "PA", "CS").text(tags::kBodyPart, "CHEST", "CS").build());
  EXPECT_EQ(out.top().text(tags::kWindowCentre), "1024");
  EXPECT_EQ(out.top().text(kKvp), "120");
  EXPECT_EQ(out.top().text(tags::kViewPosition), "PA");
  EXPECT_EQ(out.top().text(tags::kBodyPart), "CHEST");
  EXPECT_EQ(pixels(out), (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(DeidentifyTest, CodesOfPublicSchemesStayWithoutTheirMeaning) {
  DicomBuilder known, own;
  known.text(kCode, "R-10206", "SH").text(kScheme, "SRT", "SH").text(kMeaning, "postero-anterior", "LO");
  own.text(kCode, "JANE", "SH").text(kScheme, "99HOSPITAL", "SH").text(kMeaning, "Jane's view", "LO");
  const Read out = read(film().items(kViewCodes, {known, own}).build());
  const std::vector<DataSetView> items = out.top().items(kViewCodes);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].text(kCode) + " " + items[0].text(kScheme) + " " + items[0].text(kMeaning), "R-10206 SRT R-10206");
  EXPECT_FALSE(items[1].has(kCode) || items[1].has(kScheme) || items[1].has(kMeaning));
}

TEST(DeidentifyTest, DatesGoUnlessTheyAreToBeMoved) {
  DicomBuilder set = film();
  set.text(kSeriesDate, "20200301", "DA").text(kStudyTime, "120102", "TM").text(tags::kBirthDate, "19800102", "DA");
  const Read without = read(set.build());
  EXPECT_EQ(without.top().text(tags::kStudyDate) + without.top().text(kStudyTime), "");
  EXPECT_EQ(without.top().text(kTemporal), "REMOVED");
  imaging::DeidentificationOptions options;
  options.keeps_dates = true;
  const Read moved = read(set.build(), options);
  EXPECT_EQ(moved.top().text(tags::kStudyDate), "20130927") << "2,346 days earlier: HMAC of \"days\\0\" \"12345\", worked out elsewhere";
  EXPECT_EQ(moved.top().text(kSeriesDate), "20130928");
  EXPECT_EQ(moved.top().text(kStudyTime), "120102");
  EXPECT_EQ(moved.top().text(kTemporal), "MODIFIED");
  EXPECT_EQ(moved.top().text(tags::kBirthDate), "");
}

TEST(DeidentifyTest, CharacteristicsStayWhenAskedFor) {
  DicomBuilder set = film();
  set.text(tags::kAge, "093Y", "AS").text(tags::kSex, "F", "CS");
  EXPECT_EQ(read(set.build()).top().text(tags::kAge) + read(set.build()).top().text(tags::kSex), "");
  imaging::DeidentificationOptions options;
  options.keeps_characteristics = true;
  const Read kept = read(set.build(), options);
  EXPECT_EQ(kept.top().text(tags::kAge), "090Y");
  EXPECT_EQ(kept.top().text(tags::kSex), "F");
  std::string codes;
  for (const DataSetView& item : kept.top().items(kMethods)) codes += item.text(kCode) + " ";
  EXPECT_EQ(codes, "113100 113108 ");
}

TEST(DeidentifyTest, OriginalsAreToldWhenAskedFor) {
  imaging::DeidentificationOptions options;
  options.tells_originals = true;
  const imaging::FileIdentity originals = deidentify(film().build(), kKey, options)->originals;
  EXPECT_EQ(originals.patient + " " + originals.study + " " + originals.series + " " + originals.instance, "12345 1.2.3 1.2.3.1 1.2.3.4");
}

TEST(DeidentifyTest, OnlyImagesThatSayWhatTheyAreAreTaken) {
  EXPECT_EQ(refusal(film().build()), "taken");
  EXPECT_EQ(refusal(film().remove(tags::kSopClassUid).build()), "invalid: Not an image that this can clean: it does not say what it is (no SOP Class UID).");
  for (const char* kind : {"88.11", "104.1", "9.1.1", "11.1", "66.4", "481.5"})
    EXPECT_EQ(refusal(film().text(tags::kSopClassUid, std::string("1.2.840.10008.5.1.4.1.1.") + kind, "UI").build()),
              "invalid: Not an image that this can clean: a report, a document, a waveform, a plan, a segmentation or raw data.") << kind;
  EXPECT_EQ(refusal(film().text(tags::kSopClassUid, "1.2.840.10008.5.1.4.1.1.2 Jane", "UI").build()),
            "invalid: Not an image that this can clean: its SOP class is not one of the standard's images.");
  EXPECT_EQ(refusal(film().remove(tags::kPixelData).build()), "invalid: Not an image that this can clean: it holds no pixels.");
  EXPECT_EQ(refusal(film().remove(kSeries).build()), "malformed: The DICOM attribute Series Instance UID (0020,000e) is missing.");
  EXPECT_EQ(refusal(film().words(tags::kRows, {3}).build()).substr(0, 29), "malformed: The pixels are few");
}

TEST(DeidentifyTest, BurnedInTextIsNeverPassedOn) {
  const std::string asks = "invalid: Text in the pixels is declared, or likely for this kind of image; name what to blank with --clean-pixels.";
  EXPECT_EQ(refusal(film().text(tags::kBurnedInAnnotation, "YES", "CS").build()), asks);
  EXPECT_EQ(refusal(film().text(tags::kBurnedInAnnotation, "MAYBE", "CS").build()), asks);
  EXPECT_EQ(refusal(film().text(tags::kSopClassUid, "1.2.840.10008.5.1.4.1.1.7", "UI").build()), asks);
  EXPECT_EQ(refusal(film().text(tags::kModality, "US", "CS").build()), asks);
  EXPECT_EQ(refusal(film().text({0x0008, 0x0008, "Image Type"}, "DERIVED\\SECONDARY\\SCREEN SAVE", "CS").build()), asks);
  EXPECT_EQ(refusal(film().text(tags::kModality, "US", "CS").text(tags::kBurnedInAnnotation, "NO", "CS").build()), "taken");
}

TEST(DeidentifyTest, BlanksWhatIsNamed) {
  imaging::DeidentificationOptions options;
  options.regions = {{0, 0, 1, 0.5, true}, {3, 1, 1, 1, false}};
  const Read out = read(film().text(tags::kBurnedInAnnotation, "YES", "CS").build(), options);
  EXPECT_TRUE(out.outcome.has_blanked_pixels);
  EXPECT_EQ(pixels(out), (std::vector<std::uint16_t>{0, 0, 0, 0, 5, 6, 7, 0}));
  EXPECT_EQ(out.top().text(tags::kBurnedInAnnotation), "NO");
  EXPECT_EQ(pixels(read(film().build(), options)), (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8})) << "where no text is declared or likely nothing is blanked";
}

TEST(DeidentifyTest, BlanksEveryFrameAndColourPlane) {
  DicomBuilder set = film();
  set.words(tags::kSamplesPerPixel, {3}).words(tags::kPlanarConfiguration, {1}).text(tags::kPhotometric, "RGB", "CS").text(tags::kNumberOfFrames, "2", "IS");
  set.words(tags::kBitsAllocated, {8}).words(tags::kBitsStored, {8}).words(tags::kHighBit, {7}).words(tags::kRows, {1}).words(tags::kColumns, {2});
  set.bytes(tags::kPixelData, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "OB").text(tags::kBurnedInAnnotation, "YES", "CS");
  imaging::DeidentificationOptions options;
  options.regions = {{0, 0, 1, 1, false}};
  const Read planar = read(set.build(), options);
  const ByteView bytes = *planar.top().bytes(tags::kPixelData);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.end()), (Bytes{0, 2, 0, 4, 0, 6, 0, 8, 0, 10, 0, 12}));
  const Read by_pixel = read(set.words(tags::kPlanarConfiguration, {0}).build(), options);
  const ByteView mixed = *by_pixel.top().bytes(tags::kPixelData);
  EXPECT_EQ(Bytes(mixed.begin(), mixed.end()), (Bytes{0, 0, 0, 4, 5, 6, 0, 0, 0, 10, 11, 12}));
}

TEST(DeidentifyTest, BlankedCompressedPixelsAreStoredUncompressed) {
  DicomBuilder set = film();
  set.words(tags::kBitsAllocated, {8}).words(tags::kBitsStored, {8}).words(tags::kHighBit, {7}).text(tags::kBurnedInAnnotation, "YES", "CS");
  Bytes rle(64, 0);
  rle[0] = 1;
  rle[4] = 64;
  for (const std::uint8_t byte : {7, 1, 2, 3, 4, 5, 6, 7, 8}) rle.push_back(byte);  // eight bytes as they are
  rle.push_back(0x80);
  imaging::DeidentificationOptions options;
  options.regions = {{0, 0, 0.25, 1, true}};
  const Read out = read(set.build_compressed("1.2.840.10008.1.2.5", {rle}), options);
  EXPECT_EQ(out.file.transfer_syntax(), "1.2.840.10008.1.2.1");
  const ByteView bytes = *out.top().bytes(tags::kPixelData);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.end()), (Bytes{0, 2, 3, 4, 0, 6, 7, 8}));
}

TEST(DeidentifyTest, AnOverlayInTheBitsOfPixelsGoes) {
  DicomBuilder set = film();
  set.words(tags::kBitsStored, {12}).words(tags::kHighBit, {11}).words(tags::kPixelData, {0x1001, 0xf002, 3, 4, 5, 6, 7, 0x8008}, "OW");
  EXPECT_EQ(pixels(read(set.build())), (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8})) << "though nothing describes it any more";
  set.words({0x6000, 0x0100, "Overlay Bits Allocated"}, {16}).words({0x6000, 0x0102, "Overlay Bit Position"}, {12});
  EXPECT_EQ(pixels(read(set.build())), (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(refusal(set.words(tags::kPixelRepresentation, {1}).build()), "invalid: The pixels cannot be cleaned: an overlay lies in bits of signed or unusual pixels.");
}

TEST(DeidentifyTest, DeepNestingIsRefused) {
  DicomBuilder inner;
  inner.text(kKvp, "1", "DS");
  for (std::size_t i = 0; i <= limits::kMaxSequenceDepth; ++i) {
    DicomBuilder outer;
    outer.items(kReferencedImages, {inner});
    inner = outer;
  }
  EXPECT_EQ(refusal(film().items(kReferencedImages, {inner}).build()), "too_large: The data set is nested deeper than 32 sequences.");
}

TEST(DeidentifyTest, AFaceThatIsDeclaredIsSaid) {
  const Result<imaging::Deidentified> done = deidentify(film().text({0x0028, 0x0302, "Recognizable Visual Features"}, "YES", "CS").build(), kKey, {});
  ASSERT_EQ(done->notes.size(), 1u);
}

TEST(DeidentifyTest, KeepsTheTransferSyntax) {
  using Syntax = DicomBuilder::Syntax;
  EXPECT_EQ(read(film().build(Syntax::implicit_little)).file.transfer_syntax(), "1.2.840.10008.1.2");
  const Read big = read(film().build(Syntax::explicit_big));
  EXPECT_EQ(big.file.transfer_syntax(), "1.2.840.10008.1.2.2");
  EXPECT_EQ(pixels(big), (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  DicomBuilder bytes = film();
  bytes.words(tags::kBitsAllocated, {8}).words(tags::kBitsStored, {8}).words(tags::kHighBit, {7}).bytes(tags::kPixelData, {1, 2, 3, 4, 5, 6, 7, 8}, "OW");
  const Bytes written = read(bytes.build(Syntax::explicit_big)).outcome.file;
  EXPECT_EQ(Bytes(written.end() - 8, written.end()), (Bytes{2, 1, 4, 3, 6, 5, 8, 7})) << "as they lay in the file";
  EXPECT_EQ(read(film().build(Syntax::deflated)).file.transfer_syntax(), "1.2.840.10008.1.2.1") << "inflated: a film hardly shrinks by it";
}

}  // namespace
}  // namespace osler::decoder
