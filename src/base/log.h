// Logging. Takes only loggable types: text written in the source, numbers, ids of our own making and
// error codes. Phi<T> does not convert to any of them, so that logging patient data does not compile.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/result.h"

namespace osler {

/// A name or identifier that we made or that configuration gave: never anything a caller sent.
class LogText {
 public:
  template <std::size_t N>
  LogText(const char (&literal)[N]) : text_(literal, N - 1) {}
  /// Says in the source that this text was looked at: `LogText::safe(request_id)`.
  static LogText safe(std::string_view text) { return LogText(std::string(text)); }
  const std::string& text() const { return text_; }

 private:
  explicit LogText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct LogField {
  LogText name;
  std::variant<std::int64_t, double, LogText> value;

  LogField(LogText n, std::int64_t v) : name(std::move(n)), value(v) {}
  LogField(LogText n, int v) : name(std::move(n)), value(static_cast<std::int64_t>(v)) {}
  LogField(LogText n, std::size_t v) : name(std::move(n)), value(static_cast<std::int64_t>(v)) {}
  LogField(LogText n, double v) : name(std::move(n)), value(v) {}
  LogField(LogText n, LogText v) : name(std::move(n)), value(std::move(v)) {}
  LogField(LogText n, ErrorCode v) : name(std::move(n)), value(LogText::safe(name_of(v))) {}
};

enum class LogLevel { debug, info, warning, error };

/// One JSON line on standard error for each call. Thread-safe.
class Logger {
 public:
  explicit Logger(LogLevel least) : least_(least) {}
  void debug(LogText event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::debug, event, fields); }
  void info(LogText event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::info, event, fields); }
  void warning(LogText event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::warning, event, fields); }
  void error(LogText event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::error, event, fields); }

 private:
  void write(LogLevel level, const LogText& event, std::initializer_list<LogField> fields) const;
  LogLevel least_;
};

/// `debug`, `info`, `warning` or `error`, in either case.
Result<LogLevel> parse_log_level(std::string_view text);

}  // namespace osler
