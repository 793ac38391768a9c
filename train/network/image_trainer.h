// The loop: films through the network into updates, with checkpoints, early stopping, metrics and a progress line.
#pragma once

#include <functional>
#include <string>

#include "train/network/run_image.h"

namespace osler::train {

/// Where a run stands.
struct ImagePosition {
  std::size_t phase = 0, epoch = 0;
  std::size_t step = 0;              // batches of the epoch that are done
  std::size_t updates = 0;           // over all phases
  std::size_t phase_updates = 0;
  double seconds = 0;                // trained so far
  double loss_sum = 0;               // of the epoch's batches
  double best_auc = -1, best_log_loss = 0;   // on the selection films, in this phase
  std::size_t best_epoch = 0;
};

/// Trains until the last phase ends or `seconds` have passed (0: no limit); either way the state is on disk. Goes on from the checkpoint in the work folder
/// when there is one. Each phase begins with the best weights of the one before. Writes checkpoint.safetensors, best.safetensors, metrics.csv and the reports
/// there. True when all phases are done. ErrorCode::internal when the loss is no longer finite; else errors of the files.
Result<bool> train_image(ImageRun& run, double seconds, const std::function<void(const std::string&)>& say);

/// Puts the best weights so far into the run's network: how the epoch that gave them is called, for the export. ErrorCode::not_found: nothing was trained yet.
Result<std::string> load_best(ImageRun& run);

}  // namespace osler::train
