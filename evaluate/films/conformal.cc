#include "evaluate/films/conformal.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "evaluate/films/roc.h"

namespace osler::evaluate {

using models::FilmLabel;

namespace {

FilmLabel label_of(const FilmPoint& point) { return point.positive ? FilmLabel::pneumonia : FilmLabel::normal; }

/// ceil(x), where x may be a whole number plus what doubles cannot hold: 20 (1 - 0.05) is 19, not 20.
double ceil_of_product(double x) { return std::ceil(x - 1e-9 * std::max(1.0, std::abs(x))); }

}  // namespace

double conformal_quantile(std::vector<double> scores, double error_rate) {
  CHECK(error_rate > 0 && error_rate < 1);
  const double rank = ceil_of_product((static_cast<double>(scores.size()) + 1) * (1 - error_rate));
  if (rank > static_cast<double>(scores.size())) return std::numeric_limits<double>::infinity();
  std::sort(scores.begin(), scores.end());
  return scores[static_cast<std::size_t>(rank) - 1];
}

Result<models::ConformalThresholds> fit_conformal(const FilmPoints& probabilities, double error_rate) {
  if (count_patients(probabilities) != probabilities.size())
    return make_error(ErrorCode::invalid, "Conformal thresholds were not fitted: a patient has two films among the calibration films; one is allowed.");
  models::ConformalThresholds thresholds;
  thresholds.error_rate = error_rate;
  for (const FilmLabel label : models::kFilmLabels) {
    std::vector<double> scores;
    for (const FilmPoint& point : probabilities)
      if (label_of(point) == label) scores.push_back(models::conformal_score(point.score, label));
    const auto index = static_cast<std::size_t>(label);
    thresholds.films[index] = scores.size();
    thresholds.thresholds[index] = conformal_quantile(scores, error_rate);
    if (std::isfinite(thresholds.thresholds[index])) continue;
    const auto least = static_cast<std::size_t>(ceil_of_product(1 / error_rate)) - 1;
    return make_error(ErrorCode::invalid, "Conformal thresholds were not fitted: " + std::to_string(scores.size()) + " calibration films (one a patient) are " +
                                              std::string(models::name_of(label)) + "; this error rate takes at least " + std::to_string(least) + ".");
  }
  return thresholds;
}

ConformalScores conformal_scores(const FilmPoints& probabilities, const models::ConformalThresholds& thresholds) {
  ConformalScores scores;
  std::array<std::vector<Answer>, 2> covered;
  std::vector<Answer> single, right;
  for (const FilmPoint& point : probabilities) {
    const std::vector<FilmLabel> set = models::prediction_set(point.score, thresholds);
    const bool holds = std::find(set.begin(), set.end(), label_of(point)) != set.end();
    covered[point.positive].push_back({holds, point.patient});
    ++scores.set_sizes[set.size()];
    single.push_back({set.size() == 1, point.patient});
    if (set.size() == 1) right.push_back({holds, point.patient});
  }
  for (std::size_t label = 0; label < 2; ++label) {
    scores.coverage[label] = share_by_patient(covered[label]);
    scores.films[label] = covered[label].size();
  }
  scores.one_class = share_by_patient(single);
  scores.right_of_one = share_by_patient(right);
  return scores;
}

}  // namespace osler::evaluate
