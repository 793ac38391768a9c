// What stands on top of the hidden states: a dense head and the mean of a sequence.
#include <cmath>

#include "base/check.h"
#include "neural/bert.h"
#include "neural/row_kernels.h"

namespace osler::neural {

Result<DenseHead> DenseHead::create(const SafetensorsFile& weights, const std::string& prefix, std::size_t width, std::size_t labels) {
  DenseHead head;
  head.width_ = width;
  head.labels_ = labels;
  head.weight_ = TRY(weights.floats(prefix + ".weight", {labels, width}));
  head.bias_ = TRY(weights.floats(prefix + ".bias", {labels}));
  return head;
}

std::vector<float> DenseHead::apply(std::span<const float> input) const {
  CHECK(width_ > 0 && input.size() % width_ == 0);
  const RowKernels& kernels = *row_kernels_here().front();
  std::vector<float> logits;
  logits.reserve(input.size() / width_ * labels_);
  for (std::size_t row = 0; row < input.size(); row += width_)
    for (std::size_t label = 0; label < labels_; ++label)
      logits.push_back(kernels.dot(&input[row], &weight_[label * width_], width_) + bias_[label]);
  return logits;
}

std::vector<float> mean_pooled(std::span<const float> hidden_states, std::span<const std::size_t> lengths, std::size_t hidden) {
  std::vector<float> means;
  std::size_t first = 0;
  for (const std::size_t length : lengths) {
    CHECK(length > 0 && (first + length) * hidden <= hidden_states.size());
    std::vector<double> sums(hidden);
    for (std::size_t row = first; row < first + length; ++row)
      for (std::size_t i = 0; i < hidden; ++i) sums[i] += hidden_states[row * hidden + i];
    double squares = 0;
    for (const double sum : sums) squares += sum * sum;
    for (const double sum : sums) means.push_back(squares > 0 ? static_cast<float>(sum / std::sqrt(squares)) : 0);
    first += length;
  }
  CHECK(first * hidden == hidden_states.size());
  return means;
}

}  // namespace osler::neural
