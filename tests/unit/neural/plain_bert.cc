#include "plain_bert.h"

#include <cmath>
#include <numbers>

namespace osler::neural {

namespace {

using Row = std::vector<double>;

class Plain {
 public:
  Plain(const BertConfig& config, const RandomTensors& tensors) : config_(config), tensors_(tensors) {}

  std::vector<Row> embed(const std::vector<TokenId>& sequence) const {
    std::vector<Row> rows;
    for (std::size_t place = 0; place < sequence.size(); ++place) {
      Row row(config_.hidden);
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = double{at("embeddings.word_embeddings.weight")[static_cast<std::size_t>(sequence[place]) * row.size() + i]} +
                 at("embeddings.position_embeddings.weight")[place * row.size() + i] + at("embeddings.token_type_embeddings.weight")[i];
      rows.push_back(norm(row, "embeddings.LayerNorm"));
    }
    return rows;
  }

  std::vector<Row> layer(const std::vector<Row>& rows, const std::string& name) const {
    std::vector<Row> out;
    const std::vector<Row> attended = attention(rows, name + "attention.self.");
    for (std::size_t place = 0; place < rows.size(); ++place) {
      const Row middle = norm(sum(rows[place], dense(attended[place], name + "attention.output.dense")), name + "attention.output.LayerNorm");
      Row wide = dense(middle, name + "intermediate.dense");
      for (double& value : wide) value = curve(value);
      out.push_back(norm(sum(middle, dense(wide, name + "output.dense")), name + "output.LayerNorm"));
    }
    return out;
  }

  Row dense(const Row& input, const std::string& name) const {
    const std::vector<float>&weight = at(name + ".weight"), &bias = at(name + ".bias");
    Row out(bias.begin(), bias.end());
    for (std::size_t o = 0; o < out.size(); ++o)
      for (std::size_t i = 0; i < input.size(); ++i) out[o] += input[i] * weight[o * input.size() + i];
    return out;
  }

 private:
  const std::vector<float>& at(const std::string& name) const { return tensors_.at(name).values; }

  static Row sum(const Row& a, const Row& b) {
    Row out(a);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += b[i];
    return out;
  }

  Row norm(const Row& row, const std::string& name) const {
    double mean = 0, variance = 0;
    for (const double value : row) mean += value / static_cast<double>(row.size());
    for (const double value : row) variance += (value - mean) * (value - mean) / static_cast<double>(row.size());
    Row out(row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
      out[i] = (row[i] - mean) / std::sqrt(variance + double{config_.layer_norm_epsilon}) * at(name + ".weight")[i] + at(name + ".bias")[i];
    return out;
  }

  double curve(double x) const {
    switch (config_.activation) {
      case Activation::gelu_erf: return x * std::erfc(-x / std::numbers::sqrt2) / 2;
      case Activation::gelu_tanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
      case Activation::relu: return std::max(x, 0.0);
    }
    return 0;
  }

  std::vector<Row> attention(const std::vector<Row>& rows, const std::string& name) const {
    std::vector<Row> queries, keys, values, out(rows.size(), Row(config_.hidden));
    for (const Row& row : rows) {
      queries.push_back(dense(row, name + "query"));
      keys.push_back(dense(row, name + "key"));
      values.push_back(dense(row, name + "value"));
    }
    const std::size_t width = config_.hidden / config_.heads;
    for (std::size_t first = 0; first < config_.hidden; first += width)
      for (std::size_t q = 0; q < rows.size(); ++q) {
        Row weights(rows.size());
        double total = 0;
        for (std::size_t k = 0; k < rows.size(); ++k) {
          double score = 0;
          for (std::size_t i = first; i < first + width; ++i) score += queries[q][i] * keys[k][i];
          total += weights[k] = std::exp(score / std::sqrt(static_cast<double>(width)));
        }
        for (std::size_t k = 0; k < rows.size(); ++k)
          for (std::size_t i = first; i < first + width; ++i) out[q][i] += weights[k] / total * values[k][i];
      }
    return out;
  }

  const BertConfig& config_;
  const RandomTensors& tensors_;
};

}  // namespace

PlainOutput plain_bert(const BertConfig& config, const RandomTensors& tensors, const std::vector<TokenId>& sequence) {
  const Plain plain(config, tensors);
  std::vector<Row> rows = plain.embed(sequence);
  for (std::size_t number = 0; number < config.layers; ++number) rows = plain.layer(rows, "encoder.layer." + std::to_string(number) + ".");
  PlainOutput output;
  for (const Row& row : rows) output.hidden_states.insert(output.hidden_states.end(), row.begin(), row.end());
  if (tensors.contains("pooler.dense.weight"))
    for (const double value : plain.dense(rows.front(), "pooler.dense")) output.pooled.push_back(std::tanh(value));
  return output;
}

}  // namespace osler::neural
