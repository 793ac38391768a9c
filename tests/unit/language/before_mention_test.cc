#include "language/before_mention.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

TEST(BeforeMention, AnAbsenceIsUndoneByNotAndCannot) {
  const auto undone = [](std::string_view text, std::uint32_t words) {
    const std::vector<Token> tokens = tokenise(text).tokens;
    std::vector<std::uint32_t> match;
    for (std::size_t at = tokens.size() - words; at < tokens.size(); ++at) match.push_back(static_cast<std::uint32_t>(at));
    return absence_undone(tokens, match);
  };
  EXPECT_TRUE(undone("he is not passing wind", 2));
  EXPECT_TRUE(undone("cannot poo or pass wind", 2));
  EXPECT_TRUE(undone("could not keep fluids down", 3));
  EXPECT_FALSE(undone("still passing wind", 2));
  EXPECT_FALSE(undone("not sick, passing wind", 2));
  EXPECT_FALSE(undone("not sick and passing wind", 2));
  EXPECT_FALSE(undone("is not a smoker", 3));
}

TEST(BeforeMention, ACoughThatOnlyProvokes) {
  const auto provokes = [](std::string_view text) {
    const std::vector<Token> tokens = tokenise(text).tokens;
    return only_provokes(tokens, static_cast<std::uint32_t>(tokens.size() - 1));
  };
  EXPECT_TRUE(provokes("worse when i cough"));
  EXPECT_TRUE(provokes("it hurts to walk or cough"));
  EXPECT_TRUE(provokes("worse with coughing"));
  EXPECT_TRUE(provokes("pain when i laugh or cough"));
  EXPECT_FALSE(provokes("when i lie down i cough"));
  EXPECT_FALSE(provokes("fever with cough"));
  EXPECT_FALSE(provokes("worse at night, cough"));
  EXPECT_FALSE(provokes("i have a worse cough"));
}

TEST(BeforeMention, ContactWithAnIllness) {
  const auto contact = [](std::string_view text) {
    const std::vector<Token> tokens = tokenise(text).tokens;
    return contact_before(tokens, static_cast<std::uint32_t>(tokens.size() - 1));
  };
  EXPECT_EQ(contact("contact with covid"), Contact::illness);
  EXPECT_EQ(contact("exposed to someone who had measles"), Contact::person);
  EXPECT_EQ(contact("contact with measles, now fever"), Contact::none);
  EXPECT_EQ(contact("asthma"), Contact::none);
  EXPECT_EQ(contact("contact lens wearer with asthma"), Contact::none);
}

}  // namespace
}  // namespace osler::language
