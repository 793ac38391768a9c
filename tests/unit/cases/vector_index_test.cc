#include "cases/vector_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "../random_seed.h"
#include "base/limits.h"

namespace osler::cases {
namespace {

using Vector = std::vector<float>;

double product(const Vector& left, const Vector& right) {
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += double{left[i]} * right[i];
  return sum;
}

class VectorIndexTest : public testing::Test {
 protected:
  /// Near one of a few centres, or anywhere.
  Vector random_vector(std::size_t dimensions) {
    std::normal_distribution<float> normal;
    Vector vector(dimensions);
    for (float& number : vector) number = normal(random_);
    if (!centres_.empty() && random_() % 4)
      for (std::size_t i = 0; i < dimensions; ++i) vector[i] = centres_[random_() % centres_.size()][i] + vector[i] * 0.01f;
    const double length = std::sqrt(product(vector, vector));
    for (float& number : vector) number = static_cast<float>(number / length);
    return vector;
  }
  std::mt19937 random_{fresh_seed()};
  std::vector<Vector> centres_;
};

std::set<std::int64_t> keys_of(const std::vector<VectorIndex::Candidate>& candidates) {
  std::set<std::int64_t> keys;
  for (const auto& candidate : candidates) keys.insert(candidate.key);
  return keys;
}

TEST_F(VectorIndexTest, CandidatesHoldTheNearestAndTheirBoundsHold) {
  for (const std::size_t dimensions : {std::size_t{1}, std::size_t{17}, std::size_t{64}, limits::kMaxVectorDimensions}) {
    centres_.clear();
    for (int i = 0; i < 3; ++i) centres_.push_back(random_vector(dimensions));
    VectorIndex index(dimensions);
    std::vector<Vector> vectors;
    for (std::int64_t key = 0; key < 5000; ++key) {
      vectors.push_back(random_vector(dimensions));
      ASSERT_TRUE(index.add(key, vectors.back(), {}));
    }
    for (int round = 0; round < 10; ++round) {
      const Vector query = random_vector(dimensions);
      std::vector<std::pair<double, std::int64_t>> truth;
      for (std::int64_t key = 0; key < 5000; ++key) truth.emplace_back(product(query, vectors[key]), key);
      std::sort(truth.rbegin(), truth.rend());
      const auto candidates = index.candidates(query, 10, {}, -1);
      const auto keys = keys_of(candidates);
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(keys.contains(truth[i].second)) << dimensions << " dimensions, place " << i;
      for (const auto& candidate : candidates) EXPECT_LE(product(query, vectors[candidate.key]), candidate.at_most);
      EXPECT_TRUE(std::is_sorted(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.at_most > b.at_most; }));
      if (dimensions == limits::kMaxVectorDimensions) {
        EXPECT_LT(candidates.size(), 100u) << "the bound tells most apart";
      }
    }
  }
}

TEST_F(VectorIndexTest, KeepsOnlyWhatItIsTold) {
  VectorIndex index(8);
  std::vector<std::int64_t> kept;
  for (std::int64_t key = 0; key < 10'000; ++key) {
    ASSERT_TRUE(index.add(key, random_vector(8), {"band", key % 2 ? "odd" : "even", "", WallTime(std::chrono::milliseconds(key))}));
    if (key % 7 == 0) kept.push_back(key);
  }
  index.keep_only(kept);
  EXPECT_EQ(index.size(), kept.size());
  EXPECT_EQ(keys_of(index.candidates(random_vector(8), 10'000, {}, -1)), std::set<std::int64_t>(kept.begin(), kept.end()));
  CaseFilter odd;
  odd.sex = "odd";
  for (const std::int64_t key : keys_of(index.candidates(random_vector(8), 10'000, odd, -1))) EXPECT_EQ(key % 14, 7);
  index.keep_only({});
  EXPECT_TRUE(index.candidates(random_vector(8), 10, {}, -1).empty());
  ASSERT_TRUE(index.add(1, random_vector(8), {}));
  EXPECT_EQ(index.candidates(random_vector(8), 10, {}, -1).size(), 1u);
}

TEST_F(VectorIndexTest, PassesOverWhatTheFilterOrTheCallerLeavesOut) {
  VectorIndex index(2);
  const Vector vector = {1, 0};
  ASSERT_TRUE(index.add(1, vector, {"young", "f", "flu", WallTime(std::chrono::milliseconds(10))}));
  ASSERT_TRUE(index.add(2, vector, {"old", "f", "", WallTime(std::chrono::milliseconds(20))}));
  const auto found = [&](const CaseFilter& filter, std::int64_t except = -1) { return keys_of(index.candidates(vector, 5, filter, except)); };
  using Keys = std::set<std::int64_t>;
  EXPECT_EQ(found({}), (Keys{1, 2}));
  EXPECT_EQ(found({}, 1), Keys{2});
  EXPECT_EQ(found({.age_bands = {"young", "never seen"}}), Keys{1});
  EXPECT_EQ(found({.age_bands = {"never seen"}}), Keys{});
  EXPECT_EQ(found({.sex = "f"}), (Keys{1, 2}));
  EXPECT_EQ(found({.sex = "m"}), Keys{});
  EXPECT_EQ(found({.condition = "flu"}), Keys{1});
  EXPECT_EQ(found({.from = WallTime(std::chrono::milliseconds(20))}), Keys{2});
  EXPECT_EQ(found({.until = WallTime(std::chrono::milliseconds(20))}), Keys{1});
}

TEST_F(VectorIndexTest, TakesOnlyItsOwnDimensions) {
  VectorIndex index(4);
  EXPECT_FALSE(index.add(1, random_vector(5), {}));
  ASSERT_TRUE(index.add(2, Vector(4, 0.0f), {})) << "even one without a direction";
  EXPECT_TRUE(index.candidates(random_vector(5), 3, {}, -1).empty());
  EXPECT_TRUE(index.candidates(random_vector(4), 0, {}, -1).empty());
  EXPECT_EQ(index.candidates(random_vector(4), 3, {}, -1).size(), 1u);
}

}  // namespace
}  // namespace osler::cases
