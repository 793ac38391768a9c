#include "cases/sqlite/sqlite_store.h"

#include <fstream>

#include "cases/sqlite/connection.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

class SqliteStoreTest : public StoreTest {
 protected:
  Bytes file() { return files_->read(path_, 100'000'000).value(); }
  void write_file(const Bytes& bytes) { ASSERT_TRUE(files_->write_atomically(path_, bytes, 0600)); }
};

TEST_F(SqliteStoreTest, WritesAheadAndSyncsAtEveryCommit) {
  const auto store = open().value();
  const auto reader = sqlite::Connection::open(path_, sqlite::Connection::Access::read_only, "").value();
  EXPECT_EQ(reader->run(sql::Query{"test_journal", "PRAGMA journal_mode", "t"}).value()[0].text(0), "wal");
  EXPECT_FALSE(reader->script("DELETE FROM records")) << "a reader cannot write";
}

TEST_F(SqliteStoreTest, OnlyTheOwnerMayReadItsFiles) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1")}));
  for (const char* suffix : {"", "-wal", "-shm"}) EXPECT_EQ(files_->permissions(path_ + suffix).value(), 0600u) << suffix;
}

TEST_F(SqliteStoreTest, RefusesAnotherKeyAndHarmsNothing) {
  ASSERT_TRUE(put(*open().value(), {record("id-1")}));
  const Bytes before = file();
  const Error error = open_with(vault::KeyRing::of(vault::Secret::random())).error();
  EXPECT_EQ(error.code, ErrorCode::configuration);
  EXPECT_NE(error.external.find("ENCRYPTION_KEY"), std::string::npos);
  EXPECT_EQ(file(), before);
  EXPECT_TRUE(open_record(keys_, open().value()->get("id-1").value()));
}

TEST_F(SqliteStoreTest, RefusesAnotherProgramsDatabaseAndLeavesItAsItIs) {
  ASSERT_TRUE(files_->make_folders(folder_ + "/data"));
  {
    const auto other = sqlite::Connection::open(path_, sqlite::Connection::Access::read_write_create, "").value();
    ASSERT_TRUE(other->script("CREATE TABLE bookmarks(url TEXT)"));
  }
  const Bytes before = file();
  EXPECT_EQ(open().error().code, ErrorCode::configuration);
  EXPECT_EQ(file(), before);
}

TEST_F(SqliteStoreTest, RefusesWhatIsNoDatabaseAndLeavesItAsItIs) {
  ASSERT_TRUE(files_->make_folders(folder_ + "/data"));
  const std::string text = "this is a letter to my aunt, " + std::string(4096, '.');
  write_file(Bytes(text.begin(), text.end()));
  EXPECT_EQ(open().error().code, ErrorCode::corrupted);
  EXPECT_EQ(as_text(file()), text);
}

TEST_F(SqliteStoreTest, AStoreThatWasClosedIsOneFile) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1")}));
  ASSERT_TRUE(store->get("id-1"));  // so that there is a reader
  ASSERT_TRUE(store->close());
  EXPECT_FALSE(files_->exists(path_ + "-wal"));
  const auto copy = open_sqlite_store(*files_, keys_, {path_, ""}).value();
  EXPECT_TRUE(copy->get("id-1"));
}

TEST_F(SqliteStoreTest, RefusesADamagedFileByNameAndLeavesItAsItIs) {
  {
    const auto store = open().value();
    std::vector<SealedRecord> records;
    for (int i = 0; i < 50; ++i) records.push_back(record("id-" + std::to_string(i), std::string(3000, 'x')));
    ASSERT_TRUE(store->put(records));
    ASSERT_TRUE(remove(*store, {"id-7", "id-8", "id-9"}));  // for a list of free pages
  }
  const Bytes sound = file();
  for (std::size_t page = 0; page < sound.size() / 4096; ++page) {
    Bytes bytes = sound;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page * 4096), 4096, std::uint8_t{0xa5});
    write_file(bytes);
    const Result<std::unique_ptr<Store>> store = open();
    if (store) continue;  // a page within a payload: no other record suffers
    EXPECT_EQ(store.error().code, ErrorCode::corrupted) << page;
    EXPECT_NE(store.error().internal.find(path_), std::string::npos) << store.error().internal;
    EXPECT_NE(store.error().external.find("osler import"), std::string::npos);
    EXPECT_EQ(file(), bytes) << page;
  }
}

TEST_F(SqliteStoreTest, TextThatIsNoTextIsDamage) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1")}));
  {
    const auto other = sqlite::Connection::open(path_, sqlite::Connection::Access::read_write_create, "").value();
    ASSERT_TRUE(other->script("UPDATE records SET model_version = CAST(x'6e657477ff' AS TEXT)"));
  }
  EXPECT_EQ(store->get("id-1").error().code, ErrorCode::corrupted);
  EXPECT_EQ(store->newest(1).error().code, ErrorCode::corrupted);
}

TEST_F(SqliteStoreTest, AnEmptyFileBesideAWriteAheadLogIsNoNewStore) {
  Bytes log;
  {
    const auto store = open().value();
    ASSERT_TRUE(put(*store, {record("id-1")}));
    log = files_->read(path_ + "-wal", 100'000'000).value();
  }
  ASSERT_FALSE(log.empty());
  ASSERT_TRUE(files_->write_atomically(path_ + "-wal", log, 0600));
  write_file({});
  EXPECT_EQ(open().error().code, ErrorCode::corrupted);
  std::filesystem::remove(path_);
  EXPECT_EQ(open().error().code, ErrorCode::corrupted);
  EXPECT_FALSE(files_->exists(path_));
  EXPECT_EQ(files_->read(path_ + "-wal", 100'000'000).value(), log);
}

TEST_F(SqliteStoreTest, ACheckThatTakesTooLongFindsNothing) {
  {
    const auto store = open().value();
    ASSERT_TRUE(put(*store, {record("id-1", std::string(1'000'000, 'x'))}));
  }
  const auto connection = sqlite::Connection::open(path_, sqlite::Connection::Access::read_only, "").value();
  EXPECT_FALSE(connection->find_damage(std::chrono::milliseconds(0)).value().has_value());
  EXPECT_FALSE(connection->find_damage(std::chrono::hours(1)).value().has_value());
  EXPECT_EQ(connection->run(sql::Query{"count_one", "SELECT count(*) FROM records", "i"}).value()[0].number(0), 1) << "it goes on";
}

TEST_F(SqliteStoreTest, NeverGivesOutADamagedRecordAsGood) {
  {
    const auto store = open().value();
    ASSERT_TRUE(put(*store, {record("id-1", std::string(20'000, 'x'))}));
  }
  Bytes bytes = file();
  bytes[bytes.size() - 2000] ^= 1;  // in the middle of the payload's overflow pages
  write_file(bytes);
  const auto store = open();
  const bool opened = store && (*store)->get("id-1") && open_record(keys_, (*store)->get("id-1").value());
  EXPECT_FALSE(opened);
}

TEST_F(SqliteStoreTest, WhatWasRemovedStandsInNoFileAnyMore) {
  const auto store = open().value();
  const SealedRecord gone = record("id-1", std::string(5000, 'x'));
  ASSERT_TRUE(put(*store, {gone, record("id-2")}));
  const auto stands = [&](const Bytes& bytes) {
    for (const char* suffix : {"", "-wal"}) {
      const Bytes content = files_->read(path_ + suffix, 100'000'000).value();
      if (as_text(content).find(as_text(bytes)) != std::string_view::npos) return true;
    }
    return false;
  };
  const Bytes part(gone.content.payload.begin() + 100, gone.content.payload.begin() + 200);
  ASSERT_TRUE(stands(gone.content.wrapped_key) && stands(part));
  ASSERT_TRUE(remove(*store, {"id-1"}));
  EXPECT_FALSE(stands(gone.content.wrapped_key));
  EXPECT_FALSE(stands(part));
  EXPECT_TRUE(open_record(keys_, store->get("id-2").value()));
}

TEST_F(SqliteStoreTest, AConnectionLeftInATransactionIsNotUsedAgain) {
  const auto connection = sqlite::Connection::open(folder_ + "/x.db", sqlite::Connection::Access::read_write_create, "").value();
  EXPECT_TRUE(connection->usable());
  ASSERT_TRUE(connection->begin());
  EXPECT_FALSE(connection->usable());
}

TEST_F(SqliteStoreTest, HoldsNoPlainTextAndNoPatientId) {
  {
    const auto store = open().value();
    ASSERT_TRUE(put(*store, {record("id-1", "canary-4711-chest-pain")}));
  }
  const Bytes bytes = file();
  const std::string_view text = as_text(bytes);
  EXPECT_EQ(text.find("canary"), std::string_view::npos);
  EXPECT_EQ(text.find("patient of"), std::string_view::npos);
  EXPECT_NE(text.find("id-1"), std::string_view::npos) << "request ids are in clear, so the search above can find things";
}

TEST_F(SqliteStoreTest, OverwritesTheKeysOfRemovedRecords) {
  const SealedRecord sealed = record("id-1");
  {
    const auto store = open().value();
    ASSERT_TRUE(put(*store, {sealed}));
    const std::vector<std::string> ids = {"id-1"};
    ASSERT_TRUE(store->remove(ids));
  }
  const Bytes bytes = file();
  EXPECT_EQ(as_text(bytes).find(as_text(sealed.content.wrapped_key)), std::string_view::npos);
}

}  // namespace
}  // namespace osler::cases
