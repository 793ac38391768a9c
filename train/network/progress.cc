#include "train/network/progress.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>

namespace osler::train {

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

std::string Progress::bar(double share) {
  constexpr int kWidth = 24;
  const int filled = static_cast<int>(std::lround(share * kWidth));
  char text[64];
  std::snprintf(text, sizeof text, "[%s%s] %3.0f %%", std::string(static_cast<std::size_t>(filled), '#').c_str(),
                std::string(static_cast<std::size_t>(kWidth - filled), '.').c_str(), 100 * share);
  return text;
}

std::string Progress::time_words(double seconds) {
  const long whole = std::lround(seconds);
  char text[48];
  if (whole >= 3600) std::snprintf(text, sizeof text, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
  else if (whole >= 60) std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  else std::snprintf(text, sizeof text, "%ld s", whole);
  return text;
}

void Progress::begin(const std::string& name, std::size_t done, std::size_t total, const std::string& things) {
  name_ = name;
  things_ = things;
  first_ = done_ = done;
  total_ = total;
  cases_ = pieces_ = 0;
  began_ = said_ = now();
}

void Progress::advance(std::size_t cases, std::size_t pieces, const std::map<std::string, double>& losses) {
  ++done_;
  cases_ += cases;
  pieces_ += pieces;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const double time = now();
  if (time - said_ < (terminal ? 0.5 : 30) && done_ < total_) return;
  said_ = time;
  const double spent = std::max(time - began_, 1e-3), each = spent / static_cast<double>(done_ - first_);
  std::string line = name_ + " " + bar(static_cast<double>(done_) / static_cast<double>(total_)) + " step " + std::to_string(done_) + " of " + std::to_string(total_);
  char rates[96];
  std::snprintf(rates, sizeof rates, ", %.0f %s/s, ", static_cast<double>(cases_) / spent, things_.c_str());
  line += rates;
  if (pieces_ > 0) {
    std::snprintf(rates, sizeof rates, "%.0f pieces/s, ", static_cast<double>(pieces_) / spent);
    line += rates;
  }
  line += time_words(each * static_cast<double>(total_ - done_)) + " left";
  for (const auto& [name, value] : losses) {
    char text[64];
    std::snprintf(text, sizeof text, ", %s %.3f", name.c_str(), value);
    line += text;
  }
  if (terminal) std::fprintf(stderr, "\r%s\033[K%s", line.c_str(), done_ == total_ ? "\n" : "");
  else say_(line);
}

}  // namespace osler::train
