#include "train/image/splits.h"

#include <gtest/gtest.h>

#include <set>

#include "../random_seed.h"
#include "train/cases/random.h"

namespace osler::train {
namespace {

/// Patients with one to five films each, of two sources, two labels and two subtypes of the second.
std::vector<FilmRecord> some_films(Random& random, std::size_t patients) {
  std::vector<FilmRecord> films;
  for (std::size_t p = 0; p < patients; ++p) {
    FilmRecord film;
    film.patient = "patient " + std::to_string(p);
    film.source = random.below(2);
    film.label = random.chance(0.7);
    film.subtype = film.label == 0 ? "" : random.chance(0.5) ? "viral" : "bacterial";
    for (std::size_t i = 0; i <= random.below(5); ++i) films.push_back(film);
  }
  return films;
}

std::map<std::string, Part> part_of_patients(const std::vector<FilmRecord>& films, const std::vector<Part>& parts) {
  std::map<std::string, Part> found;
  for (std::size_t i = 0; i < films.size(); ++i) {
    const auto [at, fresh] = found.emplace(films[i].patient, parts[i]);
    EXPECT_EQ(at->second, parts[i]) << "a patient on two sides";
  }
  return found;
}

TEST(SplitsTest, NoPatientOnTwoSidesAndSharesWithinAPatientOfEachKind) {
  Random random(fresh_seed());
  const std::vector<FilmRecord> films = some_films(random, 600);
  SplitSettings settings{0.7, 0.15, 0.15, random.next() >> 12};
  const std::vector<Part> parts = split_by_patient(films, settings);
  part_of_patients(films, parts);
  std::map<std::tuple<std::size_t, std::size_t, std::string>, std::array<double, kParts>> counts;
  for (std::size_t i = 0; i < films.size(); ++i) counts[{films[i].source, films[i].label, films[i].subtype}][static_cast<std::size_t>(parts[i])] += 1;
  for (const auto& [kind, count] : counts) {
    const double total = count[0] + count[1] + count[2];
    EXPECT_NEAR(count[0], 0.7 * total, 10);  // two patients of five films
    EXPECT_NEAR(count[1], 0.15 * total, 10);
    EXPECT_NEAR(count[2], 0.15 * total, 10);
  }
}

TEST(SplitsTest, TheSameForASeedWhateverTheOrderAndWhoeverElseIsThere) {
  Random random(fresh_seed());
  std::vector<FilmRecord> films = some_films(random, 200);
  const auto before = part_of_patients(films, split_by_patient(films, {0.7, 0.15, 0.15, 3}));
  EXPECT_NE(before, part_of_patients(films, split_by_patient(films, {0.7, 0.15, 0.15, 4})));
  std::reverse(films.begin(), films.end());
  FilmRecord stranger;
  stranger.source = 2;
  for (int i = 0; i < 50; ++i) {
    stranger.patient = "stranger " + std::to_string(i);
    films.push_back(stranger);
  }
  const auto after = part_of_patients(films, split_by_patient(films, {0.7, 0.15, 0.15, 3}));
  for (const auto& [patient, part] : before) EXPECT_EQ(after.at(patient), part) << patient;
}

TEST(SplitsTest, AGivenPartIsKept) {
  std::vector<FilmRecord> films(3);
  for (std::size_t i = 0; i < films.size(); ++i) films[i].patient = std::to_string(i);
  films[1].given_part = Part::calibration;
  EXPECT_EQ(split_by_patient(films, {1, 0, 0, 1}), (std::vector<Part>{Part::fit, Part::calibration, Part::fit}));
}

TEST(SplitsTest, FoldsCoverTheChosenFilmsAndKeepPatientsWhole) {
  Random random(fresh_seed());
  const std::vector<FilmRecord> films = some_films(random, 300);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < films.size(); i += 2) chosen.push_back(i);
  const std::vector<std::size_t> folds = folds_by_patient(films, chosen, 5, 1);
  ASSERT_EQ(folds.size(), chosen.size());
  std::map<std::string, std::size_t> fold_of;
  std::array<double, 5> counts{};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    EXPECT_EQ(fold_of.emplace(films[chosen[i]].patient, folds[i]).first->second, folds[i]);
    counts.at(folds[i]) += 1;
  }
  for (const double count : counts) EXPECT_NEAR(count, static_cast<double>(chosen.size()) / 5, 30);
}

TEST(SplitsTest, ALabelThatAPartLacksIsNamed) {
  std::vector<FilmRecord> films(4);
  for (const std::size_t i : {1, 3}) films[i].label = 1;
  const std::vector<std::string> labels = {"normal", "pneumonia"};
  const auto missing = check_labels_in_parts(films, {Part::fit, Part::fit, Part::selection, Part::selection}, labels);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().external.find("label normal is in the part calibration"), std::string::npos);
  films.resize(6);
  films[5].label = 1;
  EXPECT_TRUE(check_labels_in_parts(films, {Part::fit, Part::fit, Part::selection, Part::selection, Part::calibration, Part::calibration}, labels));
  EXPECT_STREQ(name_of(Part::selection), "selection");
}

TEST(SplitsTest, ALabelThatAFoldLacksIsNamed) {
  std::vector<FilmRecord> films(8);
  for (std::size_t i = 0; i < films.size(); ++i) {
    films[i].patient = std::to_string(i);
    films[i].label = i >= 6;
  }
  films[7].subtype = "of its own";  // patients of different kinds, each the first of its kind, fall into one fold
  const std::vector<std::size_t> chosen = {0, 1, 2, 3, 4, 5, 6, 7};
  const auto missing = check_labels_in_folds(films, chosen, folds_by_patient(films, chosen, 2, 1), 2, {"normal", "pneumonia"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().external, "A fold of the cross-validation has no film of label pneumonia: its patients fall into 1 of 2 folds. Take fewer folds, or more patients with that label.");
  films[7].subtype = "";
  EXPECT_TRUE(check_labels_in_folds(films, chosen, folds_by_patient(films, chosen, 2, 1), 2, {"normal", "pneumonia"}));
}

}  // namespace
}  // namespace osler::train
