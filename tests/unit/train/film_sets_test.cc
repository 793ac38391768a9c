#include "train/image/film_sets.h"

#include <gtest/gtest.h>

namespace osler::train {
namespace {

const char* const kGood = R"({"predictors": "grey levels", "training": "films", "sets": [
  {"name": "internal", "source": "a hospital", "outcome": "a reading", "proportions": {"evaluation": 1.2},
   "sources": [{"name": "a", "kind": "manifest", "path": "a.csv", "columns": {"path": "p", "label": "l", "patient": "q"}, "proportions": "lost"}]},
  {"name": "external", "source": "another", "outcome": "another", "sources": [{"name": "b", "kind": "folder", "path": "films", "labels": {"opacity": "pneumonia", "clear": "normal"}}]}]})";

std::string refusal(const std::string& text) {
  const auto settings = parse_film_sets(text, "sets.json");
  return settings ? "" : settings.error().external;
}

std::string with(std::string text, const std::string& from, const std::string& to) { return text.replace(text.find(from), from.size(), to); }

TEST(FilmSets, AreReadInTheirOrder) {
  const auto settings = parse_film_sets(kGood, "sets.json");
  ASSERT_TRUE(settings) << describe(settings.error());
  EXPECT_EQ(settings->predictors, "grey levels");
  ASSERT_EQ(settings->sets.size(), 2u);
  EXPECT_EQ(settings->sets[0].outcome, "a reading");
  EXPECT_EQ(settings->sets[0].films.proportions.evaluation, 1.2);
  EXPECT_TRUE(settings->sets[0].films.sources[0].proportions_lost);
  EXPECT_EQ(settings->sets[1].films.sources[0].labels.at("opacity"), "pneumonia");
  EXPECT_EQ(settings->sets[1].films.labels, (std::vector<std::string>{"normal", "pneumonia"}));
}

TEST(FilmSets, WhatIsWrongIsNamedWithItsPlace) {
  EXPECT_NE(refusal(with(kGood, R"("training": "films", )", "")).find("training"), std::string::npos);
  EXPECT_NE(refusal(with(kGood, R"("outcome": "another", )", "")).find("/sets/1"), std::string::npos);
  EXPECT_NE(refusal(with(kGood, R"("kind": "folder")", R"("kind": "pile")")).find("/sets/1/sources/0"), std::string::npos);
  EXPECT_NE(refusal(with(kGood, R"("pneumonia")", R"("pneumothorax")")).find("labels"), std::string::npos);
  EXPECT_NE(refusal(R"({"predictors": "a", "training": "b", "sets": []})").find("sets"), std::string::npos);
  EXPECT_NE(refusal(with(kGood, R"("predictors")", R"("predictor")")).find("predictor"), std::string::npos);
}

}  // namespace
}  // namespace osler::train
