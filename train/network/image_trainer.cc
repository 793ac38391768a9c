#include "train/network/image_trainer.h"

#include <chrono>
#include <cmath>
#include <cstdio>

#include "train/image/epoch_order.h"
#include "train/image/schedule.h"
#include "train/network/checkpoint.h"
#include "train/network/feature_cache.h"
#include "train/network/head_cross_validation.h"
#include "train/network/image_judge.h"
#include "train/network/image_losses.h"
#include "train/network/image_report.h"
#include "train/network/metrics_file.h"
#include "train/network/progress.h"

namespace osler::train {

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string exact(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

TensorNotes notes_of(const ImagePosition& position, const std::string& identity) {
  return {{"identity", identity}, {"phase", std::to_string(position.phase)}, {"epoch", std::to_string(position.epoch)}, {"step", std::to_string(position.step)},
          {"updates", std::to_string(position.updates)}, {"phase_updates", std::to_string(position.phase_updates)}, {"seconds", exact(position.seconds)},
          {"loss_sum", exact(position.loss_sum)}, {"best_auc", exact(position.best_auc)}, {"best_log_loss", exact(position.best_log_loss)},
          {"best_epoch", std::to_string(position.best_epoch)}};
}

ImagePosition position_in(const TensorNotes& notes) {
  const auto text = [&](const char* key) {
    const auto found = notes.find(key);
    return found == notes.end() ? std::string("0") : found->second;
  };
  ImagePosition position;
  for (const auto& [key, place] : {std::pair{"phase", &position.phase}, {"epoch", &position.epoch}, {"step", &position.step}, {"updates", &position.updates},
                                   {"phase_updates", &position.phase_updates}, {"best_epoch", &position.best_epoch}})
    *place = std::stoul(text(key));
  for (const auto& [key, place] : {std::pair{"seconds", &position.seconds}, {"loss_sum", &position.loss_sum}, {"best_auc", &position.best_auc},
                                   {"best_log_loss", &position.best_log_loss}})
    *place = std::stod(text(key));
  return position;
}

/// One leg of a run.
class Leg {
 public:
  Leg(ImageRun& run, double seconds, const std::function<void(const std::string&)>& say)
      : run_(run), config_(run.config), network_(*run.network), optimizer_(run.network->tensors().parameters, run.config.weight_decay), limit_(seconds), say_(say),
        metrics_(run.config.work_folder + "/metrics.csv"), progress_(say), fit_(run.films_in(Part::fit)), selection_(run.films_in(Part::selection)),
        class_weights_(run.config.labels.size(), 1.0) {
    if (config_.average > 0)
      for (const auto& [name, tensor] : network_.tensors().parameters) average_[name] = tensor.detach().clone();
    if (config_.loss.balanced_classes) class_weights_ = balanced_weights(run.labels_of(fit_), config_.labels.size());
  }

  Result<bool> go() {
    if (const auto notes = TRY(load_tensors(path("checkpoint"), run_.identity, state()))) {
      position_ = position_in(*notes);
      say_("going on from phase " + std::to_string(position_.phase + 1) + ", epoch " + std::to_string(position_.epoch + 1) + ", step " + std::to_string(position_.step));
    }
    TRY_VOID(metrics_.open(position_.updates));
    began_ = saved_ = now();
    before_ = position_.seconds;
    while (position_.phase < config_.phases.size()) {
      if (!TRY(run_phase())) return false;
      TRY_VOID(end_phase());
    }
    return true;
  }

 private:
  std::string path(const char* name) const { return config_.work_folder + "/" + name + ".safetensors"; }
  const ImagePhase& phase() const { return config_.phases[position_.phase]; }
  double spent() const { return before_ + now() - began_; }

  TensorGroups state() {
    return {{"parameter/", &network_.tensors().parameters}, {"buffer/", &network_.tensors().buffers}, {"first/", &optimizer_.first_moments()},
            {"second/", &optimizer_.second_moments()}, {"average/", &average_}};
  }

  Result<void> save() {
    position_.seconds = spent();
    saved_ = now();
    TRY_VOID(save_tensors(path("checkpoint"), notes_of(position_, run_.identity), state()));
    return write_image_report(run_);
  }

  /// False when time is up.
  Result<bool> run_phase() {
    network_.train_base(!phase().frozen);
    if (phase().frozen) cache_ = TRY(cached_features(run_, phase().copies, path(("features-" + std::to_string(position_.phase + 1)).c_str()), say_));
    steps_ = std::max<std::size_t>(1, order().size() / phase().batch);
    progress_.begin(phase().name, position_.epoch * steps_ + position_.step, phase().epochs * steps_, "films");
    while (position_.epoch < phase().epochs && !is_tired()) {
      const std::vector<std::size_t> films = order();
      while (position_.step < steps_) {
        TRY_VOID(step(std::span(films).subspan(position_.step * phase().batch).first(std::min(phase().batch, films.size() - position_.step * phase().batch))));
        if (limit_ > 0 && now() - began_ > limit_) {
          TRY_VOID(save());
          return false;
        }
        if (now() - saved_ > config_.checkpoint_minutes * 60) TRY_VOID(save());
      }
      TRY_VOID(end_epoch());
    }
    return true;
  }

  /// Early stopping: too many epochs without a better one.
  bool is_tired() const { return phase().patience > 0 && position_.best_auc >= 0 && position_.epoch >= position_.best_epoch + phase().patience; }

  /// The epoch's films, as positions in `fit_`.
  std::vector<std::size_t> order() const { return epoch_order(run_.labels_of(fit_), config_.loss.sampling, config_.seed + position_.phase, position_.epoch); }

  double rate() const {
    const double step = 1 / static_cast<double>(steps_);
    return learning_rate(phase(), static_cast<double>(position_.epoch) + static_cast<double>(position_.step) * step, step);
  }

  std::vector<std::size_t> films_at(std::span<const std::size_t> places) const {
    std::vector<std::size_t> films;
    for (const std::size_t place : places) films.push_back(fit_[place]);
    return films;
  }

  torch::Tensor features(std::span<const std::size_t> places) {
    if (!phase().frozen) {
      const std::vector<std::size_t> films = films_at(places);
      const std::uint64_t copy = 1 + (std::uint64_t{position_.phase + 1} << 32) + position_.epoch;
      return network_.features(run_.grey(films, std::vector<std::uint64_t>(films.size(), copy)), true);
    }
    Random random(config_.seed ^ 0xFEA7, position_.updates);
    std::vector<std::int64_t> copies;
    for (std::size_t i = 0; i < places.size(); ++i) copies.push_back(static_cast<std::int64_t>(random.below(phase().copies)));
    return cache_.features.index({torch::tensor(copies, torch::kLong), label_tensor({places.begin(), places.end()})});
  }

  Result<void> step(std::span<const std::size_t> places) {
    torch::manual_seed(config_.seed * 1'000'003 + position_.updates);  // dropout, whether or not the run was cut
    const torch::Tensor loss = film_loss(run_, films_at(places), network_.logits(features(places), true), class_weights_);
    const double value = loss.item<double>();
    if (!std::isfinite(value))
      return make_error(ErrorCode::internal, "The loss is no longer finite in epoch " + std::to_string(position_.epoch + 1) + " of " + phase().name +
                                                 "; lower the learning rate and go on from the checkpoint.");
    optimizer_.zero_gradients();
    loss.backward();
    optimizer_.clip(config_.gradient_clip);
    const double base_rate = phase().base_rate;
    optimizer_.update(rate(), static_cast<std::int64_t>(++position_.phase_updates), [&](const std::string& name) { return ImageNetwork::is_head(name) ? 1.0 : base_rate; });
    ++position_.updates;
    ++position_.step;
    position_.loss_sum += value;
    move_average();
    progress_.advance(places.size(), 0, {{"loss", position_.loss_sum / static_cast<double>(position_.step)}});
    return ok();
  }

  void move_average() {
    torch::NoGradGuard guard;
    // Young averages follow quickly, so that the random beginning is soon forgotten.
    const double decay = std::min(config_.average, (1.0 + static_cast<double>(position_.phase_updates)) / (10.0 + static_cast<double>(position_.phase_updates)));
    for (auto& [name, tensor] : average_) tensor.mul_(decay).add_(network_.tensors().parameters.at(name), 1 - decay);
  }

  /// Exchanges the weights and their running mean, where there is one.
  void exchange_average() {
    torch::NoGradGuard guard;
    for (auto& [name, tensor] : average_) {
      torch::Tensor& other = network_.tensors().parameters.at(name);
      const torch::Tensor kept = other.detach().clone();
      other.copy_(tensor);
      tensor.copy_(kept);
    }
  }

  Judgement judge_selection() {
    torch::NoGradGuard guard;
    if (!phase().frozen) return judge(logits_of(run_, selection_), run_.labels_of(selection_));
    const torch::Tensor rows = cache_.features[0].narrow(0, static_cast<std::int64_t>(fit_.size()), static_cast<std::int64_t>(selection_.size()));
    return judge(network_.logits(rows, false), run_.labels_of(selection_));
  }

  Result<void> end_epoch() {
    exchange_average();
    const Judgement judgement = judge_selection();
    const double loss = position_.loss_sum / static_cast<double>(steps_), last_rate = rate();
    ++position_.epoch;
    position_.step = 0;
    position_.loss_sum = 0;
    const bool better = judgement.auc > position_.best_auc || (judgement.auc == position_.best_auc && judgement.log_loss < position_.best_log_loss);
    if (better) {
      position_.best_auc = judgement.auc;
      position_.best_log_loss = judgement.log_loss;
      position_.best_epoch = position_.epoch;
      TRY_VOID(save_best());
    }
    exchange_average();
    char text[200];
    std::snprintf(text, sizeof text, "%s, epoch %zu of %zu: loss %.4f, on the selection films AUC %.4f, log loss %.4f%s", phase().name.c_str(), position_.epoch, phase().epochs, loss,
                  judgement.auc, judgement.log_loss, better ? " (best so far)" : "");
    say_(text);
    TRY_VOID(metrics_.add(position_.updates, phase().name, spent(), {{"epoch", static_cast<double>(position_.epoch)}, {"learning_rate", last_rate}, {"loss", loss},
                                                                     {"selection_auc", judgement.auc}, {"selection_log_loss", judgement.log_loss}}));
    return phase().frozen ? ok() : save();  // a frozen epoch takes a moment; minutes and the phase's end are enough
  }

  Result<void> save_best() {
    TensorNotes notes = notes_of(position_, run_.identity);
    notes["phase_name"] = phase().name;
    return save_tensors(path("best"), notes, {{"parameter/", &network_.tensors().parameters}, {"buffer/", &network_.tensors().buffers}});
  }

  Result<void> end_phase() {
    if (phase().frozen && phase().folds > 0) TRY_VOID(cross_validate_head(run_, position_.phase, cache_, say_));
    TRY_VOID(load_tensors(path("best"), run_.identity, {{"parameter/", &network_.tensors().parameters}, {"buffer/", &network_.tensors().buffers}}));
    torch::NoGradGuard guard;
    for (auto& [name, tensor] : average_) tensor.copy_(network_.tensors().parameters.at(name));
    for (auto* moments : {&optimizer_.first_moments(), &optimizer_.second_moments()})
      for (auto& [name, tensor] : *moments) tensor.zero_();
    cache_ = {};
    const ImagePosition before = position_;
    position_ = {};
    position_.phase = before.phase + 1;
    position_.updates = before.updates;
    return save();
  }

  ImageRun& run_;
  const ImageTrainingConfig& config_;
  ImageNetwork& network_;
  AdamW optimizer_;
  const double limit_;
  const std::function<void(const std::string&)>& say_;
  MetricsFile metrics_;
  Progress progress_;
  const std::vector<std::size_t> fit_, selection_;   // positions in the run's records
  std::vector<double> class_weights_;
  std::map<std::string, torch::Tensor> average_;
  FeatureCache cache_;
  ImagePosition position_;
  std::size_t steps_ = 1;            // of an epoch
  double began_ = 0, saved_ = 0, before_ = 0;
};

}  // namespace

Result<bool> train_image(ImageRun& run, double seconds, const std::function<void(const std::string&)>& say) { return Leg(run, seconds, say).go(); }

Result<std::string> load_best(ImageRun& run) {
  const auto notes = TRY(load_tensors(run.config.work_folder + "/best.safetensors", run.identity,
                                      {{"parameter/", &run.network->tensors().parameters}, {"buffer/", &run.network->tensors().buffers}}));
  if (!notes) return make_error(ErrorCode::not_found, "Nothing was trained yet in " + run.config.work_folder + ".");
  const ImagePosition position = position_in(*notes);
  char text[64];
  std::snprintf(text, sizeof text, ", selection AUC %.4f", position.best_auc);
  return notes->at("phase_name") + ", epoch " + std::to_string(position.best_epoch) + text;
}

}  // namespace osler::train
