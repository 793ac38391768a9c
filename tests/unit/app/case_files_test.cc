#include "app/case_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "../models/tiny_encoder.h"

namespace osler::app {
namespace {

const std::string kLine = R"({"id": "v1", "age_years": 40, "severity": "mild", "symptoms": ["cough"], "diagnosis": {"name": "malady", "icd10": "J13"}})";

struct CaseFiles : testing::Test {
  void put(const std::string& name, const std::string& content) const { models::write_file(folder.at(name), content); }
  std::vector<std::string> names_at(const std::string& path, const char* ending) const {
    std::vector<std::string> names;
    for (const auto& file : files_at(path, ending)) names.push_back(file.filename().string());
    return names;
  }
  const models::TemporaryFolder folder;
};

TEST_F(CaseFiles, OfAFolderAreThoseWithTheEndingSorted) {
  for (const char* name : {"b.jsonl", "a.jsonl", "c.json", "d.jsonl.old"}) put(name, "");
  EXPECT_EQ(names_at(folder.path(), ".jsonl"), (std::vector<std::string>{"a.jsonl", "b.jsonl"}));
  EXPECT_EQ(names_at(folder.at("c.json"), ".jsonl"), std::vector<std::string>{"c.json"}) << "a file is taken as it is called";
}

TEST_F(CaseFiles, AreReadOneAfterTheOther) {
  put("b.jsonl", kLine + "\n");
  put("a.jsonl", kLine + "\n" + kLine + "\n\n");
  EXPECT_EQ(read_vignettes(folder.path(), "").value().size(), 3u);
  EXPECT_EQ(read_vignettes(folder.at("b.jsonl"), "").value().size(), 1u);
}

TEST(SomeCases, AreSpreadEvenlyAndKeepTheirOrder) {
  std::vector<evaluate::Vignette> ten(10);
  for (std::size_t i = 0; i < ten.size(); ++i) ten[i].id = std::to_string(i);
  const auto ids = [&](std::size_t count) {
    std::string all;
    for (const evaluate::Vignette& one : some_of(ten, count)) all += one.id;
    return all;
  };
  EXPECT_EQ(ids(4), "0257");
  EXPECT_EQ(ids(1), "0");
  for (const std::size_t all : {0U, 10U, 99U}) EXPECT_EQ(ids(all), "0123456789");
}

TEST_F(CaseFiles, AMappingAddsWhatIsAcceptable) {
  put("b.jsonl", kLine);
  put("map.json", R"({"cases": {"v1": ["J14"]}})");
  EXPECT_EQ(read_vignettes(folder.at("b.jsonl"), folder.at("map.json")).value().at(0).acceptable, std::vector<std::string>{"J14"});
}

TEST_F(CaseFiles, SayWhichFileAndLineIsWrong) {
  put("b.jsonl", kLine + "\n{\n");
  const auto read = read_vignettes(folder.path(), "");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::malformed);
  EXPECT_EQ(read.error().external.rfind("b.jsonl: line 2: ", 0), 0u) << read.error().external;
}

TEST_F(CaseFiles, ThatAreNotThereAreNotFound) {
  EXPECT_EQ(read_text(folder.at("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_vignettes(folder.at("none"), "").error().code, ErrorCode::not_found);
  put("b.jsonl", kLine);
  EXPECT_EQ(read_vignettes(folder.at("b.jsonl"), folder.at("none")).error().code, ErrorCode::not_found);
}

TEST_F(CaseFiles, ATextIsItsBytes) {
  const std::string bytes("a\0b\r\n\xFF", 6);
  put("x", bytes);
  EXPECT_EQ(read_text(folder.at("x")).value(), bytes);
}

TEST(ReducedCase, KeepsComplaintAndHistoryAlone) {
  evaluate::Vignette vignette;
  vignette.id = "v";
  vignette.request = Json{{"age", 40},          {"symptoms", {"cough"}}, {"severity", "mild"},  {"preexisting_conditions", {"asthma"}},
                          {"narrative", "Ill."}, {"vitals", {{"temperature_c", 39}}}, {"lab_results", {{"2345-7", 90}}},
                          {"absent_findings", {"fever"}}, {"family_history", {"stroke"}}};
  EXPECT_EQ(reduced(vignette).request, (Json{{"age", 40}, {"symptoms", {"cough"}}, {"severity", "mild"}, {"preexisting_conditions", {"asthma"}}}));
  EXPECT_EQ(reduced(reduced(vignette)).request, reduced(vignette).request);
  EXPECT_EQ(reduced(vignette).id, "v");
}

TEST(Today, IsADate) {
  const std::string date = today();
  ASSERT_EQ(date.size(), 10u);
  EXPECT_EQ(date[4], '-');
  EXPECT_EQ(date[7], '-');
}

}  // namespace
}  // namespace osler::app
