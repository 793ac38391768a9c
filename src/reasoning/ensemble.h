// The network and the encoder as one opinion: a logistic combination of their log-odds (stacking, Wolpert 1992) with a handful of
// parameters that all conditions share.
#pragma once

#include <cstddef>
#include <vector>

namespace osler::reasoning {

/// log-odds of a condition = (network + network_unread r) L_n + (encoder + encoder_unread r) L_e + offset, where L_n and L_e
/// are the two log-odds, each limited to +-kEnsembleClip, and r = 1 / (1 + findings that the network was given). Where it was given none it knows age and
/// sex only: there L = blind_network L_n + blind_encoder L_e + blind_offset. Calibrated as it stands. Fitted by `osler fit-encoder`.
struct EnsembleParameters {
  double network = 1, network_unread = 0;
  double encoder = 1, encoder_unread = 0;
  double offset = 0;
  double blind_network = 0.3, blind_encoder = 1, blind_offset = 0;
  // The encoder by itself: scale L_e + shift.
  double alone_scale = 1, alone_shift = 0;
};

inline constexpr double kEnsembleClip = 12;

/// What is multiplied and added where the network was given so many findings.
struct EnsembleWeights {
  double network = 0, encoder = 0, offset = 0;
};
EnsembleWeights weights_for(const EnsembleParameters& parameters, std::size_t findings);

/// What the encoder makes of one case.
struct EncoderOpinion {
  std::vector<double> log_odds;  // by ConditionIndex; NaN for a condition that the encoder has no label for
  EnsembleParameters parameters;
  bool alone = false;            // the network ranks nothing; it still gives evidence and urgency
  std::vector<float> embedding{};  // what it read as a vector of length 1, by which cases are compared; empty where nobody asks
};

/// The calibrated log-odds of a condition with `network_log_odds` (uncalibrated) and `calibrated` (what the network alone would say); the latter
/// where the encoder has no label. A condition that a hard limit excludes never gets here.
double combined_log_odds(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings);

/// Confidence at combined log-odds, limited as all are (constants.h). Where the network was given no finding nobody can check what it rests on, and
/// an encoder reads sense into nonsense: there it is at most kBlindMost.
inline constexpr double kBlindMost = 0.5;
double confidence_at(const EncoderOpinion& opinion, double log_odds, std::size_t findings);

/// Both in one.
double combined_confidence(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings);

}  // namespace osler::reasoning
