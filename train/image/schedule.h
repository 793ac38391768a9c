// How fast a phase learns.
#pragma once

#include "train/image/image_config.h"

namespace osler::train {

/// The learning rate after `epochs` of the phase (whole ones and a share of the next): rising over `warm_up`, then along a half cosine to `final_share` of the peak.
/// `step` is what one batch is of an epoch, so that the first does not learn nothing. Thread-safe.
double learning_rate(const ImagePhase& phase, double epochs, double step);

}  // namespace osler::train
