// What a BertEncoder holds, packed for its precision, and what a BertWorkspace does. Only bert*.cc include this.
#pragma once

#include "neural/bert.h"
#include "neural/dense.h"

namespace osler::neural {

struct LayerNorm {
  std::vector<float> weight, bias;
};

/// Rows of floats or, to halve the memory, of bfloat16 bits.
struct EmbeddingTable {
  std::vector<float> floats;
  std::vector<std::uint16_t> bfloats;
};

struct BertLayer {
  DenseMatrix query_key_value;  // the three one under the other, so one product
  DenseMatrix attention_output;
  LayerNorm attention_norm;
  DenseMatrix intermediate;
  DenseMatrix output;
  LayerNorm output_norm;
};

struct BertEncoder::Weights {
  BertConfig config;
  Precision precision = Precision::fp32;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  const RowKernels* kernels = nullptr;
  bool attention_in_bfloats = false;
  EmbeddingTable words;
  std::vector<float> positions;  // [positions][hidden], the embedding of token type 0 added
  LayerNorm embedding_norm;
  std::vector<BertLayer> layers;
  std::vector<float> pooler_weight, pooler_bias;  // empty: none
};

/// Rows are tokens, as many as kRowPadding asks for.
struct BertWorkspace::Buffers {
  explicit Buffers(const dnnl::engine& engine) : dense(engine) {}

  DenseWorkspace dense;
  AlignedBuffer hidden;           // [rows][hidden] floats
  AlignedBuffer operand;          // [rows][hidden or intermediate], what a product reads when that is not floats
  AlignedBuffer scales;           // [rows], of the operand in int8
  AlignedBuffer query_key_value;  // [rows][3 hidden]
  AlignedBuffer context;          // [rows][hidden] floats, what attention gives
  AlignedBuffer intermediate;     // [rows][intermediate]
  AlignedBuffer attention;
  std::vector<float> pooled;
};

}  // namespace osler::neural
