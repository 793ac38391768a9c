// Numbers in text: "BP 80/40", "temperature of 104 F", "ALT 6498 units/L", "88 % on air".
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "clinical/findings.h"
#include "language/context.h"
#include "language/tokens.h"

namespace osler::language {

struct TextMeasurement {
  clinical::QuantityIndex quantity = clinical::kNone;
  double value = 0;                         // in the quantity's own unit, plausible
  std::uint32_t first_token = 0, last_token = 0;
};

/// A number that was recognised but not used.
struct UnusedMeasurement {
  std::string code;                         // unit_unknown, unit_unclear, value_implausible
  clinical::QuantityIndex quantity = clinical::kNone;
  std::uint32_t first_token = 0, last_token = 0;
};

struct TextMeasurements {
  std::vector<TextMeasurement> used;        // in the order of the text, of the patient today
  std::vector<UnusedMeasurement> unused;
};

/// Names, aliases and units of all quantities. Immutable and thread-safe once built.
class MeasurementReader {
 public:
  explicit MeasurementReader(const clinical::KnowledgeBase& knowledge);

  TextMeasurements read(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) const;

 private:
  struct Alias {
    std::vector<std::string> keys;
    clinical::QuantityIndex quantity = clinical::kNone;
    bool loose = false;                     // "fever 39": silent when the number cannot be meant
  };
  struct UnitForm {
    std::string canonical;
    clinical::UnitConversion conversion;
  };
  class Pass;

  void add_alias(std::string_view text, clinical::QuantityIndex quantity, bool loose);
  clinical::QuantityIndex by_id(const char* id) const;

  const clinical::KnowledgeBase& knowledge_;
  std::unordered_map<std::string, std::vector<Alias>> aliases_;  // by first key, longest first
  std::vector<std::vector<UnitForm>> units_;                     // for each quantity
};

}  // namespace osler::language
