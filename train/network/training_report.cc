#include "train/network/training_report.h"

#include <cmath>
#include <cstdio>
#include <fstream>

#include "train/network/progress.h"

namespace osler::train {

namespace {

constexpr double kWidth = 560, kHeight = 220, kLeft = 54, kBottom = 30, kTop = 12, kRight = 12;

constexpr const char* kHead = R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root { color-scheme: light dark; --ink: #16202b; --quiet: #51606f; --paper: #fff; --line: #c9d2db; --curve: #2f6f9f; --second: #b3541e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9fb0c0; --paper: #10171e; --line: #34424f; --curve: #6db1e0; --second: #f0a36b; } }
body { font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 78rem; margin: 2rem auto; padding: 0 1rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1.5rem; } figure { margin: 0; } h2 { font-size: 1.05rem; margin: 0 0 0.3rem; }
p, figcaption { color: var(--quiet); } svg { width: 100%; height: auto; } text { fill: var(--quiet); font-size: 11px; }
</style>)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

struct Curve {
  const std::vector<MetricPoint>* points;
  const char* colour;
};

struct Axes {
  double low = 0, high = 1, last = 1;
  double x(double updates) const { return kLeft + (kWidth - kLeft - kRight) * updates / last; }
  double y(double value) const { return kTop + (kHeight - kTop - kBottom) * (1 - (value - low) / (high - low)); }
};

Axes axes_of(const std::vector<Curve>& curves, bool shares) {
  Axes axes{1e300, -1e300, 1};
  for (const Curve& curve : curves)
    for (const MetricPoint& point : *curve.points) {
      axes.low = std::min(axes.low, point.value);
      axes.high = std::max(axes.high, point.value);
      axes.last = std::max(axes.last, static_cast<double>(point.updates));
    }
  if (shares) axes.low = 0;
  if (!(axes.high > axes.low)) axes.high = axes.low + 1;
  return axes;
}

std::string line_of(const Curve& curve, const Axes& axes) {
  std::string points;
  for (const MetricPoint& point : *curve.points) points += number(axes.x(static_cast<double>(point.updates))) + "," + number(axes.y(point.value)) + " ";
  return "<polyline fill='none' stroke='var(" + std::string(curve.colour) + ")' stroke-width='1.6' points='" + points + "'/>";
}

std::string figure(const std::string& title, const std::string& caption, const std::vector<Curve>& curves, bool shares) {
  const Axes axes = axes_of(curves, shares);
  std::string svg = "<svg viewBox='0 0 " + number(kWidth) + " " + number(kHeight) + "' role='img' aria-label='" + escaped(title) + "'>";
  constexpr int kSteps = 4;
  for (int i = 0; i <= kSteps; ++i) {
    const double value = axes.low + (axes.high - axes.low) * i / kSteps, y = axes.y(value);
    svg += "<line x1='" + number(kLeft) + "' x2='" + number(kWidth - kRight) + "' y1='" + number(y) + "' y2='" + number(y) + "' stroke='var(--line)'/>";
    svg += "<text x='" + number(kLeft - 6) + "' y='" + number(y + 4) + "' text-anchor='end'>" + (shares ? number(value * 100) + " %" : number(value)) + "</text>";
    const double updates = axes.last * i / kSteps;
    svg += "<text x='" + number(axes.x(updates)) + "' y='" + number(kHeight - 10) + "' text-anchor='middle'>" + std::to_string(std::lround(updates)) + "</text>";
  }
  for (const Curve& curve : curves) svg += line_of(curve, axes);
  return "<figure><h2>" + escaped(title) + "</h2>" + svg + "</svg><figcaption>" + escaped(caption) + "</figcaption></figure>\n";
}

}  // namespace

std::string training_report(const std::string& name, const std::map<std::string, std::vector<MetricPoint>>& metrics) {
  double seconds = 0;
  std::size_t updates = 0;
  for (const auto& [key, points] : metrics) {
    if (points.empty()) continue;
    seconds = std::max(seconds, points.back().seconds);
    updates = std::max(updates, points.back().updates);
  }
  std::string page = std::string(kHead) + "<title>Training of " + escaped(name) + "</title></head><body><h1>Training of " + escaped(name) + "</h1><p>" + std::to_string(updates) +
                     " updates in " + Progress::time_words(seconds) + " of training. Along each curve: updates.</p><main>\n";
  const auto first = metrics.find("held_out_first"), three = metrics.find("held_out_first_three");
  if (first != metrics.end() && three != metrics.end())
    page += figure("Held-out cases", "Blue: the true condition is first. Orange: among the first three. Cases written by people, none of them trained on.",
                   {{&first->second, "--curve"}, {&three->second, "--second"}}, true);
  for (const auto& [key, points] : metrics)
    if (!points.empty() && key != "held_out_first" && key != "held_out_first_three")
      page += figure(key, key == "learning_rate" ? "As it was set." : key == "held_out_log_loss" ? "Softmax log loss of held-out cases." : key.starts_with("selection_") ? "On the films set aside for selection." : "Loss of this task, smoothed.", {{&points, "--curve"}}, false);
  return page + "</main></body></html>\n";
}

Result<void> write_training_report(const std::string& name, const std::string& work_folder) {
  const std::string page = training_report(name, TRY(read_metrics(work_folder + "/metrics.csv")));
  std::ofstream file(work_folder + "/report.html", std::ios::binary);
  file << page << std::flush;
  return file ? ok() : Result<void>(make_error(ErrorCode::unavailable, work_folder + "/report.html cannot be written."));
}

}  // namespace osler::train
