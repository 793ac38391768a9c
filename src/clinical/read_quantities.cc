#include "clinical/loinc.h"
#include "clinical/raw_knowledge.h"

namespace osler::clinical {

namespace {

void read_units(const YamlMap& map, Quantity& quantity) {
  quantity.units[quantity.unit] = {1, 0};
  map.each("units", [&](const std::string& unit, const YamlNode& node) {
    UnitConversion conversion;
    if (node.is_map()) {
      const YamlMap entry(node, map.faults(), "unit '" + unit + "'");
      entry.allow_only({"factor", "offset"});
      conversion.factor = entry.number_in("factor", 1e-9, 1e9, 1, true);
      conversion.offset = entry.number_in("offset", -1e6, 1e6, 0, false);
    } else if (const std::optional<double> factor = number_of(node); factor && *factor > 0) {
      conversion.factor = *factor;
    } else {
      map.faults().add(node, "conversion of '" + unit + "' must be a positive number or {factor, offset}");
    }
    quantity.units[unit] = conversion;
  });
}

void read_codes(const YamlMap& map, Quantity& quantity) {
  map.each("codes", [&](const std::string& code, const YamlNode& node) {
    const Result<LoincCode> loinc = LoincCode::parse(code);
    if (!loinc || !loinc->check_digit_is_right()) map.faults().add(node, "'" + code + "' is not a valid LOINC code");
    if (!node.is_scalar() || !quantity.units.contains(node.scalar))
      map.faults().add(node, "the usual unit of " + code + " has no conversion under 'units'");
    else quantity.codes[code] = node.scalar;
  });
}

ReferenceRange read_range(const YamlMap& map, const ReferenceRange& common) {
  map.allow_only({"sex", "age_min", "age_max", "pregnant", "low", "high", "marked"});
  ReferenceRange range = common;
  if (map.has("sex")) range.sex = map.choice("sex", {"female", "male"}, true) == 0 ? Sex::female : Sex::male;
  if (map.has("pregnant")) range.pregnant = map.boolean("pregnant", false);
  range.age_min = map.number_in("age_min", 0, 150, 0, false);
  range.age_max = map.number_in("age_max", 0, 1000, 1000, false);
  range.low = map.number("low");
  range.high = map.number("high");
  if (map.has("marked")) {
    const YamlMap marked(map.get("marked"), map.faults(), "marked");
    marked.allow_only({"low", "high"});
    range.marked_low = marked.number("low");
    range.marked_high = marked.number("high");
  }
  if (range.low && range.high && *range.low > *range.high) map.fault("'low' is above 'high'");
  return range;
}

void read_ranges(const YamlMap& map, Quantity& quantity) {
  ReferenceRange common;
  if (map.has("marked")) {
    const YamlMap marked(map.get("marked"), map.faults(), "marked");
    marked.allow_only({"low", "high"});
    common.marked_low = marked.number("low");
    common.marked_high = marked.number("high");
  }
  const YamlNode& list = map.get("ranges");
  if (!list.is_defined() || !list.is_sequence() || list.values.size() == 0) return map.fault("'ranges' must be a list");
  for (const YamlNode& node : list.values) quantity.ranges.push_back(read_range(YamlMap(node, map.faults(), "range"), common));
  const ReferenceRange& last = quantity.ranges.back();
  if (last.sex || last.pregnant || last.age_min > 0 || last.age_max < 1000)
    map.fault("the last range must hold for everyone else");
}

void read_plausible(const YamlMap& map, Quantity& quantity) {
  const YamlNode& node = map.get("plausible");
  if (!node.is_defined() || !node.is_sequence() || node.values.size() != 2) return map.fault("'plausible' must be [low, high]");
  quantity.plausible_low = number_of(node.values[0]).value_or(0);
  quantity.plausible_high = number_of(node.values[1]).value_or(0);
  if (quantity.plausible_low >= quantity.plausible_high) map.fault("'plausible' must be [low, high], low below high");
}

/// The high or low finding of a quantity; its id, empty when there is none.
std::string read_side(const YamlMap& map, const char* side, const RawQuantity& quantity, RawKnowledge& raw) {
  if (!map.has(side)) return {};
  const YamlMap body(map.get(side), map.faults(), quantity.value.id + "." + side);
  body.allow_only({"id", "name", "leak", "leak_factors", "group", "clinical", "lay", "denied_by"});
  RawFinding finding;
  finding.place = {map.faults().path(), body.node().line};
  finding.value.id = body.text("id", true);
  finding.is_reference = !body.has("name");
  if (finding.is_reference && body.node().values.size() > 1) body.fault("without a 'name' only 'id' may stand here");
  if (!finding.is_reference) {
    read_finding_body(body, finding.value);
    finding.value.leak = body.number_in("leak", 0.0001, 0.6, 0.05, true);
    if (finding.value.group.empty()) finding.value.group = quantity.value.group;
  }
  finding.value.kind = quantity.value.kind == QuantityKind::vital ? FindingKind::vital : FindingKind::lab;
  finding.value.high = std::string_view(side) == "high";
  finding.quantity = quantity.value.id;
  const std::string id = finding.value.id;
  raw.findings.push_back(std::move(finding));
  return id;
}

}  // namespace

void read_quantities(const YamlNode& document, FaultList& faults, RawKnowledge& raw) {
  const YamlMap top(document, faults, "file");
  top.allow_only({"quantities"});
  top.each("quantities", [&](const std::string& id, const YamlNode& node) {
    const YamlMap map(node, faults, "quantity '" + id + "'");
    map.allow_only({"name", "kind", "field", "unit", "units", "aliases", "codes", "plausible", "ranges", "marked",
                    "group", "high", "low"});
    RawQuantity quantity;
    quantity.place = {faults.path(), node.line};
    quantity.value.id = id;
    quantity.value.name = map.text("name", true);
    quantity.value.kind = map.choice("kind", {"vital", "lab"}, true) == 0 ? QuantityKind::vital : QuantityKind::lab;
    quantity.value.field = map.text("field", quantity.value.kind == QuantityKind::vital);
    quantity.value.aliases = map.texts("aliases");
    quantity.value.unit = map.text("unit", true);
    quantity.value.group = map.text("group", false);
    read_units(map, quantity.value);
    read_codes(map, quantity.value);
    read_plausible(map, quantity.value);
    read_ranges(map, quantity.value);
    quantity.high = read_side(map, "high", quantity, raw);
    quantity.low = read_side(map, "low", quantity, raw);
    if (quantity.high.empty() && quantity.low.empty()) map.fault("has neither a 'high' nor a 'low' finding");
    raw.quantities.push_back(std::move(quantity));
  });
}

}  // namespace osler::clinical
