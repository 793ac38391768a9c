#include "train/settings/settings_reader.h"

#include <gtest/gtest.h>

namespace osler::train {
namespace {

TEST(SettingsReaderTest, TheFirstFaultIsKept) {
  const Json json = parse_json(R"({"size": 3, "mode": "fast", "extra": 1})").value();
  SettingsReader reader(json, "/place");
  std::size_t size = 0;
  std::string mode = "slow";
  reader.count("size", 5, 9, size);
  reader.one_of("mode", {"slow", "steady"}, mode);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(mode, "slow");
  EXPECT_EQ(reader.finish(), "/place/size is not a whole number from 5 to 9.");
}

TEST(SettingsReaderTest, AKeyThatNobodyAskedForIsRefused) {
  const Json json = parse_json(R"({"size": 6, "extra": 1})").value();
  SettingsReader reader(json, "");
  std::size_t size = 0;
  reader.count("size", 5, 9, size);
  EXPECT_EQ(size, 6u);
  EXPECT_EQ(reader.finish(), "/extra is not a setting.");
}

TEST(SettingsReaderTest, AnObjectThatIsNoneIsEmptyAndAFault) {
  const Json json = parse_json(R"({"inner": []})").value();
  SettingsReader reader(json, "");
  EXPECT_TRUE(reader.object("inner").empty());
  EXPECT_TRUE(reader.object("absent").empty());
  reader.adopt("");
  EXPECT_EQ(reader.finish(), "/inner is not an object.");
}

TEST(SettingsReaderTest, BrokenJsonIsNamedByLineAndColumn) {
  const auto json = parse_settings_file("{\n \"a\": ,\n}", "file.json");
  ASSERT_FALSE(json);
  EXPECT_TRUE(json.error().external.starts_with("file.json, line 2, column")) << json.error().external;
}

}  // namespace
}  // namespace osler::train
