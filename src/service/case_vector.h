// A case as a vector, so that similar cases can be looked for, and the secret rotation that it is stored under. Cosine similarity is what is compared, and
// an orthogonal map keeps it. A vector describes a patient: it is PHI, rotated or not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "clinical/findings.h"
#include "vault/secret.h"

namespace osler::service {

/// `values` has length 1 and at most limits::kMaxVectorDimensions numbers, or is all zeros: nothing of the case was understood. Only vectors of the same set can
/// be compared: it names what made them, their kind and their dimensions, such as "osler-encoder-1.int8:embedding:312".
struct CaseVector {
  std::string set;
  std::vector<float> values;
};

/// What an encoder read, of length 1. One of more dimensions than may be kept is projected, as below, which keeps similarities to about 0.05.
/// `model_version`: models::EncoderModel::version().
CaseVector embedding_vector(const std::string& model_version, std::span<const float> embedding);

/// What the network was told, without an encoder: each finding by its weight -log(leak) (the rarer without a reason, the more telling), with what it is a
/// kind of; denied ones and normal values against it, at a share of the weight; values far out of range for more. A random projection to 256 numbers whose signs
/// come from the findings' ids, so that every server makes the same (Kane and Nelson 2014: 8 of them a finding, no two in the same place).
CaseVector findings_vector(const clinical::KnowledgeBase& knowledge, const clinical::CaseFindings& findings);

/// A rotation or reflection drawn uniformly from all by a seed: a Householder reflection for each dimension, that takes a Gaussian vector to an axis (Stewart 1980), and signs.
/// Without the seed nothing tells which direction means what. Immutable, so any thread may use it; holds a secret of 4 bytes a pair of dimensions.
class Rotation {
 public:
  /// Some milliseconds for 384 dimensions: make it once for a vector set (vault::Names::rotation_seed) and keep it.
  Rotation(const vault::Secret& seed, std::size_t dimensions);
  /// In place; `values` has as many numbers as the rotation has dimensions (CHECK).
  void apply(std::span<float> values) const;
  std::size_t dimensions() const { return signs_.size(); }

 private:
  std::vector<float> directions_;  // of length sqrt(2): dimensions numbers, then one less, ...
  std::vector<float> signs_;
};

}  // namespace osler::service
