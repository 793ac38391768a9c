// Times as they are stored: milliseconds since 1970, UTC.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "cases/sql/connection.h"

namespace osler::cases::sql {

inline std::int64_t to_ms(WallTime time) { return time.time_since_epoch().count(); }
inline Value to_ms(const std::optional<WallTime>& time) { return time ? Value(to_ms(*time)) : Value(); }
inline WallTime from_ms(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

}  // namespace osler::cases::sql
