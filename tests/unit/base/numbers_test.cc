#include "base/numbers.h"

#include <gtest/gtest.h>

namespace osler {

TEST(NumberInText, IsFiniteAndStandsAlone) {
  for (const char* bad : {".nan", "nan", ".inf", "inf", "1x", "", " 1", "1 ", "1,5", "0x10", "1e999"})
    EXPECT_FALSE(number_in_text(bad)) << bad;
  EXPECT_EQ(number_in_text("0.25"), 0.25);
  EXPECT_EQ(number_in_text("-1e-3"), -0.001);
  EXPECT_EQ(number_in_text("7"), 7);
}

}  // namespace osler
