// A text encoder on disk: Hugging Face's files of a BERT for sequence classification, with labels. docs/formats/model_directory.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/encoder_input.h"
#include "models/model_directory.h"
#include "neural/bert.h"
#include "reasoning/ensemble.h"

namespace osler::models {

/// What an output of the classifier means. At least one of id and code is given.
struct EncoderLabel {
  std::string id;    // of the knowledge base; may be empty
  std::string code;  // ICD-10; may be empty
};

struct EncoderOutput {
  std::vector<float> logits;     // by label
  std::vector<float> embedding;  // mean of the last layer, length 1
};

/// Immutable after loading, so every thread may use it with a workspace of its own.
class EncoderModel {
 public:
  /// Reads manifest.json with its hashes where there is one; a directory without is taken as it is, and its version is the hash of its weights.
  /// config.json, vocab.txt, labels.json and model.safetensors are required; calibration.json may be missing (then there is no ensemble()).
  /// ErrorCode::corrupted or not_found, naming file and reason: pytorch_model.bin alone, a vocabulary of another length than the embedding, labels that
  /// do not match the head, tensors that are missing, misshapen or not finite.
  static Result<std::unique_ptr<EncoderModel>> load(FileSystem& files, const std::string& folder, neural::Precision precision);

  /// "osler-encoder-1" and the precision: "osler-encoder-1.int8".
  const std::string& version() const { return version_; }
  const std::string& folder() const { return folder_; }
  /// Of a directory without one: no name or version, the files that were read with their hashes, and a hash over these and the folder's own name.
  const ModelManifest& manifest() const { return manifest_; }
  const neural::WordPiece& word_piece() const { return *word_piece_; }
  const neural::BertEncoder& encoder() const { return *encoder_; }
  const std::vector<EncoderLabel>& labels() const { return labels_; }
  /// None: nobody calibrated it here, so it may not speak beside the network.
  const std::optional<reasoning::EnsembleParameters>& ensemble() const { return ensemble_; }
  const reasoning::CalibrationRecord& calibration() const { return calibration_; }

  /// One result for each input; what an input gives does not depend on the others.
  std::vector<EncoderOutput> run(std::span<const EncoderInput> inputs, neural::BertWorkspace& workspace) const;

 private:
  EncoderModel() = default;

  std::string folder_, version_;
  ModelManifest manifest_;
  std::unique_ptr<neural::WordPiece> word_piece_;
  std::unique_ptr<neural::BertEncoder> encoder_;
  std::unique_ptr<neural::DenseHead> classifier_;
  std::vector<EncoderLabel> labels_;
  std::optional<reasoning::EnsembleParameters> ensemble_;
  reasoning::CalibrationRecord calibration_;
};

}  // namespace osler::models
