#include "service/rotations.h"

namespace osler::service {

std::vector<float> Rotations::rotated(const CaseVector& vector) {
  std::vector<float> values = vector.values;
  if (values.empty()) return values;
  const Rotation* rotation = nullptr;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    std::unique_ptr<const Rotation>& held = by_set_[vector.set];
    if (!held) held = std::make_unique<const Rotation>(names_.rotation_seed(vector.set), values.size());
    rotation = held.get();
  }
  rotation->apply(values);
  return values;
}

}  // namespace osler::service
