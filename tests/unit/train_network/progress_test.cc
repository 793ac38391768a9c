#include "train/network/progress.h"

namespace osler::train {

TEST(ProgressTest, TheBarFillsWithTheShare) {
  EXPECT_EQ(Progress::bar(0), "[........................]   0 %");
  EXPECT_EQ(Progress::bar(0.5), "[############............]  50 %");
  EXPECT_EQ(Progress::bar(1), "[########################] 100 %");
}

TEST(ProgressTest, TimesAreSaidAsPeopleSayThem) {
  EXPECT_EQ(Progress::time_words(12), "12 s");
  EXPECT_EQ(Progress::time_words(200), "3 min 20 s");
  EXPECT_EQ(Progress::time_words(3900), "1 h 05 min");
}

TEST(ProgressTest, TheLastStepIsAlwaysSaid) {
  std::string said;
  const std::function<void(const std::string&)> say = [&](const std::string& line) { said = line; };
  Progress progress(say);
  progress.begin("first phase", 0, 2);
  progress.advance(8, 100, {{"loss", 1.5}});
  EXPECT_TRUE(said.empty());
  progress.advance(8, 100, {{"loss", 1.25}});
  EXPECT_NE(said.find("first phase"), std::string::npos);
  EXPECT_NE(said.find("step 2 of 2"), std::string::npos);
  EXPECT_NE(said.find("loss 1.250"), std::string::npos);
}

}  // namespace osler::train
