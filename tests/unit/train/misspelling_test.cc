#include "train/cases/misspelling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "../random_seed.h"

namespace osler::train {
namespace {

/// Slips of a word by what they do to it, the first letter left alone.
struct Slips {
  std::set<std::string> left_out, doubled, swapped, struck_beside;
};

Slips slips_of(const std::string& word) {
  constexpr std::string_view kRows[] = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};
  Slips slips;
  for (std::size_t i = 1; i + 1 < word.size(); ++i) {
    const std::string before = word.substr(0, i), after = word.substr(i + 1);
    slips.left_out.insert(before + after);
    slips.doubled.insert(before + word[i] + word[i] + after);
    slips.swapped.insert(before + word[i + 1] + word[i] + word.substr(i + 2));
    for (const std::string_view row : kRows) {
      const std::size_t at = row.find(word[i]);
      if (at == std::string_view::npos) continue;
      if (at > 0) slips.struck_beside.insert(before + row[at - 1] + after);
      if (at + 1 < row.size()) slips.struck_beside.insert(before + row[at + 1] + after);
    }
  }
  return slips;
}

TEST(Misspelled, NeverHappensAtZero) {
  Random random(fresh_seed());
  const std::string text = "Presents with crushing retrosternal discomfort, radiating.";
  for (int i = 0; i < 100; ++i) EXPECT_EQ(misspelled(text, 0, random), text);
}

TEST(Misspelled, LeavesShortWordsAndWhatIsNoWord) {
  Random random(fresh_seed());
  for (const std::string text : {"my head and back ache", "12345678 / 99.5 - 2026", "i can't eat, i've had it", "\xC3\xA9\xC3\xA8\xC3\xAA\xC3\xAB\xC3\xBC", ""})
    for (int i = 0; i < 50; ++i) EXPECT_EQ(misspelled(text, 1, random), text);
}

TEST(Misspelled, IsOneSlipOfTheFourKinds) {
  Random random(fresh_seed());
  const Slips slips = slips_of("migraine");
  std::set<std::string> made;
  for (int i = 0; i < 2000; ++i) made.insert(misspelled("migraine", 1, random));
  for (const std::string& word : made)
    EXPECT_TRUE(slips.left_out.count(word) || slips.doubled.count(word) || slips.swapped.count(word) || slips.struck_beside.count(word)) << word;
  for (const auto& kind : {slips.left_out, slips.doubled, slips.swapped})
    EXPECT_TRUE(std::includes(made.begin(), made.end(), kind.begin(), kind.end())) << *kind.begin();
  EXPECT_GT(std::count_if(made.begin(), made.end(), [&](const auto& word) { return slips.struck_beside.count(word); }), 3);
}

TEST(Misspelled, KeepsTheWordCountAndTheShortWords) {
  Random random(fresh_seed());
  const std::string text = "sudden onset of severe pain in the right lower abdomen, worse since morning";
  for (int i = 0; i < 500; ++i) {
    const std::string slipped = misspelled(text, 1, random);
    EXPECT_EQ(std::count(slipped.begin(), slipped.end(), ' '), std::count(text.begin(), text.end(), ' ')) << slipped;
    EXPECT_NE(slipped.find(" of "), std::string::npos) << slipped;
    EXPECT_NE(slipped.find(" pain in the "), std::string::npos) << slipped;
    EXPECT_NE(slipped.find(", "), std::string::npos) << slipped;
  }
}

TEST(Misspelled, ComesAsOftenAsAsked) {
  Random random(fresh_seed());
  constexpr int kWords = 50'000;
  int slipped = 0;
  for (int i = 0; i < kWords; ++i) slipped += misspelled("migraine", 0.3, random) != "migraine";
  EXPECT_NEAR(slipped, 0.3 * kWords, 700);
}

TEST(Misspelled, IsTheSameForTheSameNumbers) {
  const std::string text = "abdominal tenderness without guarding";
  Random one(5), other(5);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(misspelled(text, 0.5, one), misspelled(text, 0.5, other));
}

}  // namespace
}  // namespace osler::train
