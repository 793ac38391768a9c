// service/batch_upload.h and service/batch_csv.h: rows of an upload, however its bytes come.
#include "service/batch_upload.h"

#include <gtest/gtest.h>

#include "../random_seed.h"
#include "base/json.h"
#include "service/batch_csv.h"
#include "service/case_json.h"

namespace osler::service {
namespace {

struct Read {
  std::vector<BatchRow> rows;
  std::optional<Error> error;
};

Read read(BatchFormat format, std::string_view text, const std::vector<std::size_t>& cuts = {}, BatchBounds bounds = {}) {
  BatchReader reader(format, bounds);
  Read result;
  std::size_t begin = 0;
  Result<void> taken = ok();
  for (std::size_t i = 0; i <= cuts.size() && taken; ++i) {
    const std::size_t end = i < cuts.size() ? cuts[i] : text.size();
    taken = reader.take(text.substr(begin, end - begin), result.rows);
    begin = end;
  }
  if (taken) taken = reader.finish(result.rows);
  if (!taken) result.error = taken.error();
  return result;
}

/// "line body" or "line !words of the refusal" of each row.
std::vector<std::string> shown(const Read& result) {
  std::vector<std::string> rows;
  for (const BatchRow& row : result.rows) rows.push_back(std::to_string(row.line) + " " + (row.refusal ? "!" + row.refusal->external : row.body));
  if (result.error) rows.push_back("error: " + result.error->external);
  return rows;
}

using Rows = std::vector<std::string>;
const std::string kHeader = "age,symptoms,severity\n";

TEST(BatchUpload, EachLineOfNdjsonIsARow) {
  EXPECT_EQ(shown(read(BatchFormat::ndjson, "{\"a\":1}\n\n \t\r\n{\"b\":2}\r\nnot json")), (Rows{"1 {\"a\":1}", "4 {\"b\":2}\r", "5 not json"}));
  EXPECT_EQ(shown(read(BatchFormat::ndjson, "\xEF\xBB\xBF{}\n")), (Rows{"1 {}"}));
}

TEST(BatchUpload, ARowThatIsTooLongStopsNoOther) {
  BatchBounds bounds;
  bounds.row_bytes = 30;
  const std::string longer(31, 'x'), fits(30, 'y');
  EXPECT_EQ(shown(read(BatchFormat::ndjson, longer + "\n" + fits + "\n{}", {}, bounds)), (Rows{"1 !The row is too long.", "2 " + fits, "3 {}"}));
  const Read table = read(BatchFormat::csv, kHeader + "1,\"" + longer + "\n" + longer + "\",mild\n40,cough,mild\n", {}, bounds);
  ASSERT_EQ(table.rows.size(), 3u);  // what follows the fault is read from its next line on
  EXPECT_EQ(table.rows[0].refusal->code, ErrorCode::too_large);
  EXPECT_EQ(table.rows[0].line, 2u);
  EXPECT_TRUE(table.rows[1].refusal);
  EXPECT_EQ(table.rows[2].line, 4u);
  EXPECT_FALSE(table.rows[2].refusal);
}

TEST(BatchUpload, BoundsOfTheWholeAreErrors) {
  BatchBounds bounds;
  bounds.cases = 2;
  EXPECT_FALSE(read(BatchFormat::ndjson, "{}\n{}\n", {}, bounds).error);
  EXPECT_EQ(read(BatchFormat::ndjson, "{}\n{}\n{}", {}, bounds).error->code, ErrorCode::too_large);
  bounds = {};
  bounds.bytes = 6;
  EXPECT_FALSE(read(BatchFormat::ndjson, "{}\n{}\n", {}, bounds).error);
  EXPECT_EQ(read(BatchFormat::ndjson, "{}\n{}\n\n", {}, bounds).error->code, ErrorCode::too_large);
  // Each row of a table repeats the names of its columns: what is stored has the same bound as what is sent.
  const std::string table = "age,symptoms,severity," + std::string(1000, 'x') + "\n" + "1,a,mild,y\n1,a,mild,y\n";
  bounds.bytes = table.size() + 900;
  EXPECT_EQ(read(BatchFormat::csv, table, {}, bounds).error->code, ErrorCode::too_large);
  bounds.bytes = 3000;
  EXPECT_FALSE(read(BatchFormat::csv, table, {}, bounds).error);
  EXPECT_EQ(limits::kMaxBatchBytes, 2'147'483'648u);
  EXPECT_EQ(limits::kMaxBatchCases, 1'000'000u);
  EXPECT_EQ(limits::kMaxBatchRowBytes, limits::kMaxBodyBytes);
}

TEST(BatchUpload, NothingIsNoBatch) {
  for (const char* text : {"", "\n\n", " \r\n"}) EXPECT_EQ(read(BatchFormat::ndjson, text).error->code, ErrorCode::invalid);
  EXPECT_EQ(read(BatchFormat::csv, "").error->code, ErrorCode::invalid);
  EXPECT_EQ(read(BatchFormat::csv, kHeader).error->code, ErrorCode::invalid);
}

TEST(BatchUpload, ATableBecomesRequestsOfTheContract) {
  const Read result = read(BatchFormat::csv,
      "age,symptoms,severity,sex,pregnant,gestation_weeks,narrative,preexisting_conditions,lab:2345-7,lab:2160-0:mg/dL,vital:temperature_c,patient_id\r\n"
      "40.5,cough; fever ;,mild,female,true,12,\"He said \"\"no\"\",\r\nthen left\",,5.5,1.1,38.5,0042\r\n"
      "\"7\",\"a;b\",severe,,,,,asthma,,,,\r\n");
  ASSERT_FALSE(result.error);
  ASSERT_EQ(result.rows.size(), 2u);
  EXPECT_EQ(result.rows[0].line, 2u);
  EXPECT_EQ(result.rows[1].line, 4u);  // the first row spans two lines
  EXPECT_EQ(parse_json(result.rows[0].body).value(),
            (Json{{"age", 40.5}, {"symptoms", {"cough", "fever"}}, {"severity", "mild"}, {"sex", "female"}, {"pregnant", {{"value", true}, {"gestation_weeks", 12.0}}},
                  {"narrative", "He said \"no\",\r\nthen left"}, {"lab_results", {{"2345-7", 5.5}, {"2160-0", {{"value", 1.1}, {"unit", "mg/dL"}}}}},
                  {"vitals", {{"temperature_c", 38.5}}}, {"patient_id", "0042"}}));
  EXPECT_EQ(parse_json(result.rows[1].body).value(), (Json{{"age", 7.0}, {"symptoms", {"a", "b"}}, {"severity", "severe"}, {"preexisting_conditions", {"asthma"}}}));
  for (const BatchRow& row : result.rows) EXPECT_TRUE(parse_case(parse_json(row.body).value()));
}

TEST(BatchUpload, WhatIsNoNumberIsLeftToTheContract) {
  const Read result = read(BatchFormat::csv, "age,symptoms,severity,unheard_of\nforty,cough,mild,x\n");
  const auto parsed = parse_case(parse_json(result.rows.at(0).body).value());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fields.at(0).pointer, "/age");
  EXPECT_EQ(parse_json(result.rows.at(0).body).value()["unheard_of"], "x");
  for (const char* number : {"nan", "inf", "1e999", "0x10", "4,5", "1 2"})
    EXPECT_FALSE(parse_case(parse_json(read(BatchFormat::csv, kHeader + "\"" + number + "\",cough,mild\n").rows.at(0).body).value())) << number;
}

TEST(BatchUpload, AFaultyRowOfATableNamesItsFaultAndStopsNoOther) {
  const auto refusal = [](const std::string& row) {
    const Read result = read(BatchFormat::csv, kHeader + row + "\n40,cough,mild\n");
    EXPECT_FALSE(result.error);
    EXPECT_EQ(result.rows.size(), 2u) << row;
    EXPECT_TRUE(result.rows.at(0).refusal) << row;
    EXPECT_FALSE(result.rows.at(1).refusal) << row;
    EXPECT_EQ(result.rows.at(1).line, 3u) << row;
    return result.rows.at(0).refusal.value_or(Error{}).external;
  };
  EXPECT_EQ(refusal("40,cough"), "The row has 2 cells and the header 3.");
  EXPECT_EQ(refusal("40,cough,mild,"), "The row has 4 cells and the header 3.");
  EXPECT_EQ(refusal("40,co\"ugh,mild"), "A quote stands within a cell that has none around it.");
  EXPECT_EQ(refusal("40,\"cough\"x,mild"), "Something follows the closing quote of a cell.");
  EXPECT_EQ(refusal("40,\"cough\"\rx,mild"), "Something follows the closing quote of a cell.");
  EXPECT_EQ(refusal("40,\xff,mild"), "The row is not UTF-8.");
  EXPECT_EQ(refusal("\"\""), "The row has 1 cells and the header 3.");
  std::string wide;
  for (std::size_t i = 0; i <= limits::kMaxBatchColumns; ++i) wide += ",";
  EXPECT_EQ(refusal(wide), "The row has too many cells.");
  const Read open = read(BatchFormat::csv, kHeader + "40,cough,mild\n41,\"cough");
  EXPECT_EQ(open.rows.at(1).refusal->external, "The file ends within a quoted cell that begins in this row.");
  EXPECT_EQ(open.rows.at(1).line, 3u);
}

TEST(BatchUpload, AHeaderThatCannotBeUsedIsToldWithoutItsWords) {
  const auto told = [](const std::string& header) {
    const Read result = read(BatchFormat::csv, header + "\n40,cough,mild\n");
    EXPECT_TRUE(result.error) << header;
    EXPECT_TRUE(result.rows.empty());
    EXPECT_EQ(result.error.value_or(Error{}).external.find("Doe"), std::string::npos);
    return result.error.value_or(Error{}).external.substr(43);
  };
  EXPECT_EQ(told("age,symptoms"), "the column severity is missing.");
  EXPECT_EQ(told("age,symptoms,severity,Doe,Doe"), "column 5 is there twice.");
  EXPECT_EQ(told("age,symptoms,severity,lab:1-8:a,lab:1-8:b"), "column 5 is there twice.");
  EXPECT_EQ(told("age,symptoms,severity,"), "column 4 has no name.");
  EXPECT_EQ(told("age,symptoms,severity,lab:1-8:" + std::string(33, 'u')), "the unit of column 4 is too long.");
  EXPECT_EQ(told("age,sym\"ptoms"), "A quote stands within a cell that has none around it.");
}

TEST(BatchUpload, AnyCuttingOfTheBytesGivesTheSameRows) {
  std::mt19937 random(fresh_seed());
  const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
  constexpr std::string_view kBytes[] = {"\"", "\"\"", ",", ";", "\n", "\r\n", "\r", "a", "40", "{}", " ", "\xEF\xBB\xBF", "\xff", "cough", "long text that fills a row "};
  for (int round = 0; round < 2000; ++round) {
    const BatchFormat format = below(2) == 0 ? BatchFormat::csv : BatchFormat::ndjson;
    std::string text = format == BatchFormat::csv && below(4) != 0 ? kHeader : "";
    for (std::size_t i = below(60); i > 0; --i) text += kBytes[below(std::size(kBytes))];
    BatchBounds bounds;
    bounds.row_bytes = 25 + below(40);
    std::vector<std::size_t> cuts;
    for (std::size_t i = below(8); i > 0; --i) cuts.push_back(below(text.size() + 1));
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::size_t> each(text.size());
    for (std::size_t i = 0; i < each.size(); ++i) each[i] = i;
    const Rows whole = shown(read(format, text, {}, bounds));
    EXPECT_EQ(whole, shown(read(format, text, cuts, bounds))) << text;
    EXPECT_EQ(whole, shown(read(format, text, each, bounds))) << text;
  }
}

}  // namespace
}  // namespace osler::service
