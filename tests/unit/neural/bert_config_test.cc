#include "neural/bert_config.h"

#include "base/limits.h"

namespace osler::neural {
namespace {

Json bert_base() {
  return Json{{"architectures", {"BertForMaskedLM"}}, {"attention_probs_dropout_prob", 0.1}, {"hidden_act", "gelu"}, {"hidden_size", 768},
              {"intermediate_size", 3072}, {"layer_norm_eps", 1e-12}, {"max_position_embeddings", 512}, {"model_type", "bert"},
              {"num_attention_heads", 12}, {"num_hidden_layers", 12}, {"type_vocab_size", 2}, {"vocab_size", 28996}};
}

void expect_refused(const char* key, const Json& value, const char* reason = "") {
  Json json = bert_base();
  json[key] = value;
  const Result<BertConfig> config = parse_bert_config(json);
  ASSERT_FALSE(config) << key << " " << value;
  EXPECT_EQ(config.error().code, ErrorCode::corrupted);
  EXPECT_NE(config.error().external.find(key), std::string::npos) << config.error().external;
  EXPECT_NE(config.error().external.find(reason), std::string::npos) << config.error().external;
}

TEST(BertConfig, IsReadFromHuggingFacesFile) {
  const BertConfig config = parse_bert_config(bert_base()).value();
  EXPECT_EQ(config.layers, 12u);
  EXPECT_EQ(config.heads, 12u);
  EXPECT_EQ(config.hidden, 768u);
  EXPECT_EQ(config.intermediate, 3072u);
  EXPECT_EQ(config.vocabulary, 28996u);
  EXPECT_EQ(config.positions, 512u);
  EXPECT_EQ(config.token_types, 2u);
  EXPECT_EQ(config.activation, Activation::gelu_erf);
  EXPECT_FLOAT_EQ(config.layer_norm_epsilon, 1e-12F);
}

TEST(BertConfig, WhatOldFilesLeaveOutIsBertsOwn) {
  Json json = bert_base();
  for (const char* key : {"model_type", "type_vocab_size", "layer_norm_eps", "hidden_act"}) json.erase(key);
  const BertConfig config = parse_bert_config(json).value();
  EXPECT_EQ(config.token_types, 2u);
  EXPECT_EQ(config.activation, Activation::gelu_erf);
  EXPECT_FLOAT_EQ(config.layer_norm_epsilon, 1e-12F);
}

TEST(BertConfig, KnowsTheNamesOfActivations) {
  for (const auto& [name, activation] : {std::pair{"gelu", Activation::gelu_erf}, {"gelu_python", Activation::gelu_erf},
                                         {"gelu_new", Activation::gelu_tanh}, {"gelu_fast", Activation::gelu_tanh},
                                         {"gelu_pytorch_tanh", Activation::gelu_tanh}, {"relu", Activation::relu}}) {
    Json json = bert_base();
    json["hidden_act"] = name;
    EXPECT_EQ(parse_bert_config(json).value().activation, activation) << name;
  }
  expect_refused("hidden_act", "silu", "gelu");
  expect_refused("hidden_act", 3);
}

TEST(BertConfig, RefusesMissingMistypedAndImpossibleSizes) {
  for (const char* key : {"num_hidden_layers", "num_attention_heads", "hidden_size", "intermediate_size", "vocab_size", "max_position_embeddings"}) {
    for (const Json& value : {Json(0), Json(-1), Json(1.5), Json("12"), Json(nullptr), Json(1e300), Json(18446744073709551615u)}) expect_refused(key, value, "whole number");
    Json json = bert_base();
    json.erase(key);
    EXPECT_NE(parse_bert_config(json).error().external.find(std::string(key) + " is missing"), std::string::npos);
  }
  expect_refused("type_vocab_size", 0);
}

TEST(BertConfig, KeepsTheBoundsOfLimits) {
  const std::pair<const char*, std::size_t> bounds[] = {
      {"num_hidden_layers", limits::kMaxBertLayers}, {"num_attention_heads", limits::kMaxBertHeads}, {"hidden_size", limits::kMaxBertHidden},
      {"intermediate_size", limits::kMaxBertIntermediate}, {"vocab_size", limits::kMaxVocabularyLines},
      {"max_position_embeddings", limits::kMaxBertPositions}, {"type_vocab_size", limits::kMaxBertTokenTypes}};
  for (const auto& [key, most] : bounds) {
    expect_refused(key, most + 1, std::to_string(most).c_str());
    Json json = bert_base();
    json["num_attention_heads"] = 1;
    json["hidden_size"] = limits::kMaxBertHeads;
    json[key] = most;
    EXPECT_TRUE(parse_bert_config(json)) << key;
  }
}

TEST(BertConfig, RefusesOtherArchitectures) {
  expect_refused("model_type", "roberta", "bert");
  expect_refused("model_type", 7);
  expect_refused("position_embedding_type", "relative_key", "absolute");
  expect_refused("is_decoder", true, "false");
  expect_refused("add_cross_attention", true, "false");
  expect_refused("pruned_heads", Json{{"1", {2}}}, "empty");
  expect_refused("num_attention_heads", 7, "");
  EXPECT_FALSE(parse_bert_config(Json::array()));
}

TEST(BertConfig, HiddenIsAMultipleOfHeads) {
  Json json = bert_base();
  json["num_attention_heads"] = 10;
  EXPECT_NE(parse_bert_config(json).error().external.find("hidden_size must be a multiple of num_attention_heads"), std::string::npos);
}

TEST(BertConfig, RefusesAnImpossibleEpsilon) {
  for (const Json& value : {Json(0), Json(-1e-12), Json(2), Json("1e-12"), Json(nullptr)}) expect_refused("layer_norm_eps", value);
}

}  // namespace
}  // namespace osler::neural
