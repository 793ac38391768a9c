// The promises of cases/similar_cases.h, kept by every store.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include "../random_seed.h"
#include "cases/sql/nearest.h"
#include "cases/sql/sql_similar_cases.h"
#include "cases/sql/summaries.h"
#include "base/limits.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

using Vector = std::vector<float>;

class SimilarContract : public StoreContract {
 protected:
  static Vector of_length_one(Vector vector) {
    const double length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
    for (float& number : vector) number = static_cast<float>(number / length);
    return vector;
  }
  Vector random_vector(std::size_t dimensions) {
    std::normal_distribution<float> normal;
    Vector vector(dimensions);
    for (float& number : vector) number = normal(random_);
    return of_length_one(std::move(vector));
  }
  static std::vector<std::string> ids(const std::vector<Neighbour>& neighbours) {
    std::vector<std::string> list;
    for (const Neighbour& neighbour : neighbours) list.push_back(neighbour.request_id);
    return list;
  }
  static std::vector<std::string> nearest(Store& store, const Vector& vector, std::size_t count, const CaseFilter& filter = {}, const std::string& exclude = "") {
    return ids(store.similar_cases().nearest("set-1", vector, count, filter, exclude).value());
  }
  std::mt19937 random_{fresh_seed()};
};

using Ids = std::vector<std::string>;

TEST_P(SimilarContract, GivesTheNearestFirstWithWhatIsKnownOfThem) {
  const auto store = open().value();
  EXPECT_TRUE(nearest(*store, {1, 0}, 3).empty());
  ASSERT_TRUE(put(*store, {record_with("far", {-1, 0}), record_with("near", {0.8f, 0.6f}), record_with("same", {1, 0}), record_with("other", {1, 0}, "set-2"),
                           record("without")}));
  const auto found = store->similar_cases().nearest("set-1", Vector{1, 0}, 2, {}, "").value();
  ASSERT_EQ(ids(found), (Ids{"same", "near"}));
  EXPECT_NEAR(found[0].similarity, 1, 1e-6);
  EXPECT_NEAR(found[1].similarity, 0.8, 1e-6);
  EXPECT_EQ(found[1].time, at_ms(1000));
  EXPECT_EQ(as_text(vault::open(keys_, {kSummaryTable, "near"}, found[1].content).value()), "{\"summary\":1}");
  EXPECT_EQ(nearest(*store, {1, 0}, 10), (Ids{"same", "near", "far"})) << "fewer when there are no more";
  EXPECT_EQ(nearest(*store, {1, 0}, 2, {}, "same"), (Ids{"near", "far"}));
  EXPECT_TRUE(nearest(*store, {1, 0}, 0).empty());
  EXPECT_EQ(store->similar_cases().count().value(), 4u);
}

// Short complaints give the same vector many times over.
TEST_P(SimilarContract, AmongManyThatAreTheSameTheNearerOnesAreFound) {
  const auto store = open().value();
  const auto turned = [](float y) { return Vector{std::sqrt(1 - y * y), y}; };
  std::vector<SealedRecord> records;
  for (int i = 0; i < 300; ++i) records.push_back(record_with("same-" + std::to_string(i), turned(0)));
  records.insert(records.begin() + 150, {record_with("nearer", turned(0.005f)), record_with("nearest", turned(0.0099f)), record_with("farther", turned(-0.003f))});
  ASSERT_TRUE(put(*store, records));
  const auto found = store->similar_cases().nearest("set-1", turned(0.01f), 5, {}, "").value();
  for (const Neighbour& one : found) EXPECT_NEAR(one.similarity, 1, 1e-4);
  if (GetParam() == sql::Dialect::sqlite) {
    EXPECT_EQ(ids(found), (Ids{"nearest", "nearer", "same-0", "same-1", "same-2"})) << "exact; of those alike the first stored";
  }
  EXPECT_EQ(nearest(*store, turned(0.01f), 1000).back(), "farther");
}

TEST_P(SimilarContract, SeesWhatComesAndGoesInEitherStore) {
  const std::unique_ptr<Store> stores[] = {open().value(), open().value()};
  ASSERT_TRUE(put(*stores[0], {record_with("a", {1, 0}), record_with("b", {0.8f, 0.6f})}));
  EXPECT_EQ(nearest(*stores[1], {1, 0}, 2), (Ids{"a", "b"}));
  ASSERT_TRUE(put(*stores[0], {record_with("c", {0.6f, 0.8f})}));
  EXPECT_EQ(nearest(*stores[1], {1, 0}, 3), (Ids{"a", "b", "c"}));
  ASSERT_TRUE(remove(*stores[0], {"a"}));
  EXPECT_EQ(nearest(*stores[1], {1, 0}, 2), (Ids{"b", "c"})) << "what is gone leaves its place to another";
  EXPECT_EQ(nearest(*stores[0], {1, 0}, 2), (Ids{"b", "c"}));
  ASSERT_TRUE(stores[1]->similar_cases().put_summary("c", summary("c", {1, 0})));
  EXPECT_EQ(nearest(*stores[0], {1, 0}, 1), (Ids{"c"}));
  EXPECT_EQ(nearest(*stores[1], {1, 0}, 5), (Ids{"c", "b"}));
}

TEST_P(SimilarContract, ReplacesASummaryWithItsKey) {
  const auto store = open().value();
  SimilarCases& similar = store->similar_cases();
  ASSERT_TRUE(put(*store, {record("id-1"), record_with("id-2", {1, 0})}));
  EXPECT_EQ(similar.summary("id-1").error().code, ErrorCode::not_found);
  EXPECT_EQ(similar.put_summary("id-9", summary("id-9", {1, 0})).error().code, ErrorCode::not_found);
  CaseSummary outcome = summary("id-2", random_vector(limits::kMaxVectorDimensions), "set-2");
  outcome.condition = "1:influenza";
  ASSERT_TRUE(similar.put_summary("id-2", outcome));
  ASSERT_TRUE(similar.put_summary("id-1", summary("id-1", {0, 1})));
  const CaseSummary got = similar.summary("id-2").value();
  EXPECT_EQ(got.vector_set, "set-2");
  EXPECT_EQ(got.vector, outcome.vector) << "to the last bit";
  EXPECT_EQ(got.age_band, "1:adult");
  EXPECT_EQ(got.sex, "1:female");
  EXPECT_EQ(got.condition, "1:influenza");
  EXPECT_EQ(got.content.payload, outcome.content.payload);
  EXPECT_EQ(got.content.wrapped_key, outcome.content.wrapped_key);
  EXPECT_EQ(store->keys().versions().value().front().wrapped_keys, 4u);
  EXPECT_EQ(similar.of_other_sets("set-2", "", 10).value(), Ids{"id-1"});
  EXPECT_EQ(similar.of_other_sets("set-1", "", 10).value(), Ids{"id-2"});
  EXPECT_EQ(similar.of_other_sets("set-3", "", 1).value().size(), 1u);
  EXPECT_EQ(similar.count().value(), 2u);
}

TEST_P(SimilarContract, TwoWhoReplaceOneSummaryBothSucceed) {
  const std::unique_ptr<Store> stores[] = {open().value(), open().value()};
  ASSERT_TRUE(put(*stores[0], {record_with("id", {1, 0})}));
  std::atomic<int> failures = 0;
  const auto replace = [&](Store& store) {
    for (int i = 0; i < 10; ++i)
      if (!store.similar_cases().put_summary("id", summary("id", {0, 1}))) ++failures;
  };
  std::thread other([&] { replace(*stores[1]); });
  replace(*stores[0]);
  other.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(nearest(*stores[0], {0, 1}, 5), Ids{"id"});
}

/// What nearest() must give, by comparing everything.
struct Planted {
  std::string id;
  CaseSummary summary;
  WallTime time;
};

bool passes(const Planted& one, const CaseFilter& filter) {
  const auto& bands = filter.age_bands;
  return (bands.empty() || std::find(bands.begin(), bands.end(), one.summary.age_band) != bands.end()) &&
         (filter.sex.empty() || one.summary.sex == filter.sex) && (filter.condition.empty() || one.summary.condition == filter.condition) &&
         (!filter.from || one.time >= *filter.from) && (!filter.until || one.time < *filter.until);
}

Ids truly_nearest(const std::vector<Planted>& all, const Vector& vector, std::size_t count, const CaseFilter& filter) {
  std::vector<std::pair<double, std::string>> order;
  for (const Planted& one : all)
    if (passes(one, filter)) {
      double sum = 0;
      for (std::size_t i = 0; i < vector.size(); ++i) sum += double{vector[i]} * one.summary.vector[i];
      order.emplace_back(-sum, one.id);
    }
  std::sort(order.begin(), order.end());
  Ids list;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) list.push_back(order[i].second);
  return list;
}

TEST_P(SimilarContract, FindsWhatComparingEverythingFindsWithEveryFilter) {
  const auto store = open().value();
  const std::size_t dimensions = 40;
  std::vector<Planted> all;
  std::vector<SealedRecord> records;
  const auto pick = [&](const char* kind, unsigned kinds) { return std::string("1:") + kind + std::to_string(random_() % kinds); };
  for (int i = 0; i < 600; ++i) {
    SealedRecord sealed = record_with("id-" + std::to_string(i), random_vector(dimensions));
    sealed.summary->age_band = pick("band", 4);
    sealed.summary->sex = pick("sex", 2);
    sealed.summary->condition = i % 3 ? "" : pick("condition", 60);
    sealed.time = at_ms(random_() % 1000);
    all.push_back({sealed.request_id, *sealed.summary, sealed.time});
    records.push_back(std::move(sealed));
    if (records.size() < 100) continue;
    ASSERT_TRUE(store->put(records));
    records.clear();
  }
  std::size_t expected = 0, found = 0;
  for (int round = 0; round < 60; ++round) {
    CaseFilter filter;
    if (round % 2) filter.sex = pick("sex", 2);
    if (round % 3 == 1) filter.age_bands = {pick("band", 4), pick("band", 4), "1:unknown"};
    if (round % 5 == 1) filter.condition = pick("condition", 60);
    if (round % 4 == 1) filter.from = at_ms(random_() % 500);
    if (round % 4 >= 2) filter.until = at_ms(random_() % 1000);
    const Vector vector = random_vector(dimensions);
    const Ids truth = truly_nearest(all, vector, 10, filter);
    const Ids given = nearest(*store, vector, 10, filter);
    ASSERT_EQ(given.size(), truth.size()) << "never silently too few";
    expected += truth.size();
    for (const std::string& id : given) found += std::find(truth.begin(), truth.end(), id) != truth.end();
    if (GetParam() == sql::Dialect::sqlite) {
      EXPECT_EQ(given, truth) << "exact";
    }
  }
  EXPECT_GE(static_cast<double>(found), 0.98 * static_cast<double>(expected));
}

TEST_P(SimilarContract, SearchesWhileOthersStoreAndRemove) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record_with("anchor", {1, 0})}));
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> searchers;
  for (int i = 0; i < 2; ++i)
    searchers.emplace_back([&] {
      while (!done) {
        const auto found = store->similar_cases().nearest("set-1", Vector{1, 0}, 3, {}, "");
        if (!found || found.value().empty() || found.value()[0].request_id != "anchor") ++failures;
      }
    });
  for (int i = 0; i < 40; ++i) {
    const std::string id = "id-" + std::to_string(i);
    if (!put(*store, {record_with(id, {0.6f, 0.8f})}) || (i % 2 && !remove(*store, {id}))) ++failures;
  }
  done = true;
  for (std::thread& searcher : searchers) searcher.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(nearest(*store, {1, 0}, 100).size(), 21u);
}

INSTANTIATE_TEST_SUITE_P(Both, SimilarContract, kBothStores, name_of_store);

TEST(Summaries, VectorsSurviveTheTextOfPostgres) {
  const Vector vector = {0.1f, -1e-30f, 3.4e38f, 0};
  const auto value = sql::VectorValue::of(sql::Dialect::postgres, vector).value();
  const auto text = std::get<std::string_view>(value.value());
  EXPECT_EQ(std::count(text.begin(), text.end(), ','), static_cast<std::ptrdiff_t>(limits::kMaxVectorDimensions) - 1);
  EXPECT_EQ(sql::vector_of_text(text, 4).value(), vector);
  EXPECT_EQ(sql::vector_of_text("[1,2]", 3).error().code, ErrorCode::corrupted);
  EXPECT_EQ(sql::vector_of_text("", 1).error().code, ErrorCode::corrupted);
  EXPECT_EQ(sql::vector_of_bytes(Bytes(7)).error().code, ErrorCode::corrupted);
  EXPECT_EQ(sql::vector_of_bytes(Bytes(4 * limits::kMaxVectorDimensions + 4)).error().code, ErrorCode::corrupted);
}

}  // namespace
}  // namespace osler::cases
