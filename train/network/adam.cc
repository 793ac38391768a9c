#include "train/network/adam.h"

#include <cmath>

namespace osler::train {

namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.98, kEpsilon = 1e-8;

bool decays(const torch::Tensor& value) { return value.dim() >= 2; }  // vectors are biases and normalisation

}  // namespace

AdamW::AdamW(std::map<std::string, torch::Tensor>& parameters, double weight_decay) : parameters_(parameters), weight_decay_(weight_decay) {
  for (const auto& [name, value] : parameters) {
    first_.emplace(name, torch::zeros_like(value));
    second_.emplace(name, torch::zeros_like(value));
  }
}

void AdamW::zero_gradients() {
  for (auto& [name, value] : parameters_) value.mutable_grad() = torch::Tensor();
}

double AdamW::clip(double most) {
  torch::NoGradGuard guard;
  double squares = 0;
  for (const auto& [name, value] : parameters_)
    if (value.grad().defined()) squares += std::pow(value.grad().norm().item<double>(), 2);
  const double norm = std::sqrt(squares);
  if (most > 0 && norm > most)
    for (auto& [name, value] : parameters_)
      if (value.grad().defined()) value.mutable_grad().mul_(most / norm);
  return norm;
}

void AdamW::update(double learning_rate, std::int64_t step, const std::function<double(const std::string&)>& share) {
  torch::NoGradGuard guard;
  const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(step)), correction2 = 1 - std::pow(kBeta2, static_cast<double>(step));
  for (auto& [name, value] : parameters_) {
    const torch::Tensor& gradient = value.grad();
    if (!gradient.defined()) continue;
    torch::Tensor& first = first_.at(name);
    torch::Tensor& second = second_.at(name);
    first.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    second.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double rate = share ? learning_rate * share(name) : learning_rate;
    if (decays(value)) value.mul_(1 - rate * weight_decay_);
    value.addcdiv_(first, (second / correction2).sqrt_().add_(kEpsilon), -rate / correction1);
  }
}

}  // namespace osler::train
