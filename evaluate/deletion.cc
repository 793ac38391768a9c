#include "evaluate/deletion.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace osler::evaluate {

namespace {

using reasoning::Coalition;

/// The confidence at each share while the parts change from `before` in this order. A count that comes again is not asked again.
ShareCurve change(Coalition present, const std::vector<std::size_t>& order, const PartConfidence& confidence) {
  ShareCurve curve;
  std::size_t done = 0;
  curve[0] = confidence(present);
  for (std::size_t step = 1; step <= kShareSteps; ++step) {
    const auto count = static_cast<std::size_t>(std::lround(static_cast<double>(step * order.size()) / kShareSteps));
    if (count == done) {
      curve[step] = curve[step - 1];
      continue;
    }
    for (; done < count; ++done) present[order[done]] = !present[order[done]];
    curve[step] = confidence(present);
  }
  return curve;
}

}  // namespace

std::vector<std::size_t> by_support(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return order;
}

ShareCurve removed_in(const std::vector<std::size_t>& order, const PartConfidence& confidence) {
  return change(Coalition(order.size(), true), order, confidence);
}

ShareCurve added_in(const std::vector<std::size_t>& order, const PartConfidence& confidence) {
  return change(Coalition(order.size(), false), order, confidence);
}

ShareCurve removed_at_random(std::size_t parts, std::size_t orders, std::mt19937& random, const PartConfidence& confidence) {
  ShareCurve mean{};
  std::vector<std::size_t> order(parts);
  for (std::size_t i = 0; i < orders; ++i) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t left = parts; left > 1; --left) std::swap(order[left - 1], order[random() % left]);
    const ShareCurve one = removed_in(order, confidence);
    for (std::size_t step = 0; step < mean.size(); ++step) mean[step] += one[step] / static_cast<double>(orders);
  }
  return mean;
}

double area(const ShareCurve& curve) {
  double sum = 0;
  for (std::size_t step = 0; step < kShareSteps; ++step) sum += (curve[step] + curve[step + 1]) / 2;
  return sum / kShareSteps;
}

}  // namespace osler::evaluate
