// Fitting the outlier score (models/outlier.h) on training films, and two others to compare it with. Pure functions: any thread may call them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "models/outlier.h"

namespace osler::evaluate {

/// Eigenvalues, largest first, and their eigenvectors as rows, of a symmetric matrix [size][size], by Jacobi's rotations. For small matrices: size^3 a sweep.
struct Eigen {
  std::vector<double> values;   // [size]
  std::vector<double> vectors;  // [size][size]
};
Eigen symmetric_eigen(std::vector<double> matrix, std::size_t size);

/// The `count` largest eigenvalues and their eigenvectors [count][size] of a symmetric matrix without negative eigenvalues, by subspace iteration.
/// CHECKs 1 <= count <= size.
Eigen largest_eigen(const std::vector<double>& matrix, std::size_t size, std::size_t count);

using Features = std::vector<std::vector<float>>;  // [films][channels]

/// Mean, the `components` directions of largest variance, and the mean variance of the others, of a covariance shrunk towards a multiple of the unit matrix
/// (Ledoit and Wolf 2004). At most as many components as channels less one. ErrorCode::invalid with fewer than two films, with films of different lengths, none
/// or more than limits::kMaxFilmFeatures, a feature that is not finite, or features that never vary.
Result<models::OutlierModel> fit_outlier(const Features& training, std::size_t components);

/// The smallest of the scores that at least `quantile` of them do not exceed. CHECKs that there is one.
double quantile_of(std::vector<double> scores, double quantile);

/// Mean Euclidean distance of directions (features over their length) to the `neighbours` nearest of `training` (Sun et al. 2022). CHECKs that there are as many.
double nearest_neighbour_score(const Features& training, std::span<const float> features, std::size_t neighbours);
/// -log of the sum of exponentials of the logits (Liu et al. 2020): higher for films unlike those of training.
double energy_score(std::span<const double> logits);

/// Probability that a film from outside scores higher than one from inside, equal scores counted half. CHECKs that both are there.
double outlier_auroc(const std::vector<double>& inside, const std::vector<double>& outside);

}  // namespace osler::evaluate
