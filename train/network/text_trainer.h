// The loop: batches through the losses into updates, with checkpoints, validation, metrics and a progress line.
#pragma once

#include <functional>
#include <string>

#include "train/network/checkpoint.h"
#include "train/network/losses.h"
#include "train/text/batches.h"

namespace osler::train {

/// What a run works with; the referents outlive it.
struct TextTraining {
  const TextTrainingConfig& config;
  const clinical::KnowledgeBase& knowledge;
  const neural::WordPiece& word_piece;
  const CaseGenerator& generator;
  const ExampleMaker& maker;
  const TextData& data;
  const std::vector<TextExample>& held_out;
  std::string identity;           // of what the run depends on
};

struct Ranking {
  double first = 0, first_three = 0, log_loss = 0;   // shares; softmax log loss
  std::size_t cases = 0;
};
/// How often the true condition is first and among the first three.
Ranking rank(const TextNetwork& network, const std::vector<TextExample>& examples, const neural::WordPiece& word_piece, std::size_t most);

/// Trains until the last phase ends or `seconds` have passed (0: no limit); either way the state is on disk. Goes on from the checkpoint in the
/// work folder when there is one. Writes checkpoint.safetensors, metrics.csv and report.html there. True when all phases are done.
Result<bool> train_text(const TextTraining& run, TextNetwork& network, double seconds, const std::function<void(const std::string&)>& say);

}  // namespace osler::train
