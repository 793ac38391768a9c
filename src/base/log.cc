#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/clock.h"
#include "base/json.h"

namespace osler {

namespace {

spdlog::logger& sink() {
  // The one process-wide sink: standard error is process-wide too.
  static spdlog::logger logger("osler", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  static const bool prepared = [] {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
    return true;
  }();
  static_cast<void>(prepared);
  return logger;
}

std::string_view name_of_level(LogLevel level) {
  static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

}  // namespace

void Logger::write(LogLevel level, const LogText& event, std::initializer_list<LogField> fields) const {
  if (level < least_) return;
  Json line;
  line["time"] = to_rfc3339(SystemClock{}.now());
  line["level"] = name_of_level(level);
  line["event"] = event.text();
  for (const LogField& field : fields) {
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, LogText>) line[field.name.text()] = value.text();
          else line[field.name.text()] = value;
        },
        field.value);
  }
  sink().info(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<LogLevel> parse_log_level(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    if (lower == name_of_level(level)) return level;
  return make_error(ErrorCode::configuration, "LOG_LEVEL must be debug, info, warning or error.");
}

}  // namespace osler
