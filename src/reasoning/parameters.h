// The numbers shared by all conditions, and the population they were fitted on: calibration.json of a model
// directory (docs/formats/model_directory.md).
#pragma once

#include <string>

namespace osler::reasoning {

/// Symbols as in docs/reasoning.md. Defaults are starting points; the shipped values come from calibration.json.
struct NetworkParameters {
  double alpha = 0.6;             // flattening of visit frequencies
  double lambda = 0.8;            // tempering of all evidence
  double group_weight = 0.5;      // w: weight of the second finding of a group, w^2 of the third, ...
  double silence = 0.4;           // m: how often a hallmark that is present gets mentioned
  double pair_weight = 0.05;      // rho: prior weight of two conditions at once
  double nothing_prior = 0.05;    // pi0: prior of nothing we model; not fitted
  double temperature = 1.0;       // confidence = sigmoid(logit / temperature + offset)
  double offset = 0.0;
  double nothing_slope = 1.0;     // unexplained = sigmoid(nothing_slope * logit + nothing_offset)
  double nothing_offset = 0.0;
  double emergency_threshold = 0.15;  // P(any emergency condition) at which urgency is "emergency"
  double urgent_threshold = 0.3;      // likewise for urgent or worse
};

/// For whom the confidences hold; part of every answer.
struct CalibrationRecord {
  std::string population;
  int cases = 0;
  std::string date;   // ISO 8601
  std::string note;
};

}  // namespace osler::reasoning
