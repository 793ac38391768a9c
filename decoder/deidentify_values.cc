#include "decoder/deidentify_values.h"

#include <charconv>
#include <functional>
#include <vector>

namespace osler::decoder {

namespace {

using gdcm::VR;
using Cleaner = std::function<std::optional<std::string>(std::string_view)>;

constexpr std::size_t kMaxNumberCharacters = 16;

bool consists_of(std::string_view text, std::string_view characters) { return text.find_first_not_of(characters) == std::string_view::npos; }
bool is_digits(std::string_view text) { return !text.empty() && consists_of(text, "0123456789"); }

/// Each of the values between backslashes; nothing as soon as one cannot stay, or none has anything left.
std::optional<std::string> each_value(std::string_view text, const Cleaner& clean) {
  std::string kept;
  bool has_any = false;
  while (true) {
    const std::size_t end = text.find('\\');
    const std::optional<std::string> value = clean(without_padding(text.substr(0, end)));
    if (!value) return {};
    has_any |= !value->empty();
    kept += *value;
    if (end == std::string_view::npos) break;
    kept += '\\';
    text.remove_prefix(end + 1);
  }
  return has_any ? std::optional<std::string>(kept) : std::nullopt;
}

std::optional<std::string> number(std::string_view text) {
  if (text.empty()) return "";
  std::string_view unsigned_text = text;
  if (unsigned_text[0] == '+') unsigned_text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(unsigned_text.data(), unsigned_text.data() + unsigned_text.size(), value);
  if (text.size() > kMaxNumberCharacters || error != std::errc() || end != unsigned_text.data() + unsigned_text.size() || !consists_of(text, "0123456789+-.eE")) return {};
  return std::string(text);
}

/// Directions of the body (PS3.3 C.7.6.1.1.1) and a few digits are no list of words.
bool is_code_word(std::string_view word) {
  return (word.size() <= 3 && consists_of(word, "APRLHF")) || (word.size() <= 2 && is_digits(word));
}

std::optional<std::string> term(std::string_view word) {
  return is_defined_term(word) || is_code_word(word) ? std::string(word) : std::string();  // the place of the others stays
}

std::optional<std::string> only_terms(std::string_view word) {
  return is_defined_term(word) ? std::optional<std::string>(word) : std::nullopt;
}

bool is_time(std::string_view text) {  // HHMMSS.FFFFFF, or its beginning
  const std::string_view whole = text.substr(0, text.find('.'));
  const bool has_fraction = whole.size() < text.size();
  if (!is_digits(whole) || whole.size() > 6 || whole.size() % 2 != 0) return false;
  return !has_fraction || (whole.size() == 6 && text.size() <= 13 && is_digits(text.substr(7)));
}

std::optional<std::string> moved_date_time(std::string_view text, const Pseudonyms& pseudonyms) {
  std::optional<std::string> day = pseudonyms.earlier(text.substr(0, 8));
  const std::size_t zone = text.find_first_of("+-");  // where the hospital is; left out
  const std::string_view time = text.size() > 8 ? text.substr(8, zone == std::string_view::npos ? zone : std::max<std::size_t>(zone, 8) - 8) : std::string_view();
  if (!day || (!time.empty() && !is_time(time))) return {};
  return *day + std::string(time);
}

std::optional<std::string> moved(VR::VRType vr, std::string_view text, const Pseudonyms& pseudonyms) {
  if (text.empty()) return "";
  if (vr == VR::DA) return pseudonyms.earlier(text);
  if (vr == VR::DT) return moved_date_time(text, pseudonyms);
  return is_time(text) ? std::optional<std::string>(text) : std::nullopt;
}

}  // namespace

std::optional<std::string> coarse_age(std::string_view age) {
  if (age.size() != 4 || !is_digits(age.substr(0, 3)) || !consists_of(age.substr(3), "DWMY")) return {};
  return age[3] == 'Y' && age.substr(0, 3) > "089" ? "090Y" : std::string(age);
}

std::optional<std::string> kept_text(VR::VRType vr, std::string_view value, const Pseudonyms& pseudonyms, const ProfileOptions& options) {
  switch (vr) {
    case VR::CS: return each_value(value, term);
    case VR::LO:
    case VR::SH: return each_value(value, only_terms);
    case VR::DS:
    case VR::IS: return each_value(value, number);
    case VR::AS: return each_value(value, coarse_age);
    case VR::UI: return each_value(value, [&](std::string_view uid) { return std::optional<std::string>(pseudonyms.uid(uid)); });
    case VR::DA:
    case VR::DT:
    case VR::TM:
      if (!options.keeps_dates) return {};
      return each_value(value, [&](std::string_view each) { return moved(vr, each, pseudonyms); });
    default: return {};
  }
}

std::string dummy_text(VR::VRType vr) {
  switch (vr) {
    case VR::DA: return "19000101";
    case VR::TM: return "000000";
    case VR::DT: return "19000101000000";
    case VR::DS:
    case VR::IS: return "0";
    case VR::AE:
    case VR::CS:
    case VR::LO:
    case VR::LT:
    case VR::PN:
    case VR::SH:
    case VR::ST:
    case VR::UC:
    case VR::UT: return "REMOVED";
    default: return "";
  }
}

bool is_standard_code(std::string_view value, std::string_view scheme) {
  const std::size_t dash = value.find('-');
  const std::string_view before = value.substr(0, dash), after = dash == std::string_view::npos ? std::string_view() : value.substr(dash + 1);
  if (scheme == "DCM") return is_digits(value) && value.size() >= 5 && value.size() <= 6;
  if (scheme == "SCT") return is_digits(value) && value.size() >= 6 && value.size() <= 18;
  if (scheme == "LN") return is_digits(before) && before.size() <= 5 && after.size() == 1 && is_digits(after);
  if (scheme != "SRT" && scheme != "SNM3") return false;
  return !before.empty() && before.size() <= 2 && consists_of(before, "ACDFGJLMPRST") && after.size() >= 4 && after.size() <= 5 && consists_of(after, "0123456789ABCDEF");
}

}  // namespace osler::decoder
