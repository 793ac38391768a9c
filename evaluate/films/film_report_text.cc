// The film report as JSON, and as text for a terminal.
#include "evaluate/films/film_report.h"
#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

Json auc_json(const Auc& auc) { return {{"value", auc.interval.value}, {"low", auc.interval.low}, {"high", auc.interval.high}, {"standard_error", auc.standard_error}}; }

Json mix_json(const FilmMix& mix) {
  Json json = {{"films", mix.films}, {"patients", mix.patients}, {"pneumonia", mix.pneumonia}, {"prevalence", interval_json(mix.prevalence)}};
  json["refused"] = Json::object();
  for (const auto& [why, films] : mix.refused) json["refused"][why] = films;
  if (mix.ages) json["age_years"] = {{"least", (*mix.ages)[0]}, {"median", (*mix.ages)[1]}, {"most", (*mix.ages)[2]}};
  for (const auto& [attribute, values] : mix.values) json["films_by"][attribute] = Json(values);
  return json;
}

Json threshold_json(const ThresholdScores& scores) {
  const Confusion& confusion = scores.confusion;
  return {{"threshold", scores.threshold},
          {"true_positives", confusion.true_positives},
          {"false_positives", confusion.false_positives},
          {"true_negatives", confusion.true_negatives},
          {"false_negatives", confusion.false_negatives},
          {"sensitivity", interval_json(scores.sensitivity)},
          {"specificity", interval_json(scores.specificity)},
          {"sensitivity_by_patient", interval_json(scores.sensitivity_by_patient)},
          {"specificity_by_patient", interval_json(scores.specificity_by_patient)}};
}

Json calibration_json(const FilmRecalibration& one) {
  Json bins = Json::array();
  for (const ReliabilityBin& bin : one.scores.bins) bins.push_back({{"mean_probability", bin.mean_confidence}, {"share_pneumonia", bin.share_right}, {"films", bin.count}});
  return {{"slope_of_line", one.line.slope},
          {"intercept_of_line", one.line.intercept},
          {"ece", interval_json(one.scores.ece)},
          {"ece_of_a_perfectly_calibrated_model", {one.scores.perfect_low, one.scores.perfect_high}},
          {"brier", interval_json(one.scores.brier)},
          {"slope", one.scores.slope ? interval_json(*one.scores.slope) : Json()},
          {"intercept", one.scores.intercept ? interval_json(*one.scores.intercept) : Json()},
          {"observed_over_expected", interval_json(one.scores.observed_over_expected)},
          {"mean_probability", one.scores.mean_probability},
          {"at_frozen_threshold", threshold_json(one.at_threshold)},
          {"reliability", bins}};
}

Json conformal_json(const ConformalScores& scores) {
  return {{"coverage", {{"normal", interval_json(scores.coverage[0])}, {"pneumonia", interval_json(scores.coverage[1])}}},
          {"films", {{"normal", scores.films[0]}, {"pneumonia", scores.films[1]}}},
          {"set_sizes", {{"none", scores.set_sizes[0]}, {"one", scores.set_sizes[1]}, {"both", scores.set_sizes[2]}}},
          {"one_class", interval_json(scores.one_class)},
          {"right_of_one_class", interval_json(scores.right_of_one)}};
}

/// Null where there is no film.
Json share_json(const Interval& share, std::size_t films) { return films > 0 ? interval_json(share) : Json(); }

Json abstention_json(const FilmAbstention& abstention) {
  return {{"films", abstention.films},
          {"films_answered", abstention.films_answered},
          {"pneumonia_answered", abstention.pneumonia_answered},
          {"pneumonia_not_answered", abstention.pneumonia_not_answered},
          {"answered", interval_json(abstention.answered)},
          {"right_of_answered", share_json(abstention.right, abstention.films_answered)},
          {"sensitivity_of_answered", share_json(abstention.sensitivity, abstention.pneumonia_answered)},
          {"specificity_of_answered", share_json(abstention.specificity, abstention.films_answered - abstention.pneumonia_answered)},
          {"films_by_ground", Json(abstention.grounds)}};
}

Json views_json(const FilmViewScores& views) {
  Json json = {{"view_alone", views.view_alone ? auc_json(*views.view_alone) : Json()}};
  for (const auto& [view, auc] : views.within) json["within"][view] = auc ? auc_json(*auc) : Json("too few");
  return json;
}

Json groups_json(const std::vector<FilmGroup>& groups) {
  Json list = Json::array();
  for (const FilmGroup& group : groups) {
    Json one = {{"attribute", group.attribute}, {"value", group.value}, {"films", group.films}, {"patients", group.patients}, {"pneumonia", group.pneumonia}, {"too_few", group.too_few}};
    if (!group.too_few) {
      one["auc"] = auc_json(group.auc);
      one["sensitivity"] = interval_json(group.sensitivity);
      one["specificity"] = interval_json(group.specificity);
      one["mean_probability"] = group.mean_probability;
      one["answered"] = interval_json(group.answered);
    }
    list.push_back(std::move(one));
  }
  return list;
}

Json set_json(const FilmSetReport& set) {
  Json values = Json::array(), decision = Json::array();
  for (const PredictiveValues& one : set.operation.values)
    values.push_back({{"prevalence", one.prevalence}, {"positive", interval_json(one.positive)}, {"negative", interval_json(one.negative)}});
  for (const NetBenefit& one : set.decision) decision.push_back({{"threshold", one.threshold}, {"model", one.model}, {"all", one.all}});
  Json json = {{"name", set.name}, {"source", set.source}, {"outcome", set.outcome}, {"participants", mix_json(set.mix)}};
  json["discrimination"] = {{"auc", auc_json(set.discrimination.by_film)}, {"auc_by_patient", auc_json(set.discrimination.by_patient)}, {"average_precision", interval_json(set.discrimination.average_precision)}};
  json["frozen_operating_point"] = threshold_json(set.operation.scores);
  json["predictive_values"] = values;
  for (const FilmRecalibration& one : set.calibrations) json["calibration"][name_of(one.kind)] = calibration_json(one);
  json["not_recalibrated"] = set.not_recalibrated;
  json["decision_curve"] = decision;
  json["prediction_sets"] = conformal_json(set.conformal);
  json["further_evaluation"] = abstention_json(set.abstention);
  json["further_evaluation_whatever_the_age"] = abstention_json(set.abstention_without_age);
  json["views"] = views_json(set.views);
  json["groups"] = groups_json(set.groups);
  return json;
}

void add_share(Text& text, const char* name, const Interval& share) { text.add("  %-34s %5.1f %% [%.1f, %.1f]\n", name, share.value * 100, share.low * 100, share.high * 100); }
void add_number(Text& text, const char* name, const Interval& value) { text.add("  %-34s %.3f [%.3f, %.3f]\n", name, value.value, value.low, value.high); }

void add_abstention(Text& text, const FilmAbstention& abstention) {
  add_share(text, "answered", abstention.answered);
  if (abstention.films_answered > 0) add_share(text, "right when answered", abstention.right);
  for (const auto& [ground, films] : abstention.grounds) text.add("    further evaluation, %-12s %zu films\n", ground.c_str(), films);
}

void add_set(Text& text, const FilmSetReport& set) {
  text.add("\n%s: %zu films of %zu patients, %zu with pneumonia\n", set.name.c_str(), set.mix.films, set.mix.patients, set.mix.pneumonia);
  for (const auto& [why, films] : set.mix.refused) text.add("  refused, and in no figure: %zu films. %s\n", films, why.c_str());
  add_number(text, "AUC, by film", set.discrimination.by_film.interval);
  add_number(text, "AUC, by patient", set.discrimination.by_patient.interval);
  add_number(text, "average precision", set.discrimination.average_precision);
  add_share(text, "sensitivity, frozen threshold", set.operation.scores.sensitivity_by_patient);
  add_share(text, "specificity, frozen threshold", set.operation.scores.specificity_by_patient);
  for (const FilmRecalibration& one : set.calibrations) {
    text.add("  calibration, %s\n", name_of(one.kind));
    add_number(text, "  ECE", one.scores.ece);
    if (one.scores.slope) add_number(text, "  slope", *one.scores.slope);
    else text.add("    slope: none, the classes do not overlap\n");
    add_number(text, "  observed over expected", one.scores.observed_over_expected);
  }
  for (const std::string& sentence : set.not_recalibrated) text.add("  %s\n", sentence.c_str());
  add_share(text, "coverage of normal", set.conformal.coverage[0]);
  add_share(text, "coverage of pneumonia", set.conformal.coverage[1]);
  text.add("  sets with no, one, both classes      %zu, %zu, %zu\n", set.conformal.set_sizes[0], set.conformal.set_sizes[1], set.conformal.set_sizes[2]);
  add_abstention(text, set.abstention);
  text.add("  whatever the age:\n");
  add_abstention(text, set.abstention_without_age);
  if (set.views.view_alone) add_number(text, "AUC of the view alone", set.views.view_alone->interval);
  for (const auto& [view, auc] : set.views.within)
    if (auc) add_number(text, ("AUC within view " + view).c_str(), auc->interval);
    else text.add("  %-34s too few\n", ("AUC within view " + view).c_str());
}

}  // namespace

Json film_report_json(const FilmReport& report) {
  Json json = {{"model_version", report.options.model_version}, {"date", report.options.date}, {"predictors", report.options.predictors}, {"training", report.options.training}};
  json["calibration"] = models::write_film_calibration(report.calibration);
  for (const FilmSetReport& set : report.sets) json["sets"].push_back(set_json(set));
  return json;
}

std::string film_report_text(const FilmReport& report) {
  Text text;
  text.add("%s, %s; in brackets 95 %% intervals\n", report.options.model_version.c_str(), report.options.date.c_str());
  for (const FilmSetReport& set : report.sets) add_set(text, set);
  return text.text;
}

}  // namespace osler::evaluate
