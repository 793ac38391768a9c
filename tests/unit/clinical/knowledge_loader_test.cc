#include "clinical/knowledge_loader.h"

#include <algorithm>

#include "base/limits.h"
#include "small_knowledge.h"

namespace osler::clinical {

namespace {

std::string faults_of(std::vector<KnowledgeFile> files) {
  std::vector<KnowledgeFault> faults;
  EXPECT_FALSE(load_knowledge(files, faults));
  std::string text;
  for (const KnowledgeFault& fault : faults) text += describe(fault) + "\n";
  return text;
}

std::vector<KnowledgeFile> with_condition(const std::string& from, const std::string& to) {
  std::vector<KnowledgeFile> files = small_files();
  std::string& text = files[2].content;
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  text.replace(place, from.size(), to);
  return files;
}

}  // namespace

TEST(KnowledgeLoader, LoadsAndResolvesReferences) {
  std::vector<KnowledgeFault> faults;
  const Result<KnowledgeBase> knowledge = load_knowledge(small_files(), faults);
  ASSERT_TRUE(knowledge) << describe(knowledge.error());
  EXPECT_EQ(knowledge->conditions.size(), 2u);
  const Condition& two = knowledge->conditions[knowledge->condition_by_id.at("two")];
  const Condition& one = knowledge->conditions[knowledge->condition_by_id.at("one")];
  EXPECT_EQ(one.alternatives.size(), 1u) << "alternatives are symmetric";
  EXPECT_EQ(two.specialty, "respiratory");
  EXPECT_EQ(knowledge->quantity_by_loinc.at("2345-7"), knowledge->quantity_by_id.at("glucose"));
  EXPECT_EQ(knowledge->hash.size(), 64u);
}

TEST(KnowledgeLoader, OrderOfFilesChangesNothing) {
  std::vector<KnowledgeFile> files = small_files();
  std::vector<KnowledgeFault> faults;
  const KnowledgeBase first = load_knowledge(files, faults).value();
  std::reverse(files.begin(), files.end());
  const KnowledgeBase second = load_knowledge(files, faults).value();
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.condition_by_id, second.condition_by_id);
}

TEST(KnowledgeLoader, HashFollowsEveryByte) {
  std::vector<KnowledgeFile> files = small_files();
  std::vector<KnowledgeFault> faults;
  const std::string before = load_knowledge(files, faults)->hash;
  files[0].content += " ";
  EXPECT_NE(load_knowledge(files, faults)->hash, before);
}

TEST(KnowledgeLoader, AnUnlistedParentTakesItsChildsProbability) {
  std::vector<KnowledgeFault> faults;
  const KnowledgeBase knowledge = load_knowledge(with_condition("cough: 0.800000, ", ""), faults).value();
  const Condition& one = knowledge.conditions[knowledge.condition_by_id.at("one")];
  const auto cough = std::find_if(one.findings.begin(), one.findings.end(), [&](const FindingLink& link) {
    return link.finding == knowledge.finding_by_id.at("cough");
  });
  ASSERT_NE(cough, one.findings.end());
  EXPECT_TRUE(cough->derived);
  EXPECT_DOUBLE_EQ(cough->probability, 0.4);
}

TEST(KnowledgeLoader, NamesFileAndLineOfEachFault) {
  EXPECT_NE(faults_of(with_condition("tired: 0.4", "tyred: 0.4")).find("conditions/respiratory/one.yaml:10: unknown finding 'tyred'"),
            std::string::npos)
      << faults_of(with_condition("tired: 0.4", "tyred: 0.4"));
}

struct Broken {
  const char* from;
  const char* to;
  const char* message;
};

class BrokenCondition : public testing::TestWithParam<Broken> {};

TEST_P(BrokenCondition, IsRefused) {
  const std::string text = faults_of(with_condition(GetParam().from, GetParam().to));
  EXPECT_NE(text.find(GetParam().message), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BrokenCondition,
    testing::Values(Broken{"course: acute", "course: slow", "must be one of acute, episodic, chronic"},
                    Broken{"tired: 0.4", "tired: 1.0", "must lie in [0.002, 0.98]"},
                    Broken{"dry_cough: 0.4", "dry_cough: 0.9", "more likely than its parent"},
                    Broken{"smoker: 2", "smokes: 2", "unknown risk factor 'smokes'"},
                    Broken{"smoker: 2", "smoker: 99", "must lie in [0.02, 30]"},
                    Broken{"code: J20", "code: 20J", "shape of an ICD-10 code"},
                    Broken{"sources: [estimate]", "", "names no 'sources'"},
                    Broken{"tests: [chest X-ray]", "tests: [{name: x, loinc: 2345-8}]", "not a valid LOINC code"},
                    Broken{"sudden: 0.2", "sudden: 0.2\ncolour: red", "unknown key 'colour'"},
                    Broken{"urgency: routine", "urgency: routine\nurgency: urgent", "occurs twice"},
                    Broken{"spread: 1}", "spread: 0.1}", "'spread' must lie in"},
                    Broken{"a1: 0.1", "a1: {p: 0.1, marked: 0.5}", "'marked' is for measured findings"},
                    Broken{"a1: 0.1", "a1: {p: 0.1, baseline: 0.05}", "'baseline' is for chronic conditions"},
                    Broken{"id: one", "id: other", "the file must be called other.yaml"},
                    Broken{"findings: {", "findings: {{", "not valid YAML"}));

TEST(KnowledgeLoader, RefusesAPhraseClaimedTwice) {
  std::vector<KnowledgeFile> files = small_files();
  files[0].content += "  wheeze: {name: wheeze, kind: sign, leak: 0.01, clinical: [coughing]}\n";
  EXPECT_NE(faults_of(files).find("phrase 'coughing' is claimed by"), std::string::npos);
}

TEST(KnowledgeLoader, RefusesCyclesAndConditionsNothingTellsApart) {
  std::vector<KnowledgeFile> files = small_files();
  files[0].content += "  x: {name: x thing, kind: sign, parent: y, share: 0.5, clinical: [x thing seen]}\n"
                      "  y: {name: y thing, kind: sign, parent: x, share: 0.5, clinical: [y thing seen]}\n";
  EXPECT_NE(faults_of(files).find("is its own ancestor"), std::string::npos);
  files = small_files();
  files[3].content = small_condition("two");
  EXPECT_NE(faults_of(files).find("no finding tells it apart from 'two'"), std::string::npos);
}

TEST(KnowledgeLoader, BoundsTheSizeOfAFile) {
  std::vector<KnowledgeFile> files = small_files();
  files[0].content.resize(limits::kMaxKnowledgeFileBytes, '\n');
  std::vector<KnowledgeFault> faults;
  EXPECT_TRUE(load_knowledge(files, faults)) << "exactly at the bound";
  files[0].content += '\n';
  EXPECT_NE(faults_of(files).find("findings/a.yaml: larger than its limit"), std::string::npos);
}

TEST(KnowledgeLoader, RefusesAnEmptyFolder) { EXPECT_NE(faults_of({}).find("empty"), std::string::npos); }

}  // namespace osler::clinical
