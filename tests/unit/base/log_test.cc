#include "base/log.h"

#include <nlohmann/json.hpp>

namespace osler {

TEST(Log, WritesOneJsonLineWithItsFields) {
  testing::internal::CaptureStderr();
  Logger(LogLevel::info).warning("disk_slow", {{"milliseconds", 12}, {"code", ErrorCode::timeout}});
  const std::string text = testing::internal::GetCapturedStderr();
  const auto line = nlohmann::json::parse(text);
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "disk_slow");
  EXPECT_EQ(line["milliseconds"], 12);
  EXPECT_EQ(line["code"], "timeout");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  testing::internal::CaptureStderr();
  Logger(LogLevel::error).info("quiet");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Log, LevelsHaveNames) {
  EXPECT_EQ(*parse_log_level("WARNING"), LogLevel::warning);
  EXPECT_EQ(parse_log_level("loud").error().code, ErrorCode::configuration);
}

// A caller's text converts to nothing that can be logged.
static_assert(!std::is_constructible_v<LogField, LogText, std::string>);
static_assert(!std::is_convertible_v<std::string, LogText>);

}  // namespace osler
