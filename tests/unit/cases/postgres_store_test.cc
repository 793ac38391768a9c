#include "cases/postgres/postgres_store.h"

#include <cstdlib>
#include <thread>

#include "cases/postgres/address.h"
#include "cases/postgres/connection.h"
#include "cases/postgres/values.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

TEST(PostgresAddress, MayLeadToThisMachineOrNeedsVerifiedTls) {
  for (const char* good : {"postgresql://osler:secret@127.0.0.1:5432/osler", "postgres://osler@localhost/osler", "postgresql://osler@[::1]/osler",
                           "postgresql:///osler?host=/run/postgresql", "postgresql://db.example/osler?sslmode=verify-full",
                           "postgresql://a.example,b.example/osler?sslmode=verify-full", "postgresql://db.example/osler?hostaddr=127.0.0.1",
                           "postgresql://localhost,127.0.0.2/osler"})
    EXPECT_TRUE(postgres::check_address(good)) << good;
  for (const char* bad : {"postgresql://osler:secret@db.example/osler", "postgresql://secret@db.example/osler?sslmode=require",
                          "postgresql://secret@db.example/osler?sslmode=verify-ca", "postgresql://secret@10.0.0.5/osler?sslmode=prefer",
                          "postgresql://localhost,db.example/osler?user=secret", "postgresql:///osler?user=secret", "postgresql://secret@127.0.0.1.example/osler",
                          "postgresql://localhost/osler?hostaddr=10.0.0.5&user=secret", "postgresql://localhost,/osler?user=secret",
                          "postgresql://localhost/osler?service=secret", "postgresql://localhost:port/osler?secret", "mysql://secret@localhost/osler", "secret"}) {
    const Result<void> checked = postgres::check_address(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code, ErrorCode::configuration) << bad;
    EXPECT_NE(checked.error().external.find("DATABASE_URL"), std::string::npos);
    EXPECT_EQ(describe(checked.error()).find("secret"), std::string::npos) << bad;
  }
}

TEST(PostgresStore, OpensNothingBeyondThisMachineWithoutVerifiedTls) {
  const vault::KeyRing keys = vault::KeyRing::of(vault::Secret::random());
  EXPECT_EQ(open_postgres_store(keys, {.url = "postgresql://db.example/osler"}).error().code, ErrorCode::configuration);
}

TEST(PostgresStore, SaysThatNobodyAnswers) {
  const vault::KeyRing keys = vault::KeyRing::of(vault::Secret::random());
  const Error error = open_postgres_store(keys, {.url = "postgresql://osler:secret@/osler?host=/nowhere"}).error();
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_NE(error.external.find("database"), std::string::npos);
  EXPECT_NE(error.internal.find("/nowhere"), std::string::npos);
  EXPECT_EQ(describe(error).find("secret"), std::string::npos);
}

TEST(PostgresValues, ErrorsAreKnownByTheirState) {
  EXPECT_EQ(postgres::code_of("23505"), ErrorCode::conflict);
  EXPECT_EQ(postgres::code_of("23503"), ErrorCode::not_found);
  EXPECT_EQ(postgres::code_of("XX001"), ErrorCode::corrupted);
  EXPECT_EQ(postgres::code_of("22021"), ErrorCode::internal);
  EXPECT_EQ(postgres::code_of("57014"), ErrorCode::unavailable);
  EXPECT_EQ(postgres::code_of(""), ErrorCode::unavailable);
}

class PostgresStoreTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (!PostgresCluster::get()) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = PostgresCluster::get()->create_database();
  }
  Result<std::unique_ptr<Store>> open_with(const vault::KeyRing& keys) override { return open_postgres_store(keys, {.url = url_}); }
  bool run(const std::string& sql) { return PostgresCluster::get()->run(url_, sql); }
  /// Ends every other session of the database, as a restart of the server does.
  bool end_sessions() { return run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); }
  std::string url_;
};

TEST_F(PostgresStoreTest, GoesOnAfterTheServerEndedItsSessions) {
  const auto store = open().value();
  for (int i = 0; i < 3; ++i) {
    const std::string id = "id-" + std::to_string(i);
    ASSERT_TRUE(put(*store, {record(id)}));
    ASSERT_TRUE(end_sessions());
    EXPECT_TRUE(store->get(id)) << "nobody notices that the connection is another";
  }
  EXPECT_EQ(store->count().value(), 3u);
}

TEST_F(PostgresStoreTest, KeepsEveryCommitOnDisk) {
  const auto store = open().value();
  ASSERT_TRUE(run("ALTER DATABASE " + url_.substr(url_.find("/test_") + 1, url_.find('?') - url_.find("/test_") - 1) + " SET synchronous_commit = off"));
  ASSERT_TRUE(end_sessions());
  const auto connection = postgres::Connection::open(url_, {}).value();
  EXPECT_EQ(connection->run(sql::Query{"test_sync", "SELECT current_setting('synchronous_commit')", "t"}).value()[0].text(0), "on");
}

TEST_F(PostgresStoreTest, KeysHaveASchemaOfTheirOwn) {
  const auto store = open().value();
  const auto connection = postgres::Connection::open(url_, {}).value();
  const sql::Query tables{"test_tables", "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'osler_keys'", "t"};
  EXPECT_EQ(connection->run(tables).value()[0].text(0), "forgotten_key_versions key_versions sealed_keys secrets");
}

TEST_F(PostgresStoreTest, WorksAsAPlainOwnerOnceTheExtensionIsThere) {
  const std::string name = url_.substr(url_.find("/test_") + 1, url_.find('?') - url_.find("/test_") - 1);
  ASSERT_TRUE(run("CREATE ROLE plain_" + name + " LOGIN"));
  ASSERT_TRUE(run("CREATE EXTENSION vector"));
  ASSERT_TRUE(run("ALTER DATABASE " + name + " OWNER TO plain_" + name));
  url_.replace(url_.find("postgres@"), 9, "plain_" + name + "@");
  const auto opened = open();
  ASSERT_TRUE(opened) << describe(opened.error());
  const auto& store = *opened;
  ASSERT_TRUE(put(*store, {record_with("id-1", {1, 0})}));
  EXPECT_EQ(store->similar_cases().nearest("set-1", std::vector<float>{1, 0}, 1, {}, "").value().size(), 1u);
}

TEST_F(PostgresStoreTest, SaysWhoMustBringTheExtension) {
  const std::string name = url_.substr(url_.find("/test_") + 1, url_.find('?') - url_.find("/test_") - 1);
  ASSERT_TRUE(run("CREATE ROLE stranger_" + name + " LOGIN"));
  url_.replace(url_.find("postgres@"), 9, "stranger_" + name + "@");
  const Error error = open().error();
  EXPECT_EQ(error.code, ErrorCode::configuration);
  EXPECT_NE(error.external.find("CREATE EXTENSION vector"), std::string::npos);
}

TEST_F(PostgresStoreTest, HoldsNoPlainTextAndNoPatientId) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1", "canary-4711-chest-pain")}));
  const auto connection = postgres::Connection::open(url_, {}).value();
  const sql::Query row{"test_row", "SELECT encode(payload, 'escape') || ' ' || records::text FROM osler.records", "t"};
  const std::string text = connection->run(row).value()[0].text(0);
  EXPECT_EQ(text.find("canary"), std::string::npos);
  EXPECT_EQ(text.find("patient of"), std::string::npos);
  EXPECT_NE(text.find("id-1"), std::string::npos) << "request ids are in clear, so the search above can find things";
}

TEST(PostgresAddress, LeavesNothingToTheEnvironment) {
  for (const char* name : {"PGHOSTADDR", "PGSERVICE"}) {
    ASSERT_EQ(setenv(name, "10.0.0.5", 1), 0);
    const Result<void> checked = postgres::check_address("postgresql://localhost/osler");
    ASSERT_EQ(unsetenv(name), 0);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::configuration);
    EXPECT_NE(checked.error().external.find(name), std::string::npos);
  }
  EXPECT_TRUE(postgres::check_address("postgresql://localhost/osler"));
}

/// Two who want the same rows: one by hand, step by step, the other on a thread.
class PostgresLocksTest : public PostgresStoreTest {
 protected:
  std::unique_ptr<postgres::Connection> connect() { return postgres::Connection::open(url_, {}).value(); }
  /// Until somebody waits for a lock in this database, or five seconds are over.
  bool somebody_waits() {
    const auto looker = connect();
    const sql::Query waiting{"test_waiting", "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", "i"};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < deadline)
      if (looker->run(waiting).value()[0].number(0) > 0) return true;
    return false;
  }
};

TEST_F(PostgresLocksTest, AStartBesideARetirementDoesNotBringTheKeyBack) {
  vault::KeyRing both = vault::KeyRing::of(vault::Secret::random());
  ASSERT_TRUE(both.add(2, vault::Secret::random()));
  const auto store = open_with(both).value();
  const auto retiring = connect();
  ASSERT_TRUE(retiring->begin());
  ASSERT_TRUE(retiring->script("LOCK TABLE key_versions IN SHARE ROW EXCLUSIVE MODE; DELETE FROM key_versions WHERE version = 1;"
                               "INSERT INTO forgotten_key_versions(version) VALUES (1)"));
  std::thread starter([&] { EXPECT_TRUE(open_with(both)); });
  EXPECT_TRUE(somebody_waits());
  EXPECT_TRUE(retiring->commit());
  starter.join();
  const std::vector<KeyVersionUse> known = store->keys().versions().value();
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].version, 2u);
}

TEST_F(PostgresLocksTest, ARemovalAndANewSummaryDoNotWaitForEachOther) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record_with("id-1", {1, 0})}));
  const auto other = connect();
  ASSERT_TRUE(other->begin());
  ASSERT_TRUE(other->script("SELECT 1 FROM records WHERE request_id = 'id-1' FOR NO KEY UPDATE"));
  Result<void> removed = ok();
  std::thread remover([&] { removed = remove(*store, {"id-1"}); });
  EXPECT_TRUE(somebody_waits());
  EXPECT_TRUE(other->script("DELETE FROM sealed_keys WHERE table_name = 'case_summaries' AND row_id = 'id-1'"));
  EXPECT_TRUE(other->commit());
  remover.join();
  EXPECT_TRUE(removed) << describe(removed.error());
}

TEST_F(PostgresLocksTest, ARotationAndARemovalDoNotWaitForEachOther) {
  const auto store = open().value();
  const SealedRecord first = record("id-1"), second = record("id-2");
  ASSERT_TRUE(put(*store, {first, second}));
  const auto rewrapped = [&](const SealedRecord& one) {
    return Rewrapped{{"records", one.request_id, one.content.wrapped_key}, vault::rewrap(keys_, keys_, {"records", one.request_id}, one.content.wrapped_key).value()};
  };
  const auto other = connect();
  ASSERT_TRUE(other->begin());
  ASSERT_TRUE(other->script("DELETE FROM sealed_keys WHERE row_id = 'id-1'"));
  Result<std::size_t> replaced = std::size_t{9};
  const std::vector<Rewrapped> both{rewrapped(second), rewrapped(first)};
  std::thread rotation([&] { replaced = store->keys().replace(both); });
  EXPECT_TRUE(somebody_waits());
  EXPECT_TRUE(other->script("DELETE FROM sealed_keys WHERE row_id = 'id-2'"));
  EXPECT_TRUE(other->commit());
  rotation.join();
  ASSERT_TRUE(replaced) << describe(replaced.error());
  EXPECT_EQ(*replaced, 0u) << "what was destroyed meanwhile stays destroyed";
}

}  // namespace
}  // namespace osler::cases
