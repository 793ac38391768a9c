#include "schema_check.h"

#include <re2/re2.h>

#include <cmath>
#include <functional>
#include <map>

namespace osler::http::testing {

namespace {

struct Place {
  const Json& root;
  const Json& schema;
  const Json& value;
  const std::string& where;
};

std::string fault(const Place& place, const std::string& what) { return place.where + ": " + what + "\n"; }

bool is_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number() && std::floor(value.get<double>()) == value.get<double>();
  return false;
}

std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

std::string check_type(const Place& place, const Json& rule) {
  if (rule.is_string()) return is_type(place.value, rule) ? "" : fault(place, "is not a " + rule.get<std::string>());
  for (const Json& type : rule)
    if (is_type(place.value, type)) return "";
  return fault(place, "is of none of its types");
}

std::string check_properties(const Place& place, const Json& rule) {
  std::string faults;
  if (!place.value.is_object()) return faults;
  for (const auto& [name, schema] : rule.items())
    if (place.value.contains(name)) faults += schema_faults(place.root, schema, place.value[name], place.where + "/" + name);
  return faults;
}

std::string check_additional(const Place& place, const Json& rule) {
  std::string faults;
  if (!place.value.is_object()) return faults;
  for (const auto& [name, value] : place.value.items()) {
    if (place.schema.contains("properties") && place.schema["properties"].contains(name)) continue;
    if (rule.is_boolean()) faults += rule.get<bool>() ? "" : fault(place, "has a member that is not known: " + name);
    else faults += schema_faults(place.root, rule, value, place.where + "/" + name);
  }
  return faults;
}

std::string check_required(const Place& place, const Json& rule) {
  std::string faults;
  if (!place.value.is_object()) return faults;
  for (const Json& name : rule)
    if (!place.value.contains(name.get<std::string>())) faults += fault(place, "lacks " + name.get<std::string>());
  return faults;
}

std::string check_items(const Place& place, const Json& rule) {
  std::string faults;
  if (!place.value.is_array()) return faults;
  for (std::size_t i = 0; i < place.value.size(); ++i)
    faults += schema_faults(place.root, rule, place.value[i], place.where + "/" + std::to_string(i));
  return faults;
}

std::string check_names(const Place& place, const Json& rule) {
  std::string faults;
  if (!place.value.is_object()) return faults;
  for (const auto& [name, value] : place.value.items()) faults += schema_faults(place.root, rule, name, place.where + "/" + name);
  return faults;
}

std::string check_one_of(const Place& place, const Json& rule) {
  int fitting = 0;
  std::string faults;
  for (const Json& schema : rule) {
    const std::string found = schema_faults(place.root, schema, place.value, place.where);
    fitting += found.empty();
    faults += found;
  }
  return fitting == 1 ? "" : fault(place, "fits " + std::to_string(fitting) + " of its alternatives") + faults;
}

std::string check_reference(const Place& place, const Json& rule) {
  const Json* target = resolve_reference(place.root, rule.get<std::string>());
  if (target == nullptr) return fault(place, "refers to nothing: " + rule.get<std::string>());
  return schema_faults(place.root, *target, place.value, place.where);
}

std::string check_pattern(const Place& place, const Json& rule) {
  if (!place.value.is_string() || RE2::PartialMatch(place.value.get<std::string>(), rule.get<std::string>())) return "";
  return fault(place, "does not fit its pattern");
}

std::string check_enum(const Place& place, const Json& rule) {
  for (const Json& allowed : rule)
    if (allowed == place.value) return "";
  return fault(place, "is none of the allowed values");
}

using Rule = std::function<std::string(const Place&, const Json&)>;

/// A rule that compares one number of a value with one of the schema.
Rule bound(bool (*applies)(const Json&), double (*measure)(const Json&), bool (*holds)(double, double), const char* what) {
  return [=](const Place& place, const Json& rule) {
    if (!applies(place.value) || holds(measure(place.value), rule.get<double>())) return std::string();
    return fault(place, what);
  };
}

const std::map<std::string, Rule>& rules() {
  static constexpr auto kNumber = [](const Json& v) { return v.is_number(); };
  static constexpr auto kString = [](const Json& v) { return v.is_string(); };
  static constexpr auto kArray = [](const Json& v) { return v.is_array(); };
  static constexpr auto kObject = [](const Json& v) { return v.is_object(); };
  static constexpr auto kValue = [](const Json& v) { return v.get<double>(); };
  static constexpr auto kLength = [](const Json& v) { return double(characters(v.get<std::string>())); };
  static constexpr auto kSize = [](const Json& v) { return double(v.size()); };
  static constexpr auto kAtLeast = [](double a, double b) { return a >= b; };
  static constexpr auto kAtMost = [](double a, double b) { return a <= b; };
  static constexpr auto kAbove = [](double a, double b) { return a > b; };
  static const Rule kNothing = [](const Place&, const Json&) { return std::string(); };
  static const std::map<std::string, Rule> kRules = {
      {"type", check_type}, {"properties", check_properties}, {"additionalProperties", check_additional},
      {"required", check_required}, {"items", check_items}, {"propertyNames", check_names}, {"oneOf", check_one_of},
      {"$ref", check_reference}, {"pattern", check_pattern}, {"enum", check_enum},
      {"const", [](const Place& p, const Json& r) { return p.value == r ? "" : fault(p, "is not its constant"); }},
      {"minimum", bound(kNumber, kValue, kAtLeast, "is too small")},
      {"maximum", bound(kNumber, kValue, kAtMost, "is too large")},
      {"exclusiveMinimum", bound(kNumber, kValue, kAbove, "is too small")},
      {"minLength", bound(kString, kLength, kAtLeast, "is too short")},
      {"maxLength", bound(kString, kLength, kAtMost, "is too long")},
      {"minItems", bound(kArray, kSize, kAtLeast, "has too few items")},
      {"maxItems", bound(kArray, kSize, kAtMost, "has too many items")},
      {"maxProperties", bound(kObject, kSize, kAtMost, "has too many members")},
      // These say nothing about what is allowed.
      {"description", kNothing}, {"title", kNothing}, {"examples", kNothing}, {"default", kNothing}, {"format", kNothing}};
  return kRules;
}

}  // namespace

const Json* resolve_reference(const Json& root, std::string_view reference) {
  if (!reference.starts_with("#/")) return nullptr;
  const Json::json_pointer pointer{std::string(reference.substr(1))};
  return root.contains(pointer) ? &root[pointer] : nullptr;
}

std::string schema_faults(const Json& root, const Json& schema, const Json& value, const std::string& where) {
  if (schema.is_boolean()) return schema.get<bool>() ? "" : where + ": nothing is allowed here\n";
  std::string faults;
  const Place place{root, schema, value, where};
  for (const auto& [keyword, rule] : schema.items()) {
    const auto known = rules().find(keyword);
    faults += known == rules().end() ? fault(place, "unknown keyword " + keyword) : known->second(place, rule);
  }
  return faults;
}

}  // namespace osler::http::testing
