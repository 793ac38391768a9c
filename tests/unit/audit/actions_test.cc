#include "audit/actions.h"

#include <gtest/gtest.h>

#include <set>

namespace osler::audit {
namespace {

TEST(Actions, EachHasANameOfItsOwnThatLeadsBackToIt) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    EXPECT_TRUE(names.insert(name_of(action)).second) << name_of(action);
    EXPECT_EQ(parse_action(name_of(action)), action);
    EXPECT_EQ(facts_of(action).event.code.size(), 6u);
  }
  EXPECT_EQ(name_of(Action::log_recovered), "log.recovered");
  EXPECT_FALSE(parse_action("flown"));
  EXPECT_FALSE(parse_action(""));
}

TEST(Actions, TheOutcomeTellsARefusalFromAFailure) {
  EXPECT_EQ(verdict_of("diagnose", "answered"), Verdict::success);
  EXPECT_EQ(verdict_of("diagnose", "refused:invalid"), Verdict::refused);
  EXPECT_EQ(verdict_of("diagnose", "unavailable"), Verdict::failed);
  EXPECT_EQ(verdict_of("request", "failed:internal /api/v1/about"), Verdict::failed);
  EXPECT_EQ(verdict_of("login.denied", "/api/v1/diagnose"), Verdict::refused);
  EXPECT_EQ(verdict_of("flown", "done"), Verdict::success);
}

}  // namespace
}  // namespace osler::audit
