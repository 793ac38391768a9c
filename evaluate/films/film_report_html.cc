// The film report as one HTML page: first what a reader must know, then the sections in the order of TRIPOD+AI.
#include <algorithm>
#include <functional>

#include "evaluate/films/film_plots.h"
#include "evaluate/films/film_report.h"
#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

using Sets = std::vector<FilmSetReport>;

std::string heading(const char* text) { return std::string("<h2>") + text + "</h2>\n"; }
std::string paragraph(const std::string& text) { return "<p>" + escaped(text) + "</p>\n"; }
std::string row(const std::string& name, const std::vector<std::string>& cells, const char* kind = "n") {
  std::string html = "<tr><th>" + name + "</th>";
  for (const std::string& cell : cells) html += std::string("<td class='") + kind + "'>" + cell + "</td>";
  return html + "</tr>\n";
}

/// A table with a column for each set; cells are HTML. `kind`: "n" for numbers, "words" for texts that may be long.
class SetTable {
 public:
  explicit SetTable(const Sets& sets, const char* kind = "n") : sets_(sets), kind_(kind) {
    html_ = "<div class='scroll'><table><tr><th></th>";
    for (const FilmSetReport& set : sets) html_ += std::string("<th class='") + kind + "'>" + escaped(set.name) + "</th>";
    html_ += "</tr>\n";
  }
  void add(const std::string& name, const std::function<std::string(const FilmSetReport&)>& cell) {
    std::vector<std::string> cells;
    for (const FilmSetReport& set : sets_) cells.push_back(cell(set));
    html_ += row(name, cells, kind_);
  }
  std::string html() const { return html_ + "</table></div>\n"; }

 private:
  const Sets& sets_;
  const char* kind_;
  std::string html_;
};

std::string percent(double share) { return number(share * 100, 1) + " %"; }
/// There are three colours; the next three sets have them again, as dashed lines.
std::string colour(std::size_t set) {
  constexpr const char* kColours[] = {"var(--bar)", "var(--second)", "var(--third)"};
  return kColours[set % 3];
}
bool has_second_round(std::size_t set) { return set % 6 >= 3; }

/// "PA: 60 %, AP: 40 %", most films first.
std::string mix_text(const FilmMix& mix, const std::string& attribute) {
  std::vector<std::pair<std::size_t, std::string>> values;
  for (const auto& [value, films] : mix.values.at(attribute)) values.emplace_back(films, value);
  std::sort(values.rbegin(), values.rend());
  std::string text;
  for (const auto& [films, value] : values)
    text += (text.empty() ? "" : ", ") + escaped(value) + ": " + number(static_cast<double>(films) / static_cast<double>(mix.films) * 100, 0) + " %";
  return text;
}

constexpr std::pair<const char*, const char*> kGrounds[] = {
    {"age", "age outside the training range"}, {"outlier", "unlike the films of training"}, {"both_fit", "both classes fit"}, {"none_fits", "no class fits"},
    {"less_likely", "the class that fits is the less likely"}, {"inverted", "looks inverted"}, {"upside_down", "looks upside down"}};

/// Empty when every film is answered.
std::string most_frequent_ground(const FilmAbstention& abstention) {
  std::size_t most = 0;
  std::string text;
  for (const auto& [ground, name] : kGrounds) {
    const auto found = abstention.grounds.find(ground);
    if (found == abstention.grounds.end() || found->second <= most) continue;
    most = found->second;
    text = std::string(" What most often stands against an answer: ") + name + " (" + std::to_string(most) + " films).";
  }
  return text;
}

std::string in_short(const FilmReport& report) {
  std::string html = "<div class='short'>";
  for (const FilmSetReport& set : report.sets) {
    const ThresholdScores& scores = set.operation.scores;
    const FilmAbstention& whole = set.abstention;
    html += "<p><strong>" + escaped(set.name) + "</strong> (" + std::to_string(set.mix.films) + " films, " + percent(set.mix.prevalence.value) + " with pneumonia): AUC " +
            html_number(set.discrimination.by_patient.interval) + ". At the frozen threshold sensitivity is " + html_percent(scores.sensitivity_by_patient) + ", specificity " +
            html_percent(scores.specificity_by_patient) + ". The model answers " + html_percent(whole.answered) + " of the films";
    if (whole.films_answered > 0) html += " and is right in " + html_percent(whole.right) + " of its answers";
    html += "." + escaped(most_frequent_ground(whole)) + "</p>";
  }
  return html + "</div>\n<p>In brackets: 95 % intervals, for which films of one patient are not taken to be independent.</p>\n";
}

std::string refusals_text(const FilmMix& mix) {
  std::string text;
  for (const auto& [why, films] : mix.refused) text += std::to_string(films) + ": " + escaped(why) + "<br>";
  return text.empty() ? "none" : text;
}

std::string participants(const FilmReport& report) {
  SetTable table(report.sets, "words");
  table.add("Source of data", [](const FilmSetReport& set) { return escaped(set.source); });
  table.add("Films", [](const FilmSetReport& set) { return std::to_string(set.mix.films); });
  table.add("Refused as served, in no figure", [](const FilmSetReport& set) { return refusals_text(set.mix); });
  table.add("Patients", [](const FilmSetReport& set) { return std::to_string(set.mix.patients); });
  table.add("With pneumonia", [](const FilmSetReport& set) { return std::to_string(set.mix.pneumonia) + " (" + html_percent(set.mix.prevalence) + ")"; });
  table.add("Age in years: least, median, most", [](const FilmSetReport& set) {
    if (!set.mix.ages) return std::string("not stated");
    return number((*set.mix.ages)[0], 0) + ", " + number((*set.mix.ages)[1], 0) + ", " + number((*set.mix.ages)[2], 0);
  });
  const std::pair<const char*, const char*> kMixes[] = {{"Age bands", "age"}, {"Sex", "sex"}, {"View", "view"}, {"Subtype", "subtype"}, {"Site", "site"}, {"Equipment", "equipment"}};
  for (const auto& [name, attribute] : kMixes)
    table.add(name, [key = std::string(attribute)](const FilmSetReport& set) { return mix_text(set.mix, key); });
  return heading("Source of data and participants") + table.html();
}

std::string methods(const FilmReport& report) {
  const models::FilmCalibration& calibration = report.calibration;
  SetTable outcome(report.sets, "words");
  outcome.add("Reference", [](const FilmSetReport& set) { return escaped(set.outcome); });
  outcome.add("Films with, without pneumonia", [](const FilmSetReport& set) { return std::to_string(set.mix.pneumonia) + ", " + std::to_string(set.mix.films - set.mix.pneumonia); });
  SetTable missing(report.sets);
  for (const char* attribute : {"age", "sex", "view", "subtype", "site", "equipment"})
    missing.add(attribute, [&](const FilmSetReport& set) {
      const auto found = set.mix.values.at(attribute).find("not stated");
      return std::to_string(found == set.mix.values.at(attribute).end() ? 0 : found->second) + " films";
    });
  return heading("Predictors") + paragraph(report.options.predictors) + heading("Outcome and sample size") + outcome.html() + paragraph(report.options.training) +
         heading("Missing data") + "<p>Films for which it is not stated; they are in every figure, and a group of their own below.</p>\n" + missing.html() + heading("Model") +
         paragraph("Calibrated for: " + calibration.record.population + " (" + std::to_string(calibration.record.cases) + " films, " + calibration.record.date + "). " + calibration.record.note) +
         paragraph("Operating point, frozen: pneumonia from a probability of " + number(calibration.operating_point.threshold, 3) + "; " + calibration.operating_point.rule + ", chosen on " +
                   calibration.operating_point.chosen_on + ", where sensitivity was " + percent(calibration.operating_point.sensitivity) + " and specificity " +
                   percent(calibration.operating_point.specificity) + ".");
}

std::vector<PlotPoint> roc_points(const FilmSetReport& set) {
  std::vector<PlotPoint> points;
  for (const RocPoint& point : set.discrimination.roc) points.push_back({point.false_positive_rate, point.sensitivity});
  return points;
}

std::vector<PlotPoint> recall_points(const FilmSetReport& set) {
  std::vector<PlotPoint> points{{0, set.discrimination.precision_recall.front().precision}};
  for (const PrecisionRecall& point : set.discrimination.precision_recall) points.push_back({point.recall, point.precision});
  return points;
}

std::string discrimination(const FilmReport& report) {
  SetTable table(report.sets);
  table.add("AUC, by patient", [](const FilmSetReport& set) { return html_number(set.discrimination.by_patient.interval); });
  table.add("AUC, as if films were independent", [](const FilmSetReport& set) { return html_number(set.discrimination.by_film.interval); });
  table.add("Average precision", [](const FilmSetReport& set) { return html_number(set.discrimination.average_precision); });
  table.add("... of guessing", [](const FilmSetReport& set) { return number(set.mix.prevalence.value, 3); });
  std::vector<PlotLine> roc{{"guessing", "var(--quiet)", {{0, 0}, {1, 1}}, true}}, recall;
  for (std::size_t i = 0; i < report.sets.size(); ++i) {
    roc.push_back({report.sets[i].name, colour(i), roc_points(report.sets[i]), has_second_round(i)});
    recall.push_back({report.sets[i].name, colour(i), recall_points(report.sets[i]), has_second_round(i)});
  }
  std::string html = heading("Performance: telling the classes apart") + table.html() + "<div class='pair'>" +
                     line_plot({"1 - specificity", "sensitivity"}, roc, "Receiver operating characteristic.") +
                     line_plot({"sensitivity (recall)", "share right of those called (precision)"}, recall, "Precision and recall. Guessing has the prevalence as its precision, which differs.");
  for (const FilmSetReport& set : report.sets)
    html += mirrored_histogram(set.histogram[1], set.histogram[0], "with pneumonia", "without", report.calibration.operating_point.threshold, set.name + ": films by probability.");
  return html + "</div>\n";
}

std::string operation(const FilmReport& report) {
  SetTable table(report.sets);
  table.add("Sensitivity", [](const FilmSetReport& set) { return html_percent(set.operation.scores.sensitivity_by_patient); });
  table.add("Specificity", [](const FilmSetReport& set) { return html_percent(set.operation.scores.specificity_by_patient); });
  table.add("Found, missed", [](const FilmSetReport& set) {
    return std::to_string(set.operation.scores.confusion.true_positives) + ", " + std::to_string(set.operation.scores.confusion.false_negatives);
  });
  table.add("False alarms, rightly passed", [](const FilmSetReport& set) {
    return std::to_string(set.operation.scores.confusion.false_positives) + ", " + std::to_string(set.operation.scores.confusion.true_negatives);
  });
  for (std::size_t i = 0; i < report.options.prevalences.size(); ++i) {
    const std::string prevalence = number(report.options.prevalences[i] * 100, 0) + " %";
    table.add("PPV where " + prevalence + " have pneumonia", [i](const FilmSetReport& set) { return html_percent(set.operation.values[i].positive); });
    table.add("NPV where " + prevalence + " have pneumonia", [i](const FilmSetReport& set) { return html_percent(set.operation.values[i].negative); });
  }
  return heading("Performance: the frozen operating point") + table.html();
}

/// A column for each way of calibrating.
std::string calibration_table(const FilmSetReport& set) {
  std::string html = "<h3>" + escaped(set.name) + "</h3>\n<div class='scroll'><table><tr><th></th>";
  for (const FilmRecalibration& one : set.calibrations) html += std::string("<th class='n'>") + name_of(one.kind) + "</th>";
  html += "</tr>\n";
  const auto add = [&](const char* name, const std::function<std::string(const FilmRecalibration&)>& cell) {
    std::vector<std::string> cells;
    for (const FilmRecalibration& one : set.calibrations) cells.push_back(cell(one));
    html += row(name, cells);
  };
  add("ECE, 10 bins", [](const FilmRecalibration& one) {
    const bool within = one.scores.ece.value <= one.scores.perfect_high;
    return html_number(one.scores.ece) + "<br><small" + (within ? "" : " class='bad'") + ">a perfect model: " + number(one.scores.perfect_low, 3) + " to " + number(one.scores.perfect_high, 3) + "</small>";
  });
  add("Brier score", [](const FilmRecalibration& one) { return html_number(one.scores.brier); });
  const auto line = [](const std::optional<Interval>& one) { return one ? html_number(*one) : std::string("<small>no overlap of the classes</small>"); };
  add("Slope (perfect: 1)", [&](const FilmRecalibration& one) { return line(one.scores.slope); });
  add("Intercept (perfect: 0)", [&](const FilmRecalibration& one) { return line(one.scores.intercept); });
  add("Observed over expected (perfect: 1)", [](const FilmRecalibration& one) { return html_number(one.scores.observed_over_expected); });
  add("Sensitivity at the frozen threshold", [](const FilmRecalibration& one) { return html_percent(one.at_threshold.sensitivity_by_patient); });
  add("Specificity at the frozen threshold", [](const FilmRecalibration& one) { return html_percent(one.at_threshold.specificity_by_patient); });
  html += "</table></div>\n";
  for (const std::string& sentence : set.not_recalibrated) html += "<p class='bad'>" + escaped(sentence) + "</p>\n";
  return html;
}

std::string reliability_of(const FilmSetReport& set) {
  constexpr const char* kColours[] = {"var(--bar)", "var(--second)", "var(--third)"};
  std::vector<PlotLine> lines{{"perfect", "var(--quiet)", {{0, 0}, {1, 1}}, true}};
  for (const FilmRecalibration& one : set.calibrations) {
    PlotLine line{name_of(one.kind), kColours[static_cast<std::size_t>(one.kind)], {}, false, true};
    for (const ReliabilityBin& bin : one.scores.bins) line.points.push_back({bin.mean_confidence, bin.share_right});
    lines.push_back(std::move(line));
  }
  return line_plot({"probability of pneumonia", "share with pneumonia"}, lines, set.name + ": ten bins of equally many films. Below the dashed line the model is too alarmed.");
}

std::string calibration(const FilmReport& report) {
  std::string html = heading("Performance: what the probabilities mean, and recalibration") +
                     paragraph("Recalibrated probabilities of a film come from a line fitted on other patients (" + std::to_string(report.options.folds) +
                               " folds): so these figures are what a site could expect of recalibrating. A slope below 1 means too sure; there is none where the classes do not overlap, "
                               "and it is without bound (inf) where draws of patients do not. The frozen threshold belongs to the probabilities "
                               "as they stand: whoever recalibrates chooses it anew.");
  for (const FilmSetReport& set : report.sets) html += calibration_table(set);
  html += "<div class='pair'>";
  for (const FilmSetReport& set : report.sets) html += reliability_of(set);
  return html + "</div>\n";
}

std::string decisions(const FilmReport& report) {
  std::string html = heading("Performance: is acting on it worth it?") + "<div class='pair'>";
  for (std::size_t i = 0; i < report.sets.size(); ++i) {
    const double prevalence = report.sets[i].mix.prevalence.value;
    const auto [low, high] = prevalence <= 0.3 ? std::pair(-0.1, 0.3) : prevalence <= 0.75 ? std::pair(-0.25, 0.75) : std::pair(-0.2, 1.0);  // for round numbers
    PlotLine model{"the model", colour(i), {}}, all{"treat all", "var(--quiet)", {}, true}, none{"treat none", "currentColor", {{0, 0}, {1, 0}}};
    for (const NetBenefit& one : report.sets[i].decision) {
      if (one.model >= low) model.points.push_back({one.threshold, one.model});
      if (one.all >= low) all.points.push_back({one.threshold, one.all});
    }
    html += line_plot({"probability from which one would act", "net benefit", 0, 1, low, high}, {all, none, model},
                      report.sets[i].name + ": decision curve, in true positives a film. The highest line is the best policy.");
  }
  return html + "</div>\n";
}

std::string abstention_rows(const FilmReport& report, const char* title, const std::function<const FilmAbstention&(const FilmSetReport&)>& of) {
  SetTable table(report.sets);
  const auto share = [](const Interval& interval, std::size_t answers) { return answers > 0 ? html_percent(interval) : std::string("no answer"); };
  table.add("Answered", [&](const FilmSetReport& set) { return html_percent(of(set).answered) + "<br><small>" + std::to_string(of(set).films_answered) + " of " + std::to_string(of(set).films) + " films</small>"; });
  table.add("Right when it answers", [&](const FilmSetReport& set) { return share(of(set).right, of(set).films_answered); });
  table.add("Sensitivity of its answers", [&](const FilmSetReport& set) { return share(of(set).sensitivity, of(set).pneumonia_answered); });
  table.add("Specificity of its answers", [&](const FilmSetReport& set) { return share(of(set).specificity, of(set).films_answered - of(set).pneumonia_answered); });
  table.add("With pneumonia, among those not answered", [&](const FilmSetReport& set) {
    return std::to_string(of(set).pneumonia_not_answered) + " of " + std::to_string(of(set).films - of(set).films_answered);
  });
  for (const auto& [ground, name] : kGrounds)
    table.add(std::string("Films: ") + name, [&, key = std::string(ground)](const FilmSetReport& set) {
      const auto found = of(set).grounds.find(key);
      return std::to_string(found == of(set).grounds.end() ? 0 : found->second);
    });
  return std::string("<h3>") + title + "</h3>\n" + table.html();
}

std::string look_again(const FilmReport& report) {
  const double error_rate = report.calibration.conformal.error_rate;
  std::vector<PlotBar> bars;
  for (const FilmSetReport& set : report.sets)
    for (const models::FilmLabel label : models::kFilmLabels) bars.push_back({set.name + ", " + std::string(models::name_of(label)), set.conformal.coverage[static_cast<std::size_t>(label)]});
  SetTable sizes(report.sets);
  sizes.add("Coverage of normal films", [](const FilmSetReport& set) { return html_percent(set.conformal.coverage[0]); });
  sizes.add("Coverage of films with pneumonia", [](const FilmSetReport& set) { return html_percent(set.conformal.coverage[1]); });
  sizes.add("Sets with no class, one, both", [](const FilmSetReport& set) {
    return std::to_string(set.conformal.set_sizes[0]) + ", " + std::to_string(set.conformal.set_sizes[1]) + ", " + std::to_string(set.conformal.set_sizes[2]);
  });
  return heading("Performance: requires further evaluation") +
         paragraph("A prediction set holds each class that fits the film. It is meant to hold the right one in at least " + percent(1 - error_rate) +
                   " of the films of each class, and does so for films drawn like the calibration films; elsewhere nothing promises it. One class in the set is the answer.") +
         bar_plot(bars, 1 - error_rate, "Coverage: how often the set holds the right class, with its 95 % interval; the dashed line is what is meant.") + sizes.html() + abstention_rows(report, "As served", [](const FilmSetReport& set) -> const FilmAbstention& { return set.abstention; }) +
         abstention_rows(report, "If the age were not known", [](const FilmSetReport& set) -> const FilmAbstention& { return set.abstention_without_age; });
}

std::string views(const FilmReport& report) {
  std::string html = heading("The view") + "<p>Who is too ill to stand is filmed lying (AP), so the view alone tells the classes apart in part. What a model adds shows within each view.</p>\n"
                                           "<div class='scroll'><table><tr><th></th><th class='n'>AUC of the view alone</th><th class='n'>AUC of the model within each view</th></tr>\n";
  for (const FilmSetReport& set : report.sets) {
    std::string within;
    for (const auto& [view, auc] : set.views.within)
      within += (within.empty() ? "" : "<br>") + escaped(view) + ": " + (auc ? html_number(auc->interval) : std::string("<small>too few</small>"));
    html += row(escaped(set.name), {set.views.view_alone ? html_number(set.views.view_alone->interval) : "no two views stated", within});
  }
  return html + "</table></div>\n";
}

/// The interval below its value, where columns are many.
std::string stacked(std::string cell) {
  const std::size_t at = cell.find(" <small>");
  return at == std::string::npos ? cell : cell.replace(at, 1, "<br>");
}

std::string groups(const FilmReport& report) {
  std::string html = heading("By group") + paragraph("AUC, and sensitivity and specificity at the frozen threshold. A subtype of one class is set against all films of the other. Too few: fewer than " +
                                                     std::to_string(report.options.least_of_a_class) + " films of a class.");
  for (const FilmSetReport& set : report.sets) {
    html += "<h3>" + escaped(set.name) + "</h3>\n<div class='scroll'><table><tr><th>group</th><th class='n'>films, patients,<br>with pneumonia</th><th class='n'>AUC</th>"
            "<th class='n'>sensitivity</th><th class='n'>specificity</th><th class='n'>mean<br>probability</th><th class='n'>answered</th></tr>\n";
    for (const FilmGroup& group : set.groups) {
      const std::string counts = std::to_string(group.films) + ", " + std::to_string(group.patients) + ", " + std::to_string(group.pneumonia);
      const std::string name = escaped(group.attribute) + ": " + escaped(group.value);
      if (group.too_few) html += "<tr><th>" + name + "</th><td class='n'>" + counts + "</td><td colspan='5' class='few'>too few</td></tr>\n";
      else html += row(name, {counts, stacked(html_number(group.auc.interval)), stacked(html_percent(group.sensitivity)), stacked(html_percent(group.specificity)), number(group.mean_probability, 2),
                           stacked(html_percent(group.answered))});
    }
    html += "</table></div>\n";
    if (set.groups.empty()) html += "<p>Nothing is stated that would tell groups apart.</p>\n";
  }
  return html;
}

}  // namespace

std::string film_report_html(const FilmReport& report) {
  return page_head("evaluation of " + report.options.model_version) + "<h1>Chest films: " + escaped(report.options.model_version) + "</h1>\n<p>" + escaped(report.options.date) +
         ". Decision support for health professionals, never a diagnosis by itself.</p>\n" + in_short(report) + participants(report) + methods(report) + discrimination(report) +
         operation(report) + calibration(report) + decisions(report) + look_again(report) + views(report) + groups(report) + "</body></html>\n";
}

}  // namespace osler::evaluate
