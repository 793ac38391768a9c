#include "train/network/metrics_file.h"

#include <filesystem>

namespace osler::train {

namespace {

std::string fresh_path(const char* name) {
  const std::string path = testing::TempDir() + "/" + name;
  std::filesystem::remove(path);
  return path;
}

}  // namespace

TEST(MetricsFileTest, WhatWasWrittenIsReadBack) {
  const std::string path = fresh_path("metrics_a.csv");
  MetricsFile file(path);
  ASSERT_TRUE(file.open(0).has_value());
  ASSERT_TRUE(file.add(1, "first", 0.5, {{"loss", 2.5}, {"rate", 0.001}}).has_value());
  ASSERT_TRUE(file.add(2, "first", 1, {{"loss", 2}}).has_value());
  const auto metrics = read_metrics(path);
  ASSERT_TRUE(metrics.has_value());
  ASSERT_EQ(metrics->at("loss").size(), 2U);
  EXPECT_EQ(metrics->at("loss")[1].updates, 2U);
  EXPECT_EQ(metrics->at("loss")[1].value, 2);
  EXPECT_EQ(metrics->at("rate")[0].seconds, 0.5);
}

TEST(MetricsFileTest, ReopeningDropsWhatCameAfterTheCheckpoint) {
  const std::string path = fresh_path("metrics_b.csv");
  {
    MetricsFile file(path);
    ASSERT_TRUE(file.open(0).has_value());
    for (std::size_t update = 1; update <= 5; ++update) ASSERT_TRUE(file.add(update, "p", 1, {{"loss", 1.0}}).has_value());
  }
  MetricsFile again(path);
  ASSERT_TRUE(again.open(3).has_value());
  const auto metrics = read_metrics(path);
  ASSERT_TRUE(metrics.has_value());
  EXPECT_EQ(metrics->at("loss").size(), 3U);
}

TEST(MetricsFileTest, ABrokenLineIsNamed) {
  const std::string path = fresh_path("metrics_c.csv");
  std::ofstream(path) << "update,phase,seconds,name,value\n1,p,0.5,loss,2\n2,p,soon,loss,2\n";
  const auto metrics = read_metrics(path);
  ASSERT_FALSE(metrics.has_value());
  EXPECT_NE(metrics.error().external.find("line 3"), std::string::npos);
}

TEST(MetricsFileTest, AFolderThatIsNotThereIsAnError) {
  MetricsFile file("/nowhere/at/all/metrics.csv");
  EXPECT_FALSE(file.open(0).has_value());
}

}  // namespace osler::train
