#include "cases/sql/schema.h"

#include <thread>

#include "cases/postgres/connection.h"
#include "cases/sql/schema_steps.h"
#include "cases/sqlite/connection.h"
#include "store_fixture.h"

namespace osler::cases::sql {
namespace {

constexpr Query kKnown{"test_known", "SELECT count(*) FROM key_versions", "i"};

class Schema : public StoreContract {
 protected:
  std::unique_ptr<Connection> connect() {
    if (GetParam() == Dialect::postgres) return postgres::Connection::open(url_, {}).value();
    return sqlite::Connection::open(folder_ + "/x.db", sqlite::Connection::Access::read_write_create, "").value();
  }
  const char* newer() const {
    return GetParam() == Dialect::sqlite ? "PRAGMA user_version = 4" : "UPDATE osler.schema_version SET version = 4";
  }
  const char* foreign() const { return GetParam() == Dialect::sqlite ? "PRAGMA application_id = 7" : "DROP TABLE osler.schema_version"; }
};

TEST_P(Schema, IsMadeOnceAndAcceptedAgain) {
  const auto connection = connect();
  ASSERT_TRUE(prepare_schema(*connection, keys_));
  ASSERT_TRUE(prepare_schema(*connection, keys_));
  EXPECT_EQ(connection->run(kKnown).value()[0].number(0), 1);
}

TEST_P(Schema, RefusesNewerVersionsOtherProgramsAndOtherKeys) {
  const auto connection = connect();
  ASSERT_TRUE(prepare_schema(*connection, keys_));
  EXPECT_EQ(prepare_schema(*connection, vault::KeyRing::of(vault::Secret::random())).error().code, ErrorCode::configuration);
  ASSERT_TRUE(connection->script(newer()));
  const Error error = prepare_schema(*connection, keys_).error();
  EXPECT_EQ(error.code, ErrorCode::configuration);
  EXPECT_NE(error.external.find("newer"), std::string::npos);
  ASSERT_TRUE(connection->script(foreign()));
  EXPECT_EQ(prepare_schema(*connection, keys_).error().code, ErrorCode::configuration);
}

TEST_P(Schema, ManyThatStartAtOnceAllSucceed) {
  const auto start = [this] {
    const auto store = open();
    ASSERT_TRUE(store) << store.error().external << " " << store.error().internal;
    EXPECT_TRUE(put(**store, {record(make_uuid())}));
  };
  // A file is made in moments that one round seldom meets.
  for (int rounds = GetParam() == Dialect::sqlite ? 20 : 1; rounds > 0; --rounds) {
    std::filesystem::remove_all(folder_ + "/data");
    std::vector<std::thread> starters;
    for (int i = 0; i < 6; ++i) starters.emplace_back(start);
    for (std::thread& starter : starters) starter.join();
    EXPECT_EQ(open().value()->count().value(), 6u);
    EXPECT_EQ(open().value()->keys().versions().value().size(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, Schema, kBothStores, name_of_store);

TEST(SchemaSteps, AscendToTheVersionOfToday) {
  for (const auto steps : {sqlite_steps(), postgres_steps()}) {
    std::int64_t last = 0;
    for (const SchemaStep& step : steps) {
      EXPECT_GT(step.version, last);
      last = step.version;
    }
    EXPECT_EQ(last, kSchemaVersion);
  }
}

/// A store as the first schema had it, made by its own script.
class FirstSchema : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::filesystem::create_directories(folder_ + "/data");
    EXPECT_TRUE(ring_.add(258, vault::Secret::random()));  // more than a byte
    const auto connection = sqlite::Connection::open(path_, sqlite::Connection::Access::read_write_create, "").value();
    ASSERT_TRUE(connection->script(sqlite_steps().front().script));
    for (const vault::KeyVersion version : ring_.versions()) {
      const Digest value = ring_.check_value(version);
      ASSERT_TRUE(connection->run(Query{"old_check", "INSERT INTO key_checks VALUES($1, $2)"}, std::int64_t{version}, ByteView(value)));
    }
    sql::Transaction transaction = sql::Transaction::begin(*connection).value();
    for (int i = 0; i < 40; ++i) add(*connection, "id-" + std::to_string(i), i % 2 ? one_ : ring_);
    ASSERT_TRUE(transaction.commit());
  }
  void add(sql::Connection& connection, const std::string& id, const vault::KeyRing& keys) {
    const vault::SealedText sealed = vault::seal(keys, {kRecordTable, id}, as_bytes("payload of " + id));
    const std::string token = names_.token("patient", id);
    ASSERT_TRUE(connection.run(Query{"old_record", "INSERT INTO records(request_id, patient_token, time_ms, model_version, payload) VALUES($1, $2, 1234, 'network-1', $3)"},
                               std::string_view(id), std::string_view(token), ByteView(sealed.payload)));
    ASSERT_TRUE(connection.run(Query{"old_key", "INSERT INTO record_keys VALUES($1, $2)"}, std::string_view(id), ByteView(sealed.wrapped_key)));
    wrapped_[id] = sealed.wrapped_key;
  }
  const std::string hex_ = std::string(64, 'a');
  vault::KeyRing one_ = vault::KeyRing::from_hex_key(hex_).value(), ring_ = vault::KeyRing::from_hex_key(hex_).value();
  std::map<std::string, Bytes> wrapped_;
};

TEST_F(FirstSchema, IsBroughtForwardWithoutLoss) {
  const auto store = open_with(ring_).value();
  EXPECT_EQ(store->count().value(), 40u);
  for (const auto& [id, wrapped] : wrapped_) {
    const SealedRecord record = store->get(id).value();
    EXPECT_EQ(record.content.wrapped_key, wrapped);
    EXPECT_EQ(record.patient_token, names_.token("patient", id));
    EXPECT_EQ(record.owner, "");
    EXPECT_EQ(record.time, at_ms(1234));
    EXPECT_EQ(record.model_version, "network-1");
    EXPECT_EQ(open_record(ring_, record).value().reveal_phi(), "payload of " + id);
  }
  EXPECT_EQ(store->newest(1).value()[0].request_id, "id-39");
  const auto versions = store->keys().versions().value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[1].version, 258u);
  EXPECT_EQ(versions[0].wrapped_keys, 20u);
  EXPECT_EQ(versions[1].wrapped_keys, 20u);
  ASSERT_TRUE(put(*store, {record_with("new", {1, 0})}));
  EXPECT_EQ(store->newest(1).value()[0].request_id, "new");
}

TEST_F(FirstSchema, IsLeftAsItIsUnderAnotherKey) {
  const Bytes before = files_->read(path_, 100'000'000).value();
  EXPECT_EQ(open().error().code, ErrorCode::configuration);
  EXPECT_EQ(open_with(one_).error().code, ErrorCode::configuration) << "one of two keys is not enough";
  const auto connection = sqlite::Connection::open(path_, sqlite::Connection::Access::read_only, "").value();
  EXPECT_EQ(connection->run(Query{"old_count", "SELECT count(*) FROM record_keys", "i"}).value()[0].number(0), 40);
  EXPECT_EQ(connection->run(Query{"old_version", "SELECT user_version FROM pragma_user_version", "i"}).value()[0].number(0), 1);
}

TEST_F(FirstSchema, IsBroughtForwardOnceByManyWhoStartAtOnce) {
  std::vector<std::thread> starters;
  for (int i = 0; i < 4; ++i)
    starters.emplace_back([&] {
      const auto store = open_with(ring_);
      if (!store) ADD_FAILURE() << store.error().external << " " << store.error().internal;
      else EXPECT_EQ((*store)->count().value(), 40u);
    });
  for (std::thread& starter : starters) starter.join();
}

}  // namespace
}  // namespace osler::cases::sql
