#include "decoder/modality_transform.h"

#include <algorithm>
#include <cmath>

#include "decoder/tags.h"

namespace osler::decoder {

namespace {

constexpr double kMaxRescale = 1e12;  // keeps sums and products finite

Result<std::optional<double>> single(const DataSetView& set, const Tag& tag) {
  const auto numbers = TRY(set.decimals(tag));
  if (!numbers) return std::optional<double>();
  if (numbers->size() != 1 || std::abs(numbers->front()) > kMaxRescale) return wrong_attribute(tag, "is not one number.");
  return std::optional<double>(numbers->front());
}

Result<ModalityTransform> by_table(const std::vector<DataSetView>& items, const PixelFormat& format) {
  if (items.size() > 1) return wrong_attribute(tags::kModalityLutSequence, "has more than one item.");
  const LookupTable table = TRY(read_lookup_table(items.front(), tags::kLutDescriptor, tags::kLutData, format.is_signed));
  ModalityTransform transform;
  transform.table.resize(std::size_t{1} << format.bits_stored);
  for (std::size_t code = 0; code < transform.table.size(); ++code) transform.table[code] = table.at(static_cast<int>(code) + format.lowest_stored());
  return transform;
}

}  // namespace

double ModalityTransform::lowest_value(const PixelFormat& format) const {
  const double codes = static_cast<double>((std::size_t{1} << format.bits_stored) - 1);
  return table.empty() ? std::min(intercept, intercept + slope * codes) : 0;
}

Result<ModalityTransform> read_modality_transform(const DataSetView& set, const PixelFormat& format) {
  const std::vector<DataSetView> tables = set.items(tags::kModalityLutSequence);
  const std::optional<double> slope = TRY(single(set, tags::kRescaleSlope)), intercept = TRY(single(set, tags::kRescaleIntercept));
  if (!tables.empty() && slope) return wrong_attribute(tags::kModalityLutSequence, "is there beside Rescale Slope; only one can be meant.");
  if (!tables.empty()) return by_table(tables, format);
  if (slope.has_value() != intercept.has_value()) return wrong_attribute(slope ? tags::kRescaleIntercept : tags::kRescaleSlope, "is missing though its counterpart is there.");
  if (slope && *slope == 0) return wrong_attribute(tags::kRescaleSlope, "is 0.");
  ModalityTransform transform;
  transform.slope = slope.value_or(1);
  transform.intercept = intercept.value_or(0) + transform.slope * format.lowest_stored();
  return transform;
}

}  // namespace osler::decoder
