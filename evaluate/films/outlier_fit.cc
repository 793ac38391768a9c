#include "evaluate/films/outlier_fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "base/check.h"
#include "base/limits.h"
#include "evaluate/films/roc.h"

namespace osler::evaluate {

namespace {

/// One rotation that makes element (p, q) zero (Golub and Van Loan, section 8.5).
void rotate(std::vector<double>& matrix, std::vector<double>& vectors, std::size_t size, std::size_t p, std::size_t q) {
  const double off = matrix[p * size + q];
  if (off == 0) return;
  const double tau = (matrix[q * size + q] - matrix[p * size + p]) / (2 * off);
  const double t = (tau >= 0 ? 1 : -1) / (std::abs(tau) + std::sqrt(1 + tau * tau)), c = 1 / std::sqrt(1 + t * t), s = t * c;
  for (std::size_t k = 0; k < size; ++k) {
    const double a = matrix[k * size + p], b = matrix[k * size + q];
    matrix[k * size + p] = c * a - s * b;
    matrix[k * size + q] = s * a + c * b;
  }
  for (std::size_t k = 0; k < size; ++k) {
    const double a = matrix[p * size + k], b = matrix[q * size + k];
    matrix[p * size + k] = c * a - s * b;
    matrix[q * size + k] = s * a + c * b;
  }
  for (std::size_t k = 0; k < size; ++k) {
    const double a = vectors[p * size + k], b = vectors[q * size + k];
    vectors[p * size + k] = c * a - s * b;
    vectors[q * size + k] = s * a + c * b;
  }
}

double dot(const double* a, const double* b, std::size_t size) { return std::inner_product(a, a + size, b, 0.0); }

/// Gram-Schmidt, twice, on rows. A row that vanishes becomes a unit vector that is made orthogonal in its turn.
void orthonormalise(std::vector<double>& rows, std::size_t count, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i) {
    double* row = &rows[i * size];
    for (std::size_t attempt = 0; attempt <= size; ++attempt) {
      const double before = std::sqrt(dot(row, row, size));
      for (int pass = 0; pass < 2; ++pass)
        for (std::size_t j = 0; j < i; ++j) {
          const double along = dot(row, &rows[j * size], size);
          for (std::size_t c = 0; c < size; ++c) row[c] -= along * rows[j * size + c];
        }
      const double length = std::sqrt(dot(row, row, size));
      if (length > 1e-10 * before && length > 0) {
        for (std::size_t c = 0; c < size; ++c) row[c] /= length;
        break;
      }
      std::fill(row, row + size, 0.0);
      row[(i + attempt) % size] = 1;
    }
  }
}

/// rows [count][size] times a symmetric matrix.
std::vector<double> times(const std::vector<double>& rows, std::size_t count, const std::vector<double>& matrix, std::size_t size) {
  std::vector<double> result(count * size, 0);
  for (std::size_t k = 0; k < size; ++k)
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = rows[i * size + k];
      const double* from = &matrix[k * size];
      double* to = &result[i * size];
      for (std::size_t c = 0; c < size; ++c) to[c] += weight * from[c];
    }
  return result;
}

/// Turns an orthonormal basis into the eigenvectors of the matrix within its span (Rayleigh and Ritz). The values, largest first.
std::vector<double> turn(std::vector<double>& rows, std::size_t count, const std::vector<double>& matrix, std::size_t size) {
  const std::vector<double> product = times(rows, count, matrix, size);
  std::vector<double> small(count * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) small[i * count + j] = dot(&rows[i * size], &product[j * size], size);
  const Eigen eigen = symmetric_eigen(small, count);
  std::vector<double> turned(count * size, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j)
      for (std::size_t c = 0; c < size; ++c) turned[i * size + c] += eigen.vectors[i * count + j] * rows[j * size + c];
  rows = std::move(turned);
  return eigen.values;
}

Result<void> check_features(const Features& training) {
  const auto invalid = [](const std::string& what) { return make_error(ErrorCode::invalid, "The outlier score was not fitted: " + what + "."); };
  if (training.size() < 2) return invalid("at least two training films are needed, there are " + std::to_string(training.size()));
  const std::size_t channels = training.front().size();
  if (channels < 2 || channels > limits::kMaxFilmFeatures) return invalid("a film has " + std::to_string(channels) + " features; 2 to " + std::to_string(limits::kMaxFilmFeatures) + " are taken");
  for (std::size_t i = 0; i < training.size(); ++i) {
    if (training[i].size() != channels) return invalid("film " + std::to_string(i) + " has another number of features than the first");
    for (const float value : training[i])
      if (!std::isfinite(value)) return invalid("film " + std::to_string(i) + " has a feature that is not finite");
  }
  return ok();
}

struct Covariance {
  std::vector<double> mean, matrix;
  double fourth_powers = 0;  // sum over films of the deviation's length to the fourth
};

Covariance covariance_of(const Features& films) {
  const std::size_t channels = films.front().size();
  const auto count = static_cast<double>(films.size());
  Covariance result{std::vector<double>(channels, 0), std::vector<double>(channels * channels, 0)};
  for (const std::vector<float>& film : films)
    for (std::size_t c = 0; c < channels; ++c) result.mean[c] += double{film[c]} / count;
  std::vector<double> deviation(channels);
  for (const std::vector<float>& film : films) {
    for (std::size_t c = 0; c < channels; ++c) deviation[c] = double{film[c]} - result.mean[c];
    const double length = dot(deviation.data(), deviation.data(), channels);
    result.fourth_powers += length * length;
    for (std::size_t a = 0; a < channels; ++a)
      for (std::size_t b = a; b < channels; ++b) result.matrix[a * channels + b] += deviation[a] * deviation[b] / count;
  }
  for (std::size_t a = 0; a < channels; ++a)
    for (std::size_t b = 0; b < a; ++b) result.matrix[a * channels + b] = result.matrix[b * channels + a];
  return result;
}

/// How much of the covariance goes to the multiple of the unit matrix, 0 to 1 (Ledoit and Wolf 2004, section 3).
double shrinkage(const Covariance& covariance, double mean_variance, std::size_t films) {
  const auto channels = static_cast<double>(covariance.mean.size()), count = static_cast<double>(films);
  double squares = 0;
  for (const double value : covariance.matrix) squares += value * value;
  const double distance = squares - channels * mean_variance * mean_variance;        // to the target, times channels
  const double error = (covariance.fourth_powers / count - squares) / count;          // of the sample covariance, likewise
  return distance > 0 ? std::clamp(error / distance, 0.0, 1.0) : 1;
}

double distance_of_directions(const std::vector<float>& a, std::span<const float> b) {
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t c = 0; c < a.size(); ++c) {
    aa += double{a[c]} * double{a[c]};
    bb += double{b[c]} * double{b[c]};
    ab += double{a[c]} * double{b[c]};
  }
  const double cosine = aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
  return std::sqrt(std::max(0.0, 2 - 2 * cosine));
}

}  // namespace

Eigen symmetric_eigen(std::vector<double> matrix, std::size_t size) {
  CHECK(matrix.size() == size * size);
  std::vector<double> vectors(size * size, 0);
  for (std::size_t i = 0; i < size; ++i) vectors[i * size + i] = 1;
  const double total = dot(matrix.data(), matrix.data(), matrix.size());
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0;
    for (std::size_t p = 0; p < size; ++p)
      for (std::size_t q = p + 1; q < size; ++q) off += matrix[p * size + q] * matrix[p * size + q];
    if (off <= 1e-26 * total) break;
    for (std::size_t p = 0; p < size; ++p)
      for (std::size_t q = p + 1; q < size; ++q) rotate(matrix, vectors, size, p, q);
  }
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return matrix[a * size + a] > matrix[b * size + b]; });
  Eigen eigen;
  for (const std::size_t i : order) {
    eigen.values.push_back(matrix[i * size + i]);
    eigen.vectors.insert(eigen.vectors.end(), &vectors[i * size], &vectors[i * size] + size);
  }
  return eigen;
}

Eigen largest_eigen(const std::vector<double>& matrix, std::size_t size, std::size_t count) {
  CHECK(matrix.size() == size * size && count >= 1 && count <= size);
  constexpr int kIterations = 300, kBetweenTurns = 5;
  const std::size_t width = std::min(size, count + 8);  // some more than asked for, so that the last of those converges too
  std::mt19937 random(1);
  std::vector<double> rows(width * size);
  for (double& value : rows) value = static_cast<double>(random()) / static_cast<double>(std::mt19937::max()) - 0.5;
  orthonormalise(rows, width, size);
  std::vector<double> values(width, 0);
  for (int iteration = 1; iteration <= kIterations; ++iteration) {
    rows = times(rows, width, matrix, size);
    orthonormalise(rows, width, size);
    if (iteration % kBetweenTurns != 0) continue;
    const std::vector<double> before = std::exchange(values, turn(rows, width, matrix, size));
    double change = 0;
    for (std::size_t i = 0; i < count; ++i) change = std::max(change, std::abs(values[i] - before[i]));
    if (change <= 1e-10 * std::abs(values.front())) break;
  }
  values.resize(count);
  rows.resize(count * size);
  return {values, rows};
}

Result<models::OutlierModel> fit_outlier(const Features& training, std::size_t components) {
  TRY_VOID(check_features(training));
  const Covariance covariance = covariance_of(training);
  const std::size_t channels = covariance.mean.size(), count = std::clamp<std::size_t>(components, 1, std::min(channels - 1, limits::kMaxOutlierComponents));
  double total = 0;
  for (std::size_t c = 0; c < channels; ++c) total += covariance.matrix[c * channels + c];
  if (!(total > 0)) return make_error(ErrorCode::invalid, "The outlier score was not fitted: all training films have the same features.");
  const double mean_variance = total / static_cast<double>(channels), shrunk = shrinkage(covariance, mean_variance, training.size());
  const Eigen eigen = largest_eigen(covariance.matrix, channels, count);
  const double within = std::accumulate(eigen.values.begin(), eigen.values.end(), 0.0);
  const double rest = std::max(0.0, total - within) / static_cast<double>(channels - count);
  const auto variance = [&](double value) {  // never 0, or a direction that training never took would count without bound
    return static_cast<float>(std::max((1 - shrunk) * value + shrunk * mean_variance, 1e-6 * mean_variance));
  };
  models::OutlierModel model;
  model.mean.assign(covariance.mean.begin(), covariance.mean.end());
  model.components.assign(eigen.vectors.begin(), eigen.vectors.end());
  for (const double value : eigen.values) model.variances.push_back(variance(value));
  model.residual_variance = variance(rest);
  return model;
}

double quantile_of(std::vector<double> scores, double quantile) {
  CHECK(!scores.empty());
  std::sort(scores.begin(), scores.end());
  const double rank = std::ceil(quantile * static_cast<double>(scores.size()) - 1e-9);
  return scores[static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(scores.size()))) - 1];
}

double nearest_neighbour_score(const Features& training, std::span<const float> features, std::size_t neighbours) {
  CHECK(neighbours >= 1 && training.size() >= neighbours);
  std::vector<double> distances;
  for (const std::vector<float>& film : training) distances.push_back(distance_of_directions(film, features));
  std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(neighbours), distances.end());
  return std::accumulate(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(neighbours), 0.0) / static_cast<double>(neighbours);
}

double energy_score(std::span<const double> logits) {
  CHECK(!logits.empty());
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit - largest);
  return -(largest + std::log(sum));
}

double outlier_auroc(const std::vector<double>& inside, const std::vector<double>& outside) {
  FilmPoints points;
  for (const double score : inside) points.push_back({score, false, points.size()});
  for (const double score : outside) points.push_back({score, true, points.size()});
  return auc_by_film(points).interval.value;
}

}  // namespace osler::evaluate
