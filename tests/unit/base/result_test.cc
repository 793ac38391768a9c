#include "base/result.h"

#include <set>

namespace osler {

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorCode::invalid, "odd");
  return number / 2;
}

Result<int> quarter(int number) { return half(TRY(half(number))); }

Result<void> both_even(int a, int b) {
  TRY_VOID(half(a));
  TRY_VOID(half(b));
  return ok();
}

}  // namespace

TEST(Result, TryReturnsTheValueOrTheError) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).error().external, "odd");
  EXPECT_TRUE(both_even(2, 4));
  EXPECT_FALSE(both_even(2, 3));
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  EXPECT_EQ(*std::move(result).value(), 7);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereIsABrokenInvariant) {
  EXPECT_DEATH(static_cast<void>(half(3).value()), "broken invariant");
  EXPECT_DEATH(CHECK(1 == 2), "1 == 2");
}

TEST(Error, NamesAreDistinctAndAtMostSixteen) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) names.insert(name_of(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::internal) + 1);
  EXPECT_LE(names.size(), 16u);
}

TEST(Error, DescribeListsTheFields) {
  Error error = make_error(ErrorCode::invalid, "Bad.", "why");
  error.fields.push_back({"/age", "is missing", "a number"});
  EXPECT_EQ(describe(error), "Bad. (why); /age: is missing, allowed: a number");
}

}  // namespace osler
