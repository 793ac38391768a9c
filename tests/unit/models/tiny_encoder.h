// Directories of encoders with random weights, as Hugging Face lays them out, for tests.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "../neural/random_bert.h"
#include "base/json.h"
#include "reasoning/ensemble.h"

namespace osler::models {

/// What stands in a directory. Change what a test needs, then write_to().
struct TinyEncoder {
  /// `labels`: entries of labels.json. Cased if a piece has a capital.
  TinyEncoder(Json labels, std::mt19937& random);

  neural::BertConfig config;            // `vocabulary` follows the pieces when it is written
  std::vector<std::string> pieces;      // the special ones, all printable ASCII characters but capitals, and some words
  Json labels;
  Json config_more = Json::object();    // further or other members of config.json
  neural::RandomTensors tensors;        // with the prefix "bert.", and classifier.weight and .bias

  /// config.json, vocab.txt, labels.json, model.safetensors; makes the folder. No manifest, no calibration.
  void write_to(const std::string& folder) const;
};

void write_file(const std::string& path, const std::string& content);
std::string read_file(const std::string& path);

/// calibration.json with these parameters.
std::string ensemble_calibration(const reasoning::EnsembleParameters& parameters = {});

/// manifest.json of kind "encoder" over all that stands in the folder now: "osler-encoder" of that version.
Json manifest_over(const std::string& folder, const std::string& version);
void write_manifest(const std::string& folder, const std::string& version);

/// A folder of its own under the system's temporary one, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string at(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace osler::models
