// The network on parts of a case, against the network run anew on those parts.
#include "reasoning/attribution_case.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "../random_seed.h"
#include "attribution_world.h"
#include "reasoning/attribution_hypotheses.h"
#include "reasoning/attribution_sketch.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

TEST(CaseInParts, TellsTheBetterMemberOfEachRowOfPairs) {
  std::mt19937 random(fresh_seed());
  const KnowledgeBase knowledge = random_knowledge(random, 60, 30);
  const Tables tables(knowledge);
  CaseInParts whole(tables, {}, random_case(random, knowledge, 10));
  const std::vector<std::uint32_t> best = whole.best();
  const Weights& weights = whole.weights();
  EXPECT_EQ(best.size(), std::min(kBestSingles, whole.size()));
  EXPECT_EQ(std::set<std::uint32_t>(best.begin(), best.end()).size(), best.size());
  for (std::size_t rank = 0; rank < best.size(); ++rank) {
    EXPECT_GE(weights.single[best[rank == 0 ? 0 : rank - 1]], weights.single[best[rank]]);
    for (std::size_t before = 0; before <= rank; ++before) EXPECT_EQ(weights.pair[rank * whole.size() + best[before]], 0);
  }
}

TEST(HypothesisOrder, SumsWithAndWithoutTheAskedConditions) {
  std::mt19937 random(fresh_seed());
  const KnowledgeBase knowledge = random_knowledge(random, 60, 30);
  const Tables tables(knowledge);
  CaseInParts whole(tables, {}, random_case(random, knowledge, 10));
  const std::vector<std::uint32_t> asked{whole.best()[0], whole.best()[3], static_cast<std::uint32_t>(whole.size() - 1), whole.best()[0]};
  HypothesisOrder order(whole, asked);
  const std::vector<double> weights = order.in_order(whole.weights()), expected = whole.log_odds(whole.weights(), asked);
  for (std::size_t a = 0; a < asked.size(); ++a) {
    double with = 0, rest = 0;
    for (const HypothesisOrder::Group& group : order.groups()) {
      const double sum = std::accumulate(&weights[group.begin], &weights[group.begin] + (group.end - group.begin), 0.0);
      (order.holds(group, a) ? with : rest) += sum;
      const Members members = order.members(group.begin);
      EXPECT_EQ(order.holds(group, a), members.first == asked[a] || members.second == asked[a]);
    }
    EXPECT_NEAR(limited_log_odds(with, rest), expected[a], 1e-9);
  }
  order.keep_best(weights, 50);
  EXPECT_EQ(order.size(), 50u);
  EXPECT_EQ(order.groups().back().end, 50u);
  std::vector<double> kept = order.in_order(whole.weights()), sorted = weights;
  std::sort(kept.begin(), kept.end(), std::greater<>());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  EXPECT_TRUE(std::equal(kept.begin(), kept.end(), sorted.begin()));
}

TEST(CaseInParts, SayingLessIsTheNetworkRunAnew) {
  std::mt19937 random(fresh_seed());
  for (int world = 0; world < 30; ++world) {
    const AttributionWorld one(random, 25, 20, 8);
    CaseInParts whole(one.tables, one.parameters, one.findings);
    for (int i = 0; i < 5; ++i) {
      Coalition present = random_coalition_of(random, one.units.size());
      for (const Piece& piece : one.pieces)  // of the same patient
        if (piece.kind == Piece::Kind::sex || piece.kind == Piece::Kind::pregnancy) present[piece.units.front()] = true;
      Weights weights;
      whole.weights_of(said_by(one.findings, one.pieces, present), one.age_said(present), weights);
      for (std::uint32_t c = 0; c < whole.size(); ++c)
        EXPECT_NEAR(whole.log_odds(weights, {c}).front(), one.run_anew(present, whole.model().candidates.conditions[c]), 1e-7);
    }
  }
}

TEST(CaseSketch, WithAllHypothesesIsTheCaseItself) {
  std::mt19937 random(fresh_seed());
  const AttributionWorld one(random, 25, 20, 8);
  CaseInParts whole(one.tables, one.parameters, one.findings);
  const std::vector<std::uint32_t> asked{0, 5};
  CaseSketch sketch(whole, asked, {}, 1'000'000);
  for (int i = 0; i < 10; ++i) {
    Coalition present = random_coalition_of(random, one.units.size());
    for (const Piece& piece : one.pieces)
      if (piece.kind == Piece::Kind::sex || piece.kind == Piece::Kind::pregnancy) present[piece.units.front()] = true;
    const CaseSketch::Example said{said_by(one.findings, one.pieces, present), one.age_said(present)};
    const std::vector<double>& ratios = sketch.ratios(0, present, [&] { return said; });
    std::vector<double> log_odds(2);
    sketch.log_odds({&ratios}, log_odds);
    Weights weights;
    whole.weights_of(said.said, said.age_said, weights);
    EXPECT_NEAR(log_odds[0], whole.log_odds(weights, asked)[0], 1e-7);
    EXPECT_NEAR(log_odds[1], whole.log_odds(weights, asked)[1], 1e-7);
  }
}

}  // namespace
}  // namespace osler::reasoning
