#include "evaluate/films/roc.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "base/check.h"

namespace osler::evaluate {

namespace {

constexpr double kNormal95 = 1.959963984540054;  // 97.5 % quantile of the normal distribution

void check_both_classes(const FilmPoints& points) {
  const std::size_t positives = count_positives(points);
  CHECK(positives > 0 && positives < points.size());
}

/// Ranks from 1 among `values`, equal ones sharing their mean.
std::vector<double> mid_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  return ranks;
}

/// DeLong's components: of each positive the share of negatives below it, of each negative the share of positives above it.
struct Components {
  double auc = 0;
  double positives = 0, negatives = 0;
  std::vector<double> of_point;
};

/// By the ranks among all and among one's own class (Sun and Xu 2014).
Components components_of(const FilmPoints& points) {
  check_both_classes(points);
  std::vector<double> all, own[2];
  for (const FilmPoint& point : points) {
    all.push_back(point.score);
    own[point.positive].push_back(point.score);
  }
  const std::vector<double> rank_of_all = mid_ranks(all), rank_of_own[2] = {mid_ranks(own[0]), mid_ranks(own[1])};
  Components components;
  components.positives = static_cast<double>(own[1].size());
  components.negatives = static_cast<double>(own[0].size());
  std::size_t next[2] = {0, 0};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool positive = points[i].positive;
    const double below = rank_of_all[i] - rank_of_own[positive][next[positive]++];  // of the other class
    components.of_point.push_back(positive ? below / components.negatives : 1 - below / components.positives);
    if (positive) components.auc += below;
  }
  components.auc /= components.positives * components.negatives;  // a sum of halves until here, so exact: 1 is 1
  return components;
}

/// What a patient adds to the covariance: sums of deviations of its positives and of its negatives.
struct PatientSums {
  bool has_positive = false, has_negative = false;
  double positive[2] = {0, 0}, negative[2] = {0, 0};  // of the first and of the second scores
};

/// Obuchowski 1997, equations 6 to 9, for two areas of the same films; a patient for each film gives DeLong's.
double covariance(const Components& a, const Components& b, const FilmPoints& points, bool by_patient) {
  std::map<std::size_t, PatientSums> patients;
  for (std::size_t i = 0; i < points.size(); ++i) {
    PatientSums& sums = patients[by_patient ? points[i].patient : i];
    (points[i].positive ? sums.has_positive : sums.has_negative) = true;
    double* into = points[i].positive ? sums.positive : sums.negative;
    into[0] += a.of_point[i] - a.auc;
    into[1] += b.of_point[i] - b.auc;
  }
  double with_positive = 0, with_negative = 0, s10 = 0, s01 = 0, s11 = 0;
  for (const auto& [patient, sums] : patients) {
    with_positive += sums.has_positive;
    with_negative += sums.has_negative;
    s10 += sums.positive[0] * sums.positive[1];
    s01 += sums.negative[0] * sums.negative[1];
    s11 += sums.positive[0] * sums.negative[1] + sums.positive[1] * sums.negative[0];
  }
  const auto unbiased = [](double count) { return count > 1 ? count / (count - 1) : 1; };
  return s10 * unbiased(with_positive) / (a.positives * a.positives) + s01 * unbiased(with_negative) / (a.negatives * a.negatives) +
         s11 * unbiased(static_cast<double>(patients.size())) / (a.positives * a.negatives);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Auc auc_of(const FilmPoints& points, bool by_patient) {
  const Components components = components_of(points);
  Auc auc;
  const double area = components.auc;
  auc.standard_error = std::sqrt(std::max(0.0, covariance(components, components, points, by_patient)));
  if (area <= 0 || area >= 1) {
    const double trials = std::min(components.positives, components.negatives);
    auc.interval = wilson(area * trials, trials);
  } else {
    const double middle = std::log(area / (1 - area)), width = kNormal95 * auc.standard_error / (area * (1 - area));
    auc.interval = {area, sigmoid(middle - width), sigmoid(middle + width)};
  }
  return auc;
}

/// Counts of what scores at least each distinct score, highest first.
struct Cut {
  double score = 0, positives = 0, negatives = 0;
};
std::vector<Cut> cuts_of(FilmPoints points) {
  check_both_classes(points);
  std::sort(points.begin(), points.end(), [](const FilmPoint& a, const FilmPoint& b) { return a.score > b.score; });
  std::vector<Cut> cuts;
  Cut cut;
  for (std::size_t i = 0; i < points.size(); ++i) {
    (points[i].positive ? cut.positives : cut.negatives) += 1;
    cut.score = points[i].score;
    if (i + 1 == points.size() || points[i + 1].score != cut.score) cuts.push_back(cut);
  }
  return cuts;
}

}  // namespace

Auc auc_by_film(const FilmPoints& points) { return auc_of(points, false); }
Auc auc_by_patient(const FilmPoints& points) { return auc_of(points, true); }

AucDifference auc_difference(const FilmPoints& first, const FilmPoints& second) {
  CHECK(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(first[i].positive == second[i].positive && first[i].patient == second[i].patient);
  const Components a = components_of(first), b = components_of(second);
  const double variance = covariance(a, a, first, true) + covariance(b, b, first, true) - 2 * covariance(a, b, first, true);
  const double error = std::sqrt(std::max(0.0, variance)), difference = a.auc - b.auc;
  AucDifference result;
  result.interval = {difference, std::max(-1.0, difference - kNormal95 * error), std::min(1.0, difference + kNormal95 * error)};
  if (error > 0) result.p_value = std::erfc(std::abs(difference) / error / std::sqrt(2.0));
  return result;
}

std::vector<RocPoint> roc_curve(const FilmPoints& points) {
  const std::vector<Cut> cuts = cuts_of(points);
  std::vector<RocPoint> curve{{0, 0}};
  for (const Cut& cut : cuts) curve.push_back({cut.negatives / cuts.back().negatives, cut.positives / cuts.back().positives});
  return curve;
}

std::vector<PrecisionRecall> precision_recall_curve(const FilmPoints& points) {
  const std::vector<Cut> cuts = cuts_of(points);
  std::vector<PrecisionRecall> curve;
  for (const Cut& cut : cuts) curve.push_back({cut.positives / cuts.back().positives, cut.positives / (cut.positives + cut.negatives)});
  return curve;
}

double average_precision(const FilmPoints& points) {
  double area = 0, recall = 0;
  for (const PrecisionRecall& point : precision_recall_curve(points)) {
    area += (point.recall - recall) * point.precision;
    recall = point.recall;
  }
  return area;
}

Confusion confusion_at(const FilmPoints& points, double threshold) {
  Confusion confusion;
  for (const FilmPoint& point : points) {
    const bool called = point.score >= threshold;
    confusion.true_positives += point.positive && called;
    confusion.false_negatives += point.positive && !called;
    confusion.false_positives += !point.positive && called;
    confusion.true_negatives += !point.positive && !called;
  }
  return confusion;
}

Interval wilson(double part, double of) {
  if (of <= 0) return {0, 0, 1};
  const double share = part / of, z2 = kNormal95 * kNormal95;
  const double middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const double half = kNormal95 / (1 + z2 / of) * std::sqrt(share * (1 - share) / of + z2 / (4 * of * of));
  return {share, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval share_by_patient(const std::vector<Answer>& answers) {
  if (answers.empty()) return wilson(0, 0);
  std::map<std::size_t, std::pair<double, double>> patients;  // yes, films
  double yes = 0;
  for (const Answer& answer : answers) {
    patients[answer.patient].first += answer.yes;
    patients[answer.patient].second += 1;
    yes += answer.yes;
  }
  const auto films = static_cast<double>(answers.size()), count = static_cast<double>(patients.size());
  const double share = yes / films;
  double effective = count;
  if (share > 0 && share < 1 && count > 1) {
    double sum = 0;
    for (const auto& [patient, of] : patients) sum += (of.first - share * of.second) * (of.first - share * of.second);
    const double design_effect = sum * count / (count - 1) / (films * share * (1 - share));
    effective = films / std::max(1.0, design_effect);
  }
  return wilson(share * effective, effective);
}

ThresholdScores scores_at(const FilmPoints& points, double threshold) {
  ThresholdScores scores;
  scores.threshold = threshold;
  const Confusion& confusion = scores.confusion = confusion_at(points, threshold);
  const auto share = [](std::size_t part, std::size_t rest) { return wilson(static_cast<double>(part), static_cast<double>(part + rest)); };
  scores.sensitivity = share(confusion.true_positives, confusion.false_negatives);
  scores.specificity = share(confusion.true_negatives, confusion.false_positives);
  std::vector<Answer> answers[2];
  for (const FilmPoint& point : points) answers[point.positive].push_back({(point.score >= threshold) == point.positive, point.patient});
  scores.sensitivity_by_patient = share_by_patient(answers[1]);
  scores.specificity_by_patient = share_by_patient(answers[0]);
  return scores;
}

PredictiveValues predictive_values(const Confusion& confusion, double prevalence) {
  CHECK(prevalence > 0 && prevalence < 1);
  const bool has_zero = confusion.true_positives == 0 || confusion.false_negatives == 0 || confusion.true_negatives == 0 || confusion.false_positives == 0;
  const double added = has_zero ? 0.5 : 0;
  const double tp = static_cast<double>(confusion.true_positives) + added, fn = static_cast<double>(confusion.false_negatives) + added;
  const double tn = static_cast<double>(confusion.true_negatives) + added, fp = static_cast<double>(confusion.false_positives) + added;
  const double sensitivity = tp / (tp + fn), specificity = tn / (tn + fp), odds = prevalence / (1 - prevalence);
  const auto interval = [](double log_odds, double variance) {
    const double width = kNormal95 * std::sqrt(variance);
    return Interval{sigmoid(log_odds), sigmoid(log_odds - width), sigmoid(log_odds + width)};
  };
  PredictiveValues values;
  values.prevalence = prevalence;
  values.positive = interval(std::log(sensitivity / (1 - specificity) * odds), fn / tp / (tp + fn) + tn / fp / (tn + fp));
  values.negative = interval(std::log(specificity / (1 - sensitivity) / odds), tp / fn / (tp + fn) + fp / tn / (tn + fp));
  return values;
}

std::string describe(OperatingRule rule, double least_sensitivity) {
  if (rule == OperatingRule::youden) return "largest sum of sensitivity and specificity (Youden)";
  char text[80];
  std::snprintf(text, sizeof text, "highest specificity with a sensitivity of at least %.4g", least_sensitivity);
  return text;
}

double operating_threshold(const FilmPoints& points, OperatingRule rule, double least_sensitivity) {
  const std::vector<Cut> cuts = cuts_of(points);
  const Cut& all = cuts.back();
  std::size_t chosen = cuts.size() - 1;
  double best = -2;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const double sensitivity = cuts[i].positives / all.positives, specificity = 1 - cuts[i].negatives / all.negatives;
    const bool allowed = rule == OperatingRule::youden || sensitivity >= least_sensitivity;
    const double worth = rule == OperatingRule::youden ? sensitivity + specificity : specificity;
    if (allowed && worth >= best) {
      best = worth;
      chosen = i;
    }
  }
  const double below = chosen + 1 < cuts.size() ? cuts[chosen + 1].score : 0;
  return (cuts[chosen].score + below) / 2;
}

}  // namespace osler::evaluate
