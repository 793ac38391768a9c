// What to train: the file behind `osler-train text --config FILE` (docs/formats/training.md).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "neural/bert_config.h"

namespace osler::train {

/// How much each task counts; 0 leaves it out.
struct LossWeights {
  double masked = 0;      // masked-language modelling
  double conditions = 0;  // which conditions: softmax cross-entropy plus the sum of binary cross-entropies
  double tags = 0;        // which words are a finding that is present or absent
  double findings = 0;    // which finding those words are
  double contrast = 0;    // patients with the same condition lie near each other
};

struct TrainingPhase {
  std::string name;
  std::size_t steps = 0;
  double learning_rate = 1e-3;   // at its peak; rises over `warm_up` steps, then falls along a half cosine to `final_share` of it
  std::size_t warm_up = 500;
  double final_share = 0.05;
  double written_share = 0;      // of the cases, those written by people; the rest are generated
  double masked_words = 0;       // of all words, those hidden as augmentation (not for the masked task, which hides 15 %)
  LossWeights weights;
};

struct TextTrainingConfig {
  std::string name, version;          // of the model directory
  std::string work_folder;            // checkpoints, metrics, report
  std::uint64_t seed = 1;
  neural::BertConfig architecture;    // vocabulary is filled in
  std::size_t vocabulary_size = 0;
  std::string start_from;             // a model directory whose vocabulary and weights a new run begins with, or empty
  std::string word_vectors;           // a file (train/text/word_vectors.h), or empty
  double flattening = 0.35;           // of visit frequencies, for generated cases
  std::vector<std::string> written;   // folders of NDJSON requests with their condition
  std::vector<std::string> held_out;  // likewise, for validation only
  std::vector<std::string> plain_texts;  // files, one text a line, for the masked task
  std::size_t tokens_a_batch = 6144;
  std::size_t max_length = 256;
  double weight_decay = 0.01;
  double gradient_clip = 1.0;
  bool mixed_precision = true;
  std::size_t validate_every = 500;         // steps
  double checkpoint_minutes = 5;
  std::vector<TrainingPhase> phases;
};

/// `path` is named in errors, all of them ErrorCode::configuration: file, line, column and what was expected for what is no JSON, else the file and the key
/// (as a JSON pointer) and what its value should be. Relative paths inside stay as they are. Thread-safe.
Result<TextTrainingConfig> parse_training_config(std::string_view json, const std::string& path);

}  // namespace osler::train
