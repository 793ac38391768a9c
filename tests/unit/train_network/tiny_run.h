// A run small enough for a test: two layers, 32 wide, on the project's own knowledge base.
#pragma once

#include <string>

#include "train/network/run_text.h"

namespace osler::train {

/// The project's knowledge base, loaded once.
const clinical::KnowledgeBase& project_knowledge();

/// `steps` small batches with every task; a fresh work folder under the test's temporary one, called `name`.
TextTrainingConfig tiny_config(const std::string& name, std::size_t steps);

/// Ready to train; fails the test when it cannot be made.
std::unique_ptr<TextRun> tiny_run(const TextTrainingConfig& config);

inline void be_silent(const std::string&) {}

}  // namespace osler::train
