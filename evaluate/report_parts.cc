#include "evaluate/report_parts.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace osler::evaluate {

namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #16202b; --quiet: #51606f; --paper: #fff; --line: #c9d2db; --bar: #2f6f9f; --band: #b9d4e8; --bad: #b3261e; --second: #a85a14; --third: #6b4fa0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9fb0c0; --paper: #10171e; --line: #34424f; --bar: #6db1e0; --band: #2b4a61; --bad: #ff8a80; --second: #efab6c; --third: #b9a2ea; } }
body { font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
p, figcaption { color: var(--quiet); } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; } td.n, th.n { text-align: right; white-space: nowrap; }
td.bar { width: 40%; min-width: 10rem; } svg { display: block; } figure { margin: 0; } .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 2rem; }
.bad { color: var(--bad); font-weight: 600; } ul { margin: 0; padding-left: 1.1rem; } .scroll { overflow-x: auto; }
.short { border-left: 4px solid var(--bar); padding: 0.2rem 1rem; margin: 1.2rem 0; } .short p { color: var(--ink); } td.few { color: var(--quiet); font-style: italic; }
figure.plot { max-width: 24rem; } figure.plot svg { width: 100%; height: auto; }
)";

}  // namespace

Json interval_json(const Interval& interval) { return Json::array({interval.value, interval.low, interval.high}); }

void Text::add(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  char line[2048];
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text.append(line, std::min<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), sizeof line - 1));
}

std::string page_head(const std::string& about) {
  return "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
         "<title>Osler: " + escaped(about) + "</title><style>" + kStyle + "</style></head><body>\n";
}

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

std::string html_percent(const Interval& interval) {
  return number(interval.value * 100, 1) + " % <small>[" + number(interval.low * 100, 1) + ", " + number(interval.high * 100, 1) + "]</small>";
}

std::string html_number(const Interval& interval) {
  return number(interval.value, 3) + " <small>[" + number(interval.low, 3) + ", " + number(interval.high, 3) + "]</small>";
}

}  // namespace osler::evaluate
