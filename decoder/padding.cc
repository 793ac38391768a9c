#include "decoder/padding.h"

#include <algorithm>

#include "decoder/tags.h"

namespace osler::decoder {

namespace {

/// Of the sign of the pixels, whatever VR a writer took: the standard leaves no other.
Result<std::optional<int>> stored_value(const DataSetView& set, const Tag& tag, const PixelFormat& format) {
  const std::optional<Words> words = TRY(set.words(tag));
  if (!words) return std::optional<int>();
  if (words->values.size() != 1) return wrong_attribute(tag, "is not one number.");
  return std::optional<int>(format.is_signed ? static_cast<std::int16_t>(words->values[0]) : words->values[0]);
}

}  // namespace

Result<Padding> read_padding(const DataSetView& set, const PixelFormat& format) {
  const std::optional<int> value = TRY(stored_value(set, tags::kPixelPaddingValue, format));
  const std::optional<int> limit = TRY(stored_value(set, tags::kPixelPaddingRangeLimit, format));
  if (limit && !value) return wrong_attribute(tags::kPixelPaddingRangeLimit, "is there without Pixel Padding Value.");
  if (!value) return Padding{};
  const auto [low, high] = std::minmax({*value, limit.value_or(*value)});  // of a list, which is copied
  return Padding{low - format.lowest_stored(), high - format.lowest_stored()};
}

}  // namespace osler::decoder
