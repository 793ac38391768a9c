// Stores to test: embedded ones in a folder of their own, PostgreSQL ones in a database of their own, and both by one name.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "base/ids.h"
#include "cases/api_keys.h"
#include "cases/batches.h"
#include "cases/key_table.h"
#include "cases/postgres/postgres_store.h"
#include "cases/similar_cases.h"
#include "cases/sql/connection.h"
#include "cases/sqlite/sqlite_store.h"
#include "support/postgres_cluster.h"

namespace osler::cases {

inline WallTime at_ms(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

/// An embedded store in a folder of its own.
class StoreTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<Store>> open() { return open_with(keys_); }
  virtual Result<std::unique_ptr<Store>> open_with(const vault::KeyRing& keys) { return open_sqlite_store(*files_, keys, {path_, ""}); }

  SealedRecord record(const std::string& id, const std::string& payload = "{\"a\":1}") { return record_of(id, "patient of " + id, payload); }
  SealedRecord record_of(const std::string& id, const std::string& patient, const std::string& payload = "{\"a\":1}") {
    const RecordDraft draft{id, vault::Phi<std::string>(patient), "dr-house", at_ms(1000), "network-1", vault::Phi<std::string>(payload)};
    return seal_record(keys_, names_, draft).value();
  }
  CaseSummary summary(const std::string& id, std::vector<float> vector, const std::string& set = "set-1") {
    return {set, std::move(vector), "1:adult", "1:female", "", vault::seal(keys_, {kSummaryTable, id}, as_bytes("{\"summary\":1}"))};
  }
  SealedRecord record_with(const std::string& id, std::vector<float> vector, const std::string& set = "set-1") {
    SealedRecord sealed = record(id);
    sealed.summary = summary(id, std::move(vector), set);
    return sealed;
  }
  static Result<void> put(Store& store, const std::vector<SealedRecord>& records) { return store.put(records); }
  static Result<void> remove(Store& store, const std::vector<std::string>& ids) { return store.remove(ids); }

  const std::string folder_ = testing::TempDir() + "osler-cases-" + make_uuid();
  const std::string path_ = folder_ + "/data/osler.db";
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const vault::KeyRing keys_ = vault::KeyRing::of(vault::Secret::random());
  const vault::Names names_ = vault::Names::random();
};

/// Either store, on a database of the test's own: what every store must keep.
class StoreContract : public StoreTest, public testing::WithParamInterface<sql::Dialect> {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (GetParam() != sql::Dialect::postgres) return;
    if (!PostgresCluster::get()) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = PostgresCluster::get()->empty_database();
  }
  void TearDown() override {
    if (!url_.empty()) PostgresCluster::get()->give_back(url_);
    StoreTest::TearDown();
  }
  Result<std::unique_ptr<Store>> open_with(const vault::KeyRing& keys) override {
    if (GetParam() == sql::Dialect::sqlite) return StoreTest::open_with(keys);
    return open_postgres_store(keys, {.url = url_});
  }
  std::string url_;
};

inline const auto kBothStores = testing::Values(sql::Dialect::sqlite, sql::Dialect::postgres);
inline std::string name_of_store(const testing::TestParamInfo<sql::Dialect>& instance) {
  return instance.param == sql::Dialect::sqlite ? "Sqlite" : "Postgres";
}

}  // namespace osler::cases
