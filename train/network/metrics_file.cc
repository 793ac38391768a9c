#include "train/network/metrics_file.h"

#include <charconv>
#include <filesystem>

namespace osler::train {

namespace {

constexpr std::string_view kHeader = "update,phase,seconds,name,value";

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t comma = std::min(line.find(',', at), line.size());
    fields.push_back(line.substr(at, comma - at));
    at = comma + 1;
  }
  return fields;
}

template <typename Number>
bool read(std::string_view text, Number& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<void> MetricsFile::open(std::size_t updates) {
  std::string kept(kHeader);
  kept += '\n';
  std::ifstream before(path_);
  std::string line;
  std::getline(before, line);
  while (std::getline(before, line)) {
    std::size_t update = 0;
    if (read(fields_of(line).front(), update) && update <= updates) kept += line + "\n";
  }
  before.close();
  file_.open(path_ + ".new", std::ios::trunc);
  file_ << kept << std::flush;
  if (!file_ || std::rename((path_ + ".new").c_str(), path_.c_str()) != 0) return make_error(ErrorCode::unavailable, path_ + " cannot be written.");
  return ok();
}

Result<void> MetricsFile::add(std::size_t updates, const std::string& phase, double seconds, const std::map<std::string, double>& values) {
  for (const auto& [name, value] : values) file_ << updates << ',' << phase << ',' << seconds << ',' << name << ',' << value << '\n';
  file_.flush();
  return file_ ? ok() : Result<void>(make_error(ErrorCode::unavailable, path_ + " cannot be written."));
}

Result<std::map<std::string, std::vector<MetricPoint>>> read_metrics(const std::string& path) {
  std::ifstream file(path);
  if (!file) return make_error(ErrorCode::not_found, "There are no metrics at " + path + ".");
  std::map<std::string, std::vector<MetricPoint>> metrics;
  std::string line;
  std::getline(file, line);
  for (std::size_t number = 2; std::getline(file, line); ++number) {
    const std::vector<std::string_view> fields = fields_of(line);
    MetricPoint point;
    if (fields.size() != 5 || !read(fields[0], point.updates) || !read(fields[2], point.seconds) || !read(fields[4], point.value))
      return make_error(ErrorCode::corrupted, path + ", line " + std::to_string(number) + ": expected " + std::string(kHeader) + ".");
    point.phase = fields[1];
    metrics[std::string(fields[3])].push_back(point);
  }
  return metrics;
}

}  // namespace osler::train
