#include "base/clock.h"

#include <ctime>

#include <cstdio>

namespace osler {

WallTime SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady_now() const { return std::chrono::steady_clock::now(); }

std::string to_rfc3339(WallTime time) {
  const auto since_epoch = time.time_since_epoch().count();
  const std::time_t seconds = static_cast<std::time_t>(since_epoch / 1000 - (since_epoch % 1000 < 0));
  const int milliseconds = static_cast<int>(((since_epoch % 1000) + 1000) % 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                                   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                                   milliseconds);
  return std::string(text, static_cast<std::size_t>(length));
}

}  // namespace osler
