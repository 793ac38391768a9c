#include "train/network/text_network.h"

#include <cmath>

#include "base/check.h"

namespace osler::train {

namespace {

constexpr double kInitial = 0.02;          // Devlin et al. 2019
constexpr double kProjectionInitial = 0.01;  // word vectors are about 20 times as wide as embeddings begin

std::int64_t size(std::size_t n) { return static_cast<std::int64_t>(n); }

}  // namespace

TextNetwork::TextNetwork(const neural::BertConfig& config, const HeadSizes& heads, torch::Tensor word_vectors, bool mixed)
    : config_(config), mixed_(mixed), word_vectors_(std::move(word_vectors)) {
  const std::int64_t hidden = size(config.hidden), inner = size(config.intermediate);
  torch::Tensor words = torch::randn({size(config.vocabulary), hidden}) * kInitial;
  if (word_vectors_.defined()) {
    words *= (word_vectors_.abs().sum(1, true) == 0).to(torch::kFloat);
    add("word_vectors.projection", torch::randn({word_vectors_.size(1), hidden}) * kProjectionInitial);
  }
  add("bert.embeddings.word_embeddings.weight", words);
  add("bert.embeddings.position_embeddings.weight", torch::randn({size(config.positions), hidden}) * kInitial);
  add("bert.embeddings.token_type_embeddings.weight", torch::randn({size(config.token_types), hidden}) * kInitial);
  add_norm("bert.embeddings.LayerNorm", hidden);
  for (std::size_t i = 0; i < config.layers; ++i) {
    const std::string layer = "bert.encoder.layer." + std::to_string(i) + ".";
    for (const char* part : {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"}) add_dense(layer + part, hidden, hidden);
    add_norm(layer + "attention.output.LayerNorm", hidden);
    add_dense(layer + "intermediate.dense", inner, hidden);
    add_dense(layer + "output.dense", hidden, inner);
    add_norm(layer + "output.LayerNorm", hidden);
  }
  add_dense("bert.pooler.dense", hidden, hidden);
  add_dense("classifier", heads.conditions, hidden);
  add_dense("token_classifier", heads.tags, hidden);
  add_dense("finding_classifier", heads.findings, hidden);
  add_dense("cls.predictions.transform.dense", hidden, hidden);
  add_norm("cls.predictions.transform.LayerNorm", hidden);
  add("cls.predictions.bias", torch::zeros({size(config.vocabulary)}));
  torch::NoGradGuard guard;
  at("classifier.bias").fill_(-std::log(static_cast<double>(heads.conditions)));  // each is rare
}

void TextNetwork::add(const std::string& name, torch::Tensor value) { parameters_.emplace(name, value.set_requires_grad(true)); }

void TextNetwork::add_dense(const std::string& name, std::int64_t out, std::int64_t in) {
  add(name + ".weight", torch::randn({out, in}) * kInitial);
  add(name + ".bias", torch::zeros({out}));
}

void TextNetwork::add_norm(const std::string& name, std::int64_t width) {
  add(name + ".weight", torch::ones({width}));
  add(name + ".bias", torch::zeros({width}));
}

const torch::Tensor& TextNetwork::at(const std::string& name) const {
  const auto found = parameters_.find(name);
  CHECK(found != parameters_.end());
  return found->second;
}

torch::Tensor TextNetwork::dense(const torch::Tensor& input, const std::string& name) const {
  if (!mixed_) return torch::linear(input, at(name + ".weight"), at(name + ".bias"));
  return torch::linear(input.to(torch::kBFloat16), at(name + ".weight").to(torch::kBFloat16), at(name + ".bias").to(torch::kBFloat16));
}

torch::Tensor TextNetwork::norm(const torch::Tensor& input, const std::string& name) const {
  return torch::layer_norm(input, {input.size(-1)}, at(name + ".weight"), at(name + ".bias"), config_.layer_norm_epsilon);
}

/// softmax(Q K^T / sqrt(d)) V by hand: on these machines faster than the fused one.
torch::Tensor TextNetwork::attention(const torch::Tensor& states, const torch::Tensor& bias, const std::string& name) const {
  const std::int64_t batch = states.size(0), length = states.size(1), heads = size(config_.heads), width = size(config_.hidden) / heads;
  const torch::Tensor input = mixed_ ? states.to(torch::kBFloat16) : states;
  const auto part = [&](const char* which) { return dense(input, name + "attention.self." + which).view({batch, length, heads, width}).transpose(1, 2); };
  const torch::Tensor query = part("query") * (1 / std::sqrt(static_cast<double>(width)));
  const torch::Tensor scores = torch::matmul(query, part("key").transpose(-1, -2)) + bias;
  const torch::Tensor mixed = torch::matmul(torch::softmax(scores, -1), part("value"));
  return dense(mixed.transpose(1, 2).reshape({batch, length, heads * width}), name + "attention.output.dense").to(torch::kFloat);
}

torch::Tensor TextNetwork::layer(const torch::Tensor& states, const torch::Tensor& bias, const std::string& name) const {
  const torch::Tensor attended = norm(states + attention(states, bias, name), name + "attention.output.LayerNorm");
  const torch::Tensor inner = torch::gelu(dense(attended, name + "intermediate.dense"));
  return norm(attended + dense(inner, name + "output.dense").to(torch::kFloat), name + "output.LayerNorm");
}

torch::Tensor TextNetwork::hidden_states(const torch::Tensor& ids, const torch::Tensor& mask) const {
  torch::Tensor words = torch::embedding(at("bert.embeddings.word_embeddings.weight"), ids);
  if (word_vectors_.defined()) words = words + torch::matmul(torch::embedding(word_vectors_, ids), at("word_vectors.projection"));
  const torch::Tensor places = at("bert.embeddings.position_embeddings.weight").slice(0, 0, ids.size(1)) + at("bert.embeddings.token_type_embeddings.weight")[0];
  torch::Tensor states = norm(words + places, "bert.embeddings.LayerNorm");
  constexpr double kNever = -1e4;
  torch::Tensor bias = (mask.logical_not().to(torch::kFloat) * kNever).unsqueeze(1).unsqueeze(1);
  if (mixed_) bias = bias.to(torch::kBFloat16);
  for (std::size_t i = 0; i < config_.layers; ++i) states = layer(states, bias, "bert.encoder.layer." + std::to_string(i) + ".");
  return states;
}

torch::Tensor TextNetwork::condition_logits(const torch::Tensor& first_states) const {
  return dense(torch::tanh(dense(first_states, "bert.pooler.dense")), "classifier").to(torch::kFloat);
}

torch::Tensor TextNetwork::tag_logits(const torch::Tensor& states) const { return dense(states, "token_classifier").to(torch::kFloat); }

torch::Tensor TextNetwork::finding_logits(const torch::Tensor& span_states) const { return dense(span_states, "finding_classifier").to(torch::kFloat); }

torch::Tensor TextNetwork::word_logits(const torch::Tensor& states) const {
  const torch::Tensor ready = norm(torch::gelu(dense(states, "cls.predictions.transform.dense")).to(torch::kFloat), "cls.predictions.transform.LayerNorm");
  const torch::Tensor words = word_embeddings();
  const torch::Tensor logits = mixed_ ? torch::matmul(ready.to(torch::kBFloat16), words.to(torch::kBFloat16).t()).to(torch::kFloat) : torch::matmul(ready, words.t());
  return logits + at("cls.predictions.bias");
}

torch::Tensor TextNetwork::word_embeddings() const {
  const torch::Tensor& own = at("bert.embeddings.word_embeddings.weight");
  return word_vectors_.defined() ? own + torch::matmul(word_vectors_, at("word_vectors.projection")) : own;
}

}  // namespace osler::train
