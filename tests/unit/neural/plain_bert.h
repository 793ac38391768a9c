// BERT's forward pass as the papers write it, in doubles, one sequence at a time: what BertEncoder is held against.
#pragma once

#include "random_bert.h"

namespace osler::neural {

struct PlainOutput {
  std::vector<double> hidden_states;  // [tokens][hidden]
  std::vector<double> pooled;         // [hidden]
};

/// Tensors without prefix, of today's names.
PlainOutput plain_bert(const BertConfig& config, const RandomTensors& tensors, const std::vector<TokenId>& sequence);

}  // namespace osler::neural
