// The network that is trained: BERT with the heads of each task, on libtorch. Parameters carry Hugging Face's names, so that what is
// trained here is what src/neural/ reads.
#pragma once

#include <map>
#include <string>

#include <torch/torch.h>

#include "neural/bert_config.h"

namespace osler::train {

struct HeadSizes {
  std::int64_t conditions = 0, tags = 0, findings = 0;
};

/// Named parameters in fp32 and the forward pass over them. `mixed` runs the dense products and attention in bfloat16.
class TextNetwork {
 public:
  /// Drawn at random (normal, 0.02) from torch's seed. `word_vectors` is [vocabulary][width] of given vectors, zero rows where there is
  /// none, or undefined: words that have one begin with it, through a projection that is trained.
  TextNetwork(const neural::BertConfig& config, const HeadSizes& heads, torch::Tensor word_vectors, bool mixed);

  /// `ids` [batch][length] int64, `mask` [batch][length] bool (true: a piece). Returns [batch][length][hidden] in fp32.
  torch::Tensor hidden_states(const torch::Tensor& ids, const torch::Tensor& mask) const;
  /// [batch][hidden] -> [batch][conditions], through the pooler.
  torch::Tensor condition_logits(const torch::Tensor& first_states) const;
  torch::Tensor tag_logits(const torch::Tensor& states) const;
  torch::Tensor finding_logits(const torch::Tensor& span_states) const;
  /// [count][hidden] -> [count][vocabulary].
  torch::Tensor word_logits(const torch::Tensor& states) const;

  std::map<std::string, torch::Tensor>& parameters() { return parameters_; }
  const std::map<std::string, torch::Tensor>& parameters() const { return parameters_; }
  /// [vocabulary][hidden]: the embeddings with the given vectors folded in, as they are served.
  torch::Tensor word_embeddings() const;

 private:
  torch::Tensor dense(const torch::Tensor& input, const std::string& name) const;
  torch::Tensor norm(const torch::Tensor& input, const std::string& name) const;
  torch::Tensor layer(const torch::Tensor& states, const torch::Tensor& bias, const std::string& name) const;
  torch::Tensor attention(const torch::Tensor& states, const torch::Tensor& bias, const std::string& name) const;
  const torch::Tensor& at(const std::string& name) const;
  void add_dense(const std::string& name, std::int64_t out, std::int64_t in);
  void add_norm(const std::string& name, std::int64_t width);
  void add(const std::string& name, torch::Tensor value);

  neural::BertConfig config_;
  bool mixed_;
  torch::Tensor word_vectors_;
  std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace osler::train
