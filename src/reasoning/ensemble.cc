#include "reasoning/ensemble.h"

#include <algorithm>
#include <cmath>

#include "reasoning/constants.h"

namespace osler::reasoning {

double combined_log_odds(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings) {
  if (condition >= opinion.log_odds.size() || std::isnan(opinion.log_odds[condition])) return calibrated;
  const EnsembleParameters& p = opinion.parameters;
  const double encoder = std::clamp(opinion.log_odds[condition], -kEnsembleClip, kEnsembleClip);
  if (opinion.alone) return p.alone_scale * encoder + p.alone_shift;
  const double network = std::clamp(network_log_odds, -kEnsembleClip, kEnsembleClip);
  const double unread = 1 / (1 + static_cast<double>(findings));
  return (p.network + p.network_unread * unread) * network + (p.encoder + p.encoder_unread * unread) * encoder + p.offset + p.offset_unread * unread;
}

double combined_confidence(const EncoderOpinion& opinion, std::size_t condition, double network_log_odds, double calibrated, std::size_t findings) {
  return 1 / (1 + std::exp(-std::clamp(combined_log_odds(opinion, condition, network_log_odds, calibrated, findings), -kLogitClip, kLogitClip)));
}

}  // namespace osler::reasoning
