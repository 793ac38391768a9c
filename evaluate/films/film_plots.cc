#include "evaluate/films/film_plots.h"

#include <algorithm>
#include <cmath>

#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

constexpr double kLeft = 52, kTop = 12, kWidth = 288, kHeight = 240, kRight = 12, kBottom = 44;

std::string figure(const std::string& svg, double height, const std::string& caption) {
  const double width = kLeft + kWidth + kRight;
  return "<figure class='plot'><svg viewBox='0 0 " + number(width, 0) + " " + number(height, 0) + "' role='img' aria-label='" + escaped(caption) + "'>" + svg +
         "</svg><figcaption>" + escaped(caption) + "</figcaption></figure>\n";
}

std::string text_at(double x, double y, const char* anchor, const std::string& text, const std::string& more = "") {
  return "<text x='" + number(x, 1) + "' y='" + number(y, 1) + "' font-size='11' text-anchor='" + anchor + "' fill='currentColor'" + more + ">" + escaped(text) + "</text>";
}

std::string line_from(double x1, double y1, double x2, double y2, const std::string& stroke) {
  return "<line x1='" + number(x1, 1) + "' y1='" + number(y1, 1) + "' x2='" + number(x2, 1) + "' y2='" + number(y2, 1) + "' stroke=" + stroke + "/>";
}

/// Where values lie in the picture.
struct Frame {
  PlotAxes axes;
  double x(double value) const { return kLeft + (std::clamp(value, axes.x_low, axes.x_high) - axes.x_low) / (axes.x_high - axes.x_low) * kWidth; }
  double y(double value) const { return kTop + (axes.y_high - std::clamp(value, axes.y_low, axes.y_high)) / (axes.y_high - axes.y_low) * kHeight; }
};

std::string grid(const Frame& frame) {
  constexpr int kSteps = 4;
  const PlotAxes& axes = frame.axes;
  std::string svg;
  for (int step = 0; step <= kSteps; ++step) {
    const double x = axes.x_low + (axes.x_high - axes.x_low) * step / kSteps, y = axes.y_low + (axes.y_high - axes.y_low) * step / kSteps;
    svg += line_from(frame.x(x), kTop, frame.x(x), kTop + kHeight, "'var(--line)'") + line_from(kLeft, frame.y(y), kLeft + kWidth, frame.y(y), "'var(--line)'");
    svg += text_at(frame.x(x), kTop + kHeight + 16, "middle", number(x, 2)) + text_at(kLeft - 6, frame.y(y) + 4, "end", number(y, 2));
  }
  return svg + text_at(kLeft + kWidth / 2, kTop + kHeight + 34, "middle", axes.x) +
         text_at(12, kTop + kHeight / 2, "middle", axes.y, " transform='rotate(-90 12 " + number(kTop + kHeight / 2, 0) + ")'");
}

std::string drawn(const Frame& frame, const PlotLine& line) {
  std::string path, dots;
  for (const PlotPoint& point : line.points) {
    const std::string x = number(frame.x(point.x), 1), y = number(frame.y(point.y), 1);
    path += x + "," + y + " ";
    if (line.dots) dots += "<circle cx='" + x + "' cy='" + y + "' r='4' fill='" + line.colour + "'><title>" + number(point.x, 3) + ", " + number(point.y, 3) + "</title></circle>";
  }
  return "<polyline points='" + path + "' fill='none' stroke='" + line.colour + "' stroke-width='2'" + (line.dashed ? " stroke-dasharray='5 4'" : "") + "/>" + dots;
}

std::string legend(const std::vector<PlotLine>& lines) {
  std::string html;
  for (const PlotLine& line : lines)
    if (!line.name.empty())
      html += "<svg width='22' height='8' style='display:inline;vertical-align:middle' aria-hidden='true'>" +
              line_from(0, 4, 20, 4, "'" + line.colour + "' stroke-width='3'" + (line.dashed ? " stroke-dasharray='5 4'" : "")) + "</svg> <small>" + escaped(line.name) + "</small>&ensp; ";
  return html.empty() ? "" : "<p>" + html + "</p>\n";
}

/// Columns of one class away from `base`.
std::string columns(const std::vector<std::size_t>& counts, double most, double base, double direction, const std::string& colour, const std::string& name) {
  const double width = kWidth / static_cast<double>(std::max<std::size_t>(1, counts.size()));
  std::string svg;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double height = static_cast<double>(counts[i]) / most * (kHeight / 2 - 8);
    svg += "<rect x='" + number(kLeft + width * static_cast<double>(i) + 1, 1) + "' width='" + number(width - 2, 1) + "' y='" + number(direction > 0 ? base - height : base, 1) +
           "' height='" + number(height, 1) + "' fill='" + colour + "'><title>" + std::to_string(counts[i]) + " films, " + escaped(name) + "</title></rect>";
  }
  return svg;
}

}  // namespace

std::string line_plot(const PlotAxes& axes, const std::vector<PlotLine>& lines, const std::string& caption) {
  const Frame frame{axes};
  std::string svg = grid(frame);
  for (const PlotLine& line : lines) svg += drawn(frame, line);
  return "<div>" + legend(lines) + figure(svg, kTop + kHeight + kBottom, caption) + "</div>\n";
}

std::string mirrored_histogram(const std::vector<std::size_t>& up, const std::vector<std::size_t>& down, const std::string& up_name, const std::string& down_name,
                               double threshold, const std::string& caption) {
  std::size_t most = 1;
  for (const auto* counts : {&up, &down})
    for (const std::size_t count : *counts) most = std::max(most, count);
  const double base = kTop + kHeight / 2, scale = static_cast<double>(most);
  std::string svg = columns(up, scale, base, 1, "var(--bar)", up_name) + columns(down, scale, base, -1, "var(--second)", down_name);
  svg += line_from(kLeft, base, kLeft + kWidth, base, "'currentColor'");
  const Frame frame{{}};
  svg += line_from(frame.x(threshold), kTop, frame.x(threshold), kTop + kHeight, "'var(--bad)' stroke-dasharray='5 4'");
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) svg += text_at(frame.x(tick), kTop + kHeight + 16, "middle", number(tick, 2));
  svg += text_at(kLeft - 6, kTop + 12, "end", std::to_string(most)) + text_at(kLeft - 6, base + 4, "end", "0") + text_at(kLeft - 6, kTop + kHeight, "end", std::to_string(most));
  svg += text_at(kLeft + kWidth / 2, kTop + kHeight + 34, "middle", "probability of pneumonia");
  const std::vector<PlotLine> names = {{up_name, "var(--bar)", {}}, {down_name, "var(--second)", {}}, {"threshold", "var(--bad)", {}, true}};
  return "<div>" + legend(names) + figure(svg, kTop + kHeight + kBottom, caption) + "</div>\n";
}

std::string bar_plot(const std::vector<PlotBar>& bars, double wanted, const std::string& caption) {
  constexpr double kRow = 40, kBegin = 16;  // a name has the whole width, above its bar
  const double width = kLeft + kWidth - kBegin - 10;
  const auto x = [&](double share) { return kBegin + std::clamp(share, 0.0, 1.0) * width; };
  const double bottom = kTop + kRow * static_cast<double>(bars.size());
  std::string svg;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Interval& share = bars[i].share;
    const double top = kTop + kRow * static_cast<double>(i);
    const auto rect = [&](double from, double to, double offset, double height, const char* fill) {
      return "<rect x='" + number(x(from), 1) + "' width='" + number(std::max(0.0, x(to) - x(from)), 1) + "' y='" + number(top + offset, 1) + "' height='" + number(height, 1) + "' fill='" + fill + "'/>";
    };
    svg += text_at(kBegin, top + 12, "start", bars[i].name) + rect(share.low, share.high, 17, 16, "var(--band)") + rect(0, share.value, 22, 6, "var(--bar)");
  }
  for (const double tick : {0.0, 0.5, 1.0}) svg += text_at(x(tick), bottom + 16, "middle", number(tick * 100, 0) + " %");
  if (wanted >= 0) svg += line_from(x(wanted), kTop, x(wanted), bottom, "'var(--bad)' stroke-width='2' stroke-dasharray='5 4'");
  return figure(svg, bottom + 24, caption);
}

}  // namespace osler::evaluate
