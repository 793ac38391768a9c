#include "reasoning/attribution_units.h"

#include <gtest/gtest.h>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

TextSpan at(CaseField field, std::size_t item = 0, std::size_t begin = 0, std::size_t end = 0) { return {field, item, begin, end}; }

TEST(AttributionUnits, ASentenceHoldsWhatBeginsInIt) {
  const Unit sentence{at(CaseField::narrative, 0, 10, 30)};
  EXPECT_TRUE(holds(sentence, at(CaseField::narrative, 0, 10, 14)));
  EXPECT_TRUE(holds(sentence, at(CaseField::narrative, 0, 29, 35))) << "it begins there";
  EXPECT_FALSE(holds(sentence, at(CaseField::narrative, 0, 30, 35)));
  EXPECT_FALSE(holds(sentence, at(CaseField::narrative, 0, 5, 14)));
  EXPECT_FALSE(holds(sentence, at(CaseField::symptoms, 0, 10, 14)));
}

TEST(AttributionUnits, AnItemWithoutBytesIsHeldWhole) {
  const Unit lab{at(CaseField::lab_results, 3)};
  EXPECT_TRUE(holds(lab, at(CaseField::lab_results, 3)));
  EXPECT_FALSE(holds(lab, at(CaseField::lab_results, 2)));
  EXPECT_TRUE(holds({at(CaseField::symptoms, 1)}, at(CaseField::symptoms, 1, 4, 9)));
}

struct TwoPlaces : testing::Test {
  TwoPlaces() {
    observe(findings, 0);
    findings.findings[0].spans = {at(CaseField::symptoms, 0, 0, 5), at(CaseField::narrative, 0, 12, 17)};
    observe(findings, 1);
    findings.findings[1].spans = {at(CaseField::narrative, 0, 20, 25)};
    observe(findings, 2);
    findings.findings[2].spans = {at(CaseField::symptoms, 1, 0, 5), at(CaseField::narrative, 0, 50, 55)};
    findings.age_years = 40;
    findings.sex = Sex::female;
    findings.severity = Severity::severe;
    findings.duration_days = 3;
    measure(findings, 0, Grade::high);
    findings.quantities[0].span = at(CaseField::vitals, 0);
    state(findings, 5);
    findings.known[0].span = at(CaseField::preexisting_conditions, 0, 0, 8);
    units = {{at(CaseField::symptoms, 0)}, {at(CaseField::symptoms, 1)}, {at(CaseField::narrative, 0, 0, 30)}, {at(CaseField::sex)},
             {at(CaseField::vitals, 0), at(CaseField::preexisting_conditions, 0)}, {at(CaseField::severity), at(CaseField::duration_days)}};
  }
  std::vector<FindingIndex> left(const std::vector<bool>& withheld) const {
    std::vector<FindingIndex> list;
    for (const ObservedFinding& one : without_units(findings, units, withheld).findings) list.push_back(one.finding);
    return list;
  }
  CaseFindings findings;
  std::vector<Unit> units;
};

TEST_F(TwoPlaces, AFindingGoesOnlyWhenBothOfItsUnitsDo) {
  EXPECT_EQ(left({true, false, false, false, false, false}), (std::vector<FindingIndex>{0, 1, 2}));
  EXPECT_EQ(left({false, false, true, false, false, false}), (std::vector<FindingIndex>{0, 2}));
  EXPECT_EQ(left({true, false, true, false, false, false}), (std::vector<FindingIndex>{2}));
}

TEST_F(TwoPlaces, WhatIsSaidOutsideTheUnitsStays) {
  EXPECT_EQ(left({true, true, true, true, true, true}), (std::vector<FindingIndex>{2}));
  EXPECT_TRUE(pieces_of(findings, units)[2].units.empty());
}

TEST_F(TwoPlaces, CircumstancesBecomeUnknown) {
  const CaseFindings without = without_units(findings, units, {false, false, false, true, true, true});
  EXPECT_EQ(without.sex, Sex::unknown);
  EXPECT_EQ(without.severity, Severity::moderate);
  EXPECT_FALSE(without.duration_days.has_value());
  EXPECT_TRUE(without.quantities.empty() && without.known.empty());
  EXPECT_EQ(without.age_years, 40);
  EXPECT_EQ(without.findings.size(), 3u);
}

TEST_F(TwoPlaces, APieceKnowsItsUnits) {
  const std::vector<Piece> pieces = pieces_of(findings, units);
  EXPECT_EQ(pieces[0].units, (std::vector<std::size_t>{0, 2}));
  EXPECT_TRUE(is_said(pieces[0], {false, false, true, false, false, false}));
  EXPECT_FALSE(is_said(pieces[0], {false, true, false, true, true, true}));
  EXPECT_TRUE(is_said(pieces[2], Coalition(6, false)));
  EXPECT_EQ(said_by(findings, pieces, Coalition(6, true)).findings.size(), 3u);
}

}  // namespace
}  // namespace osler::reasoning
