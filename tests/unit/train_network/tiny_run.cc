#include "tiny_run.h"

#include <filesystem>
#include <fstream>

#include "clinical/knowledge_folder.h"

namespace osler::train {

const clinical::KnowledgeBase& project_knowledge() {
  static const clinical::KnowledgeBase kKnowledge = [] {
    std::vector<clinical::KnowledgeFault> faults;
    return clinical::load_knowledge(clinical::read_knowledge_folder(OSLER_SOURCE_DIR "/knowledge").value(), faults).value();
  }();
  return kKnowledge;
}

TextTrainingConfig tiny_config(const std::string& name, std::size_t steps) {
  at::set_num_threads(1);
  TextTrainingConfig config;
  config.name = "tiny";
  config.version = "1";
  config.work_folder = testing::TempDir() + "/osler_" + name;
  std::filesystem::remove_all(config.work_folder);
  config.seed = 5;
  config.architecture.layers = 2;
  config.architecture.heads = 4;
  config.architecture.hidden = 32;
  config.architecture.intermediate = 48;
  config.architecture.positions = 96;
  config.architecture.token_types = 2;
  config.vocabulary_size = 1500;
  config.tokens_a_batch = 512;
  config.max_length = 64;
  config.mixed_precision = false;
  config.validate_every = 4;
  TrainingPhase phase;
  phase.name = "all tasks";
  phase.steps = steps;
  phase.warm_up = 2;
  phase.weights = {0.5, 1, 0.5, 0.5, 0.1};
  config.phases = {phase};
  return config;
}

std::unique_ptr<TextRun> tiny_run(const TextTrainingConfig& config) {
  static std::string vocabulary;  // the same for all, and the slowest part: made once
  if (!vocabulary.empty() && !std::filesystem::exists(config.work_folder + "/vocab.txt")) {
    std::filesystem::create_directories(config.work_folder);
    std::ofstream(config.work_folder + "/vocab.txt", std::ios::binary) << vocabulary;
  }
  auto run = TextRun::prepare(config, project_knowledge(), be_silent);
  EXPECT_TRUE(run.has_value()) << (run ? "" : describe(run.error()));
  if (run) vocabulary = (*run)->vocabulary;
  return run ? std::move(*run) : nullptr;
}

}  // namespace osler::train
