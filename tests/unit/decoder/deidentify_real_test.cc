// Real DICOM files beside the repository through "decoder/deidentify.h": of what identifies in the input, nothing is in the output.
#include "decoder/deidentify.h"

#include <gdcmDicts.h>
#include <gdcmGlobal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

#include "decoder/confidentiality_profile.h"
#include "decoder/deidentify_pseudonyms.h"
#include "decoder/dicom_file.h"
#include "decoder/tags.h"
#include "imaging/deidentifier.h"

namespace osler::decoder {
namespace {

namespace fs = std::filesystem;
using gdcm::VR;

const fs::path kFolder = fs::path(OSLER_SOURCE_DIR) / "../shared/data/imaging/dicom/real";
constexpr std::size_t kShortest = 5;  // shorter ones stand in numbers by chance

struct Texts {
  std::set<std::string> identifying, others;  // by whether the table names the attribute (or one around it)
};

VR::VRType type_of(const gdcm::DataElement& element) {
  if (element.GetVR() != VR::INVALID) return element.GetVR();
  return gdcm::Global::GetInstance().GetDicts().GetPublicDict().GetDictEntry(element.GetTag()).GetVR();
}

void collect(const gdcm::DataSet& set, bool is_inside, Texts& texts) {
  for (const gdcm::DataElement& element : set.GetDES()) {
    const std::uint32_t tag = std::uint32_t{element.GetTag().GetGroup()} << 16 | element.GetTag().GetElement();
    const VR::VRType type = type_of(element);
    if (tag == 0x7fe00010) continue;
    const bool identifies = is_inside || element.GetTag().IsPrivate() || profile_letters(tag).has_value();
    if (type == VR::SQ) {
      const gdcm::SmartPointer<gdcm::SequenceOfItems> items = element.GetValueAsSQ();
      for (std::size_t i = 1; items && i <= items->GetNumberOfItems(); ++i) collect(items->GetItem(i).GetNestedDataSet(), identifies && profile_letters(tag) != "X/Z/U*", texts);
      continue;
    }
    const gdcm::ByteValue* value = element.GetByteValue();
    const bool is_text = ((type & VR::VRASCII) != 0 && type != VR::DS && type != VR::IS) || type == VR::UN;  // numbers are parts of others by chance
    if (value == nullptr || value->GetPointer() == nullptr || (identifies && !is_text) || value->GetLength() > 1000) continue;
    std::string_view rest(value->GetPointer(), value->GetLength());
    while (true) {
      const std::size_t end = rest.find('\\');
      (identifies ? texts.identifying : texts.others).insert(std::string(without_padding(rest.substr(0, end))));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
}

/// Words of the standard, numbers that the file has elsewhere too, dummies, zeros.
bool may_stand(const std::string& text, const Texts& texts) {
  const bool is_one_digit = text.find_first_not_of(text.substr(0, 1)) == std::string::npos;
  return text.size() < kShortest || is_one_digit || is_defined_term(text) || texts.others.contains(text) || text.starts_with("1.2.840.10008.");
}

/// Our own UIDs are random digits, in which short numbers stand by chance.
std::string without_own_uids(std::string text) {
  constexpr std::string_view kStart = "2.25.";
  for (std::size_t at = text.find(kStart); at != std::string::npos; at = text.find(kStart, at + 1))
    for (std::size_t i = at + kStart.size(); i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) text[i] = '#';
  return text;
}

/// The output without its pixels: any bytes may stand in those.
std::string without_pixels(const Bytes& file, const DicomFile& read) {
  std::string text(file.begin(), file.end());
  const std::optional<ByteView> pixels = read.top().bytes(tags::kPixelData);
  if (!pixels) return text.substr(0, text.rfind(std::string("\xe0\x7f\x10\0", 4)));  // fragments
  return text.substr(0, text.size() - pixels->size());
}

TEST(DeidentifyRealTest, NothingIdentifyingIsInTheOutput) {
  if (!fs::exists(kFolder)) GTEST_SKIP() << "no " << kFolder.lexically_normal() << ": the real DICOM files are not here";
  const Bytes key(imaging::kPseudonymKeyBytes, 7);
  imaging::DeidentificationOptions options;
  options.regions = {{0, 0, 1, 0.1, true}};
  std::size_t done_count = 0, refused = 0, looked_for = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    const Bytes file(std::istreambuf_iterator<char>(stream), {});
    const Result<imaging::Deidentified> done = deidentify(file, key, options);
    if (!done) {
      ++refused;
      continue;
    }
    ++done_count;
    const std::string name = entry.path().filename().string();
    const Result<FileLayout> layout = check_file_layout(file), out_layout = check_file_layout(done->file);
    ASSERT_TRUE(out_layout) << name;
    const Result<DicomFile> before = DicomFile::read(layout.value()), after = DicomFile::read(out_layout.value());
    ASSERT_TRUE(after) << name;
    Texts texts;
    collect(before->top().gdcm_set(), false, texts);
    texts.others.insert({"19000101", "000000"});  // what stands in for dates and times
    const std::string out = without_own_uids(without_pixels(done->file, after.value()));
    for (const std::string& text : texts.identifying) {
      if (may_stand(text, texts)) continue;
      ++looked_for;
      EXPECT_EQ(out.find(text), std::string::npos) << name << ": a text of " << text.size() << " bytes stayed";
    }
  }
  std::cout << done_count << " de-identified, " << refused << " refused, " << looked_for << " texts looked for" << std::endl;
  EXPECT_GT(done_count, 150u);
}

TEST(DeidentifyRealTest, BrokenFilesAreTakenOrRefusedInsideTheWalls) {
  const fs::path folder = kFolder / "../broken";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder.lexically_normal() << ": the broken DICOM files are not here";
  const Bytes key(imaging::kPseudonymKeyBytes, 7);
  imaging::DeidentificationOptions options;
  options.regions = {{0, 0, 1, 0.1, true}};
  const imaging::Deidentifier deidentifier(OSLER_DECODER, std::chrono::seconds(60));  // other tests may take the processor
  std::map<std::string, std::size_t> counts;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const Result<imaging::Deidentified> done = deidentifier.run(Bytes(std::istreambuf_iterator<char>(stream), {}), key, options);
    ++counts[done ? "taken" : std::string(name_of(done.error().code)) + (done.error().internal.empty() ? "" : ", " + done.error().internal)];
    EXPECT_TRUE(done || done.error().code != ErrorCode::timeout) << entry.path().filename();
    EXPECT_TRUE(!done || check_file_layout(done.value().file)) << entry.path().filename();
  }
  for (const auto& [outcome, count] : counts) std::cout << count << " " << outcome << std::endl;
  EXPECT_FALSE(counts.empty());
}

}  // namespace
}  // namespace osler::decoder
