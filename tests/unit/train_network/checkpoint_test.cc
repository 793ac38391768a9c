#include "train/network/checkpoint.h"

#include <fstream>

#include "tiny_run.h"

namespace osler::train {

TEST(CheckpointTest, WhatWasSavedComesBackToTheBit) {
  const auto run = tiny_run(tiny_config("checkpoint_a", 1));
  ASSERT_NE(run, nullptr);
  AdamW optimizer(run->network->parameters(), 0.01);
  for (auto& [name, moment] : optimizer.second_moments()) moment.uniform_();
  const std::string path = run->config.work_folder + "/x.safetensors";
  ASSERT_TRUE(save_checkpoint(path, {1, 20, 70, 12.5, "me"}, *run->network, optimizer).has_value());
  const auto other = tiny_run(tiny_config("checkpoint_b", 1));
  for (auto& [name, value] : other->network->parameters()) value.detach().zero_();
  AdamW fresh(other->network->parameters(), 0.01);
  const auto position = load_checkpoint(path, "me", *other->network, fresh);
  ASSERT_TRUE(position.has_value()) << describe(position.error());
  ASSERT_TRUE(position->has_value());
  EXPECT_EQ((*position)->phase, 1U);
  EXPECT_EQ((*position)->step, 20U);
  EXPECT_EQ((*position)->updates, 70U);
  for (const auto& [name, value] : run->network->parameters()) EXPECT_TRUE(torch::equal(value.detach(), other->network->parameters().at(name).detach())) << name;
  for (const auto& [name, value] : optimizer.second_moments()) EXPECT_TRUE(torch::equal(value, fresh.second_moments().at(name))) << name;
}

TEST(CheckpointTest, AnotherRunsCheckpointIsRefused) {
  const auto run = tiny_run(tiny_config("checkpoint_c", 1));
  AdamW optimizer(run->network->parameters(), 0);
  const std::string path = run->config.work_folder + "/x.safetensors";
  ASSERT_TRUE(save_checkpoint(path, {0, 0, 0, 0, "me"}, *run->network, optimizer).has_value());
  const auto position = load_checkpoint(path, "you", *run->network, optimizer);
  ASSERT_FALSE(position.has_value());
  EXPECT_EQ(position.error().code, ErrorCode::conflict);
}

TEST(CheckpointTest, ATruncatedOneIsRefusedAndNoneIsNothing) {
  const auto run = tiny_run(tiny_config("checkpoint_d", 1));
  AdamW optimizer(run->network->parameters(), 0);
  const auto none = load_checkpoint(run->config.work_folder + "/none.safetensors", "me", *run->network, optimizer);
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  const std::string path = run->config.work_folder + "/cut.safetensors";
  std::ofstream(path, std::ios::binary) << "cut";
  EXPECT_FALSE(load_checkpoint(path, "me", *run->network, optimizer).has_value());
}

}  // namespace osler::train
