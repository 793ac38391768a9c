#include "train/image/ranking.h"

#include <algorithm>
#include <numeric>

namespace osler::train {

double area_under_curve(const std::vector<double>& scores, const std::vector<bool>& has_label) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double with = 0, without = 0, wins = 0;
  for (std::size_t i = 0; i < order.size();) {
    double tied_with = 0, tied_without = 0;
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) (has_label[order[i]] ? tied_with : tied_without) += 1;
    wins += tied_with * (without + 0.5 * tied_without);
    with += tied_with;
    without += tied_without;
  }
  return with > 0 && without > 0 ? wins / (with * without) : 0.5;
}

double mean_area_under_curve(const std::vector<std::vector<double>>& scores, const std::vector<std::size_t>& labels) {
  if (scores.empty()) return 0.5;
  const std::size_t count = scores.front().size();
  double sum = 0;
  for (std::size_t label = 0; label < count; ++label) {
    std::vector<double> column;
    std::vector<bool> has_label;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      column.push_back(scores[i][label]);
      has_label.push_back(labels[i] == label);
    }
    sum += area_under_curve(column, has_label);
  }
  return sum / static_cast<double>(count);
}

}  // namespace osler::train
