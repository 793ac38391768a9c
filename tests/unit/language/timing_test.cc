#include "language/timing.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

struct Read {
  std::vector<Token> tokens;
  std::vector<TokenContext> contexts;
};

Read prepare(std::string_view text) {
  Read result;
  result.tokens = tokenise(text).tokens;
  result.contexts = read_context(result.tokens, std::vector<bool>(result.tokens.size(), false));
  return result;
}

double days(std::string_view text) {
  const Read read = prepare(text);
  std::vector<bool> complaint(read.tokens.size(), false);
  for (std::size_t i = 0; i < read.tokens.size(); ++i) complaint[i] = read.tokens[i].text == "cough";
  return read_duration(read.tokens, read.contexts, complaint).value_or(-1);
}

TEST(Duration, Forms) {
  EXPECT_DOUBLE_EQ(days("for 3 days"), 3);
  EXPECT_DOUBLE_EQ(days("for three days"), 3);
  EXPECT_DOUBLE_EQ(days("over the past month"), 30);
  EXPECT_DOUBLE_EQ(days("x 5 days"), 5);
  EXPECT_DOUBLE_EQ(days("3-day history"), 3);
  EXPECT_DOUBLE_EQ(days("cough two weeks ago"), 14);
  EXPECT_DOUBLE_EQ(days("since yesterday"), 1);
  EXPECT_DOUBLE_EQ(days("for 2/52"), 14);
  EXPECT_DOUBLE_EQ(days("for 6/12"), 180);
  EXPECT_DOUBLE_EQ(days("for 2-4 days"), 3);
  EXPECT_DOUBLE_EQ(days("for 48 hours"), 2);
}

TEST(Duration, TimesOfOtherThings) {
  for (const char* text : {"34 years old", "every 3 days", "within 2 hours of eating", "lasting 30 minutes", "smoked for 20 years",
                           "3 times a day", "28 weeks pregnant", "surgery 2 weeks ago", "mother had cough for 3 days", "bp 80/40"})
    EXPECT_DOUBLE_EQ(days(text), -1) << text;
}

TEST(Duration, TheFirstStatedIsTaken) { EXPECT_DOUBLE_EQ(days("cough for 3 days, tired for 2 months"), 3); }

TEST(Onset, SuddenAndGradual) {
  const auto onset = [](std::string_view text) {
    const Read read = prepare(text);
    return read_onset(read.tokens, read.contexts);
  };
  EXPECT_EQ(onset("came on suddenly"), clinical::Onset::sudden);
  EXPECT_EQ(onset("abrupt"), clinical::Onset::sudden);
  EXPECT_EQ(onset("gradually worse"), clinical::Onset::gradual);
  EXPECT_EQ(onset("built up over weeks"), clinical::Onset::gradual);
  EXPECT_EQ(onset("not sudden"), std::nullopt);
  EXPECT_EQ(onset("sudden death in the family"), std::nullopt);
}

}  // namespace
}  // namespace osler::language
