#include "cases/vector_index.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <string_view>

#include "base/check.h"
#include "base/limits.h"

namespace osler::cases {

namespace {

constexpr std::size_t kLanes = 16;
constexpr double kLargest = 32767;
constexpr float kNotThere = -std::numeric_limits<float>::infinity();
constexpr std::uint32_t kNoToken = std::numeric_limits<std::uint32_t>::max();

// The sum in float32 takes one rounding a step: dimensions / 16 in each lane, then at most 16 over the lanes; twice that for the products.
constexpr double kRoundings = 2.0 * (limits::kMaxVectorDimensions / kLanes + kLanes);
constexpr double kSumError = kRoundings / (1 << 24);

typedef std::int16_t Copies __attribute__((vector_size(kLanes * 2), aligned(2)));
typedef float Floats __attribute__((vector_size(kLanes * 4), aligned(4)));

/// Inner products of `query` with `count` vectors that stand one after the other.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)  // ThreadSanitizer is not awake when a clone is chosen
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void multiply(const float* query, const std::int16_t* vectors, std::size_t stride, std::size_t count, float* products) {
  for (std::size_t i = 0; i < count; ++i) {
    Floats sums = {};
    const std::int16_t* vector = vectors + i * stride;
    for (std::size_t step = 0; step < stride; step += kLanes) {
      const Copies copies = *reinterpret_cast<const Copies*>(vector + step);
      sums += __builtin_convertvector(copies, Floats) * *reinterpret_cast<const Floats*>(query + step);
    }
    float sum = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) sum += sums[lane];
    products[i] = sum;
  }
}

double length_of(std::span<const float> vector) {
  double sum = 0;
  for (const float number : vector) sum += double{number} * number;
  return std::sqrt(sum);
}

std::uint64_t hash_of(std::span<const float> vector) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(vector.data()), vector.size_bytes()});
}

float rounded_up(double number) { return std::nextafter(static_cast<float>(number), std::numeric_limits<float>::infinity()); }

}  // namespace

/// A CaseFilter in this index's numbers.
struct VectorIndex::Filter {
  std::vector<std::uint32_t> age_bands;
  bool any_age = true, any_sex = true, any_condition = true;
  std::uint32_t sex = kNoToken, condition = kNoToken;
  std::int64_t from = std::numeric_limits<std::int64_t>::min(), until = std::numeric_limits<std::int64_t>::max();
  std::int64_t except = -1;

  bool passes(const VectorIndex& index, std::size_t i) const {
    return index.keys_[i] != except && index.times_[i] >= from && index.times_[i] < until && (any_sex || index.sexes_[i] == sex) &&
           (any_condition || index.conditions_[i] == condition) &&
           (any_age || std::find(age_bands.begin(), age_bands.end(), index.age_bands_[i]) != age_bands.end());
  }
};

VectorIndex::VectorIndex(std::size_t dimensions) : dimensions_(dimensions), stride_((dimensions + kLanes - 1) / kLanes * kLanes) {
  CHECK(dimensions > 0 && dimensions <= limits::kMaxVectorDimensions);
}

std::uint32_t VectorIndex::number_of(const std::string& token) {
  return tokens_.emplace(token, static_cast<std::uint32_t>(tokens_.size())).first->second;
}

bool VectorIndex::add(std::int64_t key, std::span<const float> vector, const Attributes& attributes) {
  if (vector.size() != dimensions_) return false;
  const std::size_t place = keys_.size();
  if (place == blocks_.size() * kBlock) blocks_.push_back(std::make_unique<std::int16_t[]>(kBlock * stride_));
  double largest = 0;
  for (const float number : vector) largest = std::max(largest, std::abs(double{number}));
  const float scale = largest == 0 ? 1.0f : rounded_up(largest / kLargest);
  std::int16_t* copy = copy_of(place);
  double error = 0;
  for (std::size_t i = 0; i < stride_; ++i) {
    const double number = i < dimensions_ ? double{vector[i]} : 0;
    copy[i] = static_cast<std::int16_t>(std::lround(number / scale));
    const double rounding = number - static_cast<double>(copy[i]) * double{scale};
    error += rounding * rounding;
  }
  keys_.push_back(key);
  times_.push_back(attributes.time.time_since_epoch().count());
  scales_.push_back(scale);
  errors_.push_back(rounded_up(std::sqrt(error) + kSumError * length_of(vector)));
  hashes_.push_back(hash_of(vector));
  age_bands_.push_back(number_of(attributes.age_band));
  sexes_.push_back(number_of(attributes.sex));
  conditions_.push_back(number_of(attributes.condition));
  return true;
}

void VectorIndex::move(std::size_t from, std::size_t to) {
  std::copy_n(copy_of(from), stride_, copy_of(to));
  keys_[to] = keys_[from];
  times_[to] = times_[from];
  scales_[to] = scales_[from];
  errors_[to] = errors_[from];
  hashes_[to] = hashes_[from];
  age_bands_[to] = age_bands_[from];
  sexes_[to] = sexes_[from];
  conditions_[to] = conditions_[from];
}

void VectorIndex::keep_only(std::span<const std::int64_t> keys) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (std::binary_search(keys.begin(), keys.end(), keys_[i])) {
      if (kept != i) move(i, kept);
      ++kept;
    }
  // What is gone describes somebody who asked for it to be gone.
  for (std::size_t i = kept; i < keys_.size(); ++i) std::fill_n(copy_of(i), stride_, std::int16_t{0});
  keys_.resize(kept), times_.resize(kept), scales_.resize(kept), errors_.resize(kept), hashes_.resize(kept);
  age_bands_.resize(kept), sexes_.resize(kept), conditions_.resize(kept);
  blocks_.resize((kept + kBlock - 1) / kBlock);
}

VectorIndex::Filter VectorIndex::prepared(const CaseFilter& filter, std::int64_t except) const {
  const auto number = [&](const std::string& token) {
    const auto found = tokens_.find(token);
    return found == tokens_.end() ? kNoToken : found->second;
  };
  Filter result;
  result.any_age = filter.age_bands.empty();
  for (const std::string& band : filter.age_bands) result.age_bands.push_back(number(band));
  result.any_sex = filter.sex.empty();
  result.sex = number(filter.sex);
  result.any_condition = filter.condition.empty();
  result.condition = number(filter.condition);
  if (filter.from) result.from = filter.from->time_since_epoch().count();
  if (filter.until) result.until = filter.until->time_since_epoch().count();
  result.except = except;
  return result;
}

std::vector<VectorIndex::Candidate> VectorIndex::candidates(std::span<const float> query, std::size_t count, const CaseFilter& filter, std::int64_t except) const {
  if (query.size() != dimensions_ || count == 0) return {};
  const Filter wanted = prepared(filter, except);
  const double length = length_of(query);
  std::vector<float> padded(stride_), products(keys_.size());
  std::copy(query.begin(), query.end(), padded.begin());
  // The lowest of the `count` highest similarities that are certain.
  std::priority_queue<double, std::vector<double>, std::greater<>> certain;
  for (std::size_t begin = 0; begin < keys_.size(); begin += kBlock) {
    const std::size_t end = std::min(keys_.size(), begin + kBlock);
    multiply(padded.data(), copy_of(begin), stride_, end - begin, &products[begin]);
    for (std::size_t i = begin; i < end; ++i) {
      if (!wanted.passes(*this, i)) {
        products[i] = kNotThere;
        continue;
      }
      const double at_least = double{products[i]} * scales_[i] - length * errors_[i];
      if (certain.size() == count && at_least <= certain.top()) continue;
      certain.push(at_least);
      if (certain.size() > count) certain.pop();
    }
  }
  const double bar = certain.size() < count ? -std::numeric_limits<double>::infinity() : certain.top();
  std::vector<Candidate> list;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const double at_most = double{products[i]} * scales_[i] + length * errors_[i];
    if (products[i] != kNotThere && at_most >= bar) list.push_back({keys_[i], at_most, hashes_[i]});
  }
  std::sort(list.begin(), list.end(), [](const Candidate& left, const Candidate& right) { return left.at_most > right.at_most; });
  return list;
}

}  // namespace osler::cases
