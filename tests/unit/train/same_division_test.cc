#include "train/image/same_division.h"

#include <gtest/gtest.h>

#include <functional>

#include "train/image/splits.h"

namespace osler::train {
namespace {

struct Trained {
  ImageTrainingConfig config;
  FilmRecords records;
  Json training;
};

/// Forty films of one source, and training.json of a model trained on them.
Trained trained() {
  Trained run;
  run.config.labels = {"normal", "pneumonia"};
  run.config.sources.resize(1);
  run.config.sources[0].name = "ours";
  run.records.hashes = {"0123"};
  for (std::size_t i = 0; i < 40; ++i) {
    FilmRecord film;
    film.patient = "ours/" + std::to_string(i);
    film.label = i % 2;
    run.records.films.push_back(film);
  }
  std::map<std::string, std::map<std::string, std::size_t>> films;
  const std::vector<Part> parts = split_by_patient(run.records.films, run.config.split);
  for (std::size_t i = 0; i < parts.size(); ++i) ++films[name_of(parts[i])][run.config.labels[run.records.films[i].label]];
  run.training = {{"split", {{"fit", 0.7}, {"selection", 0.15}, {"calibration", 0.15}, {"seed", 1}}}, {"sources", {{{"name", "ours"}, {"sha256", "0123"}, {"films", films}}}}};
  return run;
}

std::string difference_after(const std::function<void(Trained&)>& change) {
  Trained run = trained();
  change(run);
  const auto checked = check_same_division(run.training, run.config, run.records, split_by_patient(run.records.films, run.config.split));
  return checked ? "" : checked.error().external;
}

TEST(SameDivisionTest, FilmsThatWereLearnedFromCannotPassForHeldBack) {
  EXPECT_EQ(difference_after([](Trained&) {}), "");
  EXPECT_NE(difference_after([](Trained& run) { run.config.split.seed = 2; }).find("source ours, and the split changed since"), std::string::npos);
  EXPECT_NE(difference_after([](Trained& run) { run.config.split.fit = 0.6, run.config.split.selection = 0.25; }).find("and the split changed"), std::string::npos);
  EXPECT_NE(difference_after([](Trained& run) { run.records.hashes[0] = "4567"; }).find("and its table, or the list of its files changed"), std::string::npos);
  EXPECT_NE(difference_after([](Trained& run) { run.records.films.pop_back(); }).find("and the division of its films changed"), std::string::npos);
}

TEST(SameDivisionTest, FilmsThatWereNeverSeenAreDividedInAnyWay) {
  const auto elsewhere = [](Trained& run) {
    run.config.sources[0].name = "theirs";
    run.config.split.seed = 2;
  };
  EXPECT_EQ(difference_after(elsewhere), "");
  EXPECT_EQ(difference_after([](Trained& run) { run.training = Json::object(), run.config.split.seed = 2; }), "") << "a model that does not say what it was trained on";
}

}  // namespace
}  // namespace osler::train
