// "decoder/deidentify.h": files whose every element of text says something unique, and none of it anywhere in what comes out.
#include "decoder/deidentify.h"

#include <gdcmDicts.h>
#include <gdcmGlobal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "../random_seed.h"
#include "decoder/dicom_file.h"
#include "decoder/tags.h"
#include "dicom_builder.h"

namespace osler::decoder {
namespace {

using Syntax = DicomBuilder::Syntax;

constexpr std::array kTextVrs = {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"};
constexpr std::string_view kWord = "ZQXJ", kDate = "1897", kUid = "1.2.826.0.1.77777";  // how every canary starts
constexpr std::uint32_t kSopInstance = 0x00080018, kStudy = 0x0020000d, kSeries = 0x0020000e;

Tag tag_of(std::uint32_t number) { return {static_cast<std::uint16_t>(number >> 16), static_cast<std::uint16_t>(number), "canary"}; }
std::uint32_t number_of(const Tag& tag) { return std::uint32_t{tag.group} << 16 | tag.element; }

/// Makes values that occur nowhere else and counts them.
class Canaries {
 public:
  std::string next(const std::string& vr) {
    const std::string number = std::to_string(100000 + count_++);
    if (vr == "DA") return std::string(kDate) + (count_ % 2 ? "0713" : "1130");
    if (vr == "DT") return std::string(kDate) + "0713121314";
    if (vr == "UI") return std::string(kUid) + number;
    if (vr == "PN") return std::string(kWord) + number + "^" + std::string(kWord) + "B" + number;
    return std::string(kWord) + number;
  }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

/// What describes the pixels, and the class of the object: texts there would make another file of it.
bool is_needed(std::uint32_t tag) {
  const std::set<std::uint32_t> needed = {number_of(tags::kSopClassUid), number_of(tags::kPhotometric), number_of(tags::kNumberOfFrames), number_of(tags::kBurnedInAnnotation)};
  return needed.contains(tag) || tag >> 16 == 0x0002 || (tag & 0xffff) == 0;
}

/// Every element of the dictionary that holds text.
void add_texts(DicomBuilder& set, Canaries& canaries) {
  const gdcm::Dict& dictionary = gdcm::Global::GetInstance().GetDicts().GetPublicDict();
  for (auto each = dictionary.Begin(); each != dictionary.End(); ++each) {
    const std::uint32_t tag = std::uint32_t{each->first.GetGroup()} << 16 | each->first.GetElement();
    const std::string vr = gdcm::VR::GetVRString(each->second.GetVR());
    if (is_needed(tag) || tag >> 16 > 0x7fd0 || std::find(kTextVrs.begin(), kTextVrs.end(), vr) == kTextVrs.end()) continue;
    set.text(tag_of(tag), canaries.next(vr), vr.c_str());
  }
}

/// Texts of every type where none belongs: private, unknown, of another type than the standard's, in bulk data.
void add_strange_texts(DicomBuilder& set, Canaries& canaries) {
  std::uint32_t element = 0x1000;
  for (const char* vr : kTextVrs) set.text(tag_of(0x00090000 | element++), canaries.next(vr), vr);
  set.text(tag_of(0x00090010), canaries.next("LO"), "LO");
  set.text(tag_of(0x00110010), canaries.next("LO"), "LO").text(tag_of(0x00111001), canaries.next("LT"), "UN");
  set.text(tag_of(0x00083333), canaries.next("LO"), "LO").text(tag_of(0x00083334), canaries.next("LO"), "UN");   // not in the dictionary
  set.text(tag_of(0x00280034), canaries.next("LO"), "LO").text(tag_of(0x00181400), canaries.next("UT"), "UT");   // of another type
  set.text(tag_of(0x00420011), canaries.next("LO"), "OB").text(tag_of(0x00282000), canaries.next("LO"), "OB");   // a document, a profile
  set.text(tag_of(0x50000030), canaries.next("LO"), "LO").text(tag_of(0x50003000), canaries.next("LO"), "OW");   // curves
  set.text(tag_of(0x60000022), canaries.next("LO"), "LO").text(tag_of(0x60003000), canaries.next("LO"), "OW");   // overlays
  set.text(tag_of(0x60001500), canaries.next("LO"), "LO");
  set.text(tag_of(0xfffcfffc), canaries.next("LO"), "OB");
}

/// In kept, emptied and removed sequences, in private ones, and in one another.
DicomBuilder full_set(Canaries& canaries) {
  DicomBuilder leaf;
  add_texts(leaf, canaries);
  add_strange_texts(leaf, canaries);
  DicomBuilder middle;
  for (const std::uint32_t sequence : {0x00082112u, 0x00540220u, 0x00400275u}) middle.items(tag_of(sequence), {leaf});
  DicomBuilder set = DicomBuilder::film(4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
  add_texts(set, canaries);
  add_strange_texts(set, canaries);
  for (const std::uint32_t sequence : {0x00081140u, 0x52009229u, 0x00101002u}) set.items(tag_of(sequence), {middle, leaf});
  for (const std::uint32_t sequence : {0x00082218u, 0x00400555u, 0x00880200u, 0x00111100u}) set.items(tag_of(sequence), {leaf});
  return set;
}

void append(Bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

/// Texts in the preamble and in the meta information.
Bytes with_marked_header(const Bytes& file, Canaries& canaries) {
  const std::string syntax_element = std::string("\2\0\x10\0UI", 6);
  const std::string_view all = as_text(file);
  Bytes meta;
  const auto put = [&](std::uint16_t element, const char* vr, std::string value) {
    if (value.size() % 2 != 0) value += ' ';
    append(meta, std::string{2, 0, static_cast<char>(element), static_cast<char>(element >> 8)} + vr);
    const bool is_long = std::string(vr) == "OB";
    if (is_long) append(meta, std::string(2, '\0'));
    for (int i = 0; i < (is_long ? 4 : 2); ++i) meta.push_back(static_cast<std::uint8_t>(value.size() >> (8 * i)));
    append(meta, value);
  };
  put(0x0003, "UI", canaries.next("UI"));
  const std::size_t at = all.find(syntax_element);
  const std::size_t end = at + 8 + file[at + 6];
  append(meta, all.substr(at, end - at));
  for (const std::uint16_t element : {0x0013, 0x0016, 0x0017, 0x0018}) put(element, "AE", canaries.next("AE"));
  put(0x0100, "UI", canaries.next("UI"));
  put(0x0102, "OB", canaries.next("LO"));
  Bytes marked;
  while (marked.size() + 16 < 128) append(marked, canaries.next("LO"));
  marked.resize(128);
  append(marked, "DICM");
  marked.insert(marked.end(), meta.begin(), meta.end());
  append(marked, all.substr(end));
  return marked;
}

/// Every place where bytes start as canaries do: as they are, in capitals or not, and in UTF-16 of both orders.
std::string traces(ByteView bytes) {
  std::string lower(bytes.begin(), bytes.end()), found;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string& start : {std::string("zqxj"), std::string("18970713"), std::string("18971130"), std::string(kUid)}) {
    std::string wide;
    for (const char c : start) wide += std::string{c, '\0'};
    for (const std::string& form : {start, wide.substr(0, wide.size() - 1)})
      if (const std::size_t at = lower.find(form); at != std::string::npos) found += start + " behind " + to_hex(bytes.subspan(at - std::min<std::size_t>(at, 16), std::min<std::size_t>(at, 16))) + "; ";
  }
  return found;
}

imaging::DeidentificationOptions options(bool keeps) {
  imaging::DeidentificationOptions all;
  all.keeps_dates = all.keeps_characteristics = keeps;
  return all;
}

void expect_clean(const Bytes& file, bool keeps, const std::string& what) {
  const Bytes key(imaging::kPseudonymKeyBytes, 7);
  const Result<imaging::Deidentified> done = deidentify(file, key, options(keeps));
  ASSERT_TRUE(done) << what << ": " << done.error().external;
  EXPECT_EQ(traces(done->file), "") << what;
  EXPECT_EQ(traces(as_bytes(done->names.patient + done->names.study + done->names.series + done->names.instance)), "") << what;
  const Result<FileLayout> layout = check_file_layout(done->file);
  ASSERT_TRUE(layout) << what << ": " << layout.error().external;
  const Result<DicomFile> read = DicomFile::read(layout.value());
  ASSERT_TRUE(read) << what << ": " << read.error().external;
  EXPECT_TRUE(read->top().has(tags::kPixelData)) << what;
}

TEST(DeidentifyCanaryTest, NothingOfAnyTextStaysInAnySyntax) {
  for (const Syntax syntax : {Syntax::explicit_little, Syntax::implicit_little, Syntax::explicit_big, Syntax::deflated})
    for (const bool keeps : {false, true}) {
      Canaries canaries;
      const DicomBuilder set = full_set(canaries);
      Bytes file = with_marked_header(set.build(syntax), canaries);
      ASSERT_GT(canaries.count(), 10000u);
      ASSERT_NE(traces(file), "");
      expect_clean(file, keeps, "syntax " + std::to_string(static_cast<int>(syntax)) + (keeps ? ", all kept that options keep" : ""));
    }
}

Bytes jpeg_with_texts() {
  Bytes jpeg = {0xff, 0xd8};
  const auto segment = [&](std::uint8_t marker, std::string_view payload) {
    jpeg.insert(jpeg.end(), {0xff, marker, 0, static_cast<std::uint8_t>(payload.size() + 2)});
    append(jpeg, payload);
  };
  segment(0xe1, "Exif ZQXJ900001");
  segment(0xfe, "comment ZQXJ900002");
  segment(0xc3, std::string("\x10\0\2\0\4\1\1\x11\0", 9));
  segment(0xed, "ZQXJ900003");
  segment(0xda, std::string("\1\1\0\1\0\0", 6));
  append(jpeg, std::string("\x12\xff\0\x34\xff\xd0\x56", 7));
  segment(0xfe, "ZQXJ900004");
  jpeg.insert(jpeg.end(), {0xff, 0xd9});
  append(jpeg, "ZQXJ900005");
  return jpeg;
}

TEST(DeidentifyCanaryTest, NothingStaysInCompressedPictures) {
  Canaries canaries;
  const DicomBuilder set = full_set(canaries);
  expect_clean(set.build_compressed("1.2.840.10008.1.2.4.70", {jpeg_with_texts()}), true, "JPEG");
}

TEST(DeidentifyCanaryTest, NothingStaysBehindThePixels) {
  Canaries canaries;
  DicomBuilder set = full_set(canaries);
  Bytes pixels(16, 1);
  append(pixels, "ZQXJ900006");
  expect_clean(set.bytes(tags::kPixelData, pixels, "OW").build(), false, "padding");
}

bool is_number(std::uint32_t tag) {
  const gdcm::VR::VRType vr = gdcm::Global::GetInstance().GetDicts().GetPublicDict().GetDictEntry(gdcm::Tag(tag >> 16, tag & 0xffff)).GetVR();
  return vr == gdcm::VR::DS || vr == gdcm::VR::IS;
}

/// Attributes drawn at random from the dictionary, with values drawn at random: of their type, of another, or bytes.
TEST(DeidentifyCanaryTest, NothingStaysOfRandomDataSets) {
  std::mt19937 random(fresh_seed());
  std::vector<std::uint32_t> known;
  const gdcm::Dict& dictionary = gdcm::Global::GetInstance().GetDicts().GetPublicDict();
  for (auto each = dictionary.Begin(); each != dictionary.End(); ++each) known.push_back(std::uint32_t{each->first.GetGroup()} << 16 | each->first.GetElement());
  const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
  const auto draw = [&](auto& self, DicomBuilder& set, Canaries& canaries, int depth) -> void {
    for (std::size_t i = below(40); i > 0; --i) {
      const std::uint32_t tag = below(5) == 0 ? static_cast<std::uint32_t>(random()) & 0x7fdfffff : known[below(known.size())];
      if (is_needed(tag) || tag < 0x00080000 || tag >> 16 > 0x7fd0 || tag >> 16 == 0x0028) continue;
      const char* vr = is_number(tag) ? "LO" : kTextVrs[below(kTextVrs.size())];  // digits in the place of a number are one
      if (depth < 4 && below(6) == 0) {
        std::vector<DicomBuilder> items(below(3));
        for (DicomBuilder& item : items) self(self, item, canaries, depth + 1);
        set.items(tag_of(tag), items);
      } else {
        set.text(tag_of(tag), canaries.next(vr), below(8) == 0 ? "OB" : vr);
      }
    }
  };
  for (int round = 0; round < 200; ++round) {
    Canaries canaries;
    DicomBuilder set = DicomBuilder::film(4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
    draw(draw, set, canaries, 0);
    for (const std::uint32_t uid : {kSopInstance, kStudy, kSeries}) set.text(tag_of(uid), canaries.next("UI"), "UI");
    const auto syntax = std::array{Syntax::explicit_little, Syntax::implicit_little, Syntax::explicit_big, Syntax::deflated}[below(4)];
    expect_clean(set.build(syntax), round % 2 == 0, "round " + std::to_string(round));
  }
}

}  // namespace
}  // namespace osler::decoder
