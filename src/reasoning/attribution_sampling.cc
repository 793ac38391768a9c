#include "reasoning/attribution_sampling.h"

#include <algorithm>

namespace osler::reasoning {

std::vector<double> values_within(const ValueFunction& value, std::size_t outputs, const std::vector<Coalition>& coalitions, const Budget& budget,
                                  std::size_t step) {
  const std::size_t batch = std::max<std::size_t>(budget.batch / step, 1) * step;
  std::vector<double> values(coalitions.size() * outputs);
  std::size_t done = 0;
  const bool repeats = budget.counts != nullptr && budget.counts->repeats();
  const std::size_t made_before = repeats ? budget.counts->next() : 0;
  const auto spent = [&] { return repeats ? done >= made_before : budget.now && budget.now() >= budget.deadline; };
  while (done < coalitions.size()) {
    if (done > 0 && spent()) break;
    const std::size_t count = std::min(batch, coalitions.size() - done);
    value({&coalitions[done], count}, std::span(values).subspan(done * outputs, count * outputs));
    done += count;
  }
  if (budget.counts != nullptr && !repeats) budget.counts->add(done);
  values.resize(done * outputs);
  return values;
}

}  // namespace osler::reasoning
