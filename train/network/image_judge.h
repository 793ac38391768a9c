// How a network does on films that it does not learn from.
#pragma once

#include "train/network/run_image.h"

namespace osler::train {

struct Judgement {
  double auc = 0.5;        // mean over labels of each against the rest
  double log_loss = 0;     // mean over films, without weights
};

/// `logits` [films][labels] of films with these labels.
Judgement judge(const torch::Tensor& logits, const std::vector<std::size_t>& labels);

/// The logits of films as they are, by the run's network; it needs them decoded.
torch::Tensor logits_of(const ImageRun& run, std::span<const std::size_t> films);

/// Labels as torch has them.
torch::Tensor label_tensor(const std::vector<std::size_t>& labels);

}  // namespace osler::train
