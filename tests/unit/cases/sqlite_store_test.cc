#include "cases/sqlite/sqlite_store.h"

#include <fstream>

#include "cases/sqlite/database.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

class SqliteStoreTest : public StoreTest {
 protected:
  Bytes file() { return files_->read(path_, 100'000'000).value(); }
  void write_file(const Bytes& bytes) { ASSERT_TRUE(files_->write_atomically(path_, bytes, 0600)); }
};

TEST_F(SqliteStoreTest, KeepsRecordsOverARestart) {
  ASSERT_TRUE(put(*open().value(), {record("id-1"), record("id-2")}));
  const auto store = open().value();
  EXPECT_EQ(store->count().value(), 2u);
  EXPECT_TRUE(open_record(keys_, store->get("id-2").value()));
}

TEST_F(SqliteStoreTest, WritesAheadAndSyncsAtEveryCommit) {
  const auto store = open().value();
  sqlite::Database db = sqlite::Database::open(path_, sqlite::Database::Access::read_only, "").value();
  EXPECT_EQ(db.text("PRAGMA journal_mode").value(), "wal");
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

TEST_F(SqliteStoreTest, TakesAKeyRingWithANewerVersionAndThenWantsIt) {
  const std::string hex(64, 'a');
  vault::KeyRing ring = vault::KeyRing::from_hex_key(hex).value();
  ASSERT_TRUE(open_with(ring));
  ASSERT_TRUE(ring.add(2, vault::Secret::random()));
  ASSERT_TRUE(open_with(ring));
  EXPECT_EQ(open_with(vault::KeyRing::from_hex_key(hex).value()).error().code, ErrorCode::configuration);
}

TEST_F(SqliteStoreTest, RefusesAnotherProgramsDatabaseAndLeavesItAsItIs) {
  ASSERT_TRUE(files_->make_folders(folder_ + "/data"));
  {
    sqlite::Database db = sqlite::Database::open(path_, sqlite::Database::Access::read_write_create, "").value();
    ASSERT_TRUE(db.execute("CREATE TABLE bookmarks(url TEXT)"));
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
