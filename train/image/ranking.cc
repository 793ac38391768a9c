#include "train/image/ranking.h"

#include "evaluate/films/outlier_fit.h"

namespace osler::train {

double area_under_curve(const std::vector<double>& scores, const std::vector<bool>& has_label) {
  std::vector<double> with, without;
  for (std::size_t i = 0; i < scores.size(); ++i) (has_label[i] ? with : without).push_back(scores[i]);
  return with.empty() || without.empty() ? 0.5 : evaluate::outlier_auroc(without, with);
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
