#include "clinical/yaml_node.h"

#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/limits.h"
#include "base/numbers.h"

namespace osler::clinical {

namespace {

const YamlNode kUndefined{};
const YamlNode kEmptyMap{YamlNode::Kind::map, 0, {}, {}, {}};

std::string plain(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// Builds the tree from libyaml's events. Not thread-safe; one for each document.
class Builder {
 public:
  Builder(const std::string& content, FaultList& faults) : faults_(faults) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (ready_) yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(content.data()), content.size());
  }
  ~Builder() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  std::optional<YamlNode> document() {
    YamlNode root;
    bool fine = ready_ && expect(YAML_STREAM_START_EVENT) && expect(YAML_DOCUMENT_START_EVENT) && next() && node(root, 0) &&
                expect(YAML_DOCUMENT_END_EVENT) && expect(YAML_STREAM_END_EVENT);
    return fine ? std::optional(std::move(root)) : std::nullopt;
  }

 private:
  bool fail(std::size_t line, const std::string& why) {
    faults_.add_at_line(static_cast<int>(line) + 1, "not valid YAML: " + why);
    return false;
  }

  bool next() {
    held_.reset();
    if (yaml_parser_parse(&parser_, &event_) != 1)
      return fail(parser_.problem_mark.line, parser_.problem != nullptr ? parser_.problem : "not readable");
    held_.reset(&event_);
    return true;
  }

  bool expect(yaml_event_type_t type) {
    if (!next()) return false;
    return event_.type == type || fail(event_.start_mark.line, "one document, and nothing else, belongs in a file");
  }

  /// Reads the node that starts with the current event.
  bool node(YamlNode& out, int depth) {
    out.line = static_cast<int>(event_.start_mark.line) + 1;
    if (depth > limits::kMaxYamlDepth) return fail(event_.start_mark.line, "nested too deeply");
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        if (event_.data.scalar.anchor != nullptr) return fail(event_.start_mark.line, "anchors are not used here");
        out.kind = YamlNode::Kind::scalar;
        out.scalar.assign(reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length);
        return true;
      case YAML_SEQUENCE_START_EVENT:
        out.kind = YamlNode::Kind::sequence;
        return children(out, depth);
      case YAML_MAPPING_START_EVENT:
        out.kind = YamlNode::Kind::map;
        return children(out, depth);
      default:
        return fail(event_.start_mark.line, "a value is missing, or is an alias");
    }
  }

  bool children(YamlNode& out, int depth) {
    const bool is_map = out.is_map();
    const yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    while (true) {
      if (!next()) return false;
      if (event_.type == end) return true;
      if (is_map) {
        if (!node(out.keys.emplace_back(), depth + 1) || !next()) return false;
      }
      if (!node(out.values.emplace_back(), depth + 1)) return false;
    }
  }

  FaultList& faults_;
  yaml_parser_t parser_;
  yaml_event_t event_;
  std::unique_ptr<yaml_event_t, decltype(&yaml_event_delete)> held_{nullptr, yaml_event_delete};  // frees what event_ holds
  bool ready_ = false;
};

}  // namespace

const YamlNode& YamlNode::operator[](std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].is_scalar() && keys[i].scalar == key) return values[i];
  return kUndefined;
}

void FaultList::add(const YamlNode& at, std::string message) { add_at_line(at.line, std::move(message)); }

void FaultList::add_at_line(int line, std::string message) { faults_.push_back({path_, line, std::move(message)}); }

std::optional<YamlNode> parse_yaml(const std::string& content, FaultList& faults) { return Builder(content, faults).document(); }

std::optional<double> number_of(const YamlNode& node) {
  return node.is_scalar() ? number_in_text(node.scalar) : std::nullopt;
}

YamlMap::YamlMap(const YamlNode& node, FaultList& faults, std::string what)
    : node_(node.is_map() ? node : kEmptyMap), faults_(faults), what_(std::move(what)) {
  if (!node.is_map()) faults_.add(node, what_ + ": must be a mapping");
}

void YamlMap::allow_only(std::initializer_list<std::string_view> known) const {
  for (std::size_t i = 0; i < node_.keys.size(); ++i) {
    const std::string& key = node_.keys[i].scalar;
    if (std::find(known.begin(), known.end(), key) == known.end()) faults_.add(node_.keys[i], what_ + ": unknown key '" + key + "'");
    if (&node_[key] != &node_.values[i]) faults_.add(node_.keys[i], what_ + ": key '" + key + "' occurs twice");
  }
}

bool YamlMap::has(const char* key) const { return node_[key].is_defined(); }

std::string YamlMap::text(const char* key, bool required) const {
  const YamlNode& value = node_[key];
  if (!value.is_defined()) {
    if (required) fault(std::string("'") + key + "' is missing");
    return {};
  }
  if (!value.is_scalar() || value.scalar.empty()) {
    faults_.add(value, what_ + ": '" + key + "' must be a text");
    return {};
  }
  return value.scalar;
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
    faults_.add(node_[key], what_ + ": '" + key + "' must lie in [" + plain(low) + ", " +
                                plain(high) + "]");
    return fallback;
  }
  return *value;
}

bool YamlMap::boolean(const char* key, bool fallback) const {
  if (!has(key)) return fallback;
  const std::string& value = node_[key].scalar;
  if (value != "true" && value != "false") {
    faults_.add(node_[key], what_ + ": '" + key + "' must be true or false");
    return fallback;
  }
  return value == "true";
}

std::vector<std::string> YamlMap::texts(const char* key) const {
  std::vector<std::string> values;
  if (!has(key)) return values;
  const YamlNode& list = node_[key];
  if (!list.is_sequence()) {
    faults_.add(list, what_ + ": '" + key + "' must be a list of texts");
    return values;
  }
  for (const YamlNode& item : list.values) {
    if (item.is_scalar() && !item.scalar.empty()) values.push_back(item.scalar);
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

void YamlMap::each(const char* key, const std::function<void(const std::string&, const YamlNode&)>& visit) const {
  if (!has(key)) return;
  const YamlNode& map = node_[key];
  if (!map.is_map()) {
    faults_.add(map, what_ + ": '" + key + "' must be a mapping");
    return;
  }
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const std::string& name = map.keys[i].scalar;
    if (&map[name] != &map.values[i]) faults_.add(map.keys[i], what_ + ": '" + name + "' occurs twice under '" + key + "'");
    else visit(name, map.values[i]);
  }
}

}  // namespace osler::clinical
