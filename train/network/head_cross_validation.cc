#include "train/network/head_cross_validation.h"

#include <cstdio>

#include "base/files.h"
#include "base/json.h"
#include "train/image/epoch_order.h"
#include "train/image/schedule.h"
#include "train/network/adam.h"
#include "train/network/image_losses.h"

namespace osler::train {

namespace {

/// Rows of the cache.
struct Fold {
  std::vector<std::size_t> learned, judged;
};

std::vector<std::size_t> films_at(const FeatureCache& cache, std::span<const std::size_t> rows) {
  std::vector<std::size_t> films;
  for (const std::size_t row : rows) films.push_back(cache.films[row]);
  return films;
}

class FoldTrainer {
 public:
  FoldTrainer(const ImageRun& run, const ImagePhase& phase, const FeatureCache& cache, std::uint64_t seed) : run_(run), phase_(phase), cache_(cache), seed_(seed) {}

  Judgement train_and_judge(const Fold& fold) {
    torch::manual_seed(seed_);
    const ImageNetwork head(run_.config.network, run_.config.labels.size());  // of the whole, only the head is used
    std::map<std::string, torch::Tensor> parameters;
    for (const auto& [name, tensor] : head.tensors().parameters)
      if (ImageNetwork::is_head(name)) parameters[name] = tensor;
    AdamW optimizer(parameters, run_.config.weight_decay);
    const std::vector<std::size_t> labels = run_.labels_of(films_at(cache_, fold.learned));
    const std::vector<double> weights = run_.config.loss.balanced_classes ? balanced_weights(labels, run_.config.labels.size()) : std::vector<double>(run_.config.labels.size(), 1.0);
    std::int64_t updates = 0;
    for (std::size_t epoch = 0; epoch < phase_.epochs; ++epoch) {
      const std::vector<std::size_t> order = epoch_order(labels, run_.config.loss.sampling, seed_, epoch);
      const std::size_t steps = std::max<std::size_t>(1, order.size() / phase_.batch);
      for (std::size_t step = 0; step < steps; ++step) {
        std::vector<std::size_t> rows;
        for (std::size_t i = step * phase_.batch; i < std::min(order.size(), (step + 1) * phase_.batch); ++i) rows.push_back(fold.learned[order[i]]);
        const torch::Tensor loss = film_loss(run_, films_at(cache_, rows), head.logits(features(rows, true), true), weights);
        optimizer.zero_gradients();
        loss.backward();
        optimizer.clip(run_.config.gradient_clip);
        const double one = 1 / static_cast<double>(steps);
        optimizer.update(learning_rate(phase_, static_cast<double>(epoch) + static_cast<double>(step) * one, one), ++updates);
      }
    }
    torch::NoGradGuard guard;
    return judge(head.logits(features(fold.judged, false), false), run_.labels_of(films_at(cache_, fold.judged)));
  }

 private:
  torch::Tensor features(const std::vector<std::size_t>& rows, bool any_copy) {
    std::vector<std::int64_t> copies;
    for (std::size_t i = 0; i < rows.size(); ++i) copies.push_back(any_copy ? static_cast<std::int64_t>(random_.below(phase_.copies)) : 0);
    return cache_.features.index({torch::tensor(copies, torch::kLong), label_tensor(rows)});
  }

  const ImageRun& run_;
  const ImagePhase& phase_;
  const FeatureCache& cache_;
  std::uint64_t seed_;
  Random random_{seed_};
};

}  // namespace

CrossValidation cross_validate(const ImageRun& run, std::size_t phase, const FeatureCache& cache, const std::function<void(const std::string&)>& say) {
  const ImagePhase& settings = run.config.phases[phase];
  const std::vector<std::size_t> fold_of = folds_by_patient(run.records.films, cache.films, settings.folds, run.config.split.seed);
  CrossValidation result{settings.name, {}};
  for (std::size_t f = 0; f < settings.folds; ++f) {
    Fold fold;
    for (std::size_t row = 0; row < fold_of.size(); ++row) (fold_of[row] == f ? fold.judged : fold.learned).push_back(row);
    result.folds.push_back(FoldTrainer(run, settings, cache, run.config.seed * 1000 + f).train_and_judge(fold));
    char text[96];
    std::snprintf(text, sizeof text, "%s, fold %zu of %zu: AUC %.4f, log loss %.4f", settings.name.c_str(), f + 1, settings.folds, result.folds.back().auc, result.folds.back().log_loss);
    say(text);
  }
  return result;
}

Result<void> cross_validate_head(const ImageRun& run, std::size_t phase, const FeatureCache& cache, const std::function<void(const std::string&)>& say) {
  const CrossValidation result = cross_validate(run, phase, cache, say);
  Json json{{"phase", result.phase}, {"folds", Json::array()}};
  for (const Judgement& fold : result.folds) json["folds"].push_back({{"auc", fold.auc}, {"log_loss", fold.log_loss}});
  return make_file_system()->write_atomically(run.config.work_folder + "/cross_validation.json", as_bytes(json.dump(1) + "\n"), 0644);
}

}  // namespace osler::train
