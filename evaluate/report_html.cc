// The report as one HTML page: plots where people would rather look than read.
#include <cstdio>

#include "evaluate/report.h"

namespace osler::evaluate {

namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #16202b; --quiet: #51606f; --paper: #fff; --line: #c9d2db; --bar: #2f6f9f; --band: #b9d4e8; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9fb0c0; --paper: #10171e; --line: #34424f; --bar: #6db1e0; --band: #2b4a61; --bad: #ff8a80; } }
body { font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
p, figcaption { color: var(--quiet); } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; } td.n, th.n { text-align: right; white-space: nowrap; }
td.bar { width: 40%; min-width: 10rem; } svg { display: block; } figure { margin: 0; } .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 2rem; }
.bad { color: var(--bad); font-weight: 600; } ul { margin: 0; padding-left: 1.1rem; } .scroll { overflow-x: auto; }
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string percent(const Interval& interval) {
  return number(interval.value * 100, 1) + " % <small>[" + number(interval.low * 100, 1) + ", " + number(interval.high * 100, 1) + "]</small>";
}

std::string plain(const Interval& interval) {
  return number(interval.value, 3) + " <small>[" + number(interval.low, 3) + ", " + number(interval.high, 3) + "]</small>";
}

/// A share as a bar with its interval as a band.
std::string bar(const Interval& interval) {
  const auto x = [](double share) { return number(share * 200, 1); };
  return "<svg width='200' height='14' role='img' aria-label='" + number(interval.value * 100, 1) + " percent'>"
         "<rect width='200' height='14' fill='none' stroke='var(--line)'/>"
         "<rect x='" + x(interval.low) + "' width='" + x(interval.high - interval.low) + "' height='14' fill='var(--band)'/>"
         "<rect width='" + x(interval.value) + "' y='4' height='6' fill='var(--bar)'/></svg>";
}

std::string share_row(const char* name, const Interval& interval) {
  return std::string("<tr><th>") + name + "</th><td class='n'>" + percent(interval) + "</td><td class='bar'>" + bar(interval) + "</td></tr>\n";
}

std::string number_row(const char* name, const std::string& value) {
  return std::string("<tr><th>") + name + "</th><td class='n'>" + value + "</td><td></td></tr>\n";
}

std::string ece_text(const Calibration& calibration) {
  const bool within = calibration.ece.value <= calibration.perfect_high;
  return plain(calibration.ece) + "<br><small" + (within ? "" : " class='bad'") + ">a perfectly calibrated predictor: " +
         number(calibration.perfect_low, 3) + " to " + number(calibration.perfect_high, 3) + "</small>";
}

std::string scores_table(const Scores& scores) {
  return "<table>" + share_row("Diagnosis is known", scores.coverage) + share_row("First", scores.top1) +
         share_row("In the first three", scores.top3) + share_row("In the first five", scores.top5) +
         share_row("In the first ten", scores.top10) + number_row("Mean reciprocal rank", plain(scores.mean_reciprocal_rank)) +
         number_row("NDCG of the first ten", plain(scores.ndcg)) + number_row("Brier score of the first", plain(scores.brier)) +
         number_row("ECE of the first, 5 bins", ece_text(scores.first)) + number_row("ECE of pairs from 0.05, 10 bins", ece_text(scores.pairs)) +
         number_row("Calibration slope", plain(scores.slope)) + number_row("Calibration intercept", plain(scores.intercept)) + "</table>\n";
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
            number(group.scores.coverage.value * 100, 0) + " %</td><td class='n'>" + percent(group.scores.top1) + "</td><td class='bar'>" +
            bar(group.scores.top1) + "</td><td class='n'>" + percent(group.scores.top3) + "</td></tr>\n";
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
  return "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
         "<title>Osler: evaluation of " + escaped(report.file) + "</title><style>" + kStyle + "</style></head><body>\n<h1>Evaluation on " +
         escaped(report.file) + "</h1>\n<p>" + std::to_string(report.all.cases) + " cases, of which the knowledge base knows the diagnosis of " +
         std::to_string(report.all.covered) + ". Model " + escaped(report.model_version) + ", " + escaped(report.date) +
         ". In brackets: 95 % intervals by bootstrap over cases.</p>\n<h2>All cases</h2>\n" + scores_table(report.all) +
         "<h2>Calibration</h2>\n<div class='pair'>" + reliability_plot(report.all.first, "First suspected condition") +
         reliability_plot(report.all.pairs, "All conditions from 0.05") + "</div>\n<h2>Urgency</h2>\n" + triage_table(report.all) + sent_lower_part(report) +
         "<h2>By specialty</h2>\n" + groups_table(report.by_specialty) + "<h2>By age</h2>\n" + groups_table(report.by_age) +
         "<h2>Only cases with a known diagnosis</h2>\n" + scores_table(report.known) + "<h2>Not first, and why</h2>\n" + failures_part(report) +
         "</body></html>\n";
}

}  // namespace osler::evaluate
