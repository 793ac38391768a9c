#include "train/network/training_report.h"

namespace osler::train {

TEST(TrainingReportTest, HasACurveForEachMetricAndNothingFromElsewhere) {
  const std::string page = training_report("osler-<encoder>", {{"conditions", {{"a", 1, 0.5, 7}, {"a", 2, 1, 5}}}, {"held_out_first", {{"a", 2, 1, 0.25}}}, {"held_out_first_three", {{"a", 2, 1, 0.5}}}});
  EXPECT_NE(page.find("osler-&lt;encoder&gt;"), std::string::npos);
  EXPECT_NE(page.find("conditions"), std::string::npos);
  EXPECT_NE(page.find("Held-out cases"), std::string::npos);
  EXPECT_NE(page.find("2 updates"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST(TrainingReportTest, MissingMetricsAreAnError) { EXPECT_FALSE(write_training_report("x", "/nowhere").has_value()); }

}  // namespace osler::train
