// How unlike the films of training a film is, by the features that the network pools of it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "neural/safetensors.h"

namespace osler::models {

/// A normal distribution whose covariance is known in a few directions and the same in all others (Moghaddam and Pentland 1997).
struct OutlierModel {
  std::vector<float> mean;        // [channels]
  std::vector<float> components;  // [K][channels], orthonormal rows
  std::vector<float> variances;   // [K], along each, above 0
  float residual_variance = 1;    // in each other direction, above 0
};

/// Immutable: any thread may use it.
class OutlierScorer {
 public:
  /// ErrorCode::corrupted when sizes do not go together, a variance is not above 0, a number is not finite, or the components are not
  /// orthonormal; ErrorCode::too_large over limits::kMaxFilmFeatures or kMaxOutlierComponents.
  static Result<OutlierScorer> create(OutlierModel model);
  /// From the tensors outlier.mean [channels], outlier.components [K][channels], outlier.variances [K] and outlier.residual_variance [1].
  /// As create(), and ErrorCode::corrupted when one is missing; the message names the file.
  static Result<OutlierScorer> load(const neural::SafetensorsFile& file);

  /// Mahalanobis distance from the mean over the root of the number of channels: about 1 for a film like those it was fitted on, larger for others.
  /// `features`: [channels], CHECKed. Infinite when a feature is not finite, so that such a film is unlike any.
  double score(std::span<const float> features) const;

  std::size_t channels() const { return model_.mean.size(); }
  const OutlierModel& model() const { return model_; }

 private:
  explicit OutlierScorer(OutlierModel model) : model_(std::move(model)) {}
  OutlierModel model_;
};

/// The bytes of a safetensors file that load() reads.
std::vector<std::byte> write_outlier(const OutlierModel& model);

}  // namespace osler::models
