// A run of training on disk: parameters and moments in safetensors, so that it goes on exactly where it was cut.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/network/adam.h"
#include "train/network/text_network.h"

namespace osler::train {

struct CheckpointPosition {
  std::size_t phase = 0;
  std::size_t step = 0;        // batches of the phase that are done
  std::size_t updates = 0;     // over all phases
  double seconds = 0;          // trained so far
  std::string identity;        // of configuration, vocabulary and knowledge: another run's checkpoint is refused
};

/// Tensors by name, under a prefix of their own: {"parameter/", &network.parameters()}.
using TensorGroups = std::vector<std::pair<std::string, std::map<std::string, torch::Tensor>*>>;
using TensorNotes = std::map<std::string, std::string>;

/// Writes beside the old file and swaps names, so that a cut leaves one of the two whole. fp32 and contiguous only. ErrorCode::unavailable.
Result<void> save_tensors(const std::string& path, const TensorNotes& notes, const TensorGroups& groups);

/// Fills every tensor of the groups and returns the notes; nothing when there is no file. ErrorCode::corrupted, or conflict when the note "identity" is another.
Result<std::optional<TensorNotes>> load_tensors(const std::string& path, const std::string& identity, const TensorGroups& groups);

/// Writes beside the old one and swaps names, so that a cut leaves one of the two whole. ErrorCode::unavailable.
Result<void> save_checkpoint(const std::string& path, const CheckpointPosition& position, TextNetwork& network, AdamW& optimizer);

/// Fills network and optimizer; nothing when there is no file. ErrorCode::corrupted, or conflict when `identity` is another.
Result<std::optional<CheckpointPosition>> load_checkpoint(const std::string& path, const std::string& identity, TextNetwork& network, AdamW& optimizer);

/// Only the parameters that both have with the same shape, from a checkpoint or a model's weights: how many. For starting from an earlier model.
Result<std::size_t> start_from(const std::string& path, TextNetwork& network);

}  // namespace osler::train
