// The stream of batches that a phase of training sees: batch number i is always the same, so that a run cut anywhere goes on as if it had not been.
#pragma once

#include "train/text/config.h"
#include "train/text/example.h"

namespace osler::train {

struct TextData {
  std::vector<TextExample> written;   // cases that people wrote
  std::vector<TextExample> plain;     // texts for the masked task
};

/// Draws pools of cases, sorts each by length and cuts it into batches of about `tokens_a_batch` padded pieces. Where contrast counts, each case has a
/// generated one with the same condition beside it. Not thread-safe; the referents outlive it.
class BatchStream {
 public:
  BatchStream(const CaseGenerator& generator, const ExampleMaker& maker, const TextData& data, const TextTrainingConfig& config, std::size_t phase);

  /// Batch `index` of the phase, counted from 0. Going forward is cheap.
  const std::vector<TextExample>& batch(std::size_t index);

 private:
  struct Pool {
    std::size_t first_batch = 0;
    std::vector<std::vector<TextExample>> batches;
  };
  void next_pool();
  TextExample draw(Random& random, std::uint64_t index);

  const CaseGenerator& generator_;
  const ExampleMaker& maker_;
  const TextData& data_;
  const TextTrainingConfig& config_;
  const TrainingPhase& phase_;
  std::uint64_t seed_;
  std::uint64_t pools_ = 0;
  Pool pool_;
};

}  // namespace osler::train
