#include "train/text/batches.h"

#include <algorithm>

namespace osler::train {

namespace {

constexpr std::size_t kPoolCases = 1024;
constexpr double kPlainShare = 0.3;  // of a pool, where there is a masked task and there are plain texts

std::vector<std::vector<TextExample>> cut(std::vector<TextExample> cases, std::size_t tokens, Random& random) {
  std::stable_sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.ids.size() < b.ids.size(); });
  std::vector<std::vector<TextExample>> batches(1);
  for (TextExample& one : cases) {
    // Sorted, so the newcomer is the longest and sets the padding.
    if (!batches.back().empty() && (batches.back().size() + 1) * one.ids.size() > tokens) batches.emplace_back();
    batches.back().push_back(std::move(one));
  }
  for (std::size_t i = batches.size(); i > 1; --i) std::swap(batches[i - 1], batches[random.below(i)]);
  return batches;
}

}  // namespace

BatchStream::BatchStream(const CaseGenerator& generator, const ExampleMaker& maker, const TextData& data, const TextTrainingConfig& config, std::size_t phase)
    : generator_(generator), maker_(maker), data_(data), config_(config), phase_(config.phases[phase]), seed_(config.seed * 1000 + phase) {}

TextExample BatchStream::draw(Random& random, std::uint64_t index) {
  const bool masked_only = phase_.weights.conditions == 0;
  if (masked_only && !data_.plain.empty() && random.chance(kPlainShare)) return random.pick(data_.plain);
  if (!data_.written.empty() && random.chance(phase_.written_share)) return random.pick(data_.written);
  return maker_.from(generator_.make((seed_ << 32) + index));
}

void BatchStream::next_pool() {
  Random random(seed_, pools_);
  std::vector<TextExample> cases;
  cases.reserve(kPoolCases);
  for (std::size_t i = 0; cases.size() < kPoolCases; ++i) {
    const std::uint64_t index = pools_ * kPoolCases + i;
    cases.push_back(draw(random, index));
    const bool pair = phase_.weights.contrast > 0 && cases.back().condition != clinical::kNone && cases.size() < kPoolCases;
    if (pair) cases.push_back(maker_.from(generator_.make_of(cases.back().condition, (seed_ << 32) + index)));
  }
  pool_.first_batch += pool_.batches.size();
  pool_.batches = cut(std::move(cases), config_.tokens_a_batch, random);
  ++pools_;
}

const std::vector<TextExample>& BatchStream::batch(std::size_t index) {
  if (index < pool_.first_batch) {
    pools_ = 0;
    pool_ = {};
  }
  while (index >= pool_.first_batch + pool_.batches.size()) next_pool();
  return pool_.batches[index - pool_.first_batch];
}

}  // namespace osler::train
