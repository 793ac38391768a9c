#include "reasoning/ensemble.h"

#include <algorithm>
#include <cmath>

#include "reasoning/constants.h"

namespace osler::reasoning {

EnsembleWeights weights_for(const EnsembleParameters& p, std::size_t findings) {
  if (findings == 0) return {p.blind_network, p.blind_encoder, p.blind_offset};
  const double unread = 1 / (1 + static_cast<double>(findings));
  return {p.network + p.network_unread * unread, p.encoder + p.encoder_unread * unread, p.offset};
}

double combined_log_odds(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings) {
  if (condition >= opinion.log_odds.size() || std::isnan(opinion.log_odds[condition])) return calibrated;
  const double encoder = std::clamp(opinion.log_odds[condition], -kEnsembleClip, kEnsembleClip);
  const double network = std::clamp(network_log_odds, -kEnsembleClip, kEnsembleClip);
  if (opinion.alone) return opinion.parameters.alone_scale * encoder + opinion.parameters.alone_shift;
  const EnsembleWeights weights = weights_for(opinion.parameters, findings);
  return weights.network * network + weights.encoder * encoder + weights.offset;
}

double confidence_at(const EncoderOpinion& opinion, double log_odds, std::size_t findings) {
  const double confidence = 1 / (1 + std::exp(-std::clamp(log_odds, -kLogitClip, kLogitClip)));
  return findings == 0 && !opinion.alone ? std::min(confidence, kBlindMost) : confidence;
}

double combined_confidence(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings) {
  return confidence_at(opinion, combined_log_odds(opinion, condition, network_log_odds, calibrated, findings), findings);
}

}  // namespace osler::reasoning
