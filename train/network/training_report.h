// How a run went, as one HTML page with curves.
#pragma once

#include <string>

#include "base/result.h"
#include "train/network/metrics_file.h"

namespace osler::train {

/// One page that needs nothing else: no script, nothing from elsewhere. A curve for each loss, and one for how often held-out cases were first.
std::string training_report(const std::string& name, const std::map<std::string, std::vector<MetricPoint>>& metrics);

/// Reads metrics.csv of a work folder and writes report.html beside it. ErrorCode::not_found, corrupted or unavailable.
Result<void> write_training_report(const std::string& name, const std::string& work_folder);

}  // namespace osler::train
