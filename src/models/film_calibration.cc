#include "models/film_calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/check.h"
#include "base/limits.h"

namespace osler::models {

namespace {

Error refused(const std::string& what) { return make_error(ErrorCode::corrupted, "calibration.json was refused: " + what + "."); }

constexpr int kMostFilms = 1'000'000'000;

/// The members of one object, each taken once; what is left at the end is not known.
class Members {
 public:
  /// CHECKs that `json` is an object, and keeps a reference to it.
  explicit Members(const Json& json) : json_(&json) { CHECK(json.is_object()); }

  Result<double> number(const char* name, double low, double high) {
    const Json* member = take(name);
    if (member == nullptr || !member->is_number()) return refused("it lacks the number '" + path(name) + "'");
    const double value = member->get<double>();
    if (!(value >= low && value <= high)) return refused("'" + path(name) + "' is out of range");
    return value;
  }

  Result<int> count(const char* name, int low, int high) {
    const double value = TRY(number(name, low, high));
    if (value != std::floor(value)) return refused("'" + path(name) + "' is not a whole number");
    return static_cast<int>(value);
  }

  Result<std::string> text(const char* name) {
    const Json* member = take(name);
    if (member == nullptr || !member->is_string() || member->get_ref<const std::string&>().empty()) return refused("it lacks the text '" + path(name) + "'");
    return member->get<std::string>();
  }

  Result<Members> object(const char* name) {
    const Json* member = take(name);
    if (member == nullptr || !member->is_object()) return refused("it lacks the object '" + path(name) + "'");
    Members inner(*member);
    inner.path_ = path(name) + ".";
    return inner;
  }

  Result<void> exactly(const char* name, const Json& value) {
    const Json* member = take(name);
    if (member == nullptr || *member != value) return refused("'" + path(name) + "' is not " + value.dump());
    return ok();
  }

  Result<void> nothing_else() const {
    if (json_->size() != taken_) return refused("it holds a member that is not known" + (path_.empty() ? "" : " in '" + path_.substr(0, path_.size() - 1) + "'"));
    return ok();
  }

 private:
  std::string path(const char* name) const { return path_ + name; }
  const Json* take(const char* name) {
    const auto found = json_->find(name);
    if (found == json_->end()) return nullptr;
    ++taken_;
    return &*found;
  }

  const Json* json_;
  std::string path_;
  std::size_t taken_ = 0;
};

Result<OperatingPoint> parse_operating_point(Members members) {
  OperatingPoint point;
  point.threshold = TRY(members.number("threshold", 0, 1));
  point.rule = TRY(members.text("rule"));
  point.chosen_on = TRY(members.text("chosen_on"));
  point.sensitivity = TRY(members.number("sensitivity", 0, 1));
  point.specificity = TRY(members.number("specificity", 0, 1));
  TRY_VOID(members.nothing_else());
  return point;
}

Result<ConformalThresholds> parse_conformal(Members members) {
  ConformalThresholds conformal;
  conformal.error_rate = TRY(members.number("error_rate", 0.0001, 0.5));
  Members thresholds = TRY(members.object("thresholds")), films = TRY(members.object("films"));
  for (const FilmLabel label : kFilmLabels) {
    const auto index = static_cast<std::size_t>(label);
    const std::string name(name_of(label));
    conformal.thresholds[index] = TRY(thresholds.number(name.c_str(), 0, 1));
    conformal.films[index] = static_cast<std::size_t>(TRY(films.count(name.c_str(), 1, kMostFilms)));
    if (static_cast<double>(conformal.films[index] + 1) * conformal.error_rate < 1)
      return refused("'conformal.films." + name + "' are too few for 'conformal.error_rate'");
  }
  TRY_VOID(thresholds.nothing_else());
  TRY_VOID(films.nothing_else());
  TRY_VOID(members.nothing_else());
  return conformal;
}

Result<AgeRange> parse_age(Members members) {
  AgeRange age;
  age.least_years = TRY(members.count("least_years", 0, static_cast<int>(limits::kMaxAgeYears)));
  age.most_years = TRY(members.count("most_years", age.least_years, static_cast<int>(limits::kMaxAgeYears)));
  TRY_VOID(members.nothing_else());
  return age;
}

Result<void> parse_parameters(Members members, FilmCalibration& calibration) {
  Members platt = TRY(members.object("platt"));
  calibration.slope = TRY(platt.number("slope", 0.01, 20));
  calibration.intercept = TRY(platt.number("intercept", -20, 20));
  TRY_VOID(platt.nothing_else());
  calibration.operating_point = TRY(parse_operating_point(TRY(members.object("operating_point"))));
  calibration.conformal = TRY(parse_conformal(TRY(members.object("conformal"))));
  Members outlier = TRY(members.object("outlier"));
  calibration.outlier_threshold = TRY(outlier.number("threshold", 1e-6, 1e6));
  calibration.outlier_quantile = TRY(outlier.number("quantile", 0.5, 1));
  TRY_VOID(outlier.nothing_else());
  calibration.age = TRY(parse_age(TRY(members.object("age"))));
  return members.nothing_else();
}

Result<reasoning::CalibrationRecord> parse_record(Members& file) {
  reasoning::CalibrationRecord record;
  record.population = TRY(file.text("population"));
  record.cases = TRY(file.count("cases", 1, kMostFilms));
  record.date = TRY(file.text("date"));
  record.note = TRY(file.text("note"));
  return record;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", share * 100);
  return text;
}

std::string years(const AgeRange& age) { return std::to_string(age.least_years) + " to " + std::to_string(age.most_years) + " years"; }

std::string sentence(FurtherEvaluation ground, const FilmCalibration& calibration) {
  const std::string rate = "at an error rate of " + percent(calibration.conformal.error_rate);
  switch (ground) {
    case FurtherEvaluation::both_fit: return "Normal and pneumonia both fit this film " + rate + ": it cannot be told which.";
    case FurtherEvaluation::none_fits: return "Neither normal nor pneumonia fits this film " + rate + ": it lies between the films of the two.";
    case FurtherEvaluation::less_likely: return "The one class that fits this film " + rate + " is the less likely of the two.";
    case FurtherEvaluation::outlier: return "This film is unlike the films that the model was trained on, so nothing is known of how right it is here.";
    case FurtherEvaluation::inverted: return "The film looks inverted: the lungs are brighter than what lies between them. Check the photometric interpretation.";
    case FurtherEvaluation::upside_down: return "The film looks upside down: turned over it is more like the films that the model was trained on.";
    case FurtherEvaluation::age: return "The patient's age is outside the " + years(calibration.age) + " of the patients whose films the model was trained on.";
  }
  return {};
}

std::string answer_sentence(FilmLabel label, const FilmCalibration& calibration) {
  return "Only " + std::string(name_of(label)) + " fits this film at an error rate of " + percent(calibration.conformal.error_rate) + ".";
}

bool is_within(double age_years, const AgeRange& age) {
  const double completed = std::floor(age_years);
  return completed >= age.least_years && completed <= age.most_years;
}

}  // namespace

std::string_view name_of(FilmLabel label) { return label == FilmLabel::normal ? "normal" : "pneumonia"; }

std::string_view name_of(FilmDiagnosis diagnosis) {
  if (diagnosis == FilmDiagnosis::requires_further_evaluation) return "requires_further_evaluation";
  return diagnosis == FilmDiagnosis::normal ? "normal" : "pneumonia";
}

std::string_view name_of(FurtherEvaluation ground) {
  switch (ground) {
    case FurtherEvaluation::both_fit: return "both_fit";
    case FurtherEvaluation::none_fits: return "none_fits";
    case FurtherEvaluation::less_likely: return "less_likely";
    case FurtherEvaluation::inverted: return "inverted";
    case FurtherEvaluation::upside_down: return "upside_down";
    case FurtherEvaluation::outlier: return "outlier";
    case FurtherEvaluation::age: return "age";
  }
  return {};
}

Result<FilmCalibration> parse_film_calibration(const Json& json) {
  if (!json.is_object()) return refused("it is not an object");
  Members file(json);
  FilmCalibration calibration;
  calibration.record = TRY(parse_record(file));
  TRY_VOID(file.exactly("labels", Json::array({"normal", "pneumonia"})));
  TRY_VOID(parse_parameters(TRY(file.object("parameters")), calibration));
  TRY_VOID(file.nothing_else());
  return calibration;
}

Json write_film_calibration(const FilmCalibration& calibration) {
  const OperatingPoint& point = calibration.operating_point;
  const ConformalThresholds& conformal = calibration.conformal;
  Json parameters;
  parameters["platt"] = {{"slope", calibration.slope}, {"intercept", calibration.intercept}};
  parameters["operating_point"] = {{"threshold", point.threshold}, {"rule", point.rule}, {"chosen_on", point.chosen_on},
                                   {"sensitivity", point.sensitivity}, {"specificity", point.specificity}};
  parameters["conformal"] = {{"error_rate", conformal.error_rate},
                             {"thresholds", {{"normal", conformal.thresholds[0]}, {"pneumonia", conformal.thresholds[1]}}},
                             {"films", {{"normal", conformal.films[0]}, {"pneumonia", conformal.films[1]}}}};
  parameters["outlier"] = {{"threshold", calibration.outlier_threshold}, {"quantile", calibration.outlier_quantile}};
  parameters["age"] = {{"least_years", calibration.age.least_years}, {"most_years", calibration.age.most_years}};
  Json json;
  json["population"] = calibration.record.population;
  json["cases"] = calibration.record.cases;
  json["date"] = calibration.record.date;
  json["note"] = calibration.record.note;
  json["labels"] = {"normal", "pneumonia"};
  json["parameters"] = std::move(parameters);
  return json;
}

double film_probability(double log_odds, const FilmCalibration& calibration) {
  return 1 / (1 + std::exp(-(calibration.slope * log_odds + calibration.intercept)));
}

double conformal_score(double probability_of_pneumonia, FilmLabel label) {
  return label == FilmLabel::normal ? probability_of_pneumonia : 1 - probability_of_pneumonia;
}

std::vector<FilmLabel> prediction_set(double probability_of_pneumonia, const ConformalThresholds& conformal) {
  std::vector<FilmLabel> set;
  for (const FilmLabel label : kFilmLabels)
    if (conformal_score(probability_of_pneumonia, label) <= conformal.thresholds[static_cast<std::size_t>(label)]) set.push_back(label);
  return set;
}

FilmDecision decide(double probability_of_pneumonia, double outlier_score, std::optional<double> age_years, const FilmCalibration& calibration, std::vector<FurtherEvaluation> appearance) {
  CHECK(probability_of_pneumonia >= 0 && probability_of_pneumonia <= 1 && !std::isnan(outlier_score));
  FilmDecision decision;
  decision.grounds = std::move(appearance);
  decision.prediction_set = prediction_set(probability_of_pneumonia, calibration.conformal);
  if (age_years && !is_within(*age_years, calibration.age)) decision.grounds.push_back(FurtherEvaluation::age);
  if (outlier_score > calibration.outlier_threshold) decision.grounds.push_back(FurtherEvaluation::outlier);
  if (decision.prediction_set.empty()) decision.grounds.push_back(FurtherEvaluation::none_fits);
  if (decision.prediction_set.size() == 2) decision.grounds.push_back(FurtherEvaluation::both_fit);
  if (decision.prediction_set.size() == 1 && conformal_score(probability_of_pneumonia, decision.prediction_set.front()) > 0.5) decision.grounds.push_back(FurtherEvaluation::less_likely);
  if (!age_years) decision.warnings.push_back("The patient's age is not known, so it was not compared with the " + years(calibration.age) + " of the patients trained on.");
  if (decision.grounds.empty()) {
    const FilmLabel label = decision.prediction_set.front();
    decision.diagnosis = label == FilmLabel::normal ? FilmDiagnosis::normal : FilmDiagnosis::pneumonia;
    decision.confidence = 1 - conformal_score(probability_of_pneumonia, label);
    decision.reason = answer_sentence(label, calibration);
    return decision;
  }
  decision.confidence = std::max(probability_of_pneumonia, 1 - probability_of_pneumonia);
  for (const FurtherEvaluation ground : decision.grounds) decision.reason += (decision.reason.empty() ? "" : " ") + sentence(ground, calibration);
  return decision;
}

}  // namespace osler::models
