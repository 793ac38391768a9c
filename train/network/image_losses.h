// What a batch of films costs.
#pragma once

#include <torch/torch.h>

#include "train/network/run_image.h"

namespace osler::train {

/// The weighted mean over films of cross-entropy, or of focal loss (Lin et al. 2017): (1 - p)^gamma times it, p the probability of the film's own label.
/// `logits` [films][labels], `labels` [films] int64, `weights` [films], not all 0. Label smoothing moves that much of the target evenly onto all labels.
torch::Tensor image_loss(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& weights, const ImageLossSettings& settings);

/// The same of films of a run, each with the weight of its source times its label's in `label_weights`.
torch::Tensor film_loss(const ImageRun& run, std::span<const std::size_t> films, const torch::Tensor& logits, const std::vector<double>& label_weights);

}  // namespace osler::train
