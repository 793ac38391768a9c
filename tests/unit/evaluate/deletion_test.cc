// Curves of confidence while parts go and come, on confidences that are known: "evaluate/deletion.h".
#include "evaluate/deletion.h"

#include <algorithm>
#include <numeric>

#include "../random_seed.h"

namespace osler::evaluate {
namespace {

/// The confidence is the sum of what is there.
PartConfidence sum_of(std::vector<double> worth) {
  return [worth = std::move(worth)](const reasoning::Coalition& present) {
    double sum = 0;
    for (std::size_t i = 0; i < worth.size(); ++i) sum += present[i] ? worth[i] : 0;
    return sum;
  };
}

TEST(Deletion, TheMostSupportingComesFirstAndWhatIsEqualAsItWas) {
  EXPECT_EQ(by_support({0.1, -2, 0.5, 0, 0.5}), (std::vector<std::size_t>{2, 4, 0, 3, 1}));
  EXPECT_TRUE(by_support({}).empty());
}

TEST(Deletion, ACurveHasTheConfidenceAtEachShare) {
  const auto confidence = sum_of({0.5, 0.1, 0.3, 0.1});
  const ShareCurve removed = removed_in({0, 2, 1, 3}, confidence), added = added_in({0, 2, 1, 3}, confidence);
  for (const auto& [step, gone] : {std::pair(0, 0.0), {2, 0.0}, {3, 0.5}, {5, 0.5}, {10, 0.8}, {15, 0.9}, {20, 1.0}}) {
    EXPECT_NEAR(removed[static_cast<std::size_t>(step)], 1 - gone, 1e-12) << step;
    EXPECT_NEAR(added[static_cast<std::size_t>(step)], gone, 1e-12) << step;
  }
}

TEST(Deletion, AreasAreTrapezoids) {
  ShareCurve falling;
  for (std::size_t step = 0; step < falling.size(); ++step) falling[step] = 1 - static_cast<double>(step) / kShareSteps;
  EXPECT_NEAR(area(falling), 0.5, 1e-12);
  falling.fill(0.7);
  EXPECT_NEAR(area(falling), 0.7, 1e-12);
  falling.back() = 0;
  EXPECT_NEAR(area(falling), 0.7 * (1 - 0.5 / kShareSteps), 1e-12);
}

TEST(Deletion, NoOrderFallsFasterThanTheOneByWorth) {
  std::mt19937 random(fresh_seed());
  for (int round = 0; round < 50; ++round) {
    std::vector<double> worth(2 + random() % 40);
    for (double& one : worth) one = static_cast<double>(random() % 1000) / 1e3 / static_cast<double>(worth.size());
    const auto confidence = sum_of(worth);
    const std::vector<std::size_t> best = by_support(worth);
    const double least = area(removed_in(best, confidence)), most = area(added_in(best, confidence));
    const double at_random = area(removed_at_random(worth.size(), 3, random, confidence));
    EXPECT_LE(least, at_random + 1e-12);
    EXPECT_GE(most, at_random - 1e-12);
    EXPECT_NEAR(removed_in(best, confidence).front(), std::accumulate(worth.begin(), worth.end(), 0.0), 1e-12);
    EXPECT_NEAR(removed_in(best, confidence).back(), 0, 1e-12);
  }
}

TEST(Deletion, ARandomOrderTakesEachPartOnceAndTheSeedRepeatsIt) {
  const unsigned seed = fresh_seed();
  std::mt19937 once(seed);
  std::vector<std::size_t> left;
  removed_at_random(kShareSteps, 1, once, [&](const reasoning::Coalition& present) {
    left.push_back(static_cast<std::size_t>(std::count(present.begin(), present.end(), true)));
    return 0.5;
  });
  std::vector<std::size_t> expected(kShareSteps + 1);
  std::iota(expected.rbegin(), expected.rend(), std::size_t{0});
  EXPECT_EQ(left, expected);
  const auto uneven = sum_of({0.01, 0.02, 0.04, 0.08, 0.16, 0.32});
  std::mt19937 first(seed), again(seed);
  EXPECT_EQ(removed_at_random(6, 4, first, uneven), removed_at_random(6, 4, again, uneven));
  const auto long_one = sum_of(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  EXPECT_NE(removed_at_random(20, 1, first, long_one), removed_at_random(20, 1, first, long_one)) << "each order is drawn anew";
}

TEST(Deletion, NothingToTakeAwayIsAFlatLine) {
  const auto certain = [](const reasoning::Coalition&) { return 0.4; };
  EXPECT_NEAR(area(removed_in({}, certain)), 0.4, 1e-12);
}

}  // namespace
}  // namespace osler::evaluate
