// The promises of cases/similar_cases.h about lists of cases and about changes that others may overtake, kept by every store.
#include <limits>
#include <thread>

#include "store_fixture.h"

namespace osler::cases {
namespace {

using Ids = std::vector<std::string>;
constexpr std::uint64_t kNewest = std::numeric_limits<std::int64_t>::max();

class CaseListContract : public StoreContract {
 protected:
  SealedRecord owned(const std::string& id, const std::string& owner) {
    SealedRecord sealed = record_with(id, {1, 0});
    sealed.owner = owner;
    return sealed;
  }
  static Ids ids(const std::vector<ListedCase>& list) {
    Ids names;
    for (const ListedCase& one : list) names.push_back(one.record.request_id);
    return names;
  }
  static Ids seen(Store& store, const Reader& reader, std::uint64_t before = kNewest, std::size_t limit = 10) {
    return ids(store.similar_cases().visible_to(reader, before, limit).value());
  }
};

TEST_P(CaseListContract, ShowsOwnAndSharedOnesNewestFirst) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {owned("a1", "ann"), owned("b1", "bob"), owned("c1", "cy"), owned("a2", "ann"), owned("b2", "bob")}));
  ASSERT_TRUE(store->share("b1", "ann"));
  ASSERT_TRUE(store->share("c1", "*"));
  ASSERT_TRUE(store->share("a1", "*"));
  EXPECT_EQ(seen(*store, {"ann", "ann"}), (Ids{"a2", "c1", "b1", "a1"})) << "each once, also one's own that is shared";
  EXPECT_EQ(seen(*store, {"ann"}), (Ids{"a2", "a1"}));
  EXPECT_EQ(seen(*store, {"bob", "bob"}), (Ids{"b2", "c1", "b1", "a1"}));
  EXPECT_EQ(seen(*store, {"dora", "dora"}), (Ids{"c1", "a1"}));
  EXPECT_EQ(seen(*store, {"dora", "ann"}), (Ids{"c1", "b1", "a1"})) << "shared under another name than one owns under";
  EXPECT_EQ(seen(*store, {"dora"}), Ids{});
  EXPECT_EQ(seen(*store, {"*"}), Ids{});
}

TEST_P(CaseListContract, GivesPages) {
  const auto store = open().value();
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(put(*store, {owned("id-" + std::to_string(i), i % 2 ? "ann" : "bob")}));
  for (int i = 0; i < 7; i += 2) ASSERT_TRUE(store->share("id-" + std::to_string(i), "ann"));
  Ids all;
  std::uint64_t before = kNewest;
  while (true) {
    const auto page = store->similar_cases().visible_to({"ann", "ann"}, before, 3).value();
    for (const std::string& id : ids(page)) all.push_back(id);
    if (page.size() < 3) break;
    before = page.back().record.sequence;
  }
  EXPECT_EQ(all, (Ids{"id-6", "id-5", "id-4", "id-3", "id-2", "id-1", "id-0"}));
}

TEST_P(CaseListContract, ListsNoRecordWithoutSummaryAndSaysWhatIsKnown) {
  const auto store = open().value();
  SealedRecord film = record("film");
  film.owner = "ann";
  ASSERT_TRUE(put(*store, {owned("case", "ann"), film}));
  const auto list = store->similar_cases().visible_to({"ann", "ann"}, kNewest, 10).value();
  ASSERT_EQ(ids(list), Ids{"case"});
  EXPECT_EQ(list[0].record.owner, "ann");
  EXPECT_EQ(list[0].record.time, at_ms(1000));
  EXPECT_EQ(list[0].record.model_version, "network-1");
  EXPECT_EQ(list[0].record.patient_token, names_.token("patient", "patient of case"));
  EXPECT_EQ(list[0].record.bytes, owned("case", "ann").bytes());
  EXPECT_EQ(as_text(vault::open(keys_, {kSummaryTable, "case"}, list[0].content).value()), "{\"summary\":1}");
  ASSERT_TRUE(remove(*store, {"case"}));
  EXPECT_EQ(seen(*store, {"ann", "ann"}), Ids{});
}

TEST_P(CaseListContract, ANeighbourComesWithItsPatient) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record_with("id-1", {1, 0})}));
  const auto found = store->similar_cases().nearest("set-1", std::vector<float>{1, 0}, 1, {}, "").value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].patient_token, names_.token("patient", "patient of id-1"));
}

TEST_P(CaseListContract, AVectorOfZerosIsStoredAndLikeNothing) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record_with("nothing", {0, 0}), record_with("near", {0.6f, 0.8f})}));
  const auto found = store->similar_cases().nearest("set-1", std::vector<float>{1, 0}, 2, {}, "").value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].request_id, "near");
  EXPECT_EQ(found[1].similarity, 0);
  EXPECT_EQ(store->similar_cases().summary("nothing").value().vector, (std::vector<float>{0, 0}));
}

TEST_P(CaseListContract, ASummaryIsReplacedOnlyWhereItStillStands) {
  const auto store = open().value();
  SimilarCases& similar = store->similar_cases();
  ASSERT_TRUE(put(*store, {record_with("id", {1, 0})}));
  const CaseSummary first = similar.summary("id").value();
  CaseSummary second = summary("id", {0, 1}, "set-2");
  second.condition = "1:influenza";
  EXPECT_TRUE(similar.replace_summary("id", first, second).value());
  EXPECT_EQ(similar.summary("id").value().condition, "1:influenza");
  EXPECT_FALSE(similar.replace_summary("id", first, summary("id", {1, 0})).value()) << "somebody was faster";
  EXPECT_EQ(similar.summary("id").value().vector_set, "set-2");
  EXPECT_FALSE(similar.replace_summary("none", first, second).value());
  ASSERT_TRUE(remove(*store, {"id"}));
  EXPECT_FALSE(similar.replace_summary("id", second, first).value()) << "what was removed stays removed";
  EXPECT_EQ(similar.count().value(), 0u);
}

TEST_P(CaseListContract, OfTwoWhoReplaceOneWins) {
  const std::unique_ptr<Store> stores[] = {open().value(), open().value()};
  ASSERT_TRUE(put(*stores[0], {record_with("id", {1, 0})}));
  for (int round = 0; round < 10; ++round) {
    const CaseSummary before = stores[0]->similar_cases().summary("id").value();
    std::atomic<int> wins = 0;
    const auto replace = [&](Store& store) {
      const Result<bool> replaced = store.similar_cases().replace_summary("id", before, summary("id", {0, 1}));
      if (!replaced) ADD_FAILURE() << describe(replaced.error());
      wins += replaced && *replaced;
    };
    std::thread other([&] { replace(*stores[1]); });
    replace(*stores[0]);
    other.join();
    EXPECT_EQ(wins, 1);
  }
}

TEST_P(CaseListContract, OtherSetsArePagedById) {
  const auto store = open().value();
  for (const char* id : {"c", "a", "d", "b"}) ASSERT_TRUE(put(*store, {record_with(id, {1, 0})}));
  ASSERT_TRUE(put(*store, {record_with("new", {1, 0}, "set-2")}));
  SimilarCases& similar = store->similar_cases();
  EXPECT_EQ(similar.of_other_sets("set-2", "", 3).value(), (Ids{"a", "b", "c"}));
  EXPECT_EQ(similar.of_other_sets("set-2", "c", 3).value(), Ids{"d"});
  EXPECT_EQ(similar.of_other_sets("set-2", "d", 3).value(), Ids{});
}

INSTANTIATE_TEST_SUITE_P(Both, CaseListContract, kBothStores, name_of_store);

}  // namespace
}  // namespace osler::cases
