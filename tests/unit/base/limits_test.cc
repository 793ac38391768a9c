// The bounds that are not a matter of HTTP or of a case have their tests beside what they bound; here only what the
// contract fixes, so that nobody moves it by accident.
#include "base/limits.h"

namespace osler {

TEST(Limits, AreThoseOfTheContract) {
  EXPECT_EQ(limits::kMaxSymptoms, 20u);
  EXPECT_EQ(limits::kMaxSymptomCharacters, 500u);
  EXPECT_EQ(limits::kMaxListItems, 50u);
  EXPECT_EQ(limits::kMaxNarrativeCharacters, 20'000u);
  EXPECT_EQ(limits::kMaxAgeYears, 150);
}

}  // namespace osler
