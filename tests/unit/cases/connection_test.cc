// The promises of cases/sql/connection.h, kept by both drivers.
#include "cases/sql/connection.h"

#include <thread>

#include "cases/postgres/connection.h"
#include "cases/sql/pool.h"
#include "cases/sql/rows.h"
#include "cases/sqlite/connection.h"
#include "store_fixture.h"
#include "cases/sql/database.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {
namespace {

constexpr Query kInsert{"t_insert", "INSERT INTO t(a, b, c, d) VALUES($1, $2, $3, $4)"};
constexpr Query kSelect{"t_select", "SELECT a, b, c, d FROM t ORDER BY c", "tBiR"};
constexpr Query kSelectAsNumber{"t_wrong", "SELECT a FROM t", "i"};
constexpr Query kCount{"t_count", "SELECT count(*) FROM t", "i"};
constexpr Query kRaise{"t_raise", "UPDATE t SET c = c + $1 WHERE c > $2"};
constexpr Query kDelete{"t_delete", "DELETE FROM t WHERE c = $1"};
constexpr Query kChild{"t_child", "INSERT INTO child(parent) VALUES($1)"};

class ConnectionContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    if (IsSkipped()) return;
    connection_ = connect();
    const bool is_sqlite = GetParam() == Dialect::sqlite;
    ASSERT_TRUE(connection_->script(is_sqlite ? "CREATE TABLE t(a TEXT UNIQUE, b BLOB, c INTEGER UNIQUE, d REAL) STRICT;"
                                                "CREATE TABLE child(parent INTEGER REFERENCES t(c)) STRICT"
                                              : "CREATE TABLE t(a TEXT UNIQUE, b BYTEA, c BIGINT UNIQUE, d FLOAT8);"
                                                "CREATE TABLE child(parent BIGINT REFERENCES t(c))"));
  }
  void TearDown() override {
    connection_.reset();
    StoreContract::TearDown();
  }
  std::unique_ptr<Connection> connect() {
    if (GetParam() == Dialect::postgres) return postgres::Connection::open(url_, {}).value();
    return sqlite::Connection::open(folder_ + "/x.db", sqlite::Connection::Access::read_write_create, "").value();
  }
  Result<Rows> insert(std::string_view a, std::int64_t c) { return connection_->run(kInsert, a, ByteView(), c, 0.0); }
  std::uint64_t count() { return connection_->run(kCount).value()[0].count(0); }
  std::unique_ptr<Connection> connection_;
};

TEST_P(ConnectionContract, BindsAndReadsEveryKind) {
  const Bytes bytes = {0, 1, 255};
  const std::string text = "snow ☃ 'quoted' $1";
  ASSERT_TRUE(connection_->run(kInsert, std::string_view(text), ByteView(bytes), std::int64_t{-5}, -0.1));
  ASSERT_TRUE(connection_->run(kInsert, std::string_view(), ByteView(), std::numeric_limits<std::int64_t>::max(), 1e300));
  ASSERT_TRUE(connection_->run(kInsert, std::string_view("null"), Value(), std::int64_t{1}, Value()));
  Rows rows = connection_->run(kSelect).value();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].text(0), text);
  EXPECT_EQ(rows[0].bytes(1), bytes);
  EXPECT_EQ(rows[0].number(2), -5);
  EXPECT_EQ(rows[0].real(3), -0.1);
  EXPECT_TRUE(rows[1].is_null(1));
  EXPECT_TRUE(rows[1].is_null(3));
  EXPECT_EQ(rows[2].text(0), "");
  EXPECT_FALSE(rows[2].is_null(1)) << "no bytes are not null";
  EXPECT_TRUE(rows[2].bytes(1).empty());
  EXPECT_EQ(rows[2].number(2), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(rows[2].real(3), 1e300);
}

TEST_P(ConnectionContract, AValueOfAnotherKindIsDamageNotACrash) {
  ASSERT_TRUE(insert("a", 1));
  EXPECT_EQ(connection_->run(kSelectAsNumber).error().code, ErrorCode::corrupted);
  EXPECT_EQ(count(), 1u) << "and works on";
}

TEST_P(ConnectionContract, CountsWhatChanged) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(insert(std::to_string(i), i).value().changed, 1u);
  EXPECT_EQ(connection_->run(kRaise, std::int64_t{100}, std::int64_t{2}).value().changed, 2u);
  EXPECT_EQ(connection_->run(kRaise, std::int64_t{100}, std::int64_t{500}).value().changed, 0u);
  const std::vector<Statement> statements = {{&kDelete, {std::int64_t{0}}}, {&kDelete, {std::int64_t{77}}}, {&kDelete, {std::int64_t{1}}}};
  EXPECT_EQ(connection_->run_all(statements).value(), (std::vector<std::uint64_t>{1, 0, 1}));
  EXPECT_TRUE(connection_->run_all({}).value().empty());
}

TEST_P(ConnectionContract, ErrorsHaveTheirKindAndNoValue) {
  ASSERT_TRUE(insert("Jane Doe", 1));
  const Error taken = insert("Jane Doe", 2).error();
  EXPECT_EQ(taken.code, ErrorCode::conflict);
  EXPECT_EQ(describe(taken).find("Jane"), std::string::npos);
  EXPECT_NE(taken.internal.find("t_insert"), std::string::npos);
  EXPECT_EQ(connection_->run(kChild, std::int64_t{7}).error().code, ErrorCode::not_found);
  ASSERT_TRUE(connection_->run(kChild, std::int64_t{1}));
  EXPECT_EQ(connection_->run(kDelete, std::int64_t{1}).error().code, ErrorCode::not_found) << "something refers to it";
  EXPECT_EQ(connection_->script("nonsense").error().code, ErrorCode::unavailable);
  EXPECT_TRUE(insert("other", 3)) << "and works on";
  EXPECT_TRUE(connection_->usable());
}

TEST_P(ConnectionContract, RunsAllOrNothing) {
  const std::vector<Statement> good = {{&kInsert, {std::string_view("a"), ByteView(), std::int64_t{1}, 0.0}}, {&kInsert, {std::string_view("b"), ByteView(), std::int64_t{2}, 0.0}}};
  std::vector<Statement> bad = {{&kInsert, {std::string_view("c"), ByteView(), std::int64_t{3}, 0.0}}, good[0], {&kDelete, {std::int64_t{1}}}};
  ASSERT_TRUE(connection_->run_all(good));
  EXPECT_EQ(connection_->run_all(bad).error().code, ErrorCode::conflict);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(connect()->run(kCount).value()[0].count(0), 2u) << "others see it";
}

TEST_P(ConnectionContract, ATransactionThatIsNotCommittedIsUndone) {
  {
    const Transaction transaction = Transaction::begin(*connection_).value();
    ASSERT_TRUE(insert("a", 1));
    ASSERT_TRUE(connection_->run_all(std::vector<Statement>{{&kInsert, {std::string_view("b"), ByteView(), std::int64_t{2}, 0.0}}}));
    EXPECT_EQ(count(), 2u);
  }
  EXPECT_EQ(count(), 0u);
  Transaction transaction = Transaction::begin(*connection_).value();
  ASSERT_TRUE(insert("a", 1));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(connect()->run(kCount).value()[0].count(0), 1u);
}

TEST_P(ConnectionContract, ATransactionInWhichSomethingFailedIsUndone) {
  ASSERT_TRUE(insert("a", 1));
  {
    const Transaction transaction = Transaction::begin(*connection_).value();
    ASSERT_TRUE(insert("b", 2));
    EXPECT_FALSE(insert("a", 3));
  }
  EXPECT_EQ(count(), 1u);
  EXPECT_TRUE(insert("b", 2));
}

TEST_P(ConnectionContract, AStatementThatTakesTooLongIsStopped) {
  constexpr QueryPair kForEver{{"for_ever", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", "I"},
                               {"for_ever", "SELECT count(*) FROM generate_series(1, 1000000000000) AS n", "i"}};
  ASSERT_TRUE(connection_->set_time_limit(std::chrono::milliseconds(50)));
  EXPECT_EQ(connection_->run(kForEver.in(GetParam())).error().code, ErrorCode::unavailable);
  ASSERT_TRUE(connection_->set_time_limit(kTimeLimit));
  EXPECT_EQ(count(), 0u) << "and works on";
}

TEST_P(ConnectionContract, PoolsLendNoMoreThanTheyMayAndReplaceNone) {
  int opened = 0;
  Pool pool([&]() -> Result<std::unique_ptr<Connection>> { ++opened; return connect(); }, 2, std::chrono::milliseconds(1));
  {
    const Loan first = pool.lend().value(), second = pool.lend().value();
    EXPECT_EQ(pool.lend().error().code, ErrorCode::unavailable);
  }
  ASSERT_TRUE(pool.lend().value()->run(kCount));
  EXPECT_EQ(opened, 2);
  pool.close();
  EXPECT_EQ(pool.lend().error().code, ErrorCode::unavailable);
}

TEST_P(ConnectionContract, PoolsGiveUpThePlaceOfAConnectionThatCannotBeOpened) {
  bool works = false;
  Pool pool([&]() -> Result<std::unique_ptr<Connection>> {
    if (!works) return make_error(ErrorCode::unavailable, "away");
    return connect();
  }, 1, std::chrono::milliseconds(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool.lend().error().external, "away");
  works = true;
  EXPECT_TRUE(pool.lend());
}

TEST_P(ConnectionContract, PoolsWaitForWhatIsOnLoanBeforeTheyClose) {
  Pool pool([&]() -> Result<std::unique_ptr<Connection>> { return connect(); }, 1, std::chrono::seconds(60));
  std::optional<Loan> loan(pool.lend().value());
  std::thread closing([&] { pool.close(); });
  while (pool.lend()) {}  // closed: nobody is lent anything, while the loan goes on
  EXPECT_TRUE((*loan)->run(kCount));
  loan.reset();
  closing.join();
}

INSTANTIATE_TEST_SUITE_P(Both, ConnectionContract, kBothStores, name_of_store);

TEST(Rows, CellsAreOfTheKindTheirLetterNames) {
  EXPECT_TRUE(fits(std::int64_t{1}, 'i'));
  EXPECT_FALSE(fits(std::int64_t{1}, 'r'));
  EXPECT_TRUE(fits(1.0, 'R'));
  EXPECT_TRUE(fits(std::monostate(), 'T'));
  EXPECT_FALSE(fits(std::monostate(), 't'));
  EXPECT_TRUE(fits(Bytes(), 'b'));
  EXPECT_FALSE(fits(std::string(), 'B'));
}

TEST(Times, AreMillisecondsBothWays) {
  const WallTime time(std::chrono::milliseconds(1'764'000'000'123));
  EXPECT_EQ(sql::from_ms(sql::to_ms(time)), time);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(sql::to_ms(std::optional<WallTime>())));
}

}  // namespace
}  // namespace osler::cases::sql
