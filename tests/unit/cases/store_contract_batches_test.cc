// The promises of cases/batches.h, kept by every store.
#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "cases/sql/sql_batches.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class BatchContract : public StoreContract {
 protected:
  static BatchInfo batch(const std::string& id, std::int64_t created = 1000, const std::string& owner = "ehr") {
    BatchInfo info;
    info.id = id;
    info.owner = owner;
    info.format = "ndjson";
    info.created = at_ms(created);
    info.options = "{\"threshold\":0.5}";
    return info;
  }
  vault::SealedText input(const std::string& batch, std::uint64_t chunk) {
    return vault::seal(keys_, {kChunkTable, batch + "/" + std::to_string(chunk)}, as_bytes("case " + std::to_string(chunk)));
  }
  /// A batch of chunks with two cases each.
  void fill(Store& store, const std::string& id, std::uint64_t chunks, std::int64_t created = 1000) {
    ASSERT_TRUE(store.batches().create(batch(id, created)));
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) ASSERT_TRUE(store.batches().add_chunk(id, chunk, 1 + 2 * chunk, 2, input(id, chunk)));
    ASSERT_TRUE(store.batches().set_state(id, BatchState::ready));
  }
  static std::vector<ChunkOutcome> outcomes_of(const ChunkClaim& claim) {
    return {{claim.first_line, "request-" + std::to_string(claim.first_line), ""}, {claim.first_line + 1, "", "{\"type\":\"invalid\"}"}};
  }
  static std::uint64_t wrapped_keys(Store& store) { return store.keys().versions().value().front().wrapped_keys; }
};

TEST_P(BatchContract, ReceivesChunksInOrderAndThenNoMore) {
  const auto store = open().value();
  Batches& batches = store->batches();
  ASSERT_TRUE(batches.create(batch("b")));
  EXPECT_EQ(batches.create(batch("b")).error().code, ErrorCode::conflict);
  ASSERT_TRUE(batches.add_chunk("b", 0, 1, 2, input("b", 0)));
  EXPECT_EQ(batches.add_chunk("b", 0, 1, 2, input("b", 0)).error().code, ErrorCode::conflict);
  EXPECT_EQ(batches.add_chunk("b", 2, 5, 2, input("b", 2)).error().code, ErrorCode::conflict);
  ASSERT_TRUE(batches.add_chunk("b", 1, 3, 1, input("b", 1)));
  EXPECT_FALSE(batches.claim("worker", hours(1)).value()) << "not before all of it has come";
  ASSERT_TRUE(batches.set_state("b", BatchState::ready));
  EXPECT_EQ(batches.add_chunk("b", 2, 4, 1, input("b", 2)).error().code, ErrorCode::conflict);
  const BatchInfo info = batches.info("b").value();
  EXPECT_EQ(info.owner, "ehr");
  EXPECT_EQ(info.format, "ndjson");
  EXPECT_EQ(info.state, BatchState::ready);
  EXPECT_EQ(info.created, at_ms(1000));
  EXPECT_EQ(info.options, "{\"threshold\":0.5}");
  EXPECT_EQ(info.cases, 3u);
  EXPECT_EQ(info.chunks, 2u);
  EXPECT_EQ(info.chunks_done, 0u);
  EXPECT_EQ(batches.info("none").error().code, ErrorCode::not_found);
  EXPECT_EQ(wrapped_keys(*store), 2u);
}

TEST_P(BatchContract, TakesNoChunkUnderAKeyThatTheStoreDoesNotKnow) {
  const auto store = open().value();
  ASSERT_TRUE(store->batches().create(batch("b")));
  vault::KeyRing other = vault::KeyRing::of(vault::Secret::random());
  ASSERT_TRUE(other.add(9, vault::Secret::random()));
  EXPECT_EQ(store->batches().add_chunk("b", 0, 1, 1, vault::seal(other, {kChunkTable, "b/0"}, as_bytes("x"))).error().code, ErrorCode::not_found);
  EXPECT_EQ(store->batches().info("b").value().chunks, 0u);
}

TEST_P(BatchContract, ChangesStateOnlyForwards) {
  const auto store = open().value();
  Batches& batches = store->batches();
  EXPECT_EQ(batches.set_state("none", BatchState::ready).error().code, ErrorCode::not_found);
  fill(*store, "b", 1);
  EXPECT_EQ(batches.set_state("b", BatchState::ready).error().code, ErrorCode::conflict);
  EXPECT_EQ(batches.set_state("b", BatchState::receiving).error().code, ErrorCode::conflict);
  EXPECT_EQ(batches.set_state("b", BatchState::done).error().code, ErrorCode::conflict);
  ASSERT_TRUE(batches.set_state("b", BatchState::cancelled));
  ASSERT_TRUE(batches.set_state("b", BatchState::cancelled));
  EXPECT_EQ(batches.set_state("b", BatchState::ready).error().code, ErrorCode::conflict);
  EXPECT_EQ(batches.info("b").value().state, BatchState::cancelled);
  ASSERT_TRUE(batches.create(batch("empty")));
  ASSERT_TRUE(batches.set_state("empty", BatchState::ready));
  EXPECT_EQ(batches.info("empty").value().state, BatchState::done) << "there is no last chunk to wait for";
  EXPECT_EQ(batches.set_state("empty", BatchState::cancelled).error().code, ErrorCode::conflict);
}

TEST_P(BatchContract, AClaimSaysWhetherSomebodyHadItBefore) {
  const auto store = open().value();
  Batches& batches = store->batches();
  fill(*store, "b", 1);
  const ChunkClaim first = batches.claim("a", hours(1)).value().value();
  EXPECT_FALSE(first.claimed_before);
  EXPECT_TRUE(batches.renew(first, "a", milliseconds(0)).value()) << "given back";
  const ChunkClaim second = batches.claim("b", hours(1)).value().value();
  EXPECT_TRUE(second.claimed_before);
  EXPECT_FALSE(batches.renew(first, "a", hours(1)).value());
}

TEST_P(BatchContract, CancelsUploadsThatNobodyGoesOnWith) {
  const auto store = open().value();
  Batches& batches = store->batches();
  for (const auto& [id, created] : {std::pair("old", 1000), std::pair("young", 3000)}) {
    ASSERT_TRUE(batches.create(batch(id, created)));
    ASSERT_TRUE(batches.add_chunk(id, 0, 1, 1, input(id, 0)));
  }
  fill(*store, "ready", 1, 1000);
  EXPECT_EQ(batches.cancel_abandoned(at_ms(2000)).value(), 1u);
  EXPECT_EQ(batches.info("old").value().state, BatchState::cancelled);
  EXPECT_EQ(batches.info("young").value().state, BatchState::receiving);
  EXPECT_EQ(batches.info("ready").value().state, BatchState::ready);
  EXPECT_EQ(wrapped_keys(*store), 2u) << "the key of what it held went with it";
  EXPECT_EQ(batches.cancel_abandoned(at_ms(2000)).value(), 0u);
}

TEST_P(BatchContract, ListsAnOwnersBatchesNewestFirst) {
  const auto store = open().value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->batches().create(batch("b" + std::to_string(i), 1000 + i)));
  ASSERT_TRUE(store->batches().create(batch("other", 5000, "ward-7")));
  const auto list = store->batches().list("ehr", 2).value();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].id, "b2");
  EXPECT_EQ(list[1].id, "b1");
  EXPECT_EQ(store->batches().list("", 9).value().size(), 4u) << "everybody's";
  EXPECT_EQ(store->batches().list("", 9).value()[0].id, "other");
}

TEST_P(BatchContract, ClaimsTheOldestAndFinishesItOnce) {
  const auto store = open().value();
  Batches& batches = store->batches();
  fill(*store, "young", 1, 2000);
  fill(*store, "old", 2, 1000);
  const ChunkClaim first = batches.claim("a", hours(1)).value().value();
  EXPECT_EQ(first.batch, "old");
  EXPECT_EQ(first.chunk, 0u);
  EXPECT_EQ(first.first_line, 1u);
  EXPECT_EQ(as_text(vault::open(keys_, {kChunkTable, "old/0"}, first.input).value()), "case 0");
  const ChunkClaim second = batches.claim("b", hours(1)).value().value();
  EXPECT_EQ(second.batch + std::to_string(second.chunk), "old1");
  EXPECT_EQ(batches.claim("a", hours(1)).value().value().batch, "young");
  EXPECT_FALSE(batches.claim("a", hours(1)).value());

  EXPECT_FALSE(batches.finish(first, "b", outcomes_of(first)).value()) << "the lease is another's";
  EXPECT_EQ(wrapped_keys(*store), 3u);
  EXPECT_TRUE(batches.finish(second, "b", outcomes_of(second)).value());
  EXPECT_FALSE(batches.finish(second, "b", outcomes_of(second)).value()) << "once";
  EXPECT_TRUE(batches.outcomes("old", 0, 10).value().empty()) << "the chunk before it is not finished";
  EXPECT_EQ(batches.info("old").value().state, BatchState::ready);
  EXPECT_TRUE(batches.finish(first, "a", outcomes_of(first)).value());
  EXPECT_EQ(wrapped_keys(*store), 1u) << "inputs are destroyed";

  const BatchInfo info = batches.info("old").value();
  EXPECT_EQ(info.state, BatchState::done);
  EXPECT_EQ(info.answered, 2u);
  EXPECT_EQ(info.refused, 2u);
  EXPECT_EQ(info.chunks_done, 2u);
}

TEST_P(BatchContract, GivesOutcomesInOrderPageByPage) {
  const auto store = open().value();
  fill(*store, "b", 3);
  const auto first = store->batches().claim("a", hours(1)).value().value();
  const auto second = store->batches().claim("a", hours(1)).value().value();
  ASSERT_TRUE(store->batches().finish(second, "a", outcomes_of(second)).value());
  ASSERT_TRUE(store->batches().finish(first, "a", outcomes_of(first)).value());
  const auto page = store->batches().outcomes("b", 0, 3).value();
  ASSERT_EQ(page.size(), 3u);
  EXPECT_EQ(page[0].line, 1u);
  EXPECT_EQ(page[0].request_id, "request-1");
  EXPECT_EQ(page[0].refusal, "");
  EXPECT_EQ(page[1].request_id, "");
  EXPECT_EQ(page[1].refusal, "{\"type\":\"invalid\"}");
  const auto rest = store->batches().outcomes("b", page.back().line, 3).value();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].line, 4u);
}

TEST_P(BatchContract, GivesAChunkAgainWhenItsLeaseRanOut) {
  const auto store = open().value();
  Batches& batches = store->batches();
  fill(*store, "b", 1);
  const ChunkClaim lost = batches.claim("a", milliseconds(0)).value().value();
  EXPECT_TRUE(batches.renew(lost, "a", milliseconds(0)).value()) << "nobody took it yet";
  const ChunkClaim taken = batches.claim("b", hours(1)).value().value();
  EXPECT_EQ(taken.chunk, lost.chunk);
  EXPECT_FALSE(batches.renew(lost, "a", hours(1)).value());
  EXPECT_FALSE(batches.finish(lost, "a", outcomes_of(lost)).value());
  EXPECT_TRUE(batches.renew(taken, "b", hours(1)).value());
  EXPECT_FALSE(batches.claim("a", hours(1)).value());
  EXPECT_TRUE(batches.finish(taken, "b", outcomes_of(taken)).value());
  EXPECT_FALSE(batches.renew(taken, "b", hours(1)).value());
}

TEST_P(BatchContract, CancellingDestroysTheInputsAndFinishesNothing) {
  const auto store = open().value();
  Batches& batches = store->batches();
  fill(*store, "b", 3);
  const ChunkClaim done = batches.claim("a", hours(1)).value().value();
  ASSERT_TRUE(batches.finish(done, "a", outcomes_of(done)).value());
  const ChunkClaim running = batches.claim("a", hours(1)).value().value();
  ASSERT_TRUE(batches.set_state("b", BatchState::cancelled));
  EXPECT_EQ(wrapped_keys(*store), 0u);
  EXPECT_FALSE(batches.finish(running, "a", outcomes_of(running)).value());
  EXPECT_FALSE(batches.renew(running, "a", hours(1)).value());
  EXPECT_FALSE(batches.claim("b", hours(1)).value());
  EXPECT_EQ(batches.info("b").value().answered, 1u);
  EXPECT_EQ(batches.outcomes("b", 0, 10).value().size(), 2u) << "what was finished before stays";
}

TEST_P(BatchContract, ADeletedPatientIsExcludedFromEveryBatchThatIsNotAtItsEnd) {
  const auto store = open().value();
  Batches& batches = store->batches();
  ASSERT_TRUE(batches.create(batch("receiving")));
  fill(*store, "ready", 1);
  fill(*store, "cancelled", 1);
  ASSERT_TRUE(batches.set_state("cancelled", BatchState::cancelled));
  fill(*store, "done", 1, 500);
  const ChunkClaim claim = batches.claim("a", hours(1)).value().value();
  ASSERT_TRUE(batches.finish(claim, "a", outcomes_of(claim)).value());
  ASSERT_TRUE(batches.exclude_patient("token", WallTime::max()));
  ASSERT_TRUE(batches.exclude_patient("token", WallTime::max())) << "again is the same";
  const WallTime begun = batches.info("ready").value().created;
  ASSERT_TRUE(batches.exclude_patient("other", begun));
  ASSERT_TRUE(batches.exclude_patient("deleted before", begun - std::chrono::milliseconds(1)));
  fill(*store, "later", 1);
  for (const char* id : {"receiving", "ready"}) {
    std::vector<std::string> tokens = batches.excluded_patients(id).value();
    std::sort(tokens.begin(), tokens.end());
    EXPECT_EQ(tokens, (std::vector<std::string>{"other", "token"})) << id;
  }
  for (const char* id : {"cancelled", "done", "later", "none"}) EXPECT_TRUE(batches.excluded_patients(id).value().empty()) << id;
}

TEST_P(BatchContract, ManyWorkersOfTwoStoresGetEachChunkOnce) {
  constexpr std::uint64_t kChunks = 40;
  const std::unique_ptr<Store> stores[] = {open().value(), open().value()};
  fill(*stores[0], "b", kChunks);
  std::mutex mutex;
  std::multiset<std::uint64_t> taken;
  std::atomic<int> failures = 0;
  std::vector<std::thread> workers;
  for (int number = 0; number < 4; ++number)
    workers.emplace_back([&, number] {
      Batches& batches = stores[number % 2]->batches();
      const std::string name = "worker " + std::to_string(number);
      while (true) {
        const auto claim = batches.claim(name, hours(1));
        if (!claim) ++failures;
        if (!claim || !claim.value()) return;
        const ChunkClaim& chunk = *claim.value();
        if (const auto finished = batches.finish(chunk, name, outcomes_of(chunk)); !finished || !finished.value()) ++failures;
        const std::lock_guard guard(mutex);
        taken.insert(chunk.chunk);
      }
    });
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(taken.size(), kChunks);
  EXPECT_EQ(std::set<std::uint64_t>(taken.begin(), taken.end()).size(), kChunks);
  const BatchInfo info = stores[1]->batches().info("b").value();
  EXPECT_EQ(info.state, BatchState::done);
  EXPECT_EQ(info.answered + info.refused, 2 * kChunks);
  EXPECT_EQ(stores[1]->batches().outcomes("b", 0, 1000).value().size(), 2 * kChunks);
}

INSTANTIATE_TEST_SUITE_P(Both, BatchContract, kBothStores, name_of_store);

}  // namespace
}  // namespace osler::cases
