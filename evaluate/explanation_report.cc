#include "evaluate/explanation_report.h"

#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

ShareCurve mean_curve(const std::vector<ExplainedCase>& cases, TestedExplanation ExplainedCase::*method, ShareCurve TestedExplanation::*which) {
  ShareCurve mean{};
  for (const ExplainedCase& one : cases)
    for (std::size_t step = 0; step < mean.size(); ++step) mean[step] += (one.*method.*which)[step] / static_cast<double>(cases.size());
  return mean;
}

ExplanationScores scores_of(const std::vector<ExplainedCase>& cases, TestedExplanation ExplainedCase::*method) {
  ExplanationScores scores;
  std::vector<double> whole, removed, added, at_random, removed_gain, added_gain;
  for (const ExplainedCase& one : cases) {
    const TestedExplanation& tested = one.*method;
    scores.parts += static_cast<double>(tested.parts) / static_cast<double>(cases.size());
    whole.push_back(tested.removed.front());
    removed.push_back(area(tested.removed));
    added.push_back(area(tested.added));
    at_random.push_back(area(tested.at_random));
    removed_gain.push_back(at_random.back() - removed.back());
    added_gain.push_back(added.back() - at_random.back());
  }
  scores.confidence = mean_interval(whole).value;
  scores.removed = ratio_interval(removed, whole);
  scores.added = ratio_interval(added, whole);
  scores.at_random = ratio_interval(at_random, whole);
  scores.removed_gain = ratio_interval(removed_gain, whole);
  scores.added_gain = ratio_interval(added_gain, whole);
  scores.removed_curve = mean_curve(cases, method, &TestedExplanation::removed);
  scores.added_curve = mean_curve(cases, method, &TestedExplanation::added);
  scores.random_curve = mean_curve(cases, method, &TestedExplanation::at_random);
  return scores;
}

Json scores_json(const ExplanationScores& scores, const char* over) {
  return {{"over", over}, {"parts", scores.parts}, {"confidence", scores.confidence},
          {"area", {{"removed", interval_json(scores.removed)}, {"added", interval_json(scores.added)}, {"at_random", interval_json(scores.at_random)}}},
          {"gain", {{"removed", interval_json(scores.removed_gain)}, {"added", interval_json(scores.added_gain)}}},
          {"curve", {{"removed", scores.removed_curve}, {"added", scores.added_curve}, {"at_random", scores.random_curve}}}};
}

void add_scores(Text& out, const char* title, const ExplanationScores& scores) {
  const auto line = [&](const char* name, const Interval& interval) {
    out.add("  %-34s %6.3f  [%.3f, %.3f]\n", name, interval.value, interval.low, interval.high);
  };
  out.add("\n%s: %.1f a case, confidence of the whole case %.3f\n", title, scores.parts, scores.confidence);
  line("area, most supporting removed first", scores.removed);
  line("area, most supporting added first", scores.added);
  line("area at random", scores.at_random);
  line("removed: below random by", scores.removed_gain);
  line("added: above random by", scores.added_gain);
}

constexpr double kSize = 260, kLeft = 40, kTop = 10;
std::string x_at(double share) { return number(kLeft + share * kSize, 1); }
std::string y_at(double confidence) { return number(kTop + (1 - confidence) * kSize, 1); }

std::string line_of(const ShareCurve& curve, const char* looks) {
  std::string points;
  for (std::size_t step = 0; step < curve.size(); ++step) points += x_at(static_cast<double>(step) / kShareSteps) + "," + y_at(curve[step]) + " ";
  return "<polyline points='" + points + "' fill='none' stroke-width='2' " + looks + "/>";
}

constexpr const char *kRemovedLooks = "stroke='var(--bar)'", *kAddedLooks = "stroke='var(--bar)' stroke-dasharray='7 4'",
                     *kRandomLooks = "stroke='var(--quiet)' stroke-dasharray='2 3'";

/// Mean confidence against the share removed, or added.
std::string plot(const ExplanationScores& scores, const char* caption) {
  std::string svg = "<figure><svg viewBox='0 0 320 360' width='320' height='360' role='img' aria-label='confidence by share removed'>";
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    svg += "<line x1='" + x_at(tick) + "' x2='" + x_at(tick) + "' y1='" + y_at(0) + "' y2='" + y_at(1) + "' stroke='var(--line)'/>";
    svg += "<line x1='" + x_at(0) + "' x2='" + x_at(1) + "' y1='" + y_at(tick) + "' y2='" + y_at(tick) + "' stroke='var(--line)'/>";
    svg += "<text x='" + x_at(tick) + "' y='288' font-size='11' text-anchor='middle' fill='currentColor'>" + number(tick, 2) + "</text>";
    svg += "<text x='34' y='" + y_at(tick - 0.015) + "' font-size='11' text-anchor='end' fill='currentColor'>" + number(tick, 2) + "</text>";
  }
  svg += line_of(scores.removed_curve, kRemovedLooks) + line_of(scores.added_curve, kAddedLooks) + line_of(scores.random_curve, kRandomLooks);
  double y = 308;
  for (const auto& [looks, name] : {std::pair(kRemovedLooks, "removed, most supporting first"), {kAddedLooks, "added, most supporting first"},
                                    {kRandomLooks, "removed at random"}}) {
    svg += "<line x1='40' x2='76' y1='" + number(y, 0) + "' y2='" + number(y, 0) + "' stroke-width='2' " + looks + "/>";
    svg += "<text x='84' y='" + number(y + 4, 0) + "' font-size='12' fill='currentColor'>" + name + "</text>";
    y += 18;
  }
  return svg + "</svg><figcaption>" + caption + ": mean confidence by the share removed, or added.</figcaption></figure>\n";
}

std::string table(const ExplanationReport& report) {
  std::string html = "<div class='scroll'><table><tr><th></th><th class='n'>units (shap)</th><th class='n'>words (lime)</th></tr>\n";
  const auto row = [&](const char* name, Interval ExplanationScores::*which) {
    html += std::string("<tr><th>") + name + "</th><td class='n'>" + html_number(report.shap.*which) + "</td><td class='n'>" +
            html_number(report.lime.*which) + "</td></tr>\n";
  };
  row("Area, most supporting removed first", &ExplanationScores::removed);
  row("Area, most supporting added first", &ExplanationScores::added);
  row("Area at random", &ExplanationScores::at_random);
  row("Removed: below random by", &ExplanationScores::removed_gain);
  row("Added: above random by", &ExplanationScores::added_gain);
  return html + "</table></div>\n";
}

}  // namespace

ExplanationReport make_explanation_report(const std::vector<ExplainedCase>& cases) {
  ExplanationReport report;
  report.cases = cases.size();
  report.shap = scores_of(cases, &ExplainedCase::shap);
  report.lime = scores_of(cases, &ExplainedCase::lime);
  return report;
}

Json explanation_report_json(const ExplanationReport& report) {
  return {{"file", report.file}, {"model_version", report.model_version}, {"date", report.date}, {"cases", report.cases}, {"random_orders", kRandomOrders},
          {"shap", scores_json(report.shap, "units")}, {"lime", scores_json(report.lime, "words")}};
}

std::string explanation_report_text(const ExplanationReport& report) {
  Text out;
  out.add("%zu cases, the first suspected condition of each, %s\n", report.cases, report.model_version.c_str());
  add_scores(out, "Units, by Shapley values", report.shap);
  add_scores(out, "Words, by LIME", report.lime);
  return out.text;
}

std::string explanation_report_html(const ExplanationReport& report) {
  return page_head("explanations on " + report.file) + "<h1>Explanations on " + escaped(report.file) + "</h1>\n<p>" + std::to_string(report.cases) +
         " cases, the first suspected condition of each. Model " + escaped(report.model_version) + ", " + escaped(report.date) +
         ". What an explanation calls most supporting is removed first, and the case is answered anew; areas are divided by the confidence of the whole case. "
         "In brackets: 95 % intervals by bootstrap over cases.</p>\n" + table(report) + "<div class='pair'>" + plot(report.shap, "Units, by Shapley values") +
         plot(report.lime, "Words, by LIME") + "</div>\n</body></html>\n";
}

}  // namespace osler::evaluate
