#include "train/text/written_cases.h"

#include <filesystem>

#include "small_world.h"

namespace osler::train {
namespace {

using namespace clinical;

const std::string kRequest = R"({"condition": "cold", "age": 30, "severity": "mild", "symptoms": ["Cough"], "narrative": "since monday"})";
const std::string kVignette =
    R"({"id": "v", "age_years": 61, "severity": "severe", "symptoms": ["thirst"], "absent": ["fever"], "diagnosis": {"name": "sweetness disease", "icd10": "X99"}})";

struct WrittenCasesTest : testing::Test {
  WrittenCasesTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~WrittenCasesTest() override { std::filesystem::remove_all(folder); }
  void file(const std::string& name, const std::string& content) const { write_file(folder + "/" + name, content); }
  Result<std::vector<WrittenCase>> read() { return read_written_cases(knowledge, folder, unknown); }
  const std::string folder =
      testing::TempDir() + "osler_written_" + testing::UnitTest::GetInstance()->current_test_info()->name();
  const KnowledgeBase knowledge = small_world();
  std::size_t unknown = 0;
};

TEST_F(WrittenCasesTest, ReadsRequestsWithTheirCondition) {
  file("a.jsonl", kRequest + "\n");
  const auto cases = read();
  ASSERT_TRUE(cases) << describe(cases.error());
  ASSERT_EQ(cases->size(), 1u);
  EXPECT_EQ(cases->front().condition, knowledge.condition_by_id.at("cold"));
  EXPECT_EQ(cases->front().patient.age_years, 30);
  EXPECT_EQ(cases->front().patient.symptoms, std::vector<std::string>{"cough"});
  EXPECT_EQ(cases->front().patient.narrative, "since monday");
  EXPECT_EQ(unknown, 0u);
}

TEST_F(WrittenCasesTest, ReadsVignettesByTheirDiagnosis) {
  file("a.jsonl", kVignette + "\n");
  const auto cases = read();
  ASSERT_TRUE(cases) << describe(cases.error());
  ASSERT_EQ(cases->size(), 1u);
  EXPECT_EQ(cases->front().condition, knowledge.condition_by_id.at("sweetness"));
  EXPECT_EQ(cases->front().patient.severity, Severity::severe);
  EXPECT_EQ(cases->front().patient.absent_findings, std::vector<std::string>{"fever"});
}

TEST_F(WrittenCasesTest, TheNameDecidesWhereACodeFitsMany) {
  file("a.jsonl", R"({"age_years": 61, "severity": "mild", "symptoms": ["cough"], "diagnosis": {"name": "old_mens_cough disease", "icd10": "J20"}})");
  const auto cases = read();
  ASSERT_TRUE(cases && cases->size() == 1);
  EXPECT_EQ(knowledge.conditions[cases->front().condition].id, "old_mens_cough");
}

TEST_F(WrittenCasesTest, ThoseOfAnUnknownConditionAreCountedAndLeftOut) {
  unknown = 5;
  file("a.jsonl", R"({"condition": "plague", "age": 30, "severity": "mild", "symptoms": ["cough"]})"
                  "\n" + kRequest + "\n" +
                      R"({"age_years": 61, "severity": "mild", "symptoms": ["a"], "diagnosis": {"name": "plague", "icd10": "A20"}})");
  const auto cases = read();
  ASSERT_TRUE(cases) << describe(cases.error());
  EXPECT_EQ(cases->size(), 1u);
  EXPECT_EQ(unknown, 7u) << "added to what was counted";
}

TEST_F(WrittenCasesTest, ReadsEveryFileByNameAndNothingElse) {
  file("b.jsonl", kVignette + "\n\n" + kVignette);
  file("a.jsonl", kRequest);
  file("c.json", "not read");
  file("README.md", "not read");
  const auto cases = read();
  ASSERT_TRUE(cases) << describe(cases.error());
  ASSERT_EQ(cases->size(), 3u);
  EXPECT_EQ(knowledge.conditions[cases->at(0).condition].id, "cold");
  EXPECT_EQ(knowledge.conditions[cases->at(2).condition].id, "sweetness");
}

TEST_F(WrittenCasesTest, ABrokenLineIsNamedByFileAndLine) {
  for (const char* bad : {"{", "nonsense", "[]", "3", "{}", R"({"condition": "cold"})", R"({"condition": 5, "age": 30, "severity": "mild", "symptoms": ["a"]})",
                          R"({"condition": "cold", "age": 300, "severity": "mild", "symptoms": ["a"]})",
                          R"({"condition": "cold", "age": 30, "severity": "mild", "symptoms": []})",
                          R"({"condition": "plague", "age": 30, "severity": "mild", "symptoms": []})",
                          R"({"age_years": 61, "diagnosis": {"name": "sweetness disease", "icd10": "X99"}})"}) {
    file("good.jsonl", kRequest);
    file("later.jsonl", kRequest + "\n\n" + bad + "\n" + kRequest);
    const auto cases = read();
    ASSERT_FALSE(cases) << bad;
    EXPECT_EQ(cases.error().code, ErrorCode::corrupted) << bad;
    EXPECT_NE(cases.error().external.find("later.jsonl, line 3:"), std::string::npos) << bad << ": " << cases.error().external;
  }
}

TEST_F(WrittenCasesTest, AMissingFolderIsNotFoundAndAnEmptyOneIsEmpty) {
  EXPECT_EQ(read()->size(), 0u);
  std::filesystem::remove_all(folder);
  const auto cases = read();
  ASSERT_FALSE(cases);
  EXPECT_EQ(cases.error().code, ErrorCode::not_found);
  EXPECT_NE(cases.error().external.find(folder), std::string::npos);
}

}  // namespace
}  // namespace osler::train
