#include "reasoning/ensemble.h"

#include <algorithm>
#include <cmath>

#include "reasoning/constants.h"

namespace osler::reasoning {

EnsembleWeights weights_for(const EnsembleParameters& p, std::size_t findings) {
  if (findings == 0) return {0, p.alone_scale, p.alone_shift};
  const double unread = 1 / (1 + static_cast<double>(findings));
  return {p.network + p.network_unread * unread, p.encoder + p.encoder_unread * unread, p.offset + p.offset_unread * unread};
}

double combined_log_odds(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings) {
  if (condition >= opinion.log_odds.size() || std::isnan(opinion.log_odds[condition])) return calibrated;
  const double encoder = std::clamp(opinion.log_odds[condition], -kEnsembleClip, kEnsembleClip);
  const double network = std::clamp(network_log_odds, -kEnsembleClip, kEnsembleClip);
  const EnsembleWeights weights = weights_for(opinion.parameters, opinion.alone ? 0 : findings);
  return weights.network * network + weights.encoder * encoder + weights.offset;
}

double combined_confidence(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings) {
  return 1 / (1 + std::exp(-std::clamp(combined_log_odds(opinion, condition, network_log_odds, calibrated, findings), -kLogitClip, kLogitClip)));
}

}  // namespace osler::reasoning
