// The commands of `osler`, one function each. Every one returns the process's exit code: 0 success, 1 a refusal or a
// failed check, 2 wrong usage.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"

namespace osler::app {

enum class Output { human, json };

int serve(const Config& config);
int diagnose_file(const Config& config, const std::string& path, Output output);
int knowledge_check(const Config& config, Output output);
/// Markdown on standard output; `folder` holds namcs/, healthkg/ and ddxplus/.
int knowledge_compare(const Config& config, const std::string& folder);
int knowledge_show(const Config& config, const std::string& id, Output output);
int audit_verify(const Config& config, Output output);
int print_version(const Config& config, Output output);

struct EvaluationRequest {
  std::string cases;              // JSON Lines
  std::string mapping, report;    // files to read and to write; empty: none
  bool aggregates_only = false;
};
int evaluate_cases(const Config& config, const EvaluationRequest& request, Output output);
/// `cases` as above; at most `count` of them, 0 for all. explanations.json and explanations.html go into `folder`, which is made; empty: none.
struct ExplanationRequest {
  std::string cases;
  std::size_t count = 0;
  std::string folder;
};
int evaluate_explanations(const Config& config, const ExplanationRequest& request, Output output);
/// Network, encoder and both, and the encoder's precisions.
int evaluate_models(const Config& config, const std::string& cases, Output output);
/// `path`: a file of labelled sentences, or a folder of them (*.text).
int evaluate_text(const Config& config, const std::string& path, Output output);
struct FitRequest {
  std::string cases;       // JSON Lines, or a folder of them
  std::string triage;      // likewise, for the thresholds of urgency alone; may be empty
  std::string out_folder;
  std::string population;
};
int fit_network(const Config& config, const FitRequest& request);
struct FitEncoderRequest {
  std::string cases;       // JSON Lines, or a folder of them
  std::string encoder;     // a model directory
  std::string out_folder;  // its copy with calibration.json; must not exist
  std::string population;
  std::string card{};      // Markdown for people, copied as card.md; may be empty
};
int fit_encoder(const Config& config, const FitEncoderRequest& request);
struct FitImageRequest {
  std::string films;       // the configuration the model was trained with: its sources and its division by patient
  std::string source;      // only films of this source of it; empty: all
  std::string model;       // a model directory of kind "image"
  std::string out_folder;  // its copy with calibration.json and outlier.safetensors; must not exist
  std::string population;
  std::string card{};      // Markdown for people, copied as card.md; may be empty
  double error_rate = 0.05;
  std::optional<int> least_age{}, most_age{};  // of the patients trained on, in years; empty: from the films
};
int fit_image(const Config& config, const FitImageRequest& request);
struct EvaluateImagesRequest {
  std::string sets;    // which films: docs/formats/training.md
  std::string model;   // a model directory; empty: the newest models/osler-cxr
  std::string folder;  // for films.json and films.html; empty: none
};
int evaluate_images(const Config& config, const EvaluateImagesRequest& request, Output output);

struct DeidentifyRequest {
  std::string in;                    // a DICOM file, or a folder of them
  std::string out;                   // a folder that does not exist yet or is empty
  std::string key_file;              // 64 hexadecimal digits; made if missing; empty: a key for this run
  std::string mapping;               // a file to write, names of before and after; empty: none
  bool keeps_dates = false, keeps_characteristics = false;
  std::vector<std::string> regions;  // what to blank: top:10%, or X,Y,WIDTH,HEIGHT
};
/// 1 if any file was refused; docs/deidentification.md.
int deidentify(const Config& config, const DeidentifyRequest& request, Output output);

/// Prints "osler: <what>" on standard error and returns 1.
int refuse(const Error& error);

}  // namespace osler::app
