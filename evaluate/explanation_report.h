// What explanations are worth on many cases: how much faster the confidence falls when they say what goes first. Only totals.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "evaluate/explained_case.h"
#include "evaluate/scoring.h"

namespace osler::evaluate {

/// Areas are means over cases, divided by the mean confidence of the whole cases: 1 if nothing was ever lost, 0 if all was lost at once. Intervals: 95 %,
/// bootstrap over cases, differences within each case.
struct ExplanationScores {
  double parts = 0;                      // mean number a case
  double confidence = 0;                 // mean, nothing removed
  Interval removed, added, at_random;    // for `removed` less is better, for `added` more
  Interval removed_gain, added_gain;     // at_random - removed, added - at_random
  ShareCurve removed_curve{}, added_curve{}, random_curve{};  // mean confidences
};

struct ExplanationReport {
  std::string file, model_version;
  std::string date;                      // ISO 8601
  std::size_t cases = 0;
  ExplanationScores shap, lime;
};

ExplanationReport make_explanation_report(const std::vector<ExplainedCase>& cases);

Json explanation_report_json(const ExplanationReport& report);
std::string explanation_report_text(const ExplanationReport& report);
/// One page that needs nothing else. All texts are escaped.
std::string explanation_report_html(const ExplanationReport& report);

}  // namespace osler::evaluate
