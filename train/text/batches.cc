#include "train/text/batches.h"

#include <algorithm>
#include <iterator>

namespace osler::train {

namespace {

constexpr std::size_t kPoolCases = 1024;
constexpr double kPlainShare = 0.3;  // of a pool, where there is a masked task and there are plain texts

/// Cases that stay in one batch: a pair with the same condition, or one alone.
using Group = std::vector<TextExample>;

std::size_t length_of(const Group& group) {
  std::size_t longest = 0;
  for (const TextExample& one : group) longest = std::max(longest, one.ids.size());
  return longest;
}

std::vector<std::vector<TextExample>> cut(std::vector<Group> groups, std::size_t tokens, Random& random) {
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return length_of(a) < length_of(b); });
  std::vector<std::vector<TextExample>> batches(1);
  for (Group& group : groups) {
    // Sorted, so the newcomer is the longest and sets the padding.
    if (!batches.back().empty() && (batches.back().size() + group.size()) * length_of(group) > tokens) batches.emplace_back();
    std::move(group.begin(), group.end(), std::back_inserter(batches.back()));
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
  std::vector<Group> groups;
  std::size_t cases = 0;
  for (std::size_t i = 0; cases < kPoolCases; ++i) {
    const std::uint64_t index = pools_ * kPoolCases + i;
    Group group{draw(random, index)};
    const clinical::ConditionIndex condition = group.front().condition;
    if (phase_.weights.contrast > 0 && condition != clinical::kNone) group.push_back(maker_.from(generator_.make_of(condition, (seed_ << 32) + index)));
    cases += group.size();
    groups.push_back(std::move(group));
  }
  pool_.first_batch += pool_.batches.size();
  pool_.batches = cut(std::move(groups), config_.tokens_a_batch, random);
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
