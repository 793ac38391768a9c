// What a network says of a film beside what is known of it, and the form in which metrics take it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/scoring.h"
#include "models/film_calibration.h"

namespace osler::evaluate {

/// One film. A value that is not known is empty.
struct FilmPrediction {
  std::string id, patient;      // of the film, and of its patient; films with an empty patient are taken to be of different ones
  bool pneumonia = false;       // the reference
  double logit = 0;             // of the network, uncalibrated: pneumonia's log-odds
  std::vector<float> features;  // pooled, for the outlier score; may be empty
  std::optional<double> age_years;
  std::string sex, view, subtype, site, equipment;
  std::vector<models::FurtherEvaluation> appearance;  // inverted, upside_down, where its pixels look so
  std::string refusal;          // why there is no prediction: the server would refuse the film; then nothing above but id, patient and reference is known
};

/// A score of a film, higher for pneumonia. `patient`: numbers from 0.
struct FilmPoint {
  double score = 0;
  bool positive = false;
  std::size_t patient = 0;
};
using FilmPoints = std::vector<FilmPoint>;

/// Points in the order of the films, with `score` of each.
FilmPoints film_points(const std::vector<FilmPrediction>& films, const std::function<double(const FilmPrediction&)>& score);

std::size_t count_patients(const FilmPoints& points);
std::size_t count_positives(const FilmPoints& points);

/// The same for the same text on every machine (FNV-1a, 64 bits): for choices that must look random and stay.
std::uint64_t stable_hash(std::string_view text);

/// One film of each patient, chosen by the hash of its id, in the order given.
std::vector<FilmPrediction> one_film_a_patient(const std::vector<FilmPrediction>& films);

/// A fold, 0 to `folds` - 1, of each point: a patient's points share one, and each fold has its share of the patients with a positive.
std::vector<std::size_t> patient_folds(const FilmPoints& points, std::size_t folds);

/// Several statistics of the points, each with its 95 % bootstrap interval (percentiles of `resamples` draws of patients, with replacement).
/// A draw without both classes is drawn anew. CHECKs that both classes are there. Deterministic for a seed.
std::vector<Interval> bootstrap_patients(const FilmPoints& points, const std::function<std::vector<double>(const FilmPoints&)>& statistics, std::size_t resamples,
                                         unsigned seed = 1);

}  // namespace osler::evaluate
