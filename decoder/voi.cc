#include "decoder/voi.h"

#include <algorithm>
#include <cmath>

#include "decoder/tags.h"

namespace osler::decoder {

namespace {

constexpr double kMaxWindow = 1e12;

/// C.11.2.1.2.1: between centre - 0.5 -+ (width - 1) / 2; a width of 1 is a step.
double linear(double x, double centre, double width) {
  const double middle = centre - 0.5, half = (width - 1) / 2;
  if (x <= middle - half) return 0;
  if (x > middle + half) return 1;
  return (x - middle) / (width - 1) + 0.5;
}

/// C.11.2.1.3.2.
double linear_exact(double x, double centre, double width) {
  return std::clamp((x - centre) / width + 0.5, 0.0, 1.0);
}

/// C.11.2.1.3.1.
double sigmoid(double x, double centre, double width) { return 1 / (1 + std::exp(-4 * (x - centre) / width)); }

double by_table(const LookupTable& table, double x) {
  const double input = std::clamp(std::round(x), -65536.0, 131072.0);
  return static_cast<double>(table.at(static_cast<int>(input))) / table.largest();
}

Result<VoiFunction> read_function(const DataSetView& set) {
  const std::string name = set.text(tags::kVoiLutFunction);
  if (name.empty() || name == "LINEAR") return VoiFunction::linear;
  if (name == "LINEAR_EXACT") return VoiFunction::linear_exact;
  if (name == "SIGMOID") return VoiFunction::sigmoid;
  return wrong_attribute(tags::kVoiLutFunction, "is none of LINEAR, LINEAR_EXACT and SIGMOID.");
}

Result<Voi> read_table(const DataSetView& item, bool may_be_negative) {
  Voi voi;
  voi.function = VoiFunction::table;
  voi.table = TRY(read_lookup_table(item, tags::kLutDescriptor, tags::kLutData, may_be_negative));
  voi.width = static_cast<double>(voi.table.entries.size());
  voi.centre = voi.table.first + (voi.width - 1) / 2;
  return voi;
}

Result<Voi> read_window(const DataSetView& set, double centre, double width) {
  Voi voi;
  voi.function = TRY(read_function(set));
  if (std::abs(centre) > kMaxWindow) return wrong_attribute(tags::kWindowCentre, "is out of any range.");
  const bool is_allowed = voi.function == VoiFunction::linear ? width >= 1 : width > 0;
  if (!is_allowed || width > kMaxWindow) return wrong_attribute(tags::kWindowWidth, "is not a width that VOI LUT Function allows.");
  voi.centre = centre;
  voi.width = width;
  return voi;
}

}  // namespace

double Voi::shown(double modality_value) const {
  switch (function) {
    case VoiFunction::linear: return linear(modality_value, centre, width);
    case VoiFunction::linear_exact: return linear_exact(modality_value, centre, width);
    case VoiFunction::sigmoid: return sigmoid(modality_value, centre, width);
    case VoiFunction::table: return by_table(table, modality_value);
  }
  return 0;
}

Result<std::optional<Voi>> read_voi(const DataSetView& set, bool may_be_negative, std::vector<std::string>& warnings) {
  const std::vector<DataSetView> tables = set.items(tags::kVoiLutSequence);
  const auto centres = TRY(set.decimals(tags::kWindowCentre)), widths = TRY(set.decimals(tags::kWindowWidth));
  if (!tables.empty()) {
    if (tables.size() > 1 || centres) warnings.push_back("The file names several ways to show the film; the first VOI table is used.");
    return std::optional<Voi>(TRY(read_table(tables.front(), may_be_negative)));
  }
  if (!centres && !widths) return std::optional<Voi>();
  if (!centres || !widths || centres->size() != widths->size()) return wrong_attribute(centres ? tags::kWindowWidth : tags::kWindowCentre, "does not fit its counterpart.");
  if (centres->size() > 1) warnings.push_back("The file names several windows; the first is used.");
  return std::optional<Voi>(TRY(read_window(set, centres->front(), widths->front())));
}

Voi full_range(double lowest, double highest) {
  Voi voi;
  voi.centre = (lowest + highest) / 2;
  voi.width = highest > lowest ? highest - lowest : 1;
  return voi;
}

}  // namespace osler::decoder
