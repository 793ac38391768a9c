// A batch as tensors, and what each task makes of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/network/text_network.h"
#include "train/text/config.h"
#include "train/text/example.h"

namespace osler::train {

struct TextBatch {
  torch::Tensor ids, mask;               // [batch][length]
  torch::Tensor word_targets;            // [batch][length], -100 where none is asked for
  torch::Tensor tags;                    // [batch][length], -100 likewise
  torch::Tensor conditions;              // [batch], -100 likewise
  torch::Tensor span_row, span_first, span_last, span_finding;  // [spans]
  std::size_t pieces = 0;                // without padding
};

/// `random` chooses the masked words: 15 % are asked for (80 % hidden, 10 % another word, 10 % left: Devlin et al. 2019) when the phase has the masked
/// task; else `masked_words` of all words are hidden, as augmentation.
TextBatch make_batch(const std::vector<TextExample>& examples, const neural::WordPiece& word_piece, const TrainingPhase& phase, Random& random);

/// The weighted sum, and each part by name ("masked", "conditions", ...), only those that count.
torch::Tensor losses(const TextNetwork& network, const TextBatch& batch, const LossWeights& weights, std::map<std::string, double>& parts);

}  // namespace osler::train
