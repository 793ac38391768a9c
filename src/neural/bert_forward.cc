// The forward pass: embeddings, then for each layer attention and the two dense layers after it, each added to what went in and
// normalised. Devlin et al. 2019; Vaswani et al. 2017, post-norm.
#include <cmath>

#include "base/check.h"
#include "neural/bert.h"
#include "neural/bert_weights.h"

namespace osler::neural {

namespace {

using Sequences = std::span<const std::span<const TokenId>>;

Curve curve_of(Activation activation) {
  switch (activation) {
    case Activation::gelu_erf: return Curve::gelu_erf;
    case Activation::gelu_tanh: return Curve::gelu_tanh;
    case Activation::relu: return Curve::relu;
  }
  CHECK(false);
}

std::size_t rounded_up(std::size_t count, std::size_t step) { return (count + step - 1) / step * step; }

}  // namespace

/// One call: the encoder's weights, the thread's buffers, and the rows of this batch.
class BertEncoder::Pass {
 public:
  Pass(const Weights& weights, BertWorkspace::Buffers& buffers, Sequences sequences)
      : weights_(weights), config_(weights.config), kernels_(*weights.kernels), buffers_(buffers), sequences_(sequences) {
    for (const std::span<const TokenId> sequence : sequences) {
      CHECK(!sequence.empty() && sequence.size() <= config_.positions);
      rows_ += sequence.size();
    }
    make_room();
  }

  BertOutput run() {
    embed();
    for (const BertLayer& layer : weights_.layers) {
      dense(layer.query_key_value, encoded(hidden_, config_.hidden),
            {.output = weights_.attention_in_bfloats ? TileOutput::bfloats : TileOutput::floats, .out = query_key_value_});
      attend();
      dense(layer.attention_output, encoded(context_, config_.hidden), {.output = TileOutput::add, .out = hidden_});
      normalise(layer.attention_norm);
      dense(layer.output, bent(layer.intermediate), {.output = TileOutput::add, .out = hidden_});
      normalise(layer.output_norm);
    }
    pool();
    return {{hidden_, rows_ * config_.hidden}, buffers_.pooled};
  }

 private:
  std::size_t element_bytes() const { return weights_.precision == Precision::int8 ? 1 : 2; }

  void make_room() {
    const std::size_t rows = rounded_up(rows_, kRowPadding), hidden = config_.hidden, intermediate = config_.intermediate;
    const bool floats = weights_.precision == Precision::fp32;
    hidden_ = buffers_.hidden.at_least_of<float>(rows * hidden);
    context_ = buffers_.context.at_least_of<float>(rows * hidden);
    scales_ = buffers_.scales.at_least_of<float>(rows);
    operand_ = static_cast<std::byte*>(buffers_.operand.at_least(floats ? 0 : rows * std::max(hidden, intermediate) * element_bytes()));
    query_key_value_ = static_cast<std::byte*>(buffers_.query_key_value.at_least(rows * 3 * hidden * (weights_.attention_in_bfloats ? 2 : 4)));
    intermediate_ = static_cast<std::byte*>(buffers_.intermediate.at_least(rows * intermediate * (weights_.precision == Precision::bf16 ? 2 : 4)));
  }

  void embed() {
    const std::size_t hidden = config_.hidden;
    float* row = hidden_;
    for (const std::span<const TokenId> sequence : sequences_)
      for (std::size_t place = 0; place < sequence.size(); ++place, row += hidden) {
        CHECK(sequence[place] >= 0 && static_cast<std::size_t>(sequence[place]) < config_.vocabulary);
        const std::size_t word = static_cast<std::size_t>(sequence[place]) * hidden;
        const bool floats = weights_.words.bfloats.empty();
        kernels_.add(floats ? static_cast<const void*>(&weights_.words.floats[word]) : &weights_.words.bfloats[word], !floats,
                     &weights_.positions[place * hidden], hidden, row);
      }
    normalise(weights_.embedding_norm);
  }

  void normalise(const LayerNorm& norm) {
    for (std::size_t row = 0; row < rows_; ++row) {
      float* const values = hidden_ + row * config_.hidden;
      kernels_.layer_norm(values, norm.weight.data(), norm.bias.data(), config_.layer_norm_epsilon, config_.hidden, values);
    }
  }

  /// Rows of floats as a product of this precision reads them.
  const void* encoded(const float* values, std::size_t width) {
    if (weights_.precision == Precision::fp32) return values;
    for (std::size_t row = 0; row < rows_; ++row) {
      std::byte* const out = operand_ + row * width * element_bytes();
      if (weights_.precision == Precision::bf16)
        kernels_.to_bfloats(values + row * width, width, reinterpret_cast<std::uint16_t*>(out));
      else
        scales_[row] = kernels_.quantise(values + row * width, width, reinterpret_cast<std::uint8_t*>(out));
    }
    return operand_;
  }

  /// The wide layer with its curve, encoded. In int8 a row's scale is known only when all its columns are, so that they wait as floats.
  const void* bent(const DenseMatrix& matrix) {
    const bool bfloats = weights_.precision == Precision::bf16;
    dense(matrix, encoded(hidden_, config_.hidden),
          {.curve = curve_of(config_.activation), .output = bfloats ? TileOutput::bfloats : TileOutput::floats, .out = intermediate_});
    return bfloats ? intermediate_ : encoded(reinterpret_cast<const float*>(intermediate_), config_.intermediate);
  }

  void dense(const DenseMatrix& matrix, const void* input, const DenseOutput& output) {
    matrix.run(kernels_, input, weights_.precision == Precision::int8 ? scales_ : nullptr, rows_, output, buffers_.dense);
  }

  void attend() {
    const std::size_t hidden = config_.hidden, width = hidden / config_.heads, bytes = weights_.attention_in_bfloats ? 2 : 4;
    const auto attention = weights_.attention_in_bfloats ? kernels_.attention_bfloats : kernels_.attention;
    std::size_t first = 0;
    for (const std::span<const TokenId> sequence : sequences_) {
      AttentionHead head{.stride = 3 * hidden, .length = sequence.size(), .width = width, .out_stride = hidden};
      head.scratch = buffers_.attention.at_least(attention_scratch_bytes(head.length, width));
      for (std::size_t number = 0; number < config_.heads; ++number) {
        const std::byte* const query = query_key_value_ + (first * 3 * hidden + number * width) * bytes;
        head.query = query;
        head.key = query + hidden * bytes;
        head.value = query + 2 * hidden * bytes;
        head.out = context_ + first * hidden + number * width;
        attention(head);
      }
      first += sequence.size();
    }
  }

  void pool() {
    const std::size_t hidden = config_.hidden;
    buffers_.pooled.clear();
    if (weights_.pooler_weight.empty()) return;
    const float* first = hidden_;
    for (const std::span<const TokenId> sequence : sequences_) {
      for (std::size_t i = 0; i < hidden; ++i)
        buffers_.pooled.push_back(std::tanh(kernels_.dot(first, &weights_.pooler_weight[i * hidden], hidden) + weights_.pooler_bias[i]));
      first += sequence.size() * hidden;
    }
  }

  const Weights& weights_;
  const BertConfig& config_;
  const RowKernels& kernels_;
  BertWorkspace::Buffers& buffers_;
  Sequences sequences_;
  std::size_t rows_ = 0;
  float *hidden_ = nullptr, *context_ = nullptr, *scales_ = nullptr;
  std::byte *operand_ = nullptr, *query_key_value_ = nullptr, *intermediate_ = nullptr;
};

BertOutput BertEncoder::forward(Sequences sequences, BertWorkspace& workspace) const {
  const OneThread one_thread;
  return Pass(*weights_, *workspace.buffers_, sequences).run();
}

BertWorkspace BertEncoder::make_workspace() const {
  return BertWorkspace(std::make_unique<BertWorkspace::Buffers>(weights_->engine));
}

BertWorkspace::BertWorkspace(std::unique_ptr<Buffers> buffers) : buffers_(std::move(buffers)) {}
BertWorkspace::BertWorkspace(BertWorkspace&&) noexcept = default;
BertWorkspace& BertWorkspace::operator=(BertWorkspace&&) noexcept = default;
BertWorkspace::~BertWorkspace() = default;

std::size_t BertWorkspace::resident_bytes() const {
  const Buffers& buffers = *buffers_;
  std::size_t bytes = buffers.pooled.capacity() * sizeof(float) + buffers.dense.resident_bytes();
  for (const AlignedBuffer* buffer : {&buffers.hidden, &buffers.operand, &buffers.scales, &buffers.query_key_value, &buffers.context,
                                      &buffers.intermediate, &buffers.attention})
    bytes += buffer->size();
  return bytes;
}

}  // namespace osler::neural
