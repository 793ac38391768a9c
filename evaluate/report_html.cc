// The report as one HTML page: plots where people would rather look than read.
#include "evaluate/report.h"
#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

/// A share as a bar with its interval as a band.
std::string bar(const Interval& interval) {
  const auto x = [](double share) { return number(share * 200, 1); };
  return "<svg width='200' height='14' role='img' aria-label='" + number(interval.value * 100, 1) + " percent'>"
         "<rect width='200' height='14' fill='none' stroke='var(--line)'/>"
         "<rect x='" + x(interval.low) + "' width='" + x(interval.high - interval.low) + "' height='14' fill='var(--band)'/>"
         "<rect width='" + x(interval.value) + "' y='4' height='6' fill='var(--bar)'/></svg>";
}

std::string share_row(const char* name, const Interval& interval) {
  return std::string("<tr><th>") + name + "</th><td class='n'>" + html_percent(interval) + "</td><td class='bar'>" + bar(interval) + "</td></tr>\n";
}

std::string number_row(const char* name, const std::string& value) {
  return std::string("<tr><th>") + name + "</th><td class='n'>" + value + "</td><td></td></tr>\n";
}

std::string ece_text(const Calibration& calibration) {
  const bool within = calibration.ece.value <= calibration.perfect_high;
  return html_number(calibration.ece) + "<br><small" + (within ? "" : " class='bad'") + ">a perfectly calibrated predictor: " +
         number(calibration.perfect_low, 3) + " to " + number(calibration.perfect_high, 3) + "</small>";
}

std::string scores_table(const Scores& scores) {
  return "<table>" + share_row("Diagnosis is known", scores.coverage) + share_row("First", scores.top1) +
         share_row("In the first three", scores.top3) + share_row("In the first five", scores.top5) +
         share_row("In the first ten", scores.top10) + number_row("Mean reciprocal rank", html_number(scores.mean_reciprocal_rank)) +
         number_row("NDCG of the first ten", html_number(scores.ndcg)) + number_row("Brier score of the first", html_number(scores.brier)) +
         number_row("ECE of the first, 5 bins", ece_text(scores.first)) + number_row("ECE of pairs from 0.05, 10 bins", ece_text(scores.pairs)) +
         number_row("Calibration slope", html_number(scores.slope)) + number_row("Calibration intercept", html_number(scores.intercept)) + "</table>\n";
}

/// Mean confidence against share right; the area of a dot is the number of predictions.
std::string reliability_plot(const Calibration& calibration, const char* caption) {
  constexpr double kSize = 260, kLeft = 40, kTop = 10;
  const auto x = [](double value) { return number(kLeft + value * kSize, 1); };
  const auto y = [](double value) { return number(kTop + (1 - value) * kSize, 1); };
  std::string svg = "<figure><svg viewBox='0 0 320 310' width='320' height='310' role='img' aria-label='reliability diagram'>";
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    svg += "<line x1='" + x(tick) + "' x2='" + x(tick) + "' y1='" + y(0) + "' y2='" + y(1) + "' stroke='var(--line)'/>";
    svg += "<line x1='" + x(0) + "' x2='" + x(1) + "' y1='" + y(tick) + "' y2='" + y(tick) + "' stroke='var(--line)'/>";
    svg += "<text x='" + x(tick) + "' y='288' font-size='11' text-anchor='middle' fill='currentColor'>" + number(tick, 2) + "</text>";
    svg += "<text x='34' y='" + y(tick - 0.015) + "' font-size='11' text-anchor='end' fill='currentColor'>" + number(tick, 2) + "</text>";
  }
  svg += "<line x1='" + x(0) + "' y1='" + y(0) + "' x2='" + x(1) + "' y2='" + y(1) + "' stroke='var(--quiet)' stroke-dasharray='4 4'/>";
  std::string line;
  for (const ReliabilityBin& bin : calibration.bins) line += x(bin.mean_confidence) + "," + y(bin.share_right) + " ";
  svg += "<polyline points='" + line + "' fill='none' stroke='var(--bar)' stroke-width='2'/>";
  for (const ReliabilityBin& bin : calibration.bins)
    svg += "<circle cx='" + x(bin.mean_confidence) + "' cy='" + y(bin.share_right) + "' r='5' fill='var(--bar)'><title>" +
           std::to_string(bin.count) + " predictions, confidence " + number(bin.mean_confidence, 2) + ", right " +
           number(bin.share_right, 2) + "</title></circle>";
  svg += "<text x='170' y='305' font-size='12' text-anchor='middle' fill='currentColor'>confidence</text></svg>";
  return svg + "<figcaption>" + caption + " (" + std::to_string(calibration.predictions) + " predictions): share that was right, by confidence. On the dashed line a confidence means what it says.</figcaption></figure>\n";
}

std::string triage_table(const Scores& scores) {
  std::string html = "<div class='scroll'><table><tr><th>should be \\ was</th>";
  for (std::size_t given = kUrgencyNames.size(); given-- > 0;) html += std::string("<th class='n'>") + kUrgencyNames[given] + "</th>";
  html += "</tr>";
  for (std::size_t expected = kUrgencyNames.size(); expected-- > 0;) {
    html += std::string("<tr><th>") + kUrgencyNames[expected] + "</th>";
    for (std::size_t given = kUrgencyNames.size(); given-- > 0;) {
      const std::size_t count = scores.triage[expected][given];
      html += std::string("<td class='n") + (given < expected && count > 0 ? " bad" : "") + "'>" + std::to_string(count) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</table></div><p>" + std::to_string(scores.emergencies_sent_lower) + " of " + std::to_string(scores.emergencies) +
         " emergencies were sent lower; " + std::to_string(scores.under_triaged) + " of " + std::to_string(scores.triaged) +
         " cases lower and " + std::to_string(scores.over_triaged) + " higher than needed.</p>\n";
}

std::string groups_table(const std::vector<GroupScores>& groups) {
  std::string html = "<div class='scroll'><table><tr><th>group</th><th class='n'>cases</th><th class='n'>known</th><th class='n'>first</th><th></th><th class='n'>first three</th></tr>";
  for (const GroupScores& group : groups)
    html += "<tr><td>" + escaped(group.name) + "</td><td class='n'>" + std::to_string(group.scores.cases) + "</td><td class='n'>" +
            number(group.scores.coverage.value * 100, 0) + " %</td><td class='n'>" + html_percent(group.scores.top1) + "</td><td class='bar'>" +
            bar(group.scores.top1) + "</td><td class='n'>" + html_percent(group.scores.top3) + "</td></tr>\n";
  return html + "</table></div>\n";
}

std::string list(const std::vector<std::string>& texts) {
  std::string html;
  for (const std::string& text : texts) html += "<li>" + escaped(text) + "</li>";
  return html.empty() ? "" : "<ul>" + html + "</ul>";
}

std::string sent_lower_part(const Report& report) {
  std::string html;
  for (const CaseOutcome& outcome : report.sent_lower)
    html += "<li>" + escaped(outcome.scored.id) + ": " + outcome.scored.urgency_given + "; first: " + escaped(outcome.first) + "</li>";
  return html.empty() ? "" : "<p class='bad'>Emergencies sent lower:</p><ul>" + html + "</ul>\n";
}

std::string failures_part(const Report& report) {
  std::string html = "<table><tr><th>reason</th><th class='n'>cases</th></tr>";
  for (const auto& [reason, count] : report.failures) html += "<tr><td>" + reason + "</td><td class='n'>" + std::to_string(count) + "</td></tr>";
  html += "</table>\n";
  if (report.failed.empty()) return html + "<p>Single cases are not shown in this report.</p>\n";
  html += "<div class='scroll'><table><tr><th>case</th><th>specialty</th><th>reason</th><th class='n'>rank</th><th>first instead</th><th>what spoke for that one more</th><th>not understood</th></tr>";
  for (const CaseOutcome& outcome : report.failed)
    html += "<tr><td>" + escaped(outcome.scored.id) + "</td><td>" + escaped(outcome.scored.specialty) + "</td><td>" + name_of(outcome.failure) +
            "</td><td class='n'>" + (outcome.scored.rank == 0 ? "-" : std::to_string(outcome.scored.rank)) + "</td><td>" + escaped(outcome.first) +
            "</td><td>" + list(outcome.why) + "</td><td>" + list(outcome.not_understood) + "</td></tr>\n";
  return html + "</table></div>\n";
}

}  // namespace

std::string report_html(const Report& report) {
  return page_head("evaluation of " + report.file) + "<h1>Evaluation on " + escaped(report.file) + "</h1>\n<p>" + std::to_string(report.all.cases) + " cases, of which the knowledge base knows the diagnosis of " +
         std::to_string(report.all.covered) + ". Model " + escaped(report.model_version) + ", " + escaped(report.date) +
         ". In brackets: 95 % intervals by bootstrap over cases.</p>\n<h2>All cases</h2>\n" + scores_table(report.all) +
         "<h2>Calibration</h2>\n<div class='pair'>" + reliability_plot(report.all.first, "First suspected condition") +
         reliability_plot(report.all.pairs, "All conditions from 0.05") + "</div>\n<h2>Urgency</h2>\n" + triage_table(report.all) + sent_lower_part(report) +
         "<h2>By specialty</h2>\n" + groups_table(report.by_specialty) + "<h2>By age</h2>\n" + groups_table(report.by_age) +
         "<h2>Only cases with a known diagnosis</h2>\n" + scores_table(report.known) + "<h2>Not first, and why</h2>\n" + failures_part(report) +
         "</body></html>\n";
}

}  // namespace osler::evaluate
