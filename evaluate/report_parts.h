// What the reports share: pieces of JSON, of plain text and of an HTML page that needs nothing else.
#pragma once

#include <string>

#include "base/json.h"
#include "evaluate/scoring.h"

namespace osler::evaluate {

/// [value, low, high]
Json interval_json(const Interval& interval);

/// printf into a growing text.
class Text {
 public:
  __attribute__((format(printf, 2, 3))) void add(const char* format, ...);
  std::string text;
};

/// From the doctype to the opening tag of the body; `about` goes into the title and is escaped.
std::string page_head(const std::string& about);

std::string escaped(const std::string& text);
std::string number(double value, int digits);
/// A share as "93.1 % [90.2, 95.4]", and a number as "0.431 [0.402, 0.460]", the intervals smaller.
std::string html_percent(const Interval& interval);
std::string html_number(const Interval& interval);

}  // namespace osler::evaluate
