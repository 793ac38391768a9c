// What an evaluation found, as values, as JSON, as text and as one HTML page.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "evaluate/case_runner.h"
#include "evaluate/scoring.h"

namespace osler::evaluate {

/// Wall time a case, in milliseconds.
struct Times { double median = 0, slowest = 0; };

struct Report {
  std::string file;            // name of the cases' file
  std::string model_version;
  std::string date;            // ISO 8601
  Scores all, known;           // known: only cases whose diagnosis the knowledge base knows
  std::vector<GroupScores> by_specialty, by_age;
  Times reading, reasoning;
  std::map<std::string, std::size_t> failures;  // by reason: cases without a hit in the first place
  std::vector<CaseOutcome> failed;              // these cases; empty where only totals may be seen
  std::vector<CaseOutcome> sent_lower;          // emergencies given less than an emergency; likewise
};

/// `aggregates_only`: no case appears in the report.
Report make_report(const std::vector<CaseOutcome>& outcomes, bool aggregates_only);

Json report_json(const Report& report);
std::string report_text(const Report& report);
/// One page that needs nothing else: no script, no picture from elsewhere. All texts are escaped.
std::string report_html(const Report& report);

}  // namespace osler::evaluate
