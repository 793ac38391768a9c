// Plots of the film report as SVG, in the colours of the page (report_parts.h). Pure functions: any thread may call them.
#pragma once

#include <string>
#include <vector>

#include "evaluate/scoring.h"

namespace osler::evaluate {

struct PlotPoint {
  double x = 0, y = 0;
};

/// `colour` is a CSS value, e.g. "var(--bar)"; `name` stands in the legend, none if empty.
struct PlotLine {
  std::string name, colour;
  std::vector<PlotPoint> points;
  bool dashed = false;
  bool dots = false;  // a dot at each point
};

struct PlotAxes {
  std::string x, y;  // what is along them
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
};

/// A figure of lines, with its caption. What lies outside the axes is cut off. All texts are escaped.
std::string line_plot(const PlotAxes& axes, const std::vector<PlotLine>& lines, const std::string& caption);

/// A figure of two histograms over 0 to 1, the first class upwards and the second downwards, `threshold` as a line.
std::string mirrored_histogram(const std::vector<std::size_t>& up, const std::vector<std::size_t>& down, const std::string& up_name, const std::string& down_name,
                               double threshold, const std::string& caption);

/// Shares as bars with their intervals as bands; `wanted` as a line, none where it is negative.
struct PlotBar {
  std::string name;
  Interval share;
};
std::string bar_plot(const std::vector<PlotBar>& bars, double wanted, const std::string& caption);

}  // namespace osler::evaluate
