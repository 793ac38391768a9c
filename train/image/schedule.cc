#include "train/image/schedule.h"

#include <cmath>
#include <numbers>

namespace osler::train {

double learning_rate(const ImagePhase& phase, double epochs, double step) {
  if (epochs < phase.warm_up) return phase.learning_rate * std::min(1.0, (epochs + step) / phase.warm_up);
  const double falling = static_cast<double>(phase.epochs) - phase.warm_up;
  const double share = falling > 0 ? std::min(1.0, (epochs - phase.warm_up) / falling) : 1;
  return phase.learning_rate * (phase.final_share + (1 - phase.final_share) * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

}  // namespace osler::train
