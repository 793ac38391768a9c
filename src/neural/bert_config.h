// What a Hugging Face config.json of a BERT says, checked.
#pragma once

#include <cstddef>

#include "base/json.h"
#include "base/result.h"

namespace osler::neural {

enum class Activation { gelu_erf, gelu_tanh, relu };

/// Every size is within base/limits.h; hidden is a multiple of heads.
struct BertConfig {
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t hidden = 0;
  std::size_t intermediate = 0;
  std::size_t vocabulary = 0;
  std::size_t positions = 0;
  std::size_t token_types = 0;
  Activation activation = Activation::gelu_erf;
  float layer_norm_epsilon = 1e-12F;
};

/// ErrorCode::corrupted, naming the key, for a missing, mistyped or impossible value, another model_type, or relative positions.
Result<BertConfig> parse_bert_config(const Json& json);

}  // namespace osler::neural
