// calibration.json of a model directory: the fitted parameters, and for whom they hold. docs/formats/model_directory.md.
#pragma once

#include <utility>

#include "base/json.h"
#include "base/result.h"
#include "reasoning/ensemble.h"
#include "reasoning/parameters.h"

namespace osler::models {

/// Of a network. Each parameter is checked against its range; one that is missing or not known is refused too. ErrorCode::corrupted.
Result<std::pair<reasoning::NetworkParameters, reasoning::CalibrationRecord>> parse_calibration(const Json& json);
Json write_calibration(const reasoning::NetworkParameters& parameters, const reasoning::CalibrationRecord& record);

/// Of an encoder, alone and beside the network; likewise.
Result<std::pair<reasoning::EnsembleParameters, reasoning::CalibrationRecord>> parse_ensemble(const Json& json);
Json write_ensemble(const reasoning::EnsembleParameters& parameters, const reasoning::CalibrationRecord& record);

}  // namespace osler::models
