#include "clinical/yaml_node.h"

#include <cmath>
#include <set>

namespace osler::clinical {

int line_of(const YAML::Node& node) {
  if (!node.IsDefined()) return 0;
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? 0 : mark.line + 1;
}

void FaultList::add(const YAML::Node& at, std::string message) { add_at_line(line_of(at), std::move(message)); }

void FaultList::add_at_line(int line, std::string message) { faults_.push_back({path_, line, std::move(message)}); }

std::optional<YAML::Node> parse_yaml(const std::string& content, FaultList& faults) {
  try {
    return YAML::Load(content);
  } catch (const YAML::Exception& problem) {
    faults.add_at_line(problem.mark.line + 1, "not valid YAML: " + problem.msg);
    return std::nullopt;
  }
}

std::optional<double> number_of(const YAML::Node& node) {
  if (!node.IsDefined() || !node.IsScalar()) return std::nullopt;
  double value = 0;
  if (!YAML::convert<double>::decode(node, value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

YamlMap::YamlMap(YAML::Node node, FaultList& faults, std::string what)
    : node_(node.IsDefined() && node.IsMap() ? node : YAML::Node(YAML::NodeType::Map)),
      faults_(faults),
      what_(std::move(what)) {
  if (!node.IsDefined() || !node.IsMap()) faults_.add(node, what_ + ": must be a mapping");
}

void YamlMap::allow_only(std::initializer_list<std::string_view> known) const {
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    bool fine = false;
    for (const std::string_view name : known) fine = fine || name == key;
    if (!fine) faults_.add(entry.first, what_ + ": unknown key '" + key + "'");
    if (!seen.insert(key).second) faults_.add(entry.first, what_ + ": key '" + key + "' occurs twice");
  }
}

bool YamlMap::has(const char* key) const { return node_[key].IsDefined(); }

std::string YamlMap::text(const char* key, bool required) const {
  const YAML::Node value = node_[key];
  if (!value.IsDefined()) {
    if (required) fault(std::string("'") + key + "' is missing");
    return {};
  }
  if (!value.IsScalar() || value.Scalar().empty()) {
    faults_.add(value, what_ + ": '" + key + "' must be a text");
    return {};
  }
  return value.Scalar();
}

std::optional<double> YamlMap::number(const char* key) const {
  if (!has(key)) return std::nullopt;
  const std::optional<double> value = number_of(node_[key]);
  if (!value) faults_.add(node_[key], what_ + ": '" + key + "' must be a number");
  return value;
}

double YamlMap::number_in(const char* key, double low, double high, double fallback, bool required) const {
  if (required && !has(key)) fault(std::string("'") + key + "' is missing");
  const std::optional<double> value = number(key);
  if (!value) return fallback;
  if (*value < low || *value > high) {
    faults_.add(node_[key], what_ + ": '" + key + "' must lie in [" + YAML::Dump(YAML::Node(low)) + ", " +
                                YAML::Dump(YAML::Node(high)) + "]");
    return fallback;
  }
  return *value;
}

bool YamlMap::boolean(const char* key, bool fallback) const {
  if (!has(key)) return fallback;
  bool value = fallback;
  if (!node_[key].IsScalar() || !YAML::convert<bool>::decode(node_[key], value))
    faults_.add(node_[key], what_ + ": '" + key + "' must be true or false");
  return value;
}

std::vector<std::string> YamlMap::texts(const char* key) const {
  std::vector<std::string> values;
  if (!has(key)) return values;
  const YAML::Node list = node_[key];
  if (!list.IsSequence()) {
    faults_.add(list, what_ + ": '" + key + "' must be a list of texts");
    return values;
  }
  for (const auto& item : list) {
    if (item.IsScalar() && !item.Scalar().empty()) values.push_back(item.Scalar());
    else faults_.add(item, what_ + ": '" + key + "' holds something that is no text");
  }
  return values;
}

std::size_t YamlMap::choice(const char* key, std::initializer_list<std::string_view> choices, bool required) const {
  const std::string value = text(key, required);
  if (value.empty()) return 0;
  std::size_t position = 0;
  std::string names;
  for (const std::string_view name : choices) {
    if (name == value) return position;
    ++position;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  faults_.add(node_[key], what_ + ": '" + key + "' must be one of " + names);
  return 0;
}

void YamlMap::each(const char* key, const std::function<void(const std::string&, const YAML::Node&)>& visit) const {
  if (!has(key)) return;
  const YAML::Node map = node_[key];
  if (!map.IsMap()) {
    faults_.add(map, what_ + ": '" + key + "' must be a mapping");
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (!seen.insert(name).second) faults_.add(entry.first, what_ + ": '" + name + "' occurs twice under '" + key + "'");
    else visit(name, entry.second);
  }
}

}  // namespace osler::clinical
