#include "cases/sqlite/database.h"

#include "store_fixture.h"

namespace osler::cases::sqlite {
namespace {

class DatabaseTest : public StoreTest {
 protected:
  Database database() {
    Database db = Database::open(folder_ + "/x.db", Database::Access::read_write_create, "").value();
    EXPECT_TRUE(db.execute("CREATE TABLE IF NOT EXISTS t(a TEXT UNIQUE, b BLOB, c INTEGER) STRICT"));
    return db;
  }
};

TEST_F(DatabaseTest, BindsAndReadsEveryKind) {
  Database db = database();
  Statement insert = db.prepare("INSERT INTO t VALUES(?1, ?2, ?3)").value();
  const std::string text("zero\0inside", 11);
  const Bytes bytes = {0, 1, 255};
  ASSERT_TRUE(insert.bind(1, text).bind(2, ByteView(bytes)).bind(3, std::int64_t{-5}).run());
  ASSERT_TRUE(insert.bind(1, "empty").bind(2, ByteView()).bind(3, std::int64_t{0}).run());
  Statement select = db.prepare("SELECT a, b, c FROM t ORDER BY c").value();
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.text(0), text);
  EXPECT_EQ(select.bytes(1), bytes);
  EXPECT_EQ(select.number(2), -5);
  ASSERT_TRUE(select.step().value());
  EXPECT_TRUE(select.bytes(1).empty());
  EXPECT_FALSE(select.step().value());
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedIsUndone) {
  Database db = database();
  {
    Transaction transaction = Transaction::begin(db).value();
    ASSERT_TRUE(db.execute("INSERT INTO t VALUES('a', x'', 1)"));
  }
  EXPECT_EQ(db.number("SELECT count(*) FROM t").value(), 0);
  Transaction transaction = Transaction::begin(db).value();
  ASSERT_TRUE(db.execute("INSERT INTO t VALUES('a', x'', 1)"));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(db.number("SELECT count(*) FROM t").value(), 1);
}

TEST_F(DatabaseTest, ErrorsHaveTheirKindAndNoBoundValue) {
  Database db = database();
  Statement insert = db.prepare("INSERT INTO t VALUES(?1, NULL, NULL)").value();
  ASSERT_TRUE(insert.bind(1, "Jane Doe").run());
  const Error error = insert.bind(1, "Jane Doe").run().error();
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_EQ(describe(error).find("Jane"), std::string::npos);
  EXPECT_TRUE(insert.bind(1, "other").run()) << "the statement works on";
  EXPECT_EQ(db.execute("nonsense").error().code, ErrorCode::unavailable);
  EXPECT_FALSE(db.prepare("SELECT * FROM nowhere"));
  EXPECT_EQ(db.number("SELECT c FROM t WHERE a = 'none'").error().code, ErrorCode::corrupted);
  EXPECT_EQ(Database::open(folder_ + "/none.db", Database::Access::read_only, "").error().code, ErrorCode::unavailable);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  database();
  Database reader = Database::open(folder_ + "/x.db", Database::Access::read_only, "").value();
  EXPECT_FALSE(reader.execute("DELETE FROM t"));
}

}  // namespace
}  // namespace osler::cases::sqlite
