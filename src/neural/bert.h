// BERT (Devlin et al. 2019) forward pass on oneDNN: tokens to hidden states, one thread a call. Sequences of a batch are packed one
// after the other without padding; what a sequence gives is the same to the last bit alone and in any batch.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "neural/bert_config.h"
#include "neural/precision.h"
#include "neural/safetensors.h"
#include "neural/word_piece.h"

namespace osler::neural {

/// What one thread needs to run: buffers, grown as needed and kept. Not thread-safe: one for each thread. For the encoder that made it.
class BertWorkspace {
 public:
  BertWorkspace(BertWorkspace&&) noexcept;
  BertWorkspace& operator=(BertWorkspace&&) noexcept;
  ~BertWorkspace();

  /// Bytes of its buffers.
  std::size_t resident_bytes() const;

 private:
  friend class BertEncoder;
  struct Buffers;
  explicit BertWorkspace(std::unique_ptr<Buffers> buffers);
  std::unique_ptr<Buffers> buffers_;
};

struct BertOutput {
  /// [total tokens][hidden], the last layer, sequences in the order given.
  std::span<const float> hidden_states;
  /// [sequences][hidden]: tanh(dense(first token)), as `bert.pooler` says; empty when the model has no pooler.
  std::span<const float> pooled;
};

class BertEncoder {
 public:
  /// Tensors are named as Hugging Face names them, with or without the prefix "bert.": embeddings.word_embeddings.weight,
  /// encoder.layer.0.attention.self.query.weight ..., and LayerNorm.gamma and LayerNorm.beta as old checkpoints have them; others are
  /// left alone. ErrorCode::corrupted, naming file and tensor, for a missing tensor, a wrong shape, or a value that is not finite;
  /// ErrorCode::configuration where oneDNN cannot do the precision here. Weights are packed once and shared by all threads.
  static Result<BertEncoder> create(const SafetensorsFile& weights, const BertConfig& config, Precision precision);

  BertEncoder(BertEncoder&&) noexcept;
  BertEncoder& operator=(BertEncoder&&) noexcept;
  ~BertEncoder();

  const BertConfig& config() const;
  Precision precision() const;
  bool has_pooler() const;
  /// Bytes of weights in memory.
  std::size_t resident_bytes() const;

  BertWorkspace make_workspace() const;

  /// Each sequence holds 1 to config().positions ids, each below config().vocabulary (CHECKed); token types are 0. The output lives in
  /// the workspace until its next use. Runs on the calling thread alone. Thread-safe with a workspace for each thread.
  BertOutput forward(std::span<const std::span<const TokenId>> sequences, BertWorkspace& workspace) const;

 private:
  class Pass;
  struct Weights;
  explicit BertEncoder(std::unique_ptr<const Weights> weights);
  std::unique_ptr<const Weights> weights_;
};

/// logits[s][label] = weight[label] . input[s] + bias[label], in fp32; rows independent. weight is [labels][width].
class DenseHead {
 public:
  /// Reads `prefix`.weight and `prefix`.bias. ErrorCode::corrupted as above.
  static Result<DenseHead> create(const SafetensorsFile& weights, const std::string& prefix, std::size_t width, std::size_t labels);

  std::size_t labels() const { return labels_; }
  std::span<const float> weight() const { return weight_; }
  std::span<const float> bias() const { return bias_; }
  /// `input` is [rows][width]; returns [rows][labels].
  std::vector<float> apply(std::span<const float> input) const;

 private:
  std::size_t width_ = 0, labels_ = 0;
  std::vector<float> weight_, bias_;
};

/// Mean of the rows of each sequence, scaled to length 1: [sequences][hidden]. `lengths` are the sequences' token counts.
std::vector<float> mean_pooled(std::span<const float> hidden_states, std::span<const std::size_t> lengths, std::size_t hidden);

}  // namespace osler::neural
