#include "train/network/text_trainer.h"

#include <chrono>
#include <cmath>

#include "train/network/metrics_file.h"
#include "train/network/progress.h"
#include "train/network/training_report.h"

namespace osler::train {

namespace {

constexpr std::size_t kValidationCases = 1000;
constexpr std::size_t kValidationBatch = 64;
constexpr double kSmoothing = 0.98;

double learning_rate(const TrainingPhase& phase, std::size_t step) {
  if (step < phase.warm_up) return phase.learning_rate * static_cast<double>(step + 1) / static_cast<double>(phase.warm_up);
  const double done = static_cast<double>(step - phase.warm_up) / std::max(1.0, static_cast<double>(phase.steps - phase.warm_up));
  const double cosine = 0.5 * (1 + std::cos(3.14159265358979323846 * std::min(1.0, done)));
  return phase.learning_rate * (phase.final_share + (1 - phase.final_share) * cosine);
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// One leg of a run.
class Leg {
 public:
  Leg(const TextTraining& run, TextNetwork& network, double seconds, const std::function<void(const std::string&)>& say)
      : run_(run), network_(network), optimizer_(network.parameters(), run.config.weight_decay), limit_(seconds), say_(say),
        metrics_(run.config.work_folder + "/metrics.csv"), progress_(say) {}

  Result<bool> go() {
    if (const auto found = TRY(load_checkpoint(path(), run_.identity, network_, optimizer_))) {
      position_ = *found;
      say_("going on from phase " + std::to_string(position_.phase + 1) + ", step " + std::to_string(position_.step));
    }
    position_.identity = run_.identity;
    TRY_VOID(metrics_.open(position_.updates));
    began_ = saved_ = now();
    before_ = position_.seconds;
    for (; position_.phase < run_.config.phases.size(); ++position_.phase, position_.step = 0)
      if (!TRY(run_phase())) return false;
    TRY_VOID(save());
    return true;
  }

 private:
  std::string path() const { return run_.config.work_folder + "/checkpoint.safetensors"; }
  const TrainingPhase& phase() const { return run_.config.phases[position_.phase]; }

  Result<void> save() {
    position_.seconds = before_ + now() - began_;
    saved_ = now();
    TRY_VOID(save_checkpoint(path(), position_, network_, optimizer_));
    return write_training_report(run_.config.name, run_.config.work_folder);
  }

  /// False when time is up.
  Result<bool> run_phase() {
    BatchStream stream(run_.generator, run_.maker, run_.data, run_.config, position_.phase);
    progress_.begin(phase().name, position_.step, phase().steps);
    smooth_.clear();  // what the phase before learned is no curve of this one
    while (position_.step < phase().steps) {
      TRY_VOID(step(stream));
      const bool validate = position_.updates % run_.config.validate_every == 0 || position_.step == phase().steps;
      TRY_VOID(note(validate));
      if (limit_ > 0 && now() - began_ > limit_) {
        TRY_VOID(save());
        return false;
      }
      if (now() - saved_ > run_.config.checkpoint_minutes * 60) TRY_VOID(save());
    }
    return true;
  }

  Result<void> step(BatchStream& stream) {
    const std::vector<TextExample>& examples = stream.batch(position_.step);
    Random random(run_.config.seed ^ 0xBADC0DE, position_.updates);
    const TextBatch batch = make_batch(examples, run_.word_piece, phase(), random);
    parts_.clear();
    const torch::Tensor loss = losses(network_, batch, phase().weights, parts_);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) return make_error(ErrorCode::internal, "The loss is no longer finite at step " + std::to_string(position_.step) + "; lower the learning rate and go on from the checkpoint.");
    optimizer_.zero_gradients();
    loss.backward();
    optimizer_.clip(run_.config.gradient_clip);
    rate_ = learning_rate(phase(), position_.step);
    optimizer_.update(rate_, static_cast<std::int64_t>(++position_.updates));
    ++position_.step;
    for (const auto& [name, part] : parts_) {
      const auto [at, fresh] = smooth_.emplace(name, part);
      if (!fresh) at->second = kSmoothing * at->second + (1 - kSmoothing) * part;
    }
    progress_.advance(examples.size(), batch.pieces, smooth_);
    return ok();
  }

  Result<void> note(bool validate) {
    constexpr std::size_t kEvery = 20;
    if (!validate && position_.updates % kEvery != 0) return ok();
    std::map<std::string, double> row = smooth_;
    row["learning_rate"] = rate_;
    if (validate && !run_.held_out.empty() && phase().weights.conditions > 0) {
      const Ranking ranking = rank(network_, run_.held_out, run_.word_piece, kValidationCases);
      row["held_out_first"] = ranking.first;
      row["held_out_first_three"] = ranking.first_three;
      row["held_out_log_loss"] = ranking.log_loss;
      char text[160];
      std::snprintf(text, sizeof text, "step %zu of %s: of %zu held-out cases %.1f %% first, %.1f %% in three, log loss %.3f", position_.step, phase().name.c_str(), ranking.cases,
                    100 * ranking.first, 100 * ranking.first_three, ranking.log_loss);
      say_(text);
    }
    return metrics_.add(position_.updates, phase().name, before_ + now() - began_, row);
  }

  const TextTraining& run_;
  TextNetwork& network_;
  AdamW optimizer_;
  const double limit_;
  const std::function<void(const std::string&)>& say_;
  MetricsFile metrics_;
  Progress progress_;
  CheckpointPosition position_;
  std::map<std::string, double> parts_, smooth_;
  double began_ = 0, saved_ = 0, before_ = 0, rate_ = 0;
};

}  // namespace

Ranking rank(const TextNetwork& network, const std::vector<TextExample>& examples, const neural::WordPiece& word_piece, std::size_t most) {
  torch::NoGradGuard guard;
  static const TrainingPhase kPlain;
  Random unused(0);
  Ranking ranking;
  const std::size_t stride = std::max<std::size_t>(1, examples.size() / std::max<std::size_t>(1, most));
  std::vector<TextExample> chosen;
  for (std::size_t i = 0; i < examples.size(); i += stride) chosen.push_back(examples[i]);
  std::stable_sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.ids.size() < b.ids.size(); });
  for (std::size_t from = 0; from < chosen.size(); from += kValidationBatch) {
    const std::vector<TextExample> part(chosen.begin() + static_cast<std::ptrdiff_t>(from),
                                        chosen.begin() + static_cast<std::ptrdiff_t>(std::min(from + kValidationBatch, chosen.size())));
    const TextBatch batch = make_batch(part, word_piece, kPlain, unused);
    const torch::Tensor logits = network.condition_logits(network.hidden_states(batch.ids, batch.mask).select(1, 0));
    const torch::Tensor target = batch.conditions.unsqueeze(1);
    const torch::Tensor better = (logits > logits.gather(1, target)).sum(1);
    ranking.first += (better < 1).sum().item<double>();
    ranking.first_three += (better < 3).sum().item<double>();
    ranking.log_loss -= torch::log_softmax(logits, 1).gather(1, target).sum().item<double>();
    ranking.cases += part.size();
  }
  const double count = std::max<double>(1, static_cast<double>(ranking.cases));
  ranking.first /= count;
  ranking.first_three /= count;
  ranking.log_loss /= count;
  return ranking;
}

Result<bool> train_text(const TextTraining& run, TextNetwork& network, double seconds, const std::function<void(const std::string&)>& say) {
  return Leg(run, network, seconds, say).go();
}

}  // namespace osler::train
