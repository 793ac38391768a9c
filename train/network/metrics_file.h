// metrics.csv: one number a line (update, phase, seconds, name, value), so that any tool can plot it. Not thread-safe.
#pragma once

#include <fstream>
#include <map>
#include <string>

#include "base/result.h"

namespace osler::train {

class MetricsFile {
 public:
  explicit MetricsFile(std::string path) : path_(std::move(path)) {}

  /// Keeps the lines up to `updates`, the place of the checkpoint, and drops what came after it. ErrorCode::unavailable.
  Result<void> open(std::size_t updates);
  Result<void> add(std::size_t updates, const std::string& phase, double seconds, const std::map<std::string, double>& values);

 private:
  std::string path_;
  std::ofstream file_;
};

struct MetricPoint {
  std::string phase;
  std::size_t updates = 0;
  double seconds = 0, value = 0;
};
/// By name, in order. ErrorCode::not_found or corrupted with the line.
Result<std::map<std::string, std::vector<MetricPoint>>> read_metrics(const std::string& path);

}  // namespace osler::train
