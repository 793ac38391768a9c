#include "imaging/film_checks.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/limits.h"

namespace osler::imaging {

namespace {

using namespace std::string_literals;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list) { return std::find(list.begin(), list.end(), text) != list.end(); }

Error refused(const std::string& what) {
  return make_error(ErrorCode::invalid, what + " This reads frontal chest radiographs (modality CR, DX or RG; view AP or PA).");
}

/// Modality (0008,0060), PS3.3 C.7.3.1.1.1. A value is repeated only where it is one of the standard's own, since files hold anything there.
Result<void> check_modality(const Film& film, std::vector<QualityFinding>& findings) {
  const std::string modality = upper(film.attributes.modality);
  if (is_one_of(modality, {"CR", "DX", "RG"})) return ok();
  if (film.source != FilmSource::dicom) return ok();  // its own warning says so
  if (modality.empty() || is_one_of(modality, {"OT", "SC"})) {
    findings.push_back({"modality_unknown", "The file does not say that this is a radiograph (no modality, or a secondary capture)."});
    return ok();
  }
  const bool known = is_one_of(modality, {"CT", "MR", "US", "NM", "PT", "XA", "RF", "MG", "IO", "PX", "ES", "XC", "SEG", "RTIMAGE", "RTDOSE", "OPT", "OP", "SM", "GM", "BI", "IVUS"});
  return refused(known ? "The file says that it is of modality " + modality + ", not a radiograph." : "The file says that it is of another modality, not a radiograph."s);
}

/// Body Part Examined (0018,0015): CHEST by PS3.16 annex L; the others stand in real files.
Result<void> check_body_part(const Film& film, std::vector<QualityFinding>& findings) {
  const std::string part = upper(film.attributes.body_part);
  const auto names = [&](std::string_view word) { return part.find(word) != std::string::npos; };
  if (part.empty()) {
    if (film.source == FilmSource::dicom) findings.push_back({"body_part_unknown", "The file does not say which part of the body it shows."});
    return ok();
  }
  if ((names("CHEST") || names("THORAX") || names("LUNG")) && !names("SPINE") && !names("ABD")) return ok();
  return refused("The file says that it shows another part of the body than the chest.");
}

/// View Position (0018,5101).
Result<void> check_view(const Film& film, std::vector<QualityFinding>& findings) {
  const std::string view = upper(film.attributes.view_position);
  if (is_one_of(view, {"PA", "AP", "POSTERO_ANTERIOR", "ANTERO_POSTERIOR", "FRONTAL"})) return ok();
  if (view.empty()) {
    if (film.source == FilmSource::dicom) findings.push_back({"view_unknown", "The file does not say from where the film was taken."});
    return ok();
  }
  const bool lateral = is_one_of(view, {"LL", "RL", "LAT", "LATERAL", "LLD", "RLD", "LLATERAL", "RLATERAL"});
  return refused(lateral ? "The file says that this is a lateral or decubitus view." : "The file says that this is neither an AP nor a PA view.");
}

/// Shares of 0.5 % at either end set aside: markers, collimator edges, burned-in text.
struct Levels {
  double low = 0, high = 0;      // 0.5th and 99.5th percentile
  double deviation = 0;
  double black_or_white = 0;     // share of pixels at either end of the scale
};

Levels levels_of(const GrayImage& image) {
  std::array<std::size_t, 1024> counts{};
  double sum = 0, squares = 0;
  std::size_t ends = 0;
  for (const float value : image.pixels) {
    ++counts[static_cast<std::size_t>(std::clamp(value, 0.0f, 1.0f) * 1023)];
    sum += value;
    squares += static_cast<double>(value) * value;
    ends += value <= 0.004f || value >= 0.996f;
  }
  const auto total = static_cast<double>(image.pixels.size());
  const auto percentile = [&](double share) {
    double seen = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if ((seen += static_cast<double>(counts[i])) >= share * total) return static_cast<double>(i) / 1023;
    return 1.0;
  };
  const double mean = sum / total;
  return {percentile(0.005), percentile(0.995), std::sqrt(std::max(0.0, squares / total - mean * mean)), static_cast<double>(ends) / total};
}

// Estimates, checked on the films of the development data: none of those is near them.
constexpr double kBlankRange = 0.05, kBlankDeviation = 0.01;
constexpr double kHardShare = 0.8;
constexpr double kOddProportion = 2.5;

struct Region {
  double left, right, top, bottom;  // shares of width and height
};
constexpr Region kMediastinum{0.44, 0.56, 0.25, 0.75}, kRightLung{0.18, 0.36, 0.25, 0.6}, kLeftLung{0.64, 0.82, 0.25, 0.6};

double mean_of(const GrayImage& image, const Region& region) {
  const auto at = [](double share, std::size_t length) { return static_cast<std::size_t>(share * static_cast<double>(length)); };
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t y = at(region.top, image.height); y < at(region.bottom, image.height); ++y)
    for (std::size_t x = at(region.left, image.width); x < at(region.right, image.width); ++x, ++count) sum += image.pixels[y * image.width + x];
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace

double mediastinum_contrast(const GrayImage& shown) {
  return mean_of(shown, kMediastinum) - (mean_of(shown, kRightLung) + mean_of(shown, kLeftLung)) / 2;
}

Result<std::vector<QualityFinding>> check_attributes(const Film& film) {
  std::vector<QualityFinding> findings;
  TRY_VOID(check_modality(film, findings));
  TRY_VOID(check_body_part(film, findings));
  TRY_VOID(check_view(film, findings));
  if (upper(film.attributes.presentation_intent) == "FOR PROCESSING")
    findings.push_back({"for_processing", "The file says that its picture is raw, for processing: its grey levels are not those that a reader is shown."});
  if (film.attributes.burned_in_annotation) findings.push_back({"burned_in_annotation", "The file says that text is burned into the picture."});
  return findings;
}

Result<std::vector<QualityFinding>> check_picture(const GrayImage& shown, double pixel_aspect) {
  if (std::min(shown.width, shown.height) < limits::kMinFilmSide)
    return make_error(ErrorCode::invalid, "The picture is " + std::to_string(shown.width) + " x " + std::to_string(shown.height) + " pixels; a film to be read has at least " +
                                              std::to_string(limits::kMinFilmSide) + " each way.");
  const Levels levels = levels_of(shown);
  if (levels.high - levels.low < kBlankRange || levels.deviation < kBlankDeviation)
    return make_error(ErrorCode::invalid, "The picture is blank: its grey levels hardly differ. Check exposure and window, and send the film again.");
  std::vector<QualityFinding> findings;
  if (levels.black_or_white > kHardShare) findings.push_back({"hard_contrast", "Most of the picture is black or white: check the window."});
  const double proportion = static_cast<double>(shown.height) * pixel_aspect / static_cast<double>(shown.width);
  if (std::max(proportion, 1 / proportion) > kOddProportion) findings.push_back({"odd_proportions", "The picture is far longer than wide, or wider than long, as no chest film is."});
  return findings;
}

}  // namespace osler::imaging
