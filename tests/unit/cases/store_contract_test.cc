// The promises of cases/store.h, kept by every store.
#include "cases/store.h"

#include <atomic>
#include <cmath>
#include <thread>

#include "cases/sql/sql_store.h"
#include "base/limits.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

TEST_P(StoreContract, GivesBackWhatWasPut) {
  const auto store = open().value();
  const SealedRecord put_in = record("id-1", std::string("zero\0inside", 11));
  ASSERT_TRUE(put(*store, {put_in}));
  const SealedRecord got = store->get("id-1").value();
  EXPECT_EQ(got.request_id, put_in.request_id);
  EXPECT_EQ(got.patient_token, put_in.patient_token);
  EXPECT_EQ(got.owner, "dr-house");
  EXPECT_EQ(got.time, put_in.time);
  EXPECT_EQ(got.model_version, put_in.model_version);
  EXPECT_EQ(got.content.payload, put_in.content.payload);
  EXPECT_EQ(got.content.wrapped_key, put_in.content.wrapped_key);
  EXPECT_EQ(store->get("id-2").error().code, ErrorCode::not_found);
}

TEST_P(StoreContract, KeepsRecordsOverARestart) {
  ASSERT_TRUE(put(*open().value(), {record("id-1"), record("id-2")}));
  const auto store = open().value();
  EXPECT_EQ(store->count().value(), 2u);
  EXPECT_TRUE(open_record(keys_, store->get("id-2").value()));
}

TEST_P(StoreContract, TakesALargeRecord) {
  const auto store = open().value();
  const std::string payload(3'000'000, 'x');
  ASSERT_TRUE(put(*store, {record("id-1", payload), record("id-2")}));
  EXPECT_EQ(open_record(keys_, store->get("id-1").value()).value().reveal_phi(), payload);
}

TEST_P(StoreContract, PutsAllOrNothing) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1")}));
  const Error error = put(*store, {record("id-2"), record("id-1"), record("id-3")}).error();
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_EQ(describe(error).find("id-1"), std::string::npos) << "no error repeats a value";
  EXPECT_EQ(store->count().value(), 1u);
  EXPECT_EQ(store->get("id-2").error().code, ErrorCode::not_found);
  EXPECT_EQ(store->keys().versions().value().front().wrapped_keys, 1u);
  EXPECT_TRUE(put(*store, {record("id-2"), record("id-3")})) << "and works on";
  EXPECT_TRUE(put(*store, {}));
  EXPECT_EQ(store->count().value(), 3u);
}

TEST_P(StoreContract, PutsNothingOfABatchWithABadVector) {
  const auto store = open().value();
  EXPECT_EQ(put(*store, {record("id-1"), record_with("id-2", std::vector<float>(limits::kMaxVectorDimensions + 1, 0.1f))}).error().code, ErrorCode::too_large);
  EXPECT_EQ(put(*store, {record_with("id-2", {})}).error().code, ErrorCode::invalid);
  EXPECT_EQ(put(*store, {record_with("id-2", {0.5f, std::nanf("")})}).error().code, ErrorCode::invalid);
  EXPECT_EQ(store->count().value(), 0u);
}

TEST_P(StoreContract, ListsTheNewestFirst) {
  const auto store = open().value();
  EXPECT_TRUE(store->newest(5).value().empty());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put(*store, {record("id-" + std::to_string(i))}));
  const auto list = store->newest(3).value();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].request_id, "id-4");
  EXPECT_EQ(list[2].request_id, "id-2");
  EXPECT_GT(list[0].sequence, list[2].sequence);
  EXPECT_EQ(list[0].owner, "dr-house");
  EXPECT_EQ(list[0].model_version, "network-1");
  EXPECT_EQ(list[0].time, at_ms(1000));
  EXPECT_EQ(list[0].bytes, record("id-4").bytes());
}

TEST_P(StoreContract, PagesThroughAllInOrderAndNeverUsesASequenceAgain) {
  const auto store = open().value();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put(*store, {record("id-" + std::to_string(i))}));
  std::vector<std::string> seen;
  std::uint64_t after = 0;
  for (auto page = store->page(after, 2).value(); !page.empty(); page = store->page(after, 2).value())
    for (const RecordSummary& one : page) {
      EXPECT_GT(one.sequence, after);
      after = one.sequence;
      seen.push_back(one.request_id);
    }
  EXPECT_EQ(seen, (std::vector<std::string>{"id-0", "id-1", "id-2", "id-3", "id-4"}));
  ASSERT_TRUE(remove(*store, {"id-4"}));
  ASSERT_TRUE(put(*store, {record("id-5")}));
  ASSERT_EQ(store->page(after, 2).value().size(), 1u);
}

TEST_P(StoreContract, FindsTheRecordsOfOnePatient) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record_of("id-1", "Ann"), record_of("id-2", "Bob"), record_of("id-3", "Ann")}));
  const auto list = store->of_patient(names_.token("patient", "Ann"), 10).value();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].request_id, "id-1");
  EXPECT_EQ(list[1].request_id, "id-3");
  EXPECT_EQ(store->of_patient(names_.token("patient", "Ann"), 1).value().size(), 1u);
  EXPECT_TRUE(store->of_patient("Ann", 10).value().empty());
}

TEST_P(StoreContract, NamesWhatIsTooOldAndNotHeldOldestFirst) {
  const auto store = open().value();
  const auto aged = [&](const std::string& id, std::int64_t time) {
    SealedRecord sealed = record_of(id, "patient of " + id);
    sealed.time = at_ms(time);
    return sealed;
  };
  ASSERT_TRUE(put(*store, {aged("id-1", 300), aged("id-2", 100), aged("id-3", 200), aged("id-4", 400)}));
  const std::string token = names_.token("patient", "patient of id-3");
  const auto ids = [&](std::size_t limit) {
    std::vector<std::string> list;
    for (const RecordSummary& one : store->expired(at_ms(400), limit).value()) list.push_back(one.request_id);
    return list;
  };
  EXPECT_EQ(ids(10), (std::vector<std::string>{"id-2", "id-3", "id-1"}));
  EXPECT_EQ(ids(1), (std::vector<std::string>{"id-2"}));
  EXPECT_FALSE(store->is_held(token).value());
  ASSERT_TRUE(store->set_hold(token, true));
  ASSERT_TRUE(store->set_hold(token, true)) << "idempotent";
  EXPECT_TRUE(store->is_held(token).value());
  EXPECT_EQ(store->holds().value(), std::vector<std::string>{token});
  EXPECT_EQ(ids(10), (std::vector<std::string>{"id-2", "id-1"}));
  ASSERT_TRUE(store->set_hold(token, false));
  ASSERT_TRUE(store->set_hold(token, false));
  EXPECT_FALSE(store->is_held(token).value());
  EXPECT_EQ(ids(10).size(), 3u);
}

TEST_P(StoreContract, SharesARecordUntilItGoes) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1")}));
  EXPECT_TRUE(store->readers("id-1").value().empty());
  ASSERT_TRUE(store->share("id-1", "dr-wilson"));
  ASSERT_TRUE(store->share("id-1", "*"));
  ASSERT_TRUE(store->share("id-1", "*")) << "idempotent";
  EXPECT_EQ(store->readers("id-1").value(), (std::vector<std::string>{"*", "dr-wilson"}));
  EXPECT_EQ(store->share("id-2", "dr-wilson").error().code, ErrorCode::not_found);
  ASSERT_TRUE(remove(*store, {"id-1"}));
  ASSERT_TRUE(put(*store, {record("id-1")}));
  EXPECT_TRUE(store->readers("id-1").value().empty()) << "shares go with the record";
}

TEST_P(StoreContract, RemovesRecordsWithTheirKeysAndSummaries) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record_with("id-1", {1, 0}), record_with("id-2", {0, 1})}));
  EXPECT_EQ(store->keys().versions().value().front().wrapped_keys, 4u);
  ASSERT_TRUE(remove(*store, {"id-1", "id-9"}));
  EXPECT_EQ(store->get("id-1").error().code, ErrorCode::not_found);
  EXPECT_EQ(store->similar_cases().summary("id-1").error().code, ErrorCode::not_found);
  EXPECT_EQ(store->count().value(), 1u);
  EXPECT_EQ(store->similar_cases().count().value(), 1u);
  EXPECT_EQ(store->keys().versions().value().front().wrapped_keys, 2u);
}

TEST_P(StoreContract, IsClosedForGood) {
  const auto store = open().value();
  EXPECT_TRUE(store->probe());
  ASSERT_TRUE(store->close());
  EXPECT_EQ(store->probe().error().code, ErrorCode::unavailable);
  EXPECT_EQ(put(*store, {record("id-1")}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(put(*store, {}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->get("id-1").error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->count().error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->newest(1).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->remove({}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->keys().versions().error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->batches().claim("worker", std::chrono::seconds(1)).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(store->close());
}

TEST_P(StoreContract, RefusesAnotherKeyAndHarmsNothing) {
  ASSERT_TRUE(put(*open().value(), {record("id-1")}));
  const Error error = open_with(vault::KeyRing::of(vault::Secret::random())).error();
  EXPECT_EQ(error.code, ErrorCode::configuration);
  EXPECT_NE(error.external.find("ENCRYPTION_KEY"), std::string::npos);
  EXPECT_TRUE(open_record(keys_, open().value()->get("id-1").value()));
}

TEST_P(StoreContract, TakesAKeyRingWithANewerVersionAndThenWantsIt) {
  const std::string hex(64, 'a');
  vault::KeyRing ring = vault::KeyRing::from_hex_key(hex).value();
  ASSERT_TRUE(open_with(ring));
  ASSERT_TRUE(ring.add(2, vault::Secret::random()));
  ASSERT_TRUE(open_with(ring));
  EXPECT_EQ(open_with(vault::KeyRing::from_hex_key(hex).value()).error().code, ErrorCode::configuration);
}

TEST_P(StoreContract, TwoStoresAndManyThreadsLoseNothing) {
  const std::unique_ptr<Store> stores[] = {open().value(), open().value()};
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const std::string id = std::to_string(thread) + "-" + std::to_string(i);
        Store& mine = *stores[thread % 2];
        if (!put(mine, {record_with(id, {1, 0})}) || !stores[(thread + 1) % 2]->get(id)) ++failures;
        if (i % 4 == 0 && !remove(mine, {id})) ++failures;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(stores[0]->count().value(), 60u);
  EXPECT_EQ(stores[1]->similar_cases().count().value(), 60u);
}

INSTANTIATE_TEST_SUITE_P(Both, StoreContract, kBothStores, name_of_store);

}  // namespace
}  // namespace osler::cases
