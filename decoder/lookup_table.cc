#include "decoder/lookup_table.h"

#include <algorithm>

#include "base/check.h"

namespace osler::decoder {

namespace {

/// 8-bit entries may be packed two to a word (PS3.3 C.11.1.1.1), padded to an even length.
bool is_packed(const LookupTable& table, std::size_t entries, std::size_t bytes) {
  return table.bits == 8 && bytes == entries + entries % 2 && bytes != 2 * entries;
}

Result<void> read_entries(const DataSetView& set, const Tag& data, std::size_t entries, LookupTable& table) {
  const std::optional<ByteView> raw = set.bytes(data);
  if (!raw) return wrong_attribute(data, "is missing.");
  if (is_packed(table, entries, raw->size())) {
    table.entries.assign(raw->begin(), raw->begin() + static_cast<std::ptrdiff_t>(entries));
    return ok();
  }
  std::optional<Words> words = TRY(set.words(data));
  if (!words || words->values.size() != entries) return wrong_attribute(data, "does not have as many entries as its descriptor says.");
  table.entries = std::move(words->values);
  return ok();
}

}  // namespace

std::uint16_t LookupTable::at(int input) const {
  CHECK(!entries.empty());
  return entries[static_cast<std::size_t>(std::clamp(input - first, 0, static_cast<int>(entries.size()) - 1))];
}

Result<LookupTable> read_lookup_table(const DataSetView& set, const Tag& descriptor, const Tag& data, bool may_be_negative) {
  const std::optional<Words> words = TRY(set.words(descriptor));
  if (!words) return wrong_attribute(descriptor, "is missing.");
  if (words->values.size() != 3) return wrong_attribute(descriptor, "does not hold three numbers.");
  const std::size_t entries = words->values[0] == 0 ? 65536 : words->values[0];
  LookupTable table;
  table.first = may_be_negative || words->is_declared_signed ? static_cast<std::int16_t>(words->values[1]) : words->values[1];
  table.bits = words->values[2];
  if (table.bits < 8 || table.bits > 16) return wrong_attribute(descriptor, "does not say 8 to 16 bits for each entry.");
  TRY_VOID(read_entries(set, data, entries, table));
  if (*std::max_element(table.entries.begin(), table.entries.end()) > table.largest()) return wrong_attribute(data, "has entries of more bits than its descriptor says.");
  return table;
}

}  // namespace osler::decoder
