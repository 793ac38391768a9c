// Split-conformal prediction sets by class: fitting the thresholds, and what the sets are worth on other films. The rule itself is the server's
// (models/film_calibration.h). Pure functions: any thread may call them.
#pragma once

#include <array>

#include "base/result.h"
#include "evaluate/films/film_points.h"
#include "models/film_calibration.h"

namespace osler::evaluate {

/// The ceil((n + 1)(1 - error_rate))-th smallest of n scores: a score drawn like them is above it with a probability of at most `error_rate`
/// (Vovk et al. 2005). Infinite where that rank is over n. CHECKs 0 < error_rate < 1.
double conformal_quantile(std::vector<double> scores, double error_rate);

/// `probabilities`: calibration films, one a patient. ErrorCode::invalid, naming the class, its films and how many it would take, where (n + 1) error_rate < 1;
/// also when a patient has two films.
Result<models::ConformalThresholds> fit_conformal(const FilmPoints& probabilities, double error_rate);

/// Shares with their 95 % intervals, films of a patient not taken to be independent (share_by_patient()).
struct ConformalScores {
  std::array<Interval, 2> coverage;      // by class: the set holds it; meant to be at least 1 - error_rate
  std::array<std::size_t, 2> films{};
  std::array<std::size_t, 3> set_sizes{};  // films with none, one and both
  Interval one_class;                    // share of sets with one class
  Interval right_of_one;                 // of these, the share that is right
};
ConformalScores conformal_scores(const FilmPoints& probabilities, const models::ConformalThresholds& thresholds);

}  // namespace osler::evaluate
