#include "language/unit_words.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

TEST(UnitWords, SpellingsMeet) {
  for (const char* unit : {"mmol/L", "mmols/l", "mmol per litre", "mmol/liter"}) EXPECT_EQ(canonical_unit(unit), "mmol/l") << unit;
  for (const char* unit : {"10*3/uL", "10*9/L", "x10^9/l", "k/ul", "x10^3/mm3"}) EXPECT_EQ(canonical_unit(unit), "103/ul") << unit;
  for (const char* unit : {"Cel", "\xC2\xB0" "c", "degrees celsius", "c"}) EXPECT_EQ(canonical_unit(unit), "c") << unit;
  EXPECT_EQ(canonical_unit("[degF]"), canonical_unit("fahrenheit"));
  EXPECT_EQ(canonical_unit("mm[Hg]"), canonical_unit("mmhg"));
  EXPECT_EQ(canonical_unit("U/L"), canonical_unit("units/l"));
  EXPECT_EQ(canonical_unit("[iU]/L"), canonical_unit("iu/l"));
  EXPECT_EQ(canonical_unit("/min"), canonical_unit("beats per minute"));
  EXPECT_EQ(canonical_unit("%"), canonical_unit("percent"));
  EXPECT_NE(canonical_unit("mg/dl"), canonical_unit("mmol/l"));
}

TEST(UnitWords, WhatLooksLikeAUnit) {
  EXPECT_TRUE(looks_like_unit("mg"));
  EXPECT_TRUE(looks_like_unit("mg/dl"));
  EXPECT_FALSE(looks_like_unit("today"));
}

}  // namespace
}  // namespace osler::language
