// Reading YAML with a list of faults instead of exceptions: the first floor of the knowledge loader.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/knowledge_loader.h"

namespace osler::clinical {

/// Collects faults of one file. Not thread-safe.
class FaultList {
 public:
  FaultList(std::string path, std::vector<KnowledgeFault>& faults) : path_(std::move(path)), faults_(faults) {}
  void add(const YAML::Node& at, std::string message);
  void add_at_line(int line, std::string message);
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<KnowledgeFault>& faults_;
};

/// Line from 1 of a node; 0 when unknown.
int line_of(const YAML::Node& node);

/// Parses one document; a syntax error becomes a fault and nothing is returned.
std::optional<YAML::Node> parse_yaml(const std::string& content, FaultList& faults);

/// A mapping whose keys are checked against what the schema knows. Every getter reports a wrong type as a
/// fault and yields the fallback.
class YamlMap {
 public:
  YamlMap(YAML::Node node, FaultList& faults, std::string what);

  /// Reports each key that is not in `known` and each key given twice.
  void allow_only(std::initializer_list<std::string_view> known) const;

  bool has(const char* key) const;
  YAML::Node get(const char* key) const { return node_[key]; }
  std::string text(const char* key, bool required) const;
  std::optional<double> number(const char* key) const;
  double number_in(const char* key, double low, double high, double fallback, bool required) const;
  bool boolean(const char* key, bool fallback) const;
  std::vector<std::string> texts(const char* key) const;
  /// One of `choices` as its position; a fault and 0 otherwise.
  std::size_t choice(const char* key, std::initializer_list<std::string_view> choices, bool required) const;
  /// Calls for each (key, value) of the mapping under `key`; a fault when it is no mapping.
  void each(const char* key, const std::function<void(const std::string&, const YAML::Node&)>& visit) const;

  const YAML::Node& node() const { return node_; }
  FaultList& faults() const { return faults_; }
  void fault(const std::string& message) const { faults_.add(node_, what_ + ": " + message); }

 private:
  YAML::Node node_;
  FaultList& faults_;
  std::string what_;
};

/// A finite number in a scalar node.
std::optional<double> number_of(const YAML::Node& node);

}  // namespace osler::clinical
