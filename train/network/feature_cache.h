// Features of a base that stays as it is, computed once for every film and copy, so that a head trains on them in seconds.
#pragma once

#include "train/network/run_image.h"

namespace osler::train {

struct FeatureCache {
  std::vector<std::size_t> films;   // positions in the run's records: fit, then selection
  torch::Tensor features;           // [copies][films][width], fp32; copy 0 is the film unchanged
};

/// From `path` if it is there and of the same run, configuration and base, else computed and written there. It needs the run's films decoded.
/// ErrorCode::unavailable when it cannot be written.
Result<FeatureCache> cached_features(const ImageRun& run, std::size_t copies, const std::string& path, const std::function<void(const std::string&)>& say);

}  // namespace osler::train
