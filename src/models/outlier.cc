#include "models/outlier.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/limits.h"

namespace osler::models {

namespace {

Error refused(const std::string& what) { return make_error(ErrorCode::corrupted, "The outlier model was refused: " + what + "."); }

bool all_finite(const std::vector<float>& values) {
  for (const float value : values)
    if (!std::isfinite(value)) return false;
  return true;
}

/// Products of each pair of rows, within what sums of floats and bf16 storage allow.
bool is_orthonormal(const OutlierModel& model) {
  constexpr double kTolerance = 0.01;
  const std::size_t channels = model.mean.size(), count = model.variances.size();
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = a; b < count; ++b) {
      double product = 0;
      for (std::size_t c = 0; c < channels; ++c) product += double{model.components[a * channels + c]} * double{model.components[b * channels + c]};
      if (std::abs(product - (a == b ? 1 : 0)) > kTolerance) return false;
    }
  return true;
}

std::vector<std::size_t> shape_of(const neural::SafetensorsFile& file, const char* name) {
  const auto found = file.tensors().find(name);
  return found == file.tensors().end() ? std::vector<std::size_t>{} : found->second.shape;
}

}  // namespace

Result<OutlierScorer> OutlierScorer::create(OutlierModel model) {
  const std::size_t channels = model.mean.size(), count = model.variances.size();
  if (channels > limits::kMaxFilmFeatures || count > limits::kMaxOutlierComponents)
    return make_error(ErrorCode::too_large, "The outlier model has " + std::to_string(channels) + " channels and " + std::to_string(count) + " components; at most " +
                                                std::to_string(limits::kMaxFilmFeatures) + " and " + std::to_string(limits::kMaxOutlierComponents) + " are taken.");
  if (channels == 0 || count == 0 || count > channels || model.components.size() != count * channels)
    return refused("mean, components and variances are not [channels], [K][channels] and [K] with 1 <= K <= channels");
  if (!all_finite(model.mean) || !all_finite(model.components) || !all_finite(model.variances) || !std::isfinite(model.residual_variance))
    return refused("it holds a number that is not finite");
  for (const float variance : model.variances)
    if (!(variance > 0)) return refused("a variance is not above 0");
  if (!(model.residual_variance > 0)) return refused("residual_variance is not above 0");
  if (!is_orthonormal(model)) return refused("its components are not orthonormal");
  return OutlierScorer(std::move(model));
}

Result<OutlierScorer> OutlierScorer::load(const neural::SafetensorsFile& file) {
  const std::vector<std::size_t> shape = shape_of(file, "outlier.components");
  if (shape.size() != 2 || shape[0] > limits::kMaxOutlierComponents || shape[1] > limits::kMaxFilmFeatures)
    return make_error(ErrorCode::corrupted, file.path() + " was refused: it lacks a tensor outlier.components [K][channels] with K up to " +
                                                std::to_string(limits::kMaxOutlierComponents) + " and channels up to " + std::to_string(limits::kMaxFilmFeatures) + ".");
  OutlierModel model;
  model.components = TRY(file.floats("outlier.components", shape));
  model.mean = TRY(file.floats("outlier.mean", {shape[1]}));
  model.variances = TRY(file.floats("outlier.variances", {shape[0]}));
  model.residual_variance = TRY(file.floats("outlier.residual_variance", {1})).front();
  Result<OutlierScorer> scorer = create(std::move(model));
  if (!scorer) return make_error(scorer.error().code, file.path() + ": " + scorer.error().external);
  return scorer;
}

double OutlierScorer::score(std::span<const float> features) const {
  const std::size_t channels = model_.mean.size();
  CHECK(features.size() == channels);
  double length = 0;  // of the deviation, squared
  std::vector<double> deviation(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    deviation[c] = double{features[c]} - double{model_.mean[c]};
    length += deviation[c] * deviation[c];
  }
  double within = 0, distance = 0;
  for (std::size_t k = 0; k < model_.variances.size(); ++k) {
    double along = 0;
    for (std::size_t c = 0; c < channels; ++c) along += deviation[c] * double{model_.components[k * channels + c]};
    within += along * along;
    distance += along * along / double{model_.variances[k]};
  }
  distance += std::max(0.0, length - within) / double{model_.residual_variance};
  return std::isfinite(distance) ? std::sqrt(distance / static_cast<double>(channels)) : std::numeric_limits<double>::infinity();
}

std::vector<std::byte> write_outlier(const OutlierModel& model) {
  const auto view = [](std::span<const float> values, std::vector<std::size_t> shape) {
    return neural::TensorView{neural::TensorType::f32, std::move(shape), std::as_bytes(values)};
  };
  const std::size_t channels = model.mean.size(), count = model.variances.size();
  return neural::write_safetensors({{"outlier.mean", view(model.mean, {channels})},
                                    {"outlier.components", view(model.components, {count, channels})},
                                    {"outlier.variances", view(model.variances, {count})},
                                    {"outlier.residual_variance", view({&model.residual_variance, 1}, {1})}},
                                   {});
}

}  // namespace osler::models
