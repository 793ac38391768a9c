#include "train/network/text_network.h"

namespace osler::train {

namespace {

neural::BertConfig small() {
  neural::BertConfig config;
  config.layers = 2;
  config.heads = 2;
  config.hidden = 16;
  config.intermediate = 24;
  config.vocabulary = 50;
  config.positions = 20;
  config.token_types = 2;
  return config;
}

}  // namespace

TEST(TextNetworkTest, PaddingChangesNothing) {
  torch::manual_seed(1);
  const TextNetwork network(small(), {7, 5, 9}, {}, false);
  const torch::Tensor ids = torch::tensor({{2, 7, 9, 3}}, torch::kLong);
  const torch::Tensor padded = torch::tensor({{2, 7, 9, 3, 0, 0}}, torch::kLong);
  const torch::Tensor alone = network.hidden_states(ids, ids != 0);
  const torch::Tensor with = network.hidden_states(padded, padded != 0).slice(1, 0, 4);
  EXPECT_TRUE(torch::allclose(alone, with, 1e-5, 1e-5));
}

TEST(TextNetworkTest, GivenWordVectorsAreFoldedIntoTheEmbeddings) {
  torch::manual_seed(1);
  torch::Tensor vectors = torch::zeros({50, 4});
  vectors[7] = torch::ones({4});
  const TextNetwork network(small(), {7, 5, 9}, vectors, false);
  EXPECT_TRUE(torch::equal(network.parameters().at("bert.embeddings.word_embeddings.weight")[7].detach(), torch::zeros({16})));
  const torch::Tensor expected = network.parameters().at("word_vectors.projection").sum(0);
  EXPECT_TRUE(torch::allclose(network.word_embeddings()[7], expected, 1e-5, 1e-6));
}

TEST(TextNetworkTest, BfloatAndFloatAgreeRoughly) {
  torch::manual_seed(1);
  const TextNetwork exact(small(), {7, 5, 9}, {}, false);
  torch::manual_seed(1);
  const TextNetwork mixed(small(), {7, 5, 9}, {}, true);
  const torch::Tensor ids = torch::tensor({{2, 7, 9, 3}}, torch::kLong);
  EXPECT_TRUE(torch::allclose(exact.hidden_states(ids, ids != 0), mixed.hidden_states(ids, ids != 0), 0.05, 0.05));
}

TEST(TextNetworkTest, EachConditionStartsRare) {
  torch::manual_seed(1);
  const TextNetwork network(small(), {100, 5, 9}, {}, false);
  const torch::Tensor logits = network.condition_logits(torch::zeros({1, 16}));
  EXPECT_NEAR(logits.mean().item<double>(), -std::log(100), 0.2);
}

}  // namespace osler::train
