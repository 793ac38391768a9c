// Stored cases read again: service/reembedding.h.
#include "service/reembedding.h"

#include "case_world.h"

namespace osler::service {

class Reembedding : public CaseWorld {
 protected:
  /// As an older model left it: a set of its own, and a vector that means nothing now.
  void make_old(const std::string& id) {
    cases::CaseSummary summary = store_->similar_cases().summary(id).value();
    summary.vector_set = "older";
    summary.vector = {0, 1, 0};
    ASSERT_TRUE(store_->similar_cases().put_summary(id, summary));
  }
  ReembeddingCounts run() { return reembed({world_.answerer, *finder_, *store_, *keys_}, [this](const ReembeddingCounts&) { ++told_; }).value(); }

  int told_ = 0;
};

TEST_F(Reembedding, BringsOldCasesIntoThePresentSet) {
  Strings ids;
  for (int i = 0; i < 3; ++i) ids.push_back(store_case({1, 2}, as("ann")));
  ASSERT_TRUE(confirm(ids[0], {{"condition", "d3"}, {"note", "kept"}}, as("ann")));
  for (const std::string& id : ids) make_old(id);
  EXPECT_EQ(diagnose(body_of({1, 2}), as("ann"))["similar_cases"], Json::array()) << "another set cannot be compared";
  const ReembeddingCounts counts = run();
  EXPECT_EQ(counts.done, 3u);
  EXPECT_EQ(counts.failed + counts.overtaken, 0u);
  EXPECT_EQ(told_, 3);
  EXPECT_EQ(diagnose(body_of({1, 2}), as("bob"))["similar_cases"].size(), 4u);
  const Json outcome = read(ids[0], as("ann")).value()["outcome"];
  EXPECT_EQ(outcome["condition_id"], "d3");
  EXPECT_EQ(outcome["note"], "kept");
  EXPECT_EQ(store_->similar_cases().summary(ids[0])->condition, condition_token(names_, "J13"));
  EXPECT_EQ(run().done, 0u) << "nothing is left";
}

TEST_F(Reembedding, FindingsAreReadAnewAndWhatWasSuspectedStays) {
  const std::string id = store_case({1, 2}, as("ann"));
  const cases::CaseSummary before = store_->similar_cases().summary(id).value();
  SummaryContent content = open_summary(*keys_->ring(), id, before.content).value();
  content.present = {"what an older knowledge base called it"};
  content.candidates = {{"d9", 0.77}};
  ASSERT_TRUE(store_->similar_cases().put_summary(id, seal_summary(*keys_->ring(), names_, id, "older", {0, 1}, content)));
  EXPECT_EQ(run().done, 1u);
  const SummaryContent after = open_summary(*keys_->ring(), id, store_->similar_cases().summary(id)->content).value();
  EXPECT_EQ(after.present, (Strings{"s1", "s2"}));
  EXPECT_EQ(after.candidates.at(0).condition_id, "d9");
}

TEST_F(Reembedding, ACaseThatCannotBeReadIsCountedAndStopsNothing) {
  Strings ids;
  for (int i = 0; i < 3; ++i) ids.push_back(store_case({1, 2}, as("ann")));
  for (const std::string& id : ids) make_old(id);
  cases::CaseSummary damaged = store_->similar_cases().summary(ids[1]).value();
  damaged.content.payload.back() ^= 1;
  ASSERT_TRUE(store_->similar_cases().put_summary(ids[1], damaged));
  const ReembeddingCounts counts = run();
  EXPECT_EQ(counts.done, 2u);
  EXPECT_EQ(counts.failed, 1u);
  EXPECT_EQ(run().failed, 1u);
}

TEST_F(Reembedding, WhatSomebodyChangedMeanwhileIsLeftToTheNextRun) {
  make_old(store_case({1, 2}, as("ann")));
  store_->similar.overtakes = 1;
  EXPECT_EQ(run().overtaken, 1u);
  EXPECT_EQ(run().done, 1u);
}

TEST_F(Reembedding, AStoreThatDoesNotAnswerEndsItAndNothingIsLost) {
  make_old(store_case({1, 2}, as("ann")));
  ASSERT_TRUE(store_->close());
  EXPECT_EQ(reembed({world_.answerer, *finder_, *store_, *keys_}, {}).error().code, ErrorCode::unavailable);
}

}  // namespace osler::service
