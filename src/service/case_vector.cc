#include "service/case_vector.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "base/check.h"
#include "base/limits.h"

namespace osler::service {

using namespace clinical;

namespace {

constexpr std::size_t kFindingDimensions = 256;
constexpr std::size_t kBlocks = 8;        // of a projection, each with one number for each name
constexpr double kDenied = 0.3;           // of the weight of a finding that is denied, or of a normal value; not fitted
constexpr double kMarked = 1.5;           // of the weight of a value beyond the marked limit; not fitted
constexpr double kLeastLeak = 1e-6;

std::size_t dimensions_kept(std::size_t dimensions) { return std::min(dimensions, limits::kMaxVectorDimensions); }

/// Adds the column of `name` in the projection, of length 1, times `weight`.
void add_column(std::string_view name, double weight, std::vector<double>& to) {
  const Digest digest = sha256(as_bytes(name));
  const std::size_t block = to.size() / kBlocks;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const std::size_t place = (std::size_t{digest[3 * b]} << 8 | digest[3 * b + 1]) % block;
    to[b * block + place] += ((digest[3 * b + 2] & 1) != 0 ? weight : -weight) / std::sqrt(double{kBlocks});
  }
}

/// Of length 1; zeros for a zero vector.
std::vector<float> normalised(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  const double length = squares == 0 ? 1 : std::sqrt(squares);
  std::vector<float> result;
  for (const double value : values) result.push_back(static_cast<float>(value / length));
  return result;
}

/// Weights of findings; what was said first of one stands.
class FindingWeights {
 public:
  explicit FindingWeights(const KnowledgeBase& knowledge) : knowledge_(knowledge) {}

  void present(FindingIndex finding, double factor) {
    for (; finding != kNone; finding = knowledge_.findings[finding].parent) weights_.emplace(finding, factor * telling(finding));
  }
  void denied(FindingIndex finding) {
    if (finding != kNone) weights_.emplace(finding, -kDenied * telling(finding));
  }
  void measured(const ObservedQuantity& observed) {
    const Quantity& quantity = knowledge_.quantities[observed.quantity];
    switch (observed.grade) {
      case Grade::markedly_high: return present(quantity.high, kMarked);
      case Grade::high: return present(quantity.high, 1);
      case Grade::low: return present(quantity.low, 1);
      case Grade::markedly_low: return present(quantity.low, kMarked);
      case Grade::normal: denied(quantity.high), denied(quantity.low);
    }
  }
  const std::map<FindingIndex, double>& weights() const { return weights_; }

 private:
  double telling(FindingIndex finding) const { return -std::log(std::clamp(knowledge_.findings[finding].leak, kLeastLeak, 1.0)); }

  const KnowledgeBase& knowledge_;
  std::map<FindingIndex, double> weights_;  // in order, so that sums have the same bits every time
};

/// Numbers that only the seed tells: SHA-256 of it and a counter, as normal deviates by Box and Muller.
class SecretNormals {
 public:
  explicit SecretNormals(const vault::Secret& seed) : seed_(seed) {}

  float next() {
    if (left_ == 0) refill();
    return values_[--left_];
  }

 private:
  void refill() {
    const std::string number = std::to_string(counter_++);
    const Digest digest = sha256({seed_.view(), as_bytes(number)});
    for (left_ = 0; left_ < values_.size(); left_ += 2) {
      const double radius = std::sqrt(-2 * std::log(uniform(digest, left_))), angle = 2 * std::numbers::pi * uniform(digest, left_ + 1);
      values_[left_] = static_cast<float>(radius * std::cos(angle));
      values_[left_ + 1] = static_cast<float>(radius * std::sin(angle));
    }
  }
  /// In (0, 1), of 32 bits.
  static double uniform(const Digest& digest, std::size_t word) {
    double value = 0.5;
    for (std::size_t i = 0; i < 4; ++i) value += std::ldexp(static_cast<double>(digest[4 * word + i]), static_cast<int>(8 * i));
    return std::ldexp(value, -32);
  }

  const vault::Secret& seed_;
  std::uint64_t counter_ = 0;
  std::array<float, 8> values_{};
  std::size_t left_ = 0;
};

/// Sums in lanes, so that a compiler may vectorise them.
float dot(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t kLanes = 16;
  float lanes[kLanes] = {}, sum = 0;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace

CaseVector embedding_vector(const std::string& model_version, std::span<const float> embedding) {
  const std::size_t kept = dimensions_kept(embedding.size());
  CaseVector vector{model_version + ":embedding:" + std::to_string(kept), {embedding.begin(), embedding.end()}};
  if (kept == embedding.size()) return vector;
  std::vector<double> projected(kept, 0);
  for (std::size_t i = 0; i < embedding.size(); ++i) add_column(std::to_string(i), embedding[i], projected);
  vector.values = normalised(projected);
  return vector;
}

CaseVector findings_vector(const KnowledgeBase& knowledge, const CaseFindings& findings) {
  constexpr std::size_t kHashDigits = 12;
  FindingWeights weights(knowledge);
  for (const ObservedFinding& observed : findings.findings)
    if (observed.polarity == Polarity::present) weights.present(observed.finding, 1);
  for (const ObservedQuantity& observed : findings.quantities) weights.measured(observed);
  for (const ObservedFinding& observed : findings.findings)
    if (observed.polarity == Polarity::absent) weights.denied(observed.finding);
  std::vector<double> projected(kFindingDimensions, 0);
  for (const auto& [finding, weight] : weights.weights()) add_column(knowledge.findings[finding].id, weight, projected);
  return {"kb." + knowledge.hash.substr(0, kHashDigits) + ":findings:" + std::to_string(kFindingDimensions), normalised(projected)};
}

Rotation::Rotation(const vault::Secret& seed, std::size_t dimensions) {
  SecretNormals normals(seed);
  for (std::size_t i = 0; i < dimensions; ++i) signs_.push_back(normals.next() < 0 ? -1.0f : 1.0f);
  directions_.reserve(dimensions * (dimensions + 1) / 2);
  for (std::size_t width = dimensions; width > 0; --width) {
    // The reflection that takes a Gaussian vector x to an axis is the one along x + sign(x_1) |x| e_1: so every direction is as likely for that axis to come
    // from. (A reflection along x itself would leave each axis nearly where it was.)
    const std::size_t first = directions_.size();
    for (std::size_t i = 0; i < width; ++i) directions_.push_back(normals.next());
    const std::span<float> direction(&directions_[first], width);
    direction[0] += std::copysign(std::sqrt(dot(direction.data(), direction.data(), width)), direction[0]);
    const float scale = std::sqrt(2 / dot(direction.data(), direction.data(), width));
    for (float& value : direction) value *= scale;
  }
}

void Rotation::apply(std::span<float> values) const {
  CHECK(values.size() == dimensions());
  const float* direction = directions_.data();
  for (std::size_t first = 0; first < values.size(); ++first) {
    float* const tail = values.data() + first;
    const std::size_t width = values.size() - first;
    const float along = dot(direction, tail, width);
    for (std::size_t i = 0; i < width; ++i) tail[i] -= along * direction[i];
    direction += width;
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= signs_[i];
}

}  // namespace osler::service
