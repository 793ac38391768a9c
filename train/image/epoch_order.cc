#include "train/image/epoch_order.h"

#include <map>

#include "base/check.h"
#include "train/cases/random.h"

namespace osler::train {

namespace {

void shuffle(std::vector<std::size_t>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace

std::vector<std::size_t> epoch_order(const std::vector<std::size_t>& labels, const std::string& sampling, std::uint64_t seed, std::uint64_t epoch) {
  CHECK(!labels.empty() && (sampling == "as_is" || sampling == "over" || sampling == "under"));
  Random random(seed ^ 0x0DDE7, epoch);
  std::map<std::size_t, std::vector<std::size_t>> films;
  for (std::size_t i = 0; i < labels.size(); ++i) films[labels[i]].push_back(i);
  std::size_t most = 0, least = labels.size();
  for (const auto& [label, members] : films) {
    most = std::max(most, members.size());
    least = std::min(least, members.size());
  }
  std::vector<std::size_t> order;
  for (auto& [label, members] : films) {
    const std::size_t wanted = sampling == "over" ? most : sampling == "under" ? least : members.size();
    for (std::size_t taken = 0; taken < wanted;) {
      shuffle(members, random);
      const std::size_t now = std::min(members.size(), wanted - taken);
      order.insert(order.end(), members.begin(), members.begin() + static_cast<std::ptrdiff_t>(now));
      taken += now;
    }
  }
  shuffle(order, random);
  return order;
}

std::vector<double> balanced_weights(const std::vector<std::size_t>& labels, std::size_t count) {
  std::vector<double> films(count, 0.0);
  for (const std::size_t label : labels) films[label] += 1;
  std::vector<double> weights;
  for (const double n : films) {
    CHECK(n > 0);
    weights.push_back(static_cast<double>(labels.size()) / (static_cast<double>(count) * n));
  }
  return weights;
}

}  // namespace osler::train
