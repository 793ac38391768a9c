// Reading YAML with a list of faults instead of exceptions: the first floor of the knowledge loader.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/knowledge_loader.h"

namespace osler::clinical {

/// One node of a document. A plain value; the keys of a map are nodes too, so that a fault can name their line.
struct YamlNode {
  enum class Kind { undefined, scalar, sequence, map };
  Kind kind = Kind::undefined;
  int line = 0;                  // from 1; 0 when unknown
  std::string scalar;
  std::vector<YamlNode> keys;    // of a map, beside `values`
  std::vector<YamlNode> values;  // of a map or a sequence

  bool is_defined() const { return kind != Kind::undefined; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_map() const { return kind == Kind::map; }
  /// The first value under `key`; an undefined node when there is none or this is no map.
  const YamlNode& operator[](std::string_view key) const;
};

/// Collects faults of one file. Not thread-safe.
class FaultList {
 public:
  FaultList(std::string path, std::vector<KnowledgeFault>& faults) : path_(std::move(path)), faults_(faults) {}
  void add(const YamlNode& at, std::string message);
  void add_at_line(int line, std::string message);
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<KnowledgeFault>& faults_;
};

/// Parses one document; a syntax error, an anchor, an alias or nesting deeper than limits::kMaxYamlDepth becomes a fault
/// and nothing is returned. Thread-safe.
std::optional<YamlNode> parse_yaml(const std::string& content, FaultList& faults);

/// A mapping whose keys are checked against what the schema knows. Every getter reports a wrong type as a
/// fault and yields the fallback. Refers to its node, which must outlive it.
class YamlMap {
 public:
  YamlMap(const YamlNode& node, FaultList& faults, std::string what);

  /// Reports each key that is not in `known` and each key given twice.
  void allow_only(std::initializer_list<std::string_view> known) const;

  bool has(const char* key) const;
  const YamlNode& get(const char* key) const { return node_[key]; }
  std::string text(const char* key, bool required) const;
  std::optional<double> number(const char* key) const;
  double number_in(const char* key, double low, double high, double fallback, bool required) const;
  bool boolean(const char* key, bool fallback) const;
  std::vector<std::string> texts(const char* key) const;
  /// One of `choices` as its position; a fault and 0 otherwise.
  std::size_t choice(const char* key, std::initializer_list<std::string_view> choices, bool required) const;
  /// Calls for each (key, value) of the mapping under `key`; a fault when it is no mapping.
  void each(const char* key, const std::function<void(const std::string&, const YamlNode&)>& visit) const;

  const YamlNode& node() const { return node_; }
  FaultList& faults() const { return faults_; }
  void fault(const std::string& message) const { faults_.add(node_, what_ + ": " + message); }

 private:
  const YamlNode& node_;
  FaultList& faults_;
  std::string what_;
};

/// A finite number in a scalar node.
std::optional<double> number_of(const YamlNode& node);

}  // namespace osler::clinical
