#include "decoder/attributes.h"

#include <chrono>

#include "base/limits.h"
#include "decoder/coded_terms.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

constexpr double kDaysPerYear = 365.25;

std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = 10 * value + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional<int>(value);
}

/// VR AS: three digits and a unit.
std::optional<double> age_in(const std::string& text) {
  if (text.size() != 4) return {};
  const std::optional<int> number = digits(text.substr(0, 3));
  if (!number) return {};
  switch (text[3]) {
    case 'Y': return *number;
    case 'M': return *number / 12.0;
    case 'W': return *number * 7 / kDaysPerYear;
    case 'D': return *number / kDaysPerYear;
    default: return {};
  }
}

/// VR DA: YYYYMMDD.
std::optional<std::chrono::sys_days> date_in(const std::string& text) {
  if (text.size() != 8) return {};
  const std::optional<int> year = digits(text.substr(0, 4)), month = digits(text.substr(4, 2)), day = digits(text.substr(6, 2));
  if (!year || !month || !day) return {};
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)), std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional<std::chrono::sys_days>(date) : std::nullopt;
}

std::optional<double> age_of(const DataSetView& set) {
  std::optional<double> age = age_in(set.text(tags::kAge));
  const auto born = date_in(set.text(tags::kBirthDate)), studied = date_in(set.text(tags::kStudyDate));
  if (!age && born && studied) age = static_cast<double>((*studied - *born).count()) / kDaysPerYear;
  return age && *age >= 0 && *age <= limits::kMaxAgeYears ? age : std::nullopt;
}

/// Where rows and columns of the picture lead to, by their first letters (PS3.3 C.7.6.1.1.1): L, R, A, P, H or F.
struct Orientation {
  char rows = 0, columns = 0;  // 0: not said
};

Orientation read_orientation(const DataSetView& set) {
  const std::optional<ByteView> raw = set.bytes(tags::kPatientOrientation);
  if (!raw) return {};
  const std::string_view text = as_text(*raw);
  const std::size_t divider = text.find('\\');
  if (divider == 0 || divider == std::string_view::npos || divider + 1 == text.size()) return {};
  const auto direction = [](char c) { return std::string_view("LRAPHF").find(c) == std::string_view::npos ? '\0' : c; };
  const Orientation orientation{direction(text[0]), direction(text[divider + 1])};
  return orientation.rows != 0 && orientation.columns != 0 ? orientation : Orientation{};
}

bool is_seen_from_the_side(const Orientation& orientation) { return orientation.rows == 'A' || orientation.rows == 'P'; }

}  // namespace

void check_orientation(const DataSetView& set, std::vector<std::string>& warnings) {
  const Orientation orientation = read_orientation(set);
  if (orientation.rows == 0 || (orientation.rows == 'L' && orientation.columns == 'F')) return;
  warnings.push_back("The file says that the picture does not lie as a frontal film is read (Patient Orientation is not L\\F): it may be mirrored or turned.");
}

imaging::FilmAttributes read_attributes(const DicomFile& file, std::size_t frames) {
  const DataSetView set = file.top();
  imaging::FilmAttributes attributes;
  attributes.modality = set.text(tags::kModality);
  attributes.body_part = set.text(tags::kBodyPart);
  if (attributes.body_part.empty()) attributes.body_part = coded_body_part(set);
  attributes.view_position = set.text(tags::kViewPosition);
  if (attributes.view_position.empty()) attributes.view_position = coded_view(set);
  if (attributes.view_position.empty() && is_seen_from_the_side(read_orientation(set))) attributes.view_position = "LATERAL";
  attributes.photometric = set.text(tags::kPhotometric);
  attributes.transfer_syntax = file.transfer_syntax();
  attributes.sop_class = set.text(tags::kSopClassUid);
  attributes.manufacturer = set.text(tags::kManufacturer);
  attributes.model = set.text(tags::kModelName);
  attributes.presentation_intent = set.text(tags::kPresentationIntent);
  const std::string sex = set.text(tags::kSex);
  if (sex == "F" || sex == "M" || sex == "O") attributes.sex = sex;
  attributes.age_years = age_of(set);
  attributes.frames = frames;
  attributes.burned_in_annotation = set.text(tags::kBurnedInAnnotation) == "YES";
  return attributes;
}

Result<double> read_pixel_aspect(const DataSetView& top, const DataSetView& measures, std::vector<std::string>& warnings) {
  struct Source {
    const DataSetView* set;
    const Tag* tag;
  };
  for (const auto& [set, tag] : {Source{&top, &tags::kPixelAspectRatio}, Source{&measures, &tags::kPixelSpacing}, Source{&top, &tags::kImagerPixelSpacing}}) {
    const auto read = set->decimals(*tag);
    if (read && !read.value()) continue;
    if (!read || read.value()->size() != 2 || read.value()->front() <= 0 || read.value()->back() <= 0) {
      warnings.push_back("The DICOM attribute " + describe(*tag) + " is not two numbers above 0, and is passed over.");
      continue;
    }
    const double aspect = read.value()->front() / read.value()->back();
    if (aspect > limits::kMaxPixelAspect || aspect < 1 / limits::kMaxPixelAspect)
      return make_error(ErrorCode::invalid, "The pixels are more than ten times as long one way as the other; that is no film.");
    return aspect;
  }
  return 1.0;
}

}  // namespace osler::decoder
