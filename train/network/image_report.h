// How a run on films went: report.json for programs, report.md for people, report.html with curves.
#pragma once

#include "train/network/run_image.h"

namespace osler::train {

/// Counts of films and patients by part, label, subtype and source, the settings, every epoch, the best one of each phase, and the cross-validation's table, from
/// the run, and from metrics.csv and cross_validation.json in its work folder. Writes all three files there. ErrorCode::corrupted or unavailable.
Result<void> write_image_report(const ImageRun& run);

}  // namespace osler::train
