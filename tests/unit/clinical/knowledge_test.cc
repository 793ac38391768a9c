#include "clinical/knowledge.h"

#include "small_knowledge.h"

namespace osler::clinical {

TEST(AgeWeights, AreLogLinearBetweenPointsAndFlatBeyond) {
  const AgeWeights weights = {{10, 1}, {40, 4}};
  EXPECT_DOUBLE_EQ(weight_at({}, 33), 1);
  EXPECT_DOUBLE_EQ(weight_at(weights, 0), 1);
  EXPECT_DOUBLE_EQ(weight_at(weights, 90), 4);
  // Half-way on log(age + 0.25) is the geometric mean of the weights.
  const double middle = std::sqrt(10.25 * 40.25) - 0.25;
  EXPECT_NEAR(weight_at(weights, middle), 2, 1e-12);
}

TEST(Leak, FollowsAgeSexAndParents) {
  std::vector<KnowledgeFault> faults;
  const KnowledgeBase knowledge = load_knowledge(small_files(), faults).value();
  const FindingIndex cough = knowledge.finding_by_id.at("cough"), dry = knowledge.finding_by_id.at("dry_cough");
  EXPECT_DOUBLE_EQ(leak_for(knowledge, cough, 40, Sex::male, false), 0.08);
  EXPECT_DOUBLE_EQ(leak_for(knowledge, cough, 6, Sex::male, false), 0.16);
  EXPECT_DOUBLE_EQ(leak_for(knowledge, dry, 6, Sex::unknown, false), 0.064);
}

TEST(Names, EachUrgencyKindAndCourseHasOne) {
  EXPECT_EQ(name_of(Urgency::self_care), "self_care");
  EXPECT_EQ(name_of(FindingKind::exposure), "exposure");
  EXPECT_EQ(name_of(Course::chronic), "chronic");
}

}  // namespace osler::clinical
