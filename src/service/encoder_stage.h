// The encoder's part of an answer: the words of a case through the model, and its outputs as log-odds of conditions.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "clinical/findings.h"
#include "models/encoder_model.h"
#include "neural/batch_scheduler.h"
#include "reasoning/ensemble.h"

namespace osler::service {

/// A case as the encoder reads it.
struct EncoderCase {
  std::vector<language::CaseTextUnit> units;
  models::UnitPieces pieces;
  models::EncoderInput input;
};

/// Buffers of the encoder, one for each thread that runs it at the moment. Thread-safe.
class Workspaces {
 public:
  explicit Workspaces(const models::EncoderModel& model) : model_(model) {}
  /// Lends one for the time of a call.
  template <typename Use>
  auto with(const Use& use) {
    neural::BertWorkspace workspace = take();
    auto result = use(workspace);
    give_back(std::move(workspace));
    return result;
  }

 private:
  neural::BertWorkspace take();
  void give_back(neural::BertWorkspace workspace);

  const models::EncoderModel& model_;
  std::mutex mutex_;
  std::vector<neural::BertWorkspace> free_;
};

/// Thread-safe; the referents outlive it.
class EncoderStage {
 public:
  /// `max_length`: pieces of a case that are read (MAX_SEQUENCE_LENGTH), no more than the model has positions. Runs the model, to know its speed.
  EncoderStage(const models::EncoderModel& model, const clinical::KnowledgeBase& knowledge, std::size_t max_length, bool alone, const Clock& clock,
               neural::BatchLimits limits = {});

  EncoderCase prepare(const clinical::PatientCase& patient, const clinical::CaseFindings& findings) const;

  /// Runs now, on this thread.
  reasoning::EncoderOpinion read(const EncoderCase& one) const;
  /// The same for several cases, in as few passes as memory allows; what one gives does not depend on the others. Whoever calls may be slow on purpose, so the
  /// time it takes says nothing of how long a request would.
  std::vector<reasoning::EncoderOpinion> read_all(std::span<const models::EncoderInput> inputs) const;
  /// Several versions of a case at once, as attribution asks: which units are used in each.
  std::vector<reasoning::EncoderOpinion> read_parts(const EncoderCase& one, std::span<const std::vector<bool>> uses) const;

  using Done = std::function<void(Result<reasoning::EncoderOpinion>)>;
  /// Runs in a batch (neural/batch_scheduler.h); `done` is called once, on whatever thread ran it. ErrorCode::overloaded when too many wait or
  /// when the case cannot be expected to be read before `deadline`, ErrorCode::timeout when `gone` said that nobody waits for the answer any more.
  void submit(models::EncoderInput input, bool others_wait, std::function<bool()> gone, SteadyTime deadline, Done done) const;

  /// How long a case of that many pieces will take on a free core, in seconds, as seen so far.
  double expected_seconds(std::size_t pieces) const;
  /// A case was left out because it seemed to take too long. What was seen fades, or one hiccup would shut the encoder out for good.
  void note_left_out() const;

  /// Runs what was submitted to its end. Nobody may submit meanwhile.
  void finish() const;

  /// What was cut, for `warnings`; none if all was read.
  std::optional<clinical::CaseWarning> cut_warning(const EncoderCase& one) const;

  const models::EncoderModel& model() const { return model_; }
  std::size_t max_length() const { return max_length_; }
  /// The encoder ranks by itself (MODEL_NAME=encoder).
  bool alone() const { return alone_; }
  /// Conditions of the knowledge base that an output of the model speaks of.
  std::size_t conditions_labelled() const { return conditions_labelled_; }
  bool has_label(clinical::ConditionIndex condition) const { return labelled_[condition] != 0; }

 private:
  struct Job {
    models::EncoderInput input;
    SteadyTime deadline;
    Done done;
  };

  std::vector<models::EncoderOutput> forward(std::span<const models::EncoderInput> inputs) const;
  std::vector<reasoning::EncoderOpinion> run(std::span<const models::EncoderInput> inputs) const;
  reasoning::EncoderOpinion opinion_of(models::EncoderOutput output) const;
  void run_batch(std::vector<Job> jobs) const;
  /// How many, from the first on, can be expected to be read together before any of their deadlines.
  std::size_t in_time(std::span<const Job> jobs) const;
  void run_round(std::span<Job> jobs) const;
  void leave_out(const Job& job) const;

  const models::EncoderModel& model_;
  const clinical::KnowledgeBase& knowledge_;
  const std::size_t max_length_;
  const bool alone_;
  const Clock& clock_;
  struct Meaning {
    std::vector<clinical::ConditionIndex> conditions;
    double log_share = 0;  // each gets an equal share of what the label gets
  };
  std::vector<Meaning> meaning_;                                // of each label
  std::vector<std::uint8_t> labelled_;                          // by condition
  std::size_t conditions_labelled_ = 0;
  mutable Workspaces workspaces_;
  mutable std::atomic<double> seconds_a_piece_{0};
  mutable std::unique_ptr<neural::BatchScheduler<Job>> scheduler_;
};

}  // namespace osler::service
