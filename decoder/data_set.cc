#include "decoder/data_set.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/limits.h"

namespace osler::decoder {

namespace {

constexpr std::size_t kMaxNumberCharacters = 32;  // DS has 16; some writers take more
constexpr std::size_t kMaxNumbers = 64;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kPadding(" \0", 2);
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

std::optional<double> number_in(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text.size() > kMaxNumberCharacters || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

}  // namespace

std::string describe(const Tag& tag) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string numbers = "(0000,0000)";
  for (int i = 0; i < 4; ++i) {
    numbers[1 + i] = kDigits[(tag.group >> (12 - 4 * i)) & 15];
    numbers[6 + i] = kDigits[(tag.element >> (12 - 4 * i)) & 15];
  }
  return std::string(tag.name) + " " + numbers;
}

Error wrong_attribute(const Tag& tag, const std::string& what) {
  return make_error(ErrorCode::malformed, "The DICOM attribute " + describe(tag) + " " + what);
}

bool DataSetView::has(const Tag& tag) const {
  return set_->FindDataElement(gdcm::Tag(tag.group, tag.element));
}

std::optional<ByteView> DataSetView::bytes(const Tag& tag) const {
  if (!has(tag)) return {};
  const gdcm::ByteValue* value = set_->GetDataElement(gdcm::Tag(tag.group, tag.element)).GetByteValue();
  if (value == nullptr || value->GetPointer() == nullptr || value->GetLength() == 0) return {};
  return ByteView(reinterpret_cast<const std::uint8_t*>(value->GetPointer()), value->GetLength());
}

Result<std::optional<std::uint16_t>> DataSetView::word(const Tag& tag) const {
  const std::optional<Words> all = TRY(words(tag));
  if (!all) return std::optional<std::uint16_t>();
  if (all->values.size() != 1 || all->is_declared_signed) return wrong_attribute(tag, "is not one unsigned 16-bit number.");
  return std::optional<std::uint16_t>(all->values[0]);
}

Result<std::optional<Words>> DataSetView::words(const Tag& tag) const {
  const std::optional<ByteView> raw = bytes(tag);
  if (!raw) return std::optional<Words>();
  const gdcm::VR vr = set_->GetDataElement(gdcm::Tag(tag.group, tag.element)).GetVR();
  const bool is_words = vr == gdcm::VR::US || vr == gdcm::VR::SS || vr == gdcm::VR::OW || vr == gdcm::VR::UN || vr == gdcm::VR::INVALID
    || vr == gdcm::VR::US_SS || vr == gdcm::VR::US_OW || vr == gdcm::VR::US_SS_OW;
  if (!is_words || raw->size() % 2 != 0) return wrong_attribute(tag, "does not hold 16-bit numbers.");
  Words words;
  words.is_declared_signed = vr == gdcm::VR::SS;
  words.values.resize(raw->size() / 2);
  std::memcpy(words.values.data(), raw->data(), raw->size());
  return std::optional<Words>(std::move(words));
}

Result<std::optional<std::vector<double>>> DataSetView::decimals(const Tag& tag) const {
  const std::optional<ByteView> raw = bytes(tag);
  if (!raw || trimmed(as_text(*raw)).empty()) return std::optional<std::vector<double>>();
  std::vector<double> numbers;
  std::string_view rest = as_text(*raw);
  for (bool is_last = false; !is_last;) {
    const std::size_t end = rest.find('\\');
    is_last = end == std::string_view::npos;
    const std::optional<double> number = number_in(rest.substr(0, end));
    if (!number || numbers.size() == kMaxNumbers) return wrong_attribute(tag, "does not hold decimal numbers.");
    numbers.push_back(*number);
    if (!is_last) rest.remove_prefix(end + 1);
  }
  return std::optional<std::vector<double>>(std::move(numbers));
}

std::string DataSetView::text(const Tag& tag) const {
  const std::optional<ByteView> raw = bytes(tag);
  if (!raw) return {};
  std::string_view first = as_text(*raw);
  first = trimmed(first.substr(0, first.find('\\')));
  if (first.size() > limits::kMaxFilmTextCharacters) return {};
  for (const char c : first)
    if (c < 0x20 || c > 0x7e) return {};
  return std::string(first);
}

std::vector<DataSetView> DataSetView::items(const Tag& tag) const {
  std::vector<DataSetView> views;
  if (!has(tag)) return views;
  const gdcm::SmartPointer<gdcm::SequenceOfItems> sequence = set_->GetDataElement(gdcm::Tag(tag.group, tag.element)).GetValueAsSQ();
  if (!sequence) return views;
  for (std::size_t i = 1; i <= sequence->GetNumberOfItems(); ++i) views.emplace_back(sequence->GetItem(i).GetNestedDataSet(), sequence);  // from 1
  return views;
}

}  // namespace osler::decoder
