// The secret rotations of vector sets, each made once (service/case_vector.h).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/case_vector.h"
#include "vault/names.h"

namespace osler::service {

/// Thread-safe; `names` outlives it. The first vector of a set waits some milliseconds for its rotation.
class Rotations {
 public:
  explicit Rotations(const vault::Names& names) : names_(names) {}

  /// As it is stored and looked for; empty for an empty vector.
  std::vector<float> rotated(const CaseVector& vector);

 private:
  const vault::Names& names_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<const Rotation>> by_set_;  // few: one a model version that serves here
};

}  // namespace osler::service
