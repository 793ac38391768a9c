// AdamW (Loshchilov and Hutter 2019), with its moments in the open so that a checkpoint can hold them.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <torch/torch.h>

namespace osler::train {

class AdamW {
 public:
  /// Decay is left off vectors: biases and normalisation, as in BERT.
  AdamW(std::map<std::string, torch::Tensor>& parameters, double weight_decay);

  void zero_gradients();
  /// The norm of all gradients together, after which they are scaled down to `most` (0: never).
  double clip(double most);
  /// One update; `step` counts from 1. Parameters without a gradient stay. `share` of a name, where given: of the learning rate.
  void update(double learning_rate, std::int64_t step, const std::function<double(const std::string&)>& share = {});

  std::map<std::string, torch::Tensor>& first_moments() { return first_; }
  std::map<std::string, torch::Tensor>& second_moments() { return second_; }

 private:
  std::map<std::string, torch::Tensor>& parameters_;
  double weight_decay_;
  std::map<std::string, torch::Tensor> first_, second_;
};

}  // namespace osler::train
