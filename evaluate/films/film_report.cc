#include "evaluate/films/film_report.h"

#include <algorithm>
#include <cmath>

namespace osler::evaluate {

namespace {

using Films = std::vector<FilmPrediction>;
using models::FilmDiagnosis;

constexpr std::size_t kHistogramBins = 20;
constexpr const char* kNotStated = "not stated";

std::string age_band(const FilmPrediction& film) {
  constexpr std::pair<double, const char*> kBands[] = {{1, "under 1"}, {6, "1 to 5"}, {16, "6 to 15"}, {40, "16 to 39"}, {65, "40 to 64"}, {1e9, "65 and more"}};
  if (!film.age_years) return "";
  for (const auto& [below, name] : kBands)
    if (*film.age_years < below) return name;
  return "";
}

/// What films are grouped by. The subtype is the reference's own (bacterial, viral): each of its values is one class, so it is set against all films of the other.
struct Attribute {
  const char* name;
  std::string (*of)(const FilmPrediction&);
  bool within_a_class = false;
};
constexpr Attribute kAttributes[] = {{"age", age_band},
                                     {"sex", [](const FilmPrediction& film) { return film.sex; }},
                                     {"view", [](const FilmPrediction& film) { return film.view; }},
                                     {"subtype", [](const FilmPrediction& film) { return film.subtype; }, true},
                                     {"site", [](const FilmPrediction& film) { return film.site; }},
                                     {"equipment", [](const FilmPrediction& film) { return film.equipment; }}};

std::string stated(const std::string& value) { return value.empty() ? kNotStated : value; }

/// One set, its refused films apart, with what the model says of the others.
struct JudgedSet {
  FilmSet set;
  std::map<std::string, std::size_t> refused;
  FilmPoints log_odds, probabilities;
  std::vector<models::FilmDecision> decisions, without_age;
};

Result<void> check_set(const FilmSet& set, const models::OutlierScorer* outlier) {
  const auto refused = [&](const std::string& what) { return make_error(ErrorCode::invalid, "No report on the set '" + set.name + "': " + what + "."); };
  std::size_t films = 0, positives = 0;
  for (const FilmPrediction& film : set.films) {
    if (!film.refusal.empty()) continue;
    ++films;
    positives += film.pneumonia;
    if (!std::isfinite(film.logit)) return refused("a film's log-odds are not finite");
    if (outlier && !film.features.empty() && film.features.size() != outlier->channels())
      return refused("a film has " + std::to_string(film.features.size()) + " features, the outlier model " + std::to_string(outlier->channels()));
  }
  if (positives == 0 || positives == films) return refused("it needs films of both classes that are not refused");
  return ok();
}

JudgedSet judge(FilmSet set, const models::FilmCalibration& calibration, const models::OutlierScorer* outlier) {
  std::map<std::string, std::size_t> refused;
  std::erase_if(set.films, [&](const FilmPrediction& film) { return !film.refusal.empty() && ++refused[film.refusal] > 0; });
  JudgedSet judged{std::move(set), std::move(refused), {}, {}, {}, {}};
  judged.log_odds = film_points(judged.set.films, [](const FilmPrediction& film) { return film.logit; });
  judged.probabilities = probabilities(judged.log_odds, {calibration.slope, calibration.intercept});
  for (const FilmPrediction& film : judged.set.films) {
    const double probability = judged.probabilities[judged.decisions.size()].score;
    const double score = outlier && !film.features.empty() ? outlier->score(film.features) : 0;
    judged.decisions.push_back(models::decide(probability, score, film.age_years, calibration, film.appearance));
    judged.without_age.push_back(models::decide(probability, score, std::nullopt, calibration, film.appearance));
  }
  return judged;
}

FilmMix mix_of(const JudgedSet& judged) {
  FilmMix mix;
  const Films& films = judged.set.films;
  mix.films = films.size();
  mix.refused = judged.refused;
  mix.patients = count_patients(judged.log_odds);
  mix.pneumonia = count_positives(judged.log_odds);
  std::vector<Answer> positive;
  for (const FilmPoint& point : judged.log_odds) positive.push_back({point.positive, point.patient});
  mix.prevalence = share_by_patient(positive);
  std::vector<double> ages;
  for (const FilmPrediction& film : films) {
    if (film.age_years) ages.push_back(*film.age_years);
    for (const Attribute& attribute : kAttributes) ++mix.values[attribute.name][stated(attribute.of(film))];
  }
  std::sort(ages.begin(), ages.end());
  if (!ages.empty()) mix.ages = {ages.front(), ages[ages.size() / 2], ages.back()};
  return mix;
}

FilmDiscrimination discrimination_of(const JudgedSet& judged, const FilmReportOptions& options) {
  FilmDiscrimination result;
  result.by_film = auc_by_film(judged.log_odds);
  result.by_patient = auc_by_patient(judged.log_odds);
  const auto area = [](const FilmPoints& points) { return std::vector<double>{average_precision(points)}; };
  result.average_precision = bootstrap_patients(judged.log_odds, area, options.resamples, options.seed)[0];
  result.roc = roc_curve(judged.log_odds);
  result.precision_recall = precision_recall_curve(judged.log_odds);
  return result;
}

void add_calibrations(const JudgedSet& judged, const models::FilmCalibration& calibration, const FilmReportOptions& options, FilmSetReport& report) {
  for (const Recalibration kind : {Recalibration::none, Recalibration::intercept, Recalibration::slope_and_intercept}) {
    const Result<Recalibrated> made = recalibrate(judged.log_odds, {calibration.slope, calibration.intercept}, kind, options.folds);
    if (!made) {
      report.not_recalibrated.push_back(std::string(name_of(kind)) + ": " + made.error().external);
      continue;
    }
    report.calibrations.push_back({kind, made->line, calibration_scores(made->points, options.resamples, options.seed),
                                   scores_at(made->points, calibration.operating_point.threshold)});
  }
}

FilmAbstention abstention_of(const JudgedSet& judged, const std::vector<models::FilmDecision>& decisions) {
  FilmAbstention result;
  std::vector<Answer> answered, right, by_class[2];
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const FilmPoint& point = judged.log_odds[i];
    const FilmDiagnosis diagnosis = decisions[i].diagnosis;
    const bool is_answer = diagnosis != FilmDiagnosis::requires_further_evaluation;
    answered.push_back({is_answer, point.patient});
    (is_answer ? result.pneumonia_answered : result.pneumonia_not_answered) += point.positive;
    for (const models::FurtherEvaluation ground : decisions[i].grounds) ++result.grounds[std::string(models::name_of(ground))];
    if (!is_answer) continue;
    const bool is_right = (diagnosis == FilmDiagnosis::pneumonia) == point.positive;
    ++result.films_answered;
    right.push_back({is_right, point.patient});
    by_class[point.positive].push_back({is_right, point.patient});
  }
  result.films = decisions.size();
  result.answered = share_by_patient(answered);
  result.right = share_by_patient(right);
  result.sensitivity = share_by_patient(by_class[1]);
  result.specificity = share_by_patient(by_class[0]);
  return result;
}

bool enough(const FilmPoints& points, std::size_t least_of_a_class) {
  const std::size_t positives = count_positives(points);
  return positives >= least_of_a_class && points.size() - positives >= least_of_a_class;
}

/// The points that belong, with the decisions on them.
struct Part {
  FilmPoints log_odds, probabilities;
  std::vector<Answer> answered;
};
Part part_of(const JudgedSet& judged, const std::function<bool(const FilmPrediction&)>& belongs) {
  Part part;
  for (std::size_t i = 0; i < judged.log_odds.size(); ++i) {
    if (!belongs(judged.set.films[i])) continue;
    part.log_odds.push_back(judged.log_odds[i]);
    part.probabilities.push_back(judged.probabilities[i]);
    part.answered.push_back({judged.decisions[i].diagnosis != FilmDiagnosis::requires_further_evaluation, judged.log_odds[i].patient});
  }
  return part;
}

FilmGroup group_of(const JudgedSet& judged, const Attribute& attribute, const std::string& value, double threshold, const FilmReportOptions& options) {
  const auto is_member = [&](const FilmPrediction& film) { return stated(attribute.of(film)) == value; };
  bool class_of_members = false;
  for (const FilmPrediction& film : judged.set.films)
    if (is_member(film)) class_of_members = film.pneumonia;
  const Part members = part_of(judged, is_member);
  const Part compared = attribute.within_a_class ? part_of(judged, [&](const FilmPrediction& film) { return is_member(film) || film.pneumonia != class_of_members; }) : members;
  FilmGroup group;
  group.attribute = attribute.name;
  group.value = value;
  group.films = members.log_odds.size();
  group.patients = count_patients(members.log_odds);
  group.pneumonia = count_positives(members.log_odds);
  group.too_few = members.log_odds.size() < options.least_of_a_class || !enough(compared.log_odds, options.least_of_a_class);
  if (attribute.within_a_class && std::min(group.pneumonia, group.films - group.pneumonia) > 0) group.too_few = true;  // not a subtype of one class
  if (group.too_few) return group;
  group.auc = auc_by_patient(compared.log_odds);
  const ThresholdScores scores = scores_at(compared.probabilities, threshold);
  group.sensitivity = scores.sensitivity_by_patient;
  group.specificity = scores.specificity_by_patient;
  for (const FilmPoint& point : members.probabilities) group.mean_probability += point.score / static_cast<double>(members.probabilities.size());
  group.answered = share_by_patient(members.answered);
  return group;
}

std::vector<FilmGroup> groups_of(const JudgedSet& judged, const FilmMix& mix, double threshold, const FilmReportOptions& options) {
  std::vector<FilmGroup> groups;
  for (const Attribute& attribute : kAttributes) {
    const auto& values = mix.values.at(attribute.name);
    if (values.size() < 2) continue;  // all the same: the whole set says it
    for (const auto& [value, films] : values)
      if (!attribute.within_a_class || (films != mix.pneumonia && films != mix.films - mix.pneumonia))  // not the whole of a class
        groups.push_back(group_of(judged, attribute, value, threshold, options));
  }
  return groups;
}

FilmViewScores views_of(const JudgedSet& judged, const FilmMix& mix, const FilmReportOptions& options) {
  FilmViewScores scores;
  const auto& views = mix.values.at("view");
  std::map<std::string, double> pneumonia;
  for (const FilmPrediction& film : judged.set.films) pneumonia[stated(film.view)] += film.pneumonia;
  const auto share = [&](const FilmPrediction& film) { return pneumonia[stated(film.view)] / static_cast<double>(views.at(stated(film.view))); };
  if (views.size() - views.count(kNotStated) >= 2) scores.view_alone = auc_by_patient(film_points(judged.set.films, share));
  for (const auto& [view, films] : views) {
    const Part part = part_of(judged, [&](const FilmPrediction& film) { return stated(film.view) == view; });
    scores.within.emplace_back(view, enough(part.log_odds, options.least_of_a_class_in_view) ? std::optional(auc_by_patient(part.log_odds)) : std::nullopt);
  }
  return scores;
}

std::array<std::vector<std::size_t>, 2> histogram_of(const FilmPoints& points) {
  std::array<std::vector<std::size_t>, 2> histogram{std::vector<std::size_t>(kHistogramBins, 0), std::vector<std::size_t>(kHistogramBins, 0)};
  for (const FilmPoint& point : points) {
    const auto bin = static_cast<std::size_t>(point.score * static_cast<double>(kHistogramBins));
    ++histogram[point.positive][std::min(bin, kHistogramBins - 1)];
  }
  return histogram;
}

FilmSetReport report_on(const JudgedSet& judged, const models::FilmCalibration& calibration, const FilmReportOptions& options) {
  const double threshold = calibration.operating_point.threshold;
  FilmSetReport report;
  report.name = judged.set.name;
  report.source = judged.set.source;
  report.outcome = judged.set.outcome;
  report.mix = mix_of(judged);
  report.discrimination = discrimination_of(judged, options);
  report.operation.scores = scores_at(judged.probabilities, threshold);
  for (const double prevalence : options.prevalences) report.operation.values.push_back(predictive_values(report.operation.scores.confusion, prevalence));
  add_calibrations(judged, calibration, options, report);
  report.decision = decision_curve(judged.probabilities);
  report.histogram = histogram_of(judged.probabilities);
  report.conformal = conformal_scores(judged.probabilities, calibration.conformal);
  report.abstention = abstention_of(judged, judged.decisions);
  report.abstention_without_age = abstention_of(judged, judged.without_age);
  report.views = views_of(judged, report.mix, options);
  report.groups = groups_of(judged, report.mix, threshold, options);
  return report;
}

}  // namespace

Result<FilmReport> make_film_report(const std::vector<FilmSet>& sets, const models::FilmCalibration& calibration, const models::OutlierScorer* outlier,
                                    const FilmReportOptions& options) {
  if (sets.empty()) return make_error(ErrorCode::invalid, "No report: there is no set of films.");
  FilmReport report{options, calibration, {}};
  for (const FilmSet& set : sets) {
    TRY_VOID(check_set(set, outlier));
    report.sets.push_back(report_on(judge(set, calibration, outlier), calibration, options));
  }
  return report;
}

}  // namespace osler::evaluate
