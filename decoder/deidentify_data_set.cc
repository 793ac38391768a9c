#include "decoder/deidentify_data_set.h"

#include <gdcmDicts.h>
#include <gdcmGlobal.h>
#include <gdcmSequenceOfItems.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"

namespace osler::decoder {

namespace {

using gdcm::VR;

constexpr std::uint32_t kPixelData = 0x7fe00010, kSpecificCharacterSet = 0x00080005;
constexpr std::uint32_t kPatientId = 0x00100020;
constexpr std::uint32_t kCodeValue = 0x00080100, kCodingScheme = 0x00080102, kCodeMeaning = 0x00080104;
/// Tables of numbers that the picture is shown by; no other element of bulk data stays.
constexpr std::array<std::uint32_t, 9> kBulkThatStays = {
  0x00281201, 0x00281202, 0x00281203, 0x00281204, 0x00281221, 0x00281222, 0x00281223, 0x00281224, 0x00283006};

std::uint32_t number_of(const gdcm::Tag& tag) { return std::uint32_t{tag.GetGroup()} << 16 | tag.GetElement(); }
gdcm::Tag tag_of(std::uint32_t number) { return gdcm::Tag(static_cast<std::uint16_t>(number >> 16), static_cast<std::uint16_t>(number)); }

bool is_text(VR::VRType vr) { return (vr & VR::VRASCII) != 0; }

std::string_view text_of(const gdcm::DataElement& element) {
  const gdcm::ByteValue* value = element.GetByteValue();
  if (value == nullptr || value->GetPointer() == nullptr) return {};
  return {value->GetPointer(), value->GetLength()};
}

gdcm::DataElement text_element(std::uint32_t tag, VR::VRType vr, std::string text) {
  if (text.size() % 2 != 0) text += vr == VR::UI ? '\0' : ' ';
  gdcm::DataElement element(tag_of(tag));
  element.SetVR(vr);
  if (!text.empty()) element.SetByteValue(text.data(), static_cast<std::uint32_t>(text.size()));
  return element;
}

gdcm::DataElement sequence_element(std::uint32_t tag, const std::vector<gdcm::DataSet>& sets) {
  const gdcm::SmartPointer<gdcm::SequenceOfItems> sequence = gdcm::SequenceOfItems::New();
  sequence->SetLengthToUndefined();
  for (const gdcm::DataSet& set : sets) {
    gdcm::Item item;
    item.SetVLToUndefined();
    item.SetNestedDataSet(set);
    sequence->AddItem(item);
  }
  gdcm::DataElement element(tag_of(tag));
  element.SetVR(VR::SQ);
  element.SetValue(*sequence);
  element.SetVLToUndefined();
  return element;
}

struct Definition {
  VR::VRType vr = VR::INVALID;       // of this element; INVALID: it goes
  std::size_t fixed_count = 0;       // of values; 0: more than one number is possible
};

/// The type of an element by the file and the dictionary (PS3.6), which must agree; implicit VR takes the dictionary's.
Definition definition_of(const gdcm::DataElement& element) {
  const gdcm::DictEntry& entry = gdcm::Global::GetInstance().GetDicts().GetPublicDict().GetDictEntry(element.GetTag());
  const VR::VRType known = entry.GetVR(), declared = element.GetVR();
  if (known == VR::INVALID || known == VR::UN) return {};
  VR::VRType vr = declared;
  if (declared == VR::INVALID) vr = (known & VR::US) != 0 ? VR::US : (known & VR::OW) != 0 ? VR::OW : known;
  else if ((declared & known) == 0) return {};
  const char* words = gdcm::VM::GetVMString(entry.GetVM());  // "3", "1-n", "2-2n", ...
  const std::string_view count = words == nullptr ? "" : words;
  std::size_t fixed = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), fixed);
  return {vr, error == std::errc() && end == count.data() + count.size() ? fixed : 0};
}

std::size_t bytes_a_number(VR::VRType vr) {
  switch (vr) {
    case VR::US:
    case VR::SS: return 2;
    case VR::AT:
    case VR::UL:
    case VR::SL:
    case VR::FL: return 4;
    case VR::FD:
    case VR::SV:
    case VR::UV: return 8;
    default: return 0;
  }
}

bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }
bool is_of_words(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' || c == '.' || c == '^'; }

/// Nothing but text, in the place of numbers.
bool is_all_text(std::string_view value) {
  constexpr std::size_t kShortestText = 6;
  if (value.ends_with('\0')) value.remove_suffix(1);
  return value.size() >= kShortestText && std::all_of(value.begin(), value.end(), is_printable);
}

/// Eight letters or digits in a row, somewhere. Of doubles drawn at random one in 60,000 looks so.
bool has_text(std::string_view value) {
  constexpr std::size_t kShortestText = 8;
  std::size_t run = 0;
  for (const char c : value) {
    run = is_of_words(c) ? run + 1 : 0;
    if (run == kShortestText) return true;
  }
  return false;
}

/// Numbers stay, as many as the standard says, and tables of the picture.
bool stays(std::uint32_t tag, const Definition& definition, std::string_view value) {
  if (is_all_text(value)) return false;
  if (std::find(kBulkThatStays.begin(), kBulkThatStays.end(), tag) != kBulkThatStays.end()) return true;
  if (has_text(value)) return false;
  const std::size_t each = bytes_a_number(definition.vr);
  if (each == 0 || value.size() % each != 0) return false;
  return definition.fixed_count == 0 || value.size() == definition.fixed_count * each;
}

class Cleaner {
 public:
  Cleaner(const Pseudonyms& pseudonyms, const ProfileOptions& options) : pseudonyms_(pseudonyms), options_(options) {}

  Result<gdcm::DataSet> clean(const gdcm::DataSet& set, std::size_t depth) const {
    if (depth > limits::kMaxSequenceDepth) return make_error(ErrorCode::too_large, "The data set is nested deeper than 32 sequences.");
    gdcm::DataSet kept;
    for (const gdcm::DataElement& element : set.GetDES()) {
      const std::uint32_t tag = number_of(element.GetTag());
      const ProfileAction action = profile_action(tag, options_);
      if (action == ProfileAction::remove && !keeps_as_date(element)) continue;
      if (tag == kPixelData || tag == kSpecificCharacterSet) continue;  // whatever text stays is ASCII
      const Definition definition = definition_of(element);
      if (definition.vr == VR::INVALID || definition.vr == VR::UN) continue;
      if (definition.vr == VR::SQ) {
        if (const std::optional<gdcm::DataElement> cleaned = TRY(sequence(element, action, depth))) kept.Replace(*cleaned);
      } else if (const std::optional<gdcm::DataElement> cleaned = single(element, definition, action)) {
        kept.Replace(*cleaned);
      }
    }
    keep_code(set, kept);
    return kept;
  }

 private:
  bool is_date(VR::VRType vr) const { return vr == VR::DA || vr == VR::DT || vr == VR::TM; }

  bool keeps_as_date(const gdcm::DataElement& element) const {
    const std::uint32_t tag = number_of(element.GetTag());
    return options_.keeps_dates && profile_letters(tag) && !is_never_kept(tag) && is_date(definition_of(element).vr);
  }

  Result<std::optional<gdcm::DataElement>> sequence(const gdcm::DataElement& element, ProfileAction action, std::size_t depth) const {
    std::vector<gdcm::DataSet> items;
    const std::uint32_t tag = number_of(element.GetTag());
    if (action == ProfileAction::clean) {
      const gdcm::SmartPointer<gdcm::SequenceOfItems> sequence = element.GetValueAsSQ();
      if (!sequence && !element.IsEmpty()) return std::optional<gdcm::DataElement>();
      for (std::size_t i = 1; sequence && i <= sequence->GetNumberOfItems(); ++i)  // from 1
        items.push_back(TRY(clean(sequence->GetItem(i).GetNestedDataSet(), depth + 1)));
    }
    return std::optional<gdcm::DataElement>(sequence_element(tag, items));
  }

  std::optional<gdcm::DataElement> single(const gdcm::DataElement& element, const Definition& definition, ProfileAction action) const {
    const std::uint32_t tag = number_of(element.GetTag());
    const std::string_view value = text_of(element);
    if (options_.keeps_dates && is_date(definition.vr) && !is_never_kept(tag)) {
      if (const std::optional<std::string> moved = kept_text(definition.vr, value, pseudonyms_, options_)) return text_element(tag, definition.vr, *moved);
      if (action == ProfileAction::remove) return {};
    }
    if (tag == kPatientId) return text_element(tag, VR::LO, without_padding(value).empty() ? "" : pseudonyms_.patient_of(value));
    if (action == ProfileAction::empty || value.empty()) return text_element(tag, definition.vr, "");
    if (action == ProfileAction::dummy) return text_element(tag, definition.vr, dummy_text(definition.vr));
    if (!is_text(definition.vr)) return stays(tag, definition, value) ? std::optional<gdcm::DataElement>(as(definition.vr, element)) : std::nullopt;
    const std::optional<std::string> kept = kept_text(definition.vr, value, pseudonyms_, options_);
    return kept ? std::optional<gdcm::DataElement>(text_element(tag, definition.vr, *kept)) : std::nullopt;
  }

  static gdcm::DataElement as(VR::VRType vr, gdcm::DataElement element) {
    element.SetVR(vr);
    return element;
  }

  /// A code of a public scheme says what a thing is, never whose. Its meaning is text, and is replaced by the code.
  void keep_code(const gdcm::DataSet& from, gdcm::DataSet& to) const {
    const auto text = [&](std::uint32_t tag) { return from.FindDataElement(tag_of(tag)) ? without_padding(text_of(from.GetDataElement(tag_of(tag)))) : std::string_view(); };
    const std::string_view value = text(kCodeValue), scheme = text(kCodingScheme);
    if (!is_standard_code(value, scheme)) return;
    to.Replace(text_element(kCodeValue, VR::SH, std::string(value)));
    to.Replace(text_element(kCodingScheme, VR::SH, std::string(scheme)));
    to.Replace(text_element(kCodeMeaning, VR::LO, std::string(value)));
  }

  const Pseudonyms& pseudonyms_;
  const ProfileOptions& options_;
};

}  // namespace

Result<gdcm::DataSet> clean_data_set(const gdcm::DataSet& set, const Pseudonyms& pseudonyms, const ProfileOptions& options) {
  return Cleaner(pseudonyms, options).clean(set, 0);
}

void replace_text(gdcm::DataSet& set, std::uint32_t tag, VR::VRType vr, std::string_view text) { set.Replace(text_element(tag, vr, std::string(text))); }

void replace_sequence(gdcm::DataSet& set, std::uint32_t tag, const std::vector<gdcm::DataSet>& items) { set.Replace(sequence_element(tag, items)); }

}  // namespace osler::decoder
