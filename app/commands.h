// The commands of `osler`, one function each. Every one returns the process's exit code: 0 success, 1 a refusal or a
// failed check, 2 wrong usage.
#pragma once

#include <cstddef>
#include <string>

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

/// Prints "osler: <what>" on standard error and returns 1.
int refuse(const Error& error);

}  // namespace osler::app
