#include "neural/bert.h"

#include "neural/bert_weights.h"

namespace osler::neural {

namespace {

/// Reads the tensors of one model from its file, whatever prefix they have.
class TensorReader {
 public:
  TensorReader(const SafetensorsFile& file, std::size_t hidden)
      : file_(file), hidden_(hidden), prefix_(file.tensors().contains("bert.embeddings.word_embeddings.weight") ? "bert." : "") {}

  bool has(const std::string& name) const { return file_.tensors().contains(prefix_ + name); }
  Result<std::vector<float>> read(const std::string& name, const std::vector<std::size_t>& shape) const { return file_.floats(prefix_ + name, shape); }

  Result<LayerNorm> layer_norm(const std::string& name) const {
    const bool old = !has(name + ".weight") && has(name + ".gamma");
    LayerNorm norm;
    norm.weight = TRY(read(name + (old ? ".gamma" : ".weight"), {hidden_}));
    norm.bias = TRY(read(name + (old ? ".beta" : ".bias"), {hidden_}));
    return norm;
  }

  /// Linear layers of the same input, one under the other.
  Result<DenseMatrix> matrix(std::shared_ptr<const DenseShape> shape, const std::vector<std::string>& names) const {
    const std::size_t outputs = shape->outputs() / names.size(), inputs = shape->inputs();
    std::vector<float> weight, bias;
    for (const std::string& name : names) {
      const std::vector<float> its_weight = TRY(read(name + ".weight", {outputs, inputs}));
      const std::vector<float> its_bias = TRY(read(name + ".bias", {outputs}));
      weight.insert(weight.end(), its_weight.begin(), its_weight.end());
      bias.insert(bias.end(), its_bias.begin(), its_bias.end());
    }
    return DenseMatrix(std::move(shape), weight, bias);
  }

 private:
  const SafetensorsFile& file_;
  std::size_t hidden_;
  std::string prefix_;
};

struct BertShapes {
  std::shared_ptr<const DenseShape> query_key_value, attention_output, intermediate, output;
};

Result<BertShapes> make_shapes(const dnnl::engine& engine, const BertConfig& config, Precision precision) {
  const auto shape = [&](std::size_t inputs, std::size_t outputs) { return DenseShape::create(engine, precision, inputs, outputs); };
  BertShapes shapes;
  shapes.query_key_value = TRY(shape(config.hidden, 3 * config.hidden));
  shapes.attention_output = TRY(shape(config.hidden, config.hidden));
  shapes.intermediate = TRY(shape(config.hidden, config.intermediate));
  shapes.output = TRY(shape(config.intermediate, config.hidden));
  return shapes;
}

/// One value a line: a TRY that returns out of a braced initialiser would leave the members before it undestroyed (g++).
Result<BertLayer> read_layer(const TensorReader& reader, const BertShapes& shapes, std::size_t number) {
  const std::string name = "encoder.layer." + std::to_string(number) + ".", self = name + "attention.self.";
  DenseMatrix query_key_value = TRY(reader.matrix(shapes.query_key_value, {self + "query", self + "key", self + "value"}));
  DenseMatrix attention_output = TRY(reader.matrix(shapes.attention_output, {name + "attention.output.dense"}));
  LayerNorm attention_norm = TRY(reader.layer_norm(name + "attention.output.LayerNorm"));
  DenseMatrix intermediate = TRY(reader.matrix(shapes.intermediate, {name + "intermediate.dense"}));
  DenseMatrix output = TRY(reader.matrix(shapes.output, {name + "output.dense"}));
  LayerNorm output_norm = TRY(reader.layer_norm(name + "output.LayerNorm"));
  return BertLayer{std::move(query_key_value), std::move(attention_output), std::move(attention_norm),
                   std::move(intermediate),    std::move(output),           std::move(output_norm)};
}

Result<EmbeddingTable> read_words(const TensorReader& reader, const BertConfig& config, const RowKernels& kernels, bool as_floats) {
  EmbeddingTable table;
  table.floats = TRY(reader.read("embeddings.word_embeddings.weight", {config.vocabulary, config.hidden}));
  if (as_floats) return table;
  table.bfloats.resize(table.floats.size());
  kernels.to_bfloats(table.floats.data(), table.floats.size(), table.bfloats.data());
  table.floats = {};
  return table;
}

/// Token types are always 0, so their embedding is part of every position's.
Result<std::vector<float>> read_positions(const TensorReader& reader, const BertConfig& config) {
  std::vector<float> positions = TRY(reader.read("embeddings.position_embeddings.weight", {config.positions, config.hidden}));
  const std::vector<float> types = TRY(reader.read("embeddings.token_type_embeddings.weight", {config.token_types, config.hidden}));
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] += types[i % config.hidden];
  return positions;
}

}  // namespace

Result<BertEncoder> BertEncoder::create(const SafetensorsFile& weights, const BertConfig& config, Precision precision) {
  const OneThread one_thread;
  const TensorReader reader(weights, config.hidden);
  auto made = std::make_unique<Weights>();
  made->config = config;
  made->precision = precision;
  made->kernels = row_kernels_here().front();
  made->attention_in_bfloats = precision != Precision::fp32 && made->kernels->attention_bfloats && config.hidden / config.heads % 2 == 0;
  made->words = TRY(read_words(reader, config, *made->kernels, precision == Precision::fp32));
  made->positions = TRY(read_positions(reader, config));
  made->embedding_norm = TRY(reader.layer_norm("embeddings.LayerNorm"));
  const BertShapes shapes = TRY(make_shapes(made->engine, config, precision));
  for (std::size_t number = 0; number < config.layers; ++number) made->layers.push_back(TRY(read_layer(reader, shapes, number)));
  if (reader.has("pooler.dense.weight")) {
    made->pooler_weight = TRY(reader.read("pooler.dense.weight", {config.hidden, config.hidden}));
    made->pooler_bias = TRY(reader.read("pooler.dense.bias", {config.hidden}));
  }
  return BertEncoder(std::move(made));
}

BertEncoder::BertEncoder(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
BertEncoder::BertEncoder(BertEncoder&&) noexcept = default;
BertEncoder& BertEncoder::operator=(BertEncoder&&) noexcept = default;
BertEncoder::~BertEncoder() = default;

const BertConfig& BertEncoder::config() const { return weights_->config; }
Precision BertEncoder::precision() const { return weights_->precision; }
bool BertEncoder::has_pooler() const { return !weights_->pooler_weight.empty(); }

std::size_t BertEncoder::resident_bytes() const {
  const Weights& weights = *weights_;
  std::size_t bytes = weights.words.floats.size() * sizeof(float) + weights.words.bfloats.size() * sizeof(std::uint16_t) +
                      (weights.positions.size() + weights.pooler_weight.size()) * sizeof(float);
  for (const BertLayer& layer : weights.layers)
    for (const DenseMatrix* matrix : {&layer.query_key_value, &layer.attention_output, &layer.intermediate, &layer.output})
      bytes += matrix->resident_bytes();
  return bytes;
}

}  // namespace osler::neural
