// `osler-train text`: from a configuration file to a trained network, with whatever it needs made on the way.
#pragma once

#include <string>

#include "clinical/knowledge.h"
#include "train/network/text_trainer.h"

namespace osler::train {

/// Everything a run holds, wired. Immovable, since the parts refer to one another.
class TextRun {
 public:
  /// Reads the configuration and the data it names; makes the vocabulary in the work folder on the first run and keeps it. Says what it does.
  static Result<std::unique_ptr<TextRun>> prepare(const TextTrainingConfig& config, const clinical::KnowledgeBase& knowledge,
                                                  const std::function<void(const std::string&)>& say);
  TextRun(const TextRun&) = delete;
  TextRun& operator=(const TextRun&) = delete;

  TextTraining parts() const { return {config, knowledge, word_piece, generator, maker, data, held_out, identity}; }

  const TextTrainingConfig config;
  const clinical::KnowledgeBase& knowledge;
  const std::string vocabulary;
  const neural::WordPiece word_piece;
  const CaseGenerator generator;
  const ExampleMaker maker;
  TextData data;
  std::vector<TextExample> held_out;
  std::string identity;
  std::unique_ptr<TextNetwork> network;

 private:
  TextRun(const TextTrainingConfig& configuration, const clinical::KnowledgeBase& base, std::string vocabulary_text, neural::WordPiece pieces);
  Result<void> read_data(const std::function<void(const std::string&)>& say);
  Result<void> make_network();
};

}  // namespace osler::train
