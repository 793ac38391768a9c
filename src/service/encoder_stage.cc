#include "service/encoder_stage.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace osler::service {

using namespace clinical;

namespace {

constexpr double kSmoothing = 0.1;  // of the speed seen so far

std::string_view category_of(std::string_view code) { return code.substr(0, 3); }

/// The condition called so, else all with that very code, else all of that three-character category.
std::vector<ConditionIndex> conditions_of(const KnowledgeBase& knowledge, const models::EncoderLabel& label) {
  if (const auto found = knowledge.condition_by_id.find(label.id); found != knowledge.condition_by_id.end()) return {found->second};
  std::vector<ConditionIndex> exact, alike;
  for (ConditionIndex c = 0; c < knowledge.conditions.size(); ++c) {
    if (label.code.empty()) break;
    const Condition& condition = knowledge.conditions[c];
    const bool other = std::find(condition.other_codes.begin(), condition.other_codes.end(), label.code) != condition.other_codes.end();
    if (condition.code == label.code || other) exact.push_back(c);
    if (category_of(condition.code) == category_of(label.code)) alike.push_back(c);
  }
  return exact.empty() ? alike : exact;
}

double seconds(SteadyTime from, SteadyTime to) { return std::chrono::duration<double>(to - from).count(); }

}  // namespace

neural::BertWorkspace Workspaces::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      neural::BertWorkspace workspace = std::move(free_.back());
      free_.pop_back();
      return workspace;
    }
  }
  return model_.encoder().make_workspace();
}

void Workspaces::give_back(neural::BertWorkspace workspace) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(workspace));
}

EncoderStage::EncoderStage(const models::EncoderModel& model, const KnowledgeBase& knowledge, std::size_t max_length, bool alone, const Clock& clock,
                           neural::BatchLimits limits)
    : model_(model), knowledge_(knowledge), max_length_(std::min(max_length, model.encoder().config().positions)), alone_(alone), clock_(clock), workspaces_(model) {
  labelled_.assign(knowledge.conditions.size(), 0);
  for (const models::EncoderLabel& label : model.labels()) {
    Meaning& meaning = meaning_.emplace_back();
    meaning.conditions = conditions_of(knowledge, label);
    meaning.log_share = -std::log(static_cast<double>(std::max<std::size_t>(1, meaning.conditions.size())));
    for (const ConditionIndex c : meaning.conditions) labelled_[c] = 1;
  }
  conditions_labelled_ = static_cast<std::size_t>(std::count(labelled_.begin(), labelled_.end(), 1));
  scheduler_ = std::make_unique<neural::BatchScheduler<Job>>(
      limits, clock, [this](std::vector<Job> jobs) { run_batch(std::move(jobs)); },
      [](Job job) { job.done(make_error(ErrorCode::timeout, "Nobody waits for this answer any more.")); });
  models::EncoderInput warm_up;
  warm_up.ids.assign(std::min<std::size_t>(max_length_, 64), model.word_piece().unknown());
  run({&warm_up, 1});    // makes the kernels,
  seconds_a_piece_ = 0;  // so its time says nothing
  run({&warm_up, 1});
}

EncoderCase EncoderStage::prepare(const PatientCase& patient, const CaseFindings& findings) const {
  EncoderCase one;
  one.units = language::case_text_units(knowledge_, patient, findings.quantities);
  one.pieces = models::pieces_of(one.units, model_.word_piece());
  one.input = models::encoder_input(one.pieces, {}, model_.word_piece(), max_length_);
  return one;
}

reasoning::EncoderOpinion EncoderStage::opinion_of(models::EncoderOutput output) const {
  reasoning::EncoderOpinion opinion;
  opinion.alone = alone_;
  if (model_.ensemble()) opinion.parameters = *model_.ensemble();
  opinion.log_odds.assign(knowledge_.conditions.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t label = 0; label < meaning_.size(); ++label) {
    const double logit = static_cast<double>(output.logits[label]) + meaning_[label].log_share;
    for (const ConditionIndex c : meaning_[label].conditions)
      if (std::isnan(opinion.log_odds[c]) || logit > opinion.log_odds[c]) opinion.log_odds[c] = logit;
  }
  opinion.embedding = std::move(output.embedding);
  return opinion;
}

std::vector<reasoning::EncoderOpinion> EncoderStage::read_all(std::span<const models::EncoderInput> inputs) const {
  constexpr std::size_t kMostPieces = neural::BatchLimits{}.most_tokens;
  std::vector<reasoning::EncoderOpinion> opinions;
  while (!inputs.empty()) {
    std::size_t count = 1, pieces = inputs.front().ids.size();
    while (count < inputs.size() && (pieces += inputs[count].ids.size()) <= kMostPieces) ++count;
    for (models::EncoderOutput& output : forward(inputs.first(count))) opinions.push_back(opinion_of(std::move(output)));
    inputs = inputs.subspan(count);
  }
  return opinions;
}

std::vector<models::EncoderOutput> EncoderStage::forward(std::span<const models::EncoderInput> inputs) const {
  return workspaces_.with([&](neural::BertWorkspace& workspace) { return model_.run(inputs, workspace); });
}

std::vector<reasoning::EncoderOpinion> EncoderStage::run(std::span<const models::EncoderInput> inputs) const {
  const SteadyTime start = clock_.steady_now();
  std::vector<models::EncoderOutput> outputs = forward(inputs);
  std::size_t pieces = 0;
  for (const models::EncoderInput& input : inputs) pieces += input.ids.size();
  const double now = seconds(start, clock_.steady_now()) / static_cast<double>(std::max<std::size_t>(1, pieces));
  const double before = seconds_a_piece_.load();
  seconds_a_piece_ = before == 0 ? now : before + kSmoothing * (now - before);
  std::vector<reasoning::EncoderOpinion> opinions;
  for (models::EncoderOutput& output : outputs) opinions.push_back(opinion_of(std::move(output)));
  return opinions;
}

reasoning::EncoderOpinion EncoderStage::read(const EncoderCase& one) const { return std::move(run({&one.input, 1}).front()); }

std::vector<reasoning::EncoderOpinion> EncoderStage::read_parts(const EncoderCase& one, std::span<const std::vector<bool>> uses) const {
  std::vector<models::EncoderInput> inputs;
  for (const std::vector<bool>& use : uses) inputs.push_back(models::encoder_input(one.pieces, use, model_.word_piece(), max_length_));
  return run(inputs);
}

void EncoderStage::submit(models::EncoderInput input, bool others_wait, std::function<bool()> gone, SteadyTime deadline, Done done) const {
  const std::size_t length = input.ids.size();
  Job job{std::move(input), deadline, std::move(done)};
  if (!scheduler_->submit(job, length, others_wait, std::move(gone)))
    job.done(make_error(ErrorCode::overloaded, "Too many requests wait for the encoder."));
}

/// Whoever joins a batch makes all in it wait, so it is read in rounds where one would be late for somebody.
void EncoderStage::run_batch(std::vector<Job> jobs) const {
  for (std::span<Job> left(jobs); !left.empty();) {
    const std::size_t round = in_time(left);
    if (round > 0) run_round(left.first(round));
    else leave_out(left.front());
    left = left.subspan(std::max<std::size_t>(1, round));
  }
}

std::size_t EncoderStage::in_time(std::span<const Job> jobs) const {
  const SteadyTime now = clock_.steady_now();
  SteadyTime earliest = SteadyTime::max();
  std::size_t count = 0, pieces = 0;
  for (const Job& job : jobs) {
    earliest = std::min(earliest, job.deadline);
    pieces += job.input.ids.size();
    if (seconds(now, earliest) <= expected_seconds(pieces)) break;
    ++count;
  }
  return count;
}

void EncoderStage::run_round(std::span<Job> jobs) const {
  std::vector<models::EncoderInput> inputs;
  for (Job& job : jobs) inputs.push_back(std::move(job.input));
  std::vector<reasoning::EncoderOpinion> opinions = run(inputs);
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].done(std::move(opinions[i]));
}

void EncoderStage::leave_out(const Job& job) const {
  if (clock_.steady_now() < job.deadline) note_left_out();  // else it was late before it came here
  job.done(make_error(ErrorCode::overloaded, "The encoder would have taken too long on this machine."));
}

double EncoderStage::expected_seconds(std::size_t pieces) const { return seconds_a_piece_.load() * static_cast<double>(pieces); }

void EncoderStage::note_left_out() const { seconds_a_piece_ = seconds_a_piece_.load() * (1 - kSmoothing); }

void EncoderStage::finish() const { scheduler_->finish(); }

std::optional<CaseWarning> EncoderStage::cut_warning(const EncoderCase& one) const {
  if (one.input.pieces_cut == 0) return std::nullopt;
  const language::CaseTextUnit& unit = one.units[one.input.first_cut_unit];
  CaseWarning warning;
  warning.code = "text_cut";
  warning.pointer = "/" + std::string(name_of(unit.span.field));
  warning.text = "The encoder reads " + std::to_string(max_length_) + " pieces of a case; " + std::to_string(one.input.pieces_cut) + " more, from " +
                 std::string(name_of(unit.span.field)) + (unit.span.field == CaseField::narrative ? " at byte " + std::to_string(unit.span.begin) : "") +
                 " on, were left to the network alone.";
  return warning;
}

}  // namespace osler::service
