// The only source of time, so that tests can move it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace osler {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual SteadyTime steady_now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  SteadyTime steady_now() const override;
};

/// RFC 3339 in UTC with milliseconds: `2026-11-21T22:03:25.120Z`.
std::string to_rfc3339(WallTime time);
/// Nothing unless `text` is of exactly that form and a time that exists.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace osler
