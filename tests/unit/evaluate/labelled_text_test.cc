#include "evaluate/labelled_text.h"

#include "../service/small_world.h"

namespace osler::evaluate {

namespace {

class Labelled : public testing::Test {
 protected:
  TextScores scores(const std::string& content) const {
    const auto sentences = parse_labelled_text("a.text", content, knowledge_);
    EXPECT_TRUE(sentences) << describe(sentences.error());
    return score_texts(knowledge_, reader_, *sentences);
  }
  std::string fault(const std::string& content) const {
    const auto sentences = parse_labelled_text("a.text", content, knowledge_);
    EXPECT_FALSE(sentences) << content;
    return sentences ? "" : sentences.error().external;
  }

  const clinical::KnowledgeBase knowledge_ = service::small_world_knowledge();
  const language::CaseReader reader_{knowledge_};
};

}  // namespace

TEST_F(Labelled, MarksBecomeSpansOfThePlainText) {
  const auto sentences = parse_labelled_text("a.text", "# comment\n\nage: 7\nA {bad cough|cough past} now, {no fever|fever absent}.\n", knowledge_);
  ASSERT_TRUE(sentences);
  ASSERT_EQ(sentences->size(), 1u);
  const LabelledSentence& one = sentences->front();
  EXPECT_EQ(one.text, "A bad cough now, no fever.");
  EXPECT_EQ(one.line, 4);
  EXPECT_EQ(one.age_years, 7);
  ASSERT_EQ(one.labels.size(), 2u);
  EXPECT_EQ(one.text.substr(one.labels[0].begin, one.labels[0].end - one.labels[0].begin), "bad cough");
  EXPECT_TRUE(one.labels[0].past && !one.labels[0].absent);
  EXPECT_TRUE(one.labels[1].absent);
}

TEST_F(Labelled, BrokenMarksAreNamedByLine) {
  EXPECT_EQ(fault("x\n{cough}"), "a.text:2: a mark is {words|finding_id attributes}.");
  EXPECT_EQ(fault("{cough|zorble}"), "a.text:1: no finding 'zorble'.");
  EXPECT_EQ(fault("{cough|cough maybe}"), "a.text:1: unknown attribute 'maybe'.");
  EXPECT_EQ(fault("{|cough}"), "a.text:1: a mark without words.");
  EXPECT_EQ(fault("{cough|}"), "a.text:1: a mark without a finding.");
  EXPECT_EQ(fault("cough}"), "a.text:1: '}' outside a mark.");
}

// Found: cough twice, fever. Wanted: cough once, fever, and one that is not there.
TEST_F(Labelled, PrecisionAndRecallOfFindings) {
  const TextScores result = scores("I have a {cough|cough}. Then a cough again and {fever|fever}. {Zorble|tired}.");
  EXPECT_EQ(result.findings.right, 2u);
  EXPECT_EQ(result.findings.found, 3u);
  EXPECT_EQ(result.findings.wanted, 3u);
  EXPECT_NEAR(result.findings.precision(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(result.findings.recall(), 2.0 / 3, 1e-12);
  EXPECT_EQ(result.faults.size(), 2u);
}

TEST_F(Labelled, PolarityIsJudgedOnWhatWasFound) {
  const TextScores result = scores("He has {no cough|cough absent}.\nHe has {no fever|fever}.");
  EXPECT_EQ(result.absent.right, 1u);
  EXPECT_EQ(result.absent.found, 2u);
  EXPECT_EQ(result.absent.wanted, 1u);
  EXPECT_EQ(result.present.recall(), 0);
  EXPECT_NE(result.faults.front().find("fever read as absent"), std::string::npos);
}

TEST_F(Labelled, AClassThatDoesNotOccurIsNotWrong) {
  const TextScores result = scores("{cough|cough}");
  EXPECT_EQ(result.past.precision(), 1);
  EXPECT_EQ(result.past.recall(), 1);
}

}  // namespace osler::evaluate
