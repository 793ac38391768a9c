#include "train/network/image_judge.h"

#include "train/image/ranking.h"

namespace osler::train {

torch::Tensor label_tensor(const std::vector<std::size_t>& labels) {
  return torch::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()), torch::kLong);
}

Judgement judge(const torch::Tensor& logits, const std::vector<std::size_t>& labels) {
  torch::NoGradGuard guard;
  const torch::Tensor exact = logits.to(torch::kDouble), logs = torch::log_softmax(exact, 1);
  // Each label's log-odds against the rest: probabilities round to 1, where films would tie.
  std::vector<torch::Tensor> odds;
  for (std::int64_t label = 0; label < exact.size(1); ++label) {
    const torch::Tensor others = torch::cat({exact.slice(1, 0, label), exact.slice(1, label + 1)}, 1);
    odds.push_back(exact.select(1, label) - torch::logsumexp(others, 1));
  }
  const torch::Tensor columns = torch::stack(odds, 1);
  const auto values = logs.accessor<double, 2>(), ranks = columns.accessor<double, 2>();
  std::vector<std::vector<double>> scores(labels.size());
  Judgement judgement;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    for (std::int64_t label = 0; label < logs.size(1); ++label) scores[i].push_back(ranks[row][label]);
    judgement.log_loss -= values[row][static_cast<std::int64_t>(labels[i])] / static_cast<double>(labels.size());
  }
  judgement.auc = mean_area_under_curve(scores, labels);
  return judgement;
}

torch::Tensor logits_of(const ImageRun& run, std::span<const std::size_t> films) {
  torch::NoGradGuard guard;
  constexpr std::size_t kBatch = 32;
  std::vector<torch::Tensor> all;
  for (std::size_t from = 0; from < films.size(); from += kBatch) {
    const std::span<const std::size_t> part = films.subspan(from, std::min(kBatch, films.size() - from));
    all.push_back(run.network->logits(run.network->features(run.grey(part, std::vector<std::uint64_t>(part.size(), 0)), false), false));
  }
  return torch::cat(all);
}

}  // namespace osler::train
