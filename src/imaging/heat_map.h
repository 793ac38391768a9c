// Where the network looked: its class activation map, laid over the film.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "imaging/resample.h"

namespace osler::imaging {

/// What each position of the network's last feature map adds to the log-odds of pneumonia. Above 0 speaks for it.
struct ActivationMap {
  std::size_t width = 0, height = 0;
  std::vector<float> values;  // [height][width]; their mean and a constant make the log-odds
};

/// The part of the map that lies on the film, with smooth transitions, as a PNG in the film's proportions, its longer side `longer_side` pixels:
/// red speaks for pneumonia, blue against it, opacity is the size over the map's largest (one half at most, so that the film shines through).
Bytes draw_heat_map(const ActivationMap& map, const Placement& placement, std::size_t side, std::size_t longer_side);

}  // namespace osler::imaging
