// The promises of cases/key_table.h and cases/api_keys.h, kept by every store.
#include <thread>

#include "cases/sql/sealed_keys.h"
#include "cases/sql/sql_api_keys.h"
#include "cases/sql/sql_key_table.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

class KeyContract : public StoreContract {
 protected:
  KeyContract() {
    EXPECT_TRUE(later_.add(2, vault::Secret::random()));
  }
  SealedRecord under_later(const std::string& id) {
    SealedRecord sealed = record(id);
    sealed.content = vault::seal(later_, {kRecordTable, id}, as_bytes("later"));
    return sealed;
  }
  vault::KeyRing first_ = vault::KeyRing::from_hex_key(std::string(64, 'a')).value();
  vault::KeyRing later_ = vault::KeyRing::from_hex_key(std::string(64, 'a')).value();
};

TEST_P(KeyContract, CountsWhatIsWrappedUnderEachVersion) {
  const auto store = open_with(later_).value();
  ASSERT_TRUE(put(*store, {under_later("id-1"), under_later("id-2")}));
  const auto versions = store->keys().versions().value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].version, 1u);
  EXPECT_EQ(versions[0].wrapped_keys, 0u);
  EXPECT_EQ(versions[1].version, 2u);
  EXPECT_EQ(versions[1].wrapped_keys, 2u);
  EXPECT_EQ(versions[1].check_value, later_.check_value(2));
}

TEST_P(KeyContract, StoresOnlyUnderVersionsThatItKnows) {
  const auto store = open_with(first_).value();
  EXPECT_EQ(put(*store, {under_later("id-1")}).error().code, ErrorCode::not_found);
  EXPECT_EQ(store->count().value(), 0u);
  ASSERT_TRUE(store->keys().note(2, later_.check_value(2)));
  ASSERT_TRUE(store->keys().note(2, later_.check_value(2))) << "idempotent";
  EXPECT_EQ(store->keys().note(2, first_.check_value(1)).error().code, ErrorCode::conflict);
  EXPECT_TRUE(put(*store, {under_later("id-1")}));
}

TEST_P(KeyContract, RewrapsWhatIsStillThere) {
  const auto store = open_with(later_).value();
  std::vector<SealedRecord> records;
  for (const char* id : {"id-1", "id-2", "id-3"}) {
    records.push_back(record(id));
    records.back().content = vault::seal(first_, {kRecordTable, id}, as_bytes("first"));
  }
  ASSERT_TRUE(store->put(records));
  EXPECT_EQ(store->keys().wrapped_under(1, 2).value().size(), 2u);
  std::vector<Rewrapped> round;
  for (const WrappedKey& key : store->keys().wrapped_under(1, 10).value())
    round.push_back({key, vault::rewrap(later_, later_, {key.table, key.row}, key.wrapped).value()});
  ASSERT_EQ(round.size(), 3u);
  EXPECT_EQ(round[0].before.table, "records");
  ASSERT_TRUE(remove(*store, {"id-2"}));
  EXPECT_EQ(store->keys().replace(round).value(), 2u);
  EXPECT_EQ(store->keys().replace(round).value(), 0u) << "they are not what they were before";
  EXPECT_EQ(store->get("id-2").error().code, ErrorCode::not_found);
  EXPECT_EQ(as_text(vault::open(later_, {kRecordTable, "id-3"}, store->get("id-3").value().content).value()), "first");
  EXPECT_TRUE(store->keys().wrapped_under(1, 10).value().empty());
  EXPECT_EQ(store->keys().versions().value()[1].wrapped_keys, 2u);
}

TEST_P(KeyContract, ForgetsAVersionThatNothingIsWrappedUnder) {
  const auto store = open_with(later_).value();
  ASSERT_TRUE(put(*store, {under_later("id-1")}));
  EXPECT_EQ(store->keys().forget(2).error().code, ErrorCode::conflict);
  EXPECT_EQ(store->keys().versions().value().size(), 2u) << "nothing changes then";
  ASSERT_TRUE(store->keys().forget(1));
  EXPECT_EQ(store->keys().versions().value().size(), 1u);
  EXPECT_EQ(store->keys().note(1, first_.check_value(1)).error().code, ErrorCode::conflict);
  SealedRecord old = record("id-2");
  old.content = vault::seal(first_, {kRecordTable, "id-2"}, as_bytes("first"));
  EXPECT_EQ(put(*store, {old}).error().code, ErrorCode::not_found);
  std::vector<Rewrapped> back;
  for (const WrappedKey& key : store->keys().wrapped_under(2, 10).value()) back.push_back({key, old.content.wrapped_key});
  EXPECT_EQ(store->keys().replace(back).error().code, ErrorCode::not_found);
}

TEST_P(KeyContract, OpensWithARingThatStillHasAForgottenVersionButNotAsItsNewest) {
  ASSERT_TRUE(open_with(later_).value()->keys().forget(1));
  EXPECT_TRUE(open_with(later_));
  EXPECT_EQ(open_with(later_).value()->keys().versions().value().size(), 1u);
  ASSERT_TRUE(open_with(later_).value()->keys().forget(2));
  EXPECT_EQ(open_with(later_).error().code, ErrorCode::configuration);
}

TEST_P(KeyContract, ForgettingAndStoringNeverBothSucceed) {
  const std::unique_ptr<Store> stores[] = {open_with(later_).value(), open_with(later_).value()};
  vault::KeyRing ring = vault::KeyRing::from_hex_key(std::string(64, 'a')).value();
  for (vault::KeyVersion version = 3; version < 23; ++version) {
    ASSERT_TRUE(ring.add(version, vault::Secret::random()));
    ASSERT_TRUE(stores[0]->keys().note(version, ring.check_value(version)));
    SealedRecord sealed = record("id-" + std::to_string(version));
    sealed.content = vault::seal(ring, {kRecordTable, sealed.request_id}, as_bytes("x"));
    Result<void> stored = ok(), forgotten = ok();
    std::thread storing([&] { stored = put(*stores[0], {sealed}); });
    forgotten = stores[1]->keys().forget(version);
    storing.join();
    EXPECT_NE(stored.has_value(), forgotten.has_value());
    EXPECT_EQ((stored ? forgotten : stored).error().code, stored ? ErrorCode::conflict : ErrorCode::not_found);
  }
}

TEST_P(KeyContract, KeepsASecretOfWhoeverCameFirst) {
  const std::unique_ptr<Store> stores[] = {open().value(), open().value()};
  EXPECT_FALSE(stores[0]->keys().secret("names").value().has_value());
  for (int round = 0; round < 10; ++round) {
    const std::string name = "secret " + std::to_string(round);
    const auto sealed = [&](const char* text) { return vault::seal(keys_, {"secrets", name}, as_bytes(text)); };
    Result<void> outcomes[] = {ok(), ok()};
    std::thread other([&] { outcomes[1] = stores[1]->keys().put_secret(name, sealed("1")); });
    outcomes[0] = stores[0]->keys().put_secret(name, sealed("0"));
    other.join();
    ASSERT_NE(outcomes[0].has_value(), outcomes[1].has_value());
    const int winner = outcomes[0] ? 0 : 1;
    EXPECT_EQ(outcomes[1 - winner].error().code, ErrorCode::conflict);
    for (const auto& store : stores)
      EXPECT_EQ(as_text(vault::open(keys_, {"secrets", name}, store->keys().secret(name).value().value()).value()), std::to_string(winner));
  }
  EXPECT_EQ(stores[0]->keys().versions().value().front().wrapped_keys, 10u) << "their keys are rotated with the others";
}

TEST_P(KeyContract, ReplacesASecret) {
  const auto store = open().value();
  for (const char* text : {"first", "second", "third"}) {
    ASSERT_TRUE(store->keys().replace_secret("mark", vault::seal(keys_, {"secrets", "mark"}, as_bytes(text))));
    EXPECT_EQ(as_text(vault::open(keys_, {"secrets", "mark"}, store->keys().secret("mark").value().value()).value()), text);
  }
  EXPECT_EQ(store->keys().versions().value().front().wrapped_keys, 1u) << "the key of what was replaced is gone";
}

TEST_P(KeyContract, KeepsApiKeys) {
  const auto store = open().value();
  ApiKeys& keys = store->api_keys();
  EXPECT_TRUE(keys.all().value().empty());
  const StoredApiKey second{"ward-7", "clinician", "osl_bbbb", sha256(as_bytes("b")), at_ms(5), at_ms(99), {}};
  const StoredApiKey first{"ehr", "integrator", "osl_aaaa", sha256(as_bytes("a")), at_ms(4), {}, {}};
  ASSERT_TRUE(keys.add(second));
  ASSERT_TRUE(keys.add(first));
  StoredApiKey same_prefix = first;
  same_prefix.name = "other";
  EXPECT_EQ(keys.add(same_prefix).error().code, ErrorCode::conflict);
  StoredApiKey same_name = first;
  same_name.prefix = "osl_cccc";
  EXPECT_EQ(keys.add(same_name).error().code, ErrorCode::conflict);
  ASSERT_TRUE(keys.revoke("ehr", at_ms(50)));
  ASSERT_TRUE(keys.revoke("ehr", at_ms(60)));
  EXPECT_EQ(keys.revoke("nobody", at_ms(60)).error().code, ErrorCode::not_found);
  const auto all = open().value()->api_keys().all().value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "ehr");
  EXPECT_EQ(all[0].role, "integrator");
  EXPECT_EQ(all[0].prefix, "osl_aaaa");
  EXPECT_EQ(all[0].digest, first.digest);
  EXPECT_EQ(all[0].created, at_ms(4));
  EXPECT_FALSE(all[0].expires);
  EXPECT_EQ(all[0].revoked, at_ms(50)) << "the first revocation stays";
  EXPECT_EQ(all[1].expires, at_ms(99));
  EXPECT_FALSE(all[1].revoked);
}

INSTANTIATE_TEST_SUITE_P(Both, KeyContract, kBothStores, name_of_store);

}  // namespace
}  // namespace osler::cases
