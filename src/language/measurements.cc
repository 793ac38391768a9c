#include "language/measurements.h"

#include <algorithm>
#include <initializer_list>

#include "language/unit_words.h"
#include "language/word_classes.h"

namespace osler::language {

using clinical::kNone;
using clinical::Quantity;
using clinical::QuantityIndex;
using clinical::UnitConversion;

namespace {

constexpr std::size_t kMaxUnitTokens = 7;
constexpr std::size_t kFluidReach = 14;     // tokens behind "CSF" that are still of it
constexpr std::size_t kMaxLinkTokens = 6;
/// Units that differ by more than this factor cannot be told apart by being plausible alone: glucose 22.
constexpr double kUnclearFactor = 3;

struct ExtraAlias {
  const char* quantity;
  const char* alias;
  bool loose;
};
constexpr ExtraAlias kExtraAliases[] = {
    {"temperature", "temp", false},    {"temperature", "t", true},        {"temperature", "tmax", false},
    {"temperature", "fever", true},    {"temperature", "febrile", true},  {"temperature", "pyrexia", true},
    {"heart_rate", "hr", false},       {"heart_rate", "pulse", false},    {"heart_rate", "tachycardic", true},
    {"heart_rate", "tachycardia", true}, {"heart_rate", "bradycardic", true}, {"heart_rate", "heartbeat", true},
    {"respiratory_rate", "rr", false}, {"respiratory_rate", "resps", false}, {"respiratory_rate", "tachypnoeic", true},
    {"oxygen_saturation", "sat", true}, {"oxygen_saturation", "sats", true}, {"oxygen_saturation", "o2 sat", false},
    {"oxygen_saturation", "sao2", false}, {"oxygen_saturation", "spo2", false}, {"oxygen_saturation", "saturating", true},
    {"oxygen_saturation", "saturation", false}, {"systolic_pressure", "bp", false}, {"systolic_pressure", "blood pressure", false},
    {"systolic_pressure", "hypotensive", true}, {"systolic_pressure", "hypertensive", true}, {"systolic_pressure", "pressure", true},
    {"haemoglobin", "hb", false},      {"haemoglobin", "hgb", false},     {"white_cells", "wbc", false},
    {"white_cells", "wcc", false},     {"white_cells", "white count", false}, {"white_cells", "white cell count", false},
    {"c_reactive_protein", "crp", false}, {"alanine_aminotransferase", "alt", false}, {"aspartate_aminotransferase", "ast", false},
    {"glucose", "blood sugar", false}, {"glucose", "sugar", true},        {"glucose", "glucose", false},
    {"glucose", "bm", true},           {"bmi", "bmi", false},             {"sodium", "na", true},            {"potassium", "k", true},             {"troponin", "trop", false},
};

/// What may stand between a quantity's name and its number.
bool is_link(const Token& token) {
  return one_of(token.text, {"is", "was", "of", ":", "=", "-", "at", "around", "about", "approximately", "approx", "level", "levels",
                             "result", "(", ")", "came", "back", "as", "in", "the", "measured", "reading", "reads", "recorded", "up",
                             "to", "high", "low", "raised", "elevated", "now", "count", "value", "<", ">", "~", "a", "an", "today",
                             "currently", "on", "air", "room", "peaked", "peak", "rate", "has", "been", "returned", "markedly", "only",
                             "just", "over", "above", "below", "under", "from", "initial", "with", "showed", "shows", "very", "dropped",
                             "rose", "reached", "reaching", "touching", "concentration", "spiking", "percentage", "were", "are", "temp",
                             "temperature", "temperatures", "admission", "arrival", "hit", "[age]", "grade"});
}

bool plausible(const Quantity& quantity, double value) {
  return value >= quantity.plausible_low && value <= quantity.plausible_high;
}

double convert(const UnitConversion& conversion, double value) { return value * conversion.factor + conversion.offset; }

}  // namespace

MeasurementReader::MeasurementReader(const clinical::KnowledgeBase& knowledge) : knowledge_(knowledge) {
  units_.resize(knowledge.quantities.size());
  for (QuantityIndex i = 0; i < knowledge.quantities.size(); ++i) {
    const Quantity& quantity = knowledge.quantities[i];
    add_alias(quantity.name, i, false);
    for (const std::string& alias : quantity.aliases) add_alias(alias, i, false);
    for (const auto& [unit, conversion] : quantity.units) units_[i].push_back({canonical_unit(unit), conversion});
  }
  for (const ExtraAlias& extra : kExtraAliases)
    if (const QuantityIndex quantity = by_id(extra.quantity); quantity != kNone) add_alias(extra.alias, quantity, extra.loose);
  for (auto& [first, aliases] : aliases_)
    std::stable_sort(aliases.begin(), aliases.end(), [](const Alias& a, const Alias& b) { return a.keys.size() > b.keys.size(); });
}

QuantityIndex MeasurementReader::by_id(const char* id) const {
  const auto found = knowledge_.quantity_by_id.find(id);
  return found == knowledge_.quantity_by_id.end() ? kNone : found->second;
}

void MeasurementReader::add_alias(std::string_view text, QuantityIndex quantity, bool loose) {
  Alias alias;
  alias.quantity = quantity;
  alias.loose = loose;
  for (const Token& token : tokenise(text).tokens)
    if (token.kind != TokenKind::punctuation) alias.keys.push_back(token.key);
  if (alias.keys.empty()) return;
  std::vector<Alias>& list = aliases_[alias.keys.front()];
  const bool known = std::any_of(list.begin(), list.end(), [&alias](const Alias& other) { return other.keys == alias.keys; });
  if (!known) list.push_back(std::move(alias));
}

/// One walk over one text.
class MeasurementReader::Pass {
 public:
  Pass(const MeasurementReader& reader, const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts)
      : reader_(reader), tokens_(tokens), contexts_(contexts), taken_(tokens.size(), false) {}

  TextMeasurements run() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) read_named(at);
    for (std::size_t at = 0; at < tokens_.size(); ++at) read_unnamed(at);
    std::stable_sort(result_.used.begin(), result_.used.end(),
                     [](const TextMeasurement& a, const TextMeasurement& b) { return a.first_token < b.first_token; });
    return std::move(result_);
  }

 private:
  std::string_view text_at(std::size_t at) const { return at < tokens_.size() ? std::string_view(tokens_[at].text) : std::string_view{}; }
  bool is_number(std::size_t at) const { return at < tokens_.size() && tokens_[at].kind == TokenKind::number && !taken_[at]; }

  const Alias* alias_at(std::size_t at, std::size_t& length) const {
    const auto found = reader_.aliases_.find(tokens_[at].key);
    if (found == reader_.aliases_.end()) return nullptr;
    for (const Alias& alias : found->second) {
      std::size_t token = at, matched = 0;
      while (matched < alias.keys.size() && token < tokens_.size()) {
        if (tokens_[token].text == "-" && matched > 0) { ++token; continue; }
        if (tokens_[token].key != alias.keys[matched]) break;
        ++token, ++matched;
      }
      if (matched < alias.keys.size()) continue;
      length = token - at;
      return &alias;
    }
    return nullptr;
  }

  /// "LP: WBC 800, glucose 1.1": not the blood's. Only of what is measured in both, so that "LP done, CRP 40" stays.
  bool of_other_fluid(std::size_t at, QuantityIndex quantity) const {
    const std::string& id = reader_.knowledge_.quantities[quantity].id;
    if (id != "glucose" && id != "white_cells") return false;
    for (std::size_t back = 1; back <= kFluidReach && back <= at; ++back) {
      const Token& token = tokens_[at - back];
      if (token.sentence != tokens_[at].sentence || token.text == ";" || token.text == "serum" || token.text == "blood" || token.text == "plasma") return false;
      const bool sampled = text_at(at - back + 1) == "fluid" && (token.text == "pleural" || token.text == "ascitic" || token.text == "synovial");
      if (sampled || token.text == "csf" || token.text == "lp") return true;
    }
    return false;
  }

  void read_named(std::size_t at) {
    if (tokens_[at].kind == TokenKind::punctuation) return;
    std::size_t length = 0;
    const Alias* alias = alias_at(at, length);
    if (alias == nullptr || of_other_fluid(at, alias->quantity)) return;
    std::size_t number = at + length;
    while (number < tokens_.size() && number < at + length + kMaxLinkTokens && !is_number(number) && is_link(tokens_[number])) ++number;
    if (!is_number(number) || tokens_[number].sentence != tokens_[at].sentence) return;
    if (tokens_[at].text.size() == 1 && number != at + length && text_at(at + length) != ":" && text_at(at + length) != "=") return;
    if (time_unit_days(text_at(number + 1)) > 0 && text_at(number + 1) != "c") return;
    const bool today = !contexts_[number].relative && !contexts_[at].past && !(alias->loose && contexts_[at].negated);
    if (!today) return;
    if (is_pressure(alias->quantity) && read_pair(at, number)) return;
    read_value(*alias, at, number);
  }

  bool is_pressure(QuantityIndex quantity) const {
    return quantity == reader_.by_id("systolic_pressure") || quantity == reader_.by_id("diastolic_pressure");
  }

  /// "80/40", "80 over 40": systolic and diastolic.
  bool read_pair(std::size_t first, std::size_t number) {
    const std::string_view between = text_at(number + 1);
    if ((between != "/" && between != "over" && between != "-") || !is_number(number + 2)) return false;
    const QuantityIndex systolic = reader_.by_id("systolic_pressure"), diastolic = reader_.by_id("diastolic_pressure");
    const double high = tokens_[number].value, low = tokens_[number + 2].value;
    if (systolic == kNone || diastolic == kNone || high <= low) return false;
    if (!plausible(quantity(systolic), high) || !plausible(quantity(diastolic), low)) return false;
    add(systolic, high, first, number + 2);
    add(diastolic, low, first, number + 2);
    return true;
  }

  const Quantity& quantity(QuantityIndex index) const { return reader_.knowledge_.quantities[index]; }

  /// The unit written after the number: its conversion, and its last token. A degree sign alone says nothing.
  const UnitConversion* unit_after(QuantityIndex index, std::size_t number, std::size_t& last) const {
    std::string joined;
    const UnitConversion* best = nullptr;
    last = number;
    for (std::size_t at = number + 1; at <= number + kMaxUnitTokens && at < tokens_.size(); ++at) {
      joined += tokens_[at].text;
      const std::string canonical = canonical_unit(joined);
      if (canonical.empty()) continue;
      for (const UnitForm& form : reader_.units_[index]) {
        if (form.canonical != canonical) continue;
        best = &form.conversion;
        last = at;
      }
    }
    return best;
  }

  void read_value(const Alias& alias, std::size_t first, std::size_t number) {
    const QuantityIndex index = alias.quantity;
    std::size_t last = number;
    double value = tokens_[number].value;
    if (const UnitConversion* unit = unit_after(index, number, last)) {
      value = convert(*unit, value);
      if (plausible(quantity(index), value)) return add(index, value, first, last);
      return leave("value_implausible", index, first, last);
    }
    if (looks_like_unit(text_at(number + 1)) && !alias.loose) return leave("unit_unknown", index, first, number + 1);
    if (text_at(number + 1) == "mg") return;
    read_without_unit(alias, first, number);
  }

  void read_without_unit(const Alias& alias, std::size_t first, std::size_t number) {
    const Quantity& of = quantity(alias.quantity);
    const double written = tokens_[number].value;
    const UnitForm* other = nullptr;
    for (const UnitForm& form : reader_.units_[alias.quantity]) {
      const bool own = form.conversion.factor == 1 && form.conversion.offset == 0;
      if (!own && plausible(of, convert(form.conversion, written))) other = &form;
    }
    const bool own_plausible = plausible(of, written);
    const bool far = other != nullptr && (other->conversion.factor > kUnclearFactor || other->conversion.factor < 1 / kUnclearFactor);
    if (own_plausible && far && of.kind == clinical::QuantityKind::lab && is_marked(of, written))
      return leave("unit_unclear", alias.quantity, first, number);
    if (own_plausible) return add(alias.quantity, written, first, number);
    if (other != nullptr) return add(alias.quantity, convert(other->conversion, written), first, number);
    if (written > 500 && canonical_unit(of.unit) == "103/ul" && plausible(of, written / 1000))
      return add(alias.quantity, written / 1000, first, number);
    if (!alias.loose) leave("value_implausible", alias.quantity, first, number);
  }

  bool is_marked(const Quantity& of, double value) const {
    const clinical::Grade grade = clinical::grade_value(of, value, 40, clinical::Sex::unknown, false);
    return grade == clinical::Grade::markedly_low || grade == clinical::Grade::markedly_high;
  }

  /// Numbers whose unit or neighbour tells what they are: "104 F fever", "88% on air", "120 bpm", "80/40 mmHg".
  void read_unnamed(std::size_t at) {
    if (!is_number(at) || contexts_[at].relative || contexts_[at].past) return;
    std::size_t next = at + 1;
    if (text_at(next) == "/" && is_number(at + 2) && text_at(at + 3) == "mmhg") {
      read_pair(at, at);
      return;
    }
    if (text_at(next) == "over" && is_number(at + 2) && !is_time(at + 3)) {  // "155 over 95"
      read_pair(at, at);
      return;
    }
    if (text_at(next) == "bpm") return add_if_plausible("heart_rate", at, at, next);
    if (one_of(text_at(next), {"breaths", "breath"}) && one_of(text_at(next + 1), {"per", "/", "a"}))
      return add_if_plausible("respiratory_rate", at, at, next);
    if (one_of(text_at(next), {"%", "percent"})) return read_percentage(at);
    while (next < at + 4 && one_of(text_at(next), {"-", "\xC2\xB0", "degree", "degrees", "deg", "c", "f", "fahrenheit", "celsius"})) ++next;
    if (one_of(text_at(next), {"fever", "temperature", "temp"})) {
      const QuantityIndex temperature = reader_.by_id("temperature");
      if (temperature != kNone) read_value({{}, temperature, true}, at, at);
    }
  }

  bool is_time(std::size_t at) const { return time_unit_days(text_at(at)) > 0; }

  void read_percentage(std::size_t at) {
    for (std::size_t next = at + 2; next < at + 6 && next < tokens_.size(); ++next) {
      if (one_of(text_at(next), {"air", "ra", "oxygen", "saturation", "saturations", "sats", "sat"}))
        return add_if_plausible("oxygen_saturation", at, at, next);
      if (!one_of(text_at(next), {"on", "room", "in", "o2"})) return;
    }
  }

  void add_if_plausible(const char* id, std::size_t number, std::size_t first, std::size_t last) {
    const QuantityIndex index = reader_.by_id(id);
    if (index != kNone && plausible(quantity(index), tokens_[number].value)) add(index, tokens_[number].value, first, last);
  }

  void add(QuantityIndex index, double value, std::size_t first, std::size_t last) {
    result_.used.push_back({index, value, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
    take(first, last);
  }

  void leave(const char* code, QuantityIndex index, std::size_t first, std::size_t last) {
    result_.unused.push_back({code, index, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
    take(first, last);
  }

  void take(std::size_t first, std::size_t last) {
    for (std::size_t at = first; at <= last && at < taken_.size(); ++at) taken_[at] = true;
  }

  const MeasurementReader& reader_;
  const std::vector<Token>& tokens_;
  const std::vector<TokenContext>& contexts_;
  std::vector<bool> taken_;
  TextMeasurements result_;
};

TextMeasurements MeasurementReader::read(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) const {
  return Pass(*this, tokens, contexts).run();
}

}  // namespace osler::language
