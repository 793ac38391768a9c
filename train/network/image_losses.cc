#include "train/network/image_losses.h"

#include "train/network/image_judge.h"

namespace osler::train {

torch::Tensor image_loss(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& weights, const ImageLossSettings& settings) {
  const torch::Tensor logs = torch::log_softmax(logits, 1);
  const torch::Tensor own = logs.gather(1, labels.unsqueeze(1)).squeeze(1);
  torch::Tensor each = -((1 - settings.label_smoothing) * own + settings.label_smoothing * logs.mean(1));
  if (settings.kind == "focal") each = each * (1 - own.exp()).pow(settings.gamma);
  return (each * weights).sum() / weights.sum();
}

torch::Tensor film_loss(const ImageRun& run, std::span<const std::size_t> films, const torch::Tensor& logits, const std::vector<double>& label_weights) {
  std::vector<float> weights;
  for (const std::size_t film : films) weights.push_back(static_cast<float>(run.records.films[film].weight * label_weights[run.records.films[film].label]));
  return image_loss(logits, label_tensor(run.labels_of(films)), torch::tensor(weights), run.config.loss);
}

}  // namespace osler::train
