#include "neural/bert_config.h"

#include <cmath>

#include "base/limits.h"

namespace osler::neural {

namespace {

Error bad(const std::string& key, const std::string& problem) { return make_error(ErrorCode::corrupted, "config.json: " + key + " " + problem); }

Result<std::size_t> size_at(const Json& json, const std::string& key, std::size_t most) {
  const auto found = json.find(key);
  if (found == json.end()) return bad(key, "is missing");
  if (!found->is_number_integer() || *found < 1 || *found > most)
    return bad(key, "must be a whole number from 1 to " + std::to_string(most));
  return found->get<std::size_t>();
}

/// Absent, or exactly this text.
Result<void> only(const Json& json, const std::string& key, const std::string& allowed) {
  if (const auto found = json.find(key); found != json.end() && *found != allowed) return bad(key, "must be \"" + allowed + "\"");
  return ok();
}

/// Absent or false: what else it says is another architecture.
Result<void> never(const Json& json, const std::string& key) {
  if (const auto found = json.find(key); found != json.end() && *found != false) return bad(key, "must be false");
  return ok();
}

Result<Activation> activation_of(const Json& json) {
  static constexpr std::pair<std::string_view, Activation> kNames[] = {
      {"gelu", Activation::gelu_erf},      {"gelu_python", Activation::gelu_erf},        {"gelu_new", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh}, {"gelu_pytorch_tanh", Activation::gelu_tanh}, {"relu", Activation::relu}};
  const auto found = json.find("hidden_act");
  if (found == json.end()) return Activation::gelu_erf;
  for (const auto& [name, activation] : kNames)
    if (*found == name) return activation;
  return bad("hidden_act", "must be one of gelu, gelu_python, gelu_new, gelu_fast, gelu_pytorch_tanh, relu");
}

Result<float> epsilon_of(const Json& json) {
  const auto found = json.find("layer_norm_eps");
  if (found == json.end()) return BertConfig{}.layer_norm_epsilon;
  if (!found->is_number() || !(found->get<double>() > 0) || found->get<double>() > 1) return bad("layer_norm_eps", "must be a number above 0, at most 1");
  return found->get<float>();
}

}  // namespace

Result<BertConfig> parse_bert_config(const Json& json) {
  if (!json.is_object()) return make_error(ErrorCode::corrupted, "config.json: must hold an object");
  TRY_VOID(only(json, "model_type", "bert"));
  TRY_VOID(only(json, "position_embedding_type", "absolute"));
  for (const char* key : {"is_decoder", "add_cross_attention"}) TRY_VOID(never(json, key));
  if (const auto pruned = json.find("pruned_heads"); pruned != json.end() && !pruned->empty()) return bad("pruned_heads", "must be empty");
  BertConfig config;
  config.layers = TRY(size_at(json, "num_hidden_layers", limits::kMaxBertLayers));
  config.heads = TRY(size_at(json, "num_attention_heads", limits::kMaxBertHeads));
  config.hidden = TRY(size_at(json, "hidden_size", limits::kMaxBertHidden));
  config.intermediate = TRY(size_at(json, "intermediate_size", limits::kMaxBertIntermediate));
  config.vocabulary = TRY(size_at(json, "vocab_size", limits::kMaxVocabularyLines));
  config.positions = TRY(size_at(json, "max_position_embeddings", limits::kMaxBertPositions));
  config.token_types = json.contains("type_vocab_size") ? TRY(size_at(json, "type_vocab_size", limits::kMaxBertTokenTypes)) : 2;
  if (config.hidden % config.heads != 0) return bad("hidden_size", "must be a multiple of num_attention_heads");
  config.activation = TRY(activation_of(json));
  config.layer_norm_epsilon = TRY(epsilon_of(json));
  return config;
}

}  // namespace osler::neural
