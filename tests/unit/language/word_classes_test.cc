#include "language/word_classes.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

TEST(WordClasses, AWordMayHaveSeveral) {
  EXPECT_TRUE(word_classes("nor") & kNegation);
  EXPECT_TRUE(word_classes("nor") & kCoordination);
  EXPECT_TRUE(word_classes("mother") & kRelative);
  EXPECT_EQ(word_classes("haemoptysis"), 0u);
  EXPECT_EQ(word_classes(""), 0u);
}

TEST(WordClasses, InabilityIsNoNegation) {
  EXPECT_FALSE(word_classes("can't") & kNegation);
  EXPECT_TRUE(word_classes("can't") & kInability);
}

TEST(WordClasses, NumberWordsAndUnitsOfTime) {
  EXPECT_DOUBLE_EQ(number_word("three"), 3);
  EXPECT_DOUBLE_EQ(number_word("couple"), 2);
  EXPECT_DOUBLE_EQ(number_word("pain"), 0);
  EXPECT_DOUBLE_EQ(time_unit_days("weeks"), 7);
  EXPECT_DOUBLE_EQ(time_unit_days("hrs"), 1.0 / 24);
  EXPECT_DOUBLE_EQ(time_unit_days("pain"), 0);
}

}  // namespace
}  // namespace osler::language
