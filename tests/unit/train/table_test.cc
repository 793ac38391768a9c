#include "train/image/table.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/limits.h"

namespace osler::train {
namespace {

std::string fault_of(const std::string& text) {
  const auto table = Table::parse(text, "t.csv");
  EXPECT_FALSE(table) << text;
  return table ? "" : table.error().external;
}

TEST(TableTest, ReadsQuotesLineBreaksAndWindowsEndings) {
  const auto table = Table::parse("\xEF\xBB\xBFname,note\r\na,\"one, \"\"two\"\"\nthree\"\r\n\r\nb,\r\n\"c\",x", "t.csv");
  ASSERT_TRUE(table) << describe(table.error());
  ASSERT_EQ(table->rows(), 3u);
  const std::size_t note = table->column("note").value();
  EXPECT_EQ(table->at(0, note), "one, \"two\"\nthree");
  EXPECT_EQ(table->at(1, note), "");
  EXPECT_EQ(table->at(2, 0), "c");
  EXPECT_EQ(table->line(0), 2u);
  EXPECT_EQ(table->line(1), 5u);
  EXPECT_EQ(table->line(2), 6u);
}

TEST(TableTest, SaysWhereItBreaks) {
  EXPECT_EQ(fault_of(""), "t.csv is empty: the first line must name the columns.");
  EXPECT_EQ(fault_of("a,b\n1\n"), "t.csv, line 2: has 1 columns, the first line 2.");
  EXPECT_EQ(fault_of("a,a\n"), "t.csv, line 1: column 1 has the name of another.");
  EXPECT_EQ(fault_of("a\n\"x\ny"), "t.csv, line 2: a quote is opened that is never closed.");
  EXPECT_EQ(fault_of("a\n\"x\"y\n"), "t.csv, line 2: after a closing quote there must be a comma or the end of the line.");
}

TEST(TableTest, AMissingColumnNamesThoseThatThereAre) {
  const auto table = Table::parse("a,b\n1,2\n", "t.csv");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->has_column("b"));
  EXPECT_EQ(table->column("c").error().external, "t.csv, line 1: there is no column c; there are a, b.");
  EXPECT_EQ(table->fault(0, 1, "is wrong.").external, "t.csv, line 2, column b: is wrong.");
}

TEST(TableTest, ATableOverTheLimitIsRefusedUnread) {
  EXPECT_EQ(Table::read("/nowhere/t.csv").error().code, ErrorCode::not_found);
  const std::string path = testing::TempDir() + "/osler_large.csv";
  std::ofstream(path, std::ios::binary).seekp(static_cast<std::streamoff>(limits::kMaxTableBytes)).put('x');  // sparse: nothing is written before
  EXPECT_EQ(Table::read(path).error().code, ErrorCode::too_large);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace osler::train
