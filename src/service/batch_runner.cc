#include "service/batch_runner.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <set>

#include "audit/actions.h"
#include "base/ids.h"
#include "service/batch_chunk.h"
#include "service/diagnosis_record.h"
#include "service/interaction.h"

namespace osler::service {

namespace {

constexpr std::size_t kGroup = 16;                           // cases that go through the encoder and to the recorder together
constexpr int kNiceness = 10;                                // of threads that give way
constexpr std::chrono::milliseconds kTurnPause{1};
constexpr std::chrono::milliseconds kLongestTurnWait{250};   // so that a batch moves on under any load
constexpr std::chrono::milliseconds kGivenBack{0};

/// Lowers the calling thread's priority: on Linux a thread has its own.
void give_way() { static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNiceness)); }

/// Third-party code may throw, and one case must not stop the others.
template <typename Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception&) {  // its words may repeat the case
    return make_error(ErrorCode::internal, "The case could not be answered.", "exception in a case");
  }
}

/// Groups that were handed to the recorder, and the first error of any. Waits for all of them before it goes.
class Recordings {
 public:
  Recordings() = default;
  Recordings(const Recordings&) = delete;
  Recordings& operator=(const Recordings&) = delete;
  ~Recordings() { static_cast<void>(wait()); }

  /// The recorder's answer to one group.
  Recorder::Done expect() {
    const std::lock_guard<std::mutex> guard(mutex_);
    ++open_;
    return [this](Result<void> outcome) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!outcome && outcome_) outcome_ = std::move(outcome);
      --open_;
      changed_.notify_all();
    };
  }
  Result<void> wait() {
    std::unique_lock<std::mutex> guard(mutex_);
    changed_.wait(guard, [this] { return open_ == 0; });
    return outcome_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;
  Result<void> outcome_ = ok();
};

}  // namespace

/// One chunk, from its claim to its end.
class BatchRunner::ChunkWork {
 public:
  ChunkWork(BatchRunner& runner, const cases::ChunkClaim& claim, const std::string& worker)
      : runner_(runner), parts_(runner.parts_), claim_(claim), worker_(worker), renewed_(parts_.clock.steady_now()) {}

  /// True when the chunk was finished; false when it was cancelled, became another's, or the runner stops.
  Result<bool> run() {
    const cases::BatchInfo batch = TRY(parts_.store.batches().info(claim_.batch));
    owner_ = batch.owner;
    batch_options_ = TRY(parse_options(batch.options));
    options_.threshold = batch_options_.threshold;
    const std::vector<ChunkCase> chunk = TRY(open_chunk(*parts_.keys.ring_for(claim_.input.wrapped_key), claim_));
    excluded_ = TRY(excluded());
    const Result<bool> answered = answer(chunk);
    const Result<void> recorded = recordings_.wait();
    TRY_VOID(remove_excluded());
    if (!answered || !*answered) return answered;
    TRY_VOID(recorded);
    return parts_.store.batches().finish(claim_, worker_, outcomes_);
  }

 private:
  struct Work {
    std::uint64_t line = 0;
    std::string request_id;
    ReadCase read;
  };

  /// Tokens of patients who were deleted since the batch was sent.
  Result<std::set<std::string>> excluded() {
    const std::vector<std::string> tokens = TRY(parts_.store.batches().excluded_patients(claim_.batch));
    return std::set<std::string>(tokens.begin(), tokens.end());
  }

  /// A deletion notes its patient before it looks for records, and this looks for such notes after the records are stored: one of the two sees the other.
  Result<void> remove_excluded() {
    const std::set<std::string> now = TRY(excluded());
    std::vector<std::string> ids;
    for (const auto& [token, id] : stored_)
      if (now.contains(token)) ids.push_back(id);
    return ids.empty() ? ok() : parts_.store.remove(ids);
  }

  Result<bool> answer(std::span<const ChunkCase> chunk) {
    while (!chunk.empty()) {
      runner_.wait_for_turn();
      if (runner_.stopping_ || !TRY(is_wanted())) return false;
      const std::size_t count = std::min(kGroup, chunk.size());
      TRY_VOID(answer_group(chunk.first(count)));
      chunk = chunk.subspan(count);
    }
    return true;
  }

  /// The batch was not cancelled, and the lease is still ours.
  Result<bool> is_wanted() {
    if (TRY(parts_.store.batches().info(claim_.batch)).state != cases::BatchState::ready) return false;
    const SteadyTime now = parts_.clock.steady_now();
    if (now - renewed_ < runner_.settings_.lease / 3) return true;
    renewed_ = now;
    return parts_.store.batches().renew(claim_, worker_, runner_.settings_.lease);
  }

  Result<void> answer_group(std::span<const ChunkCase> group) {
    const SteadyTime started = parts_.clock.steady_now();
    std::vector<Work> works;
    std::vector<models::EncoderInput> inputs;
    for (const ChunkCase& one : group) {
      const std::string id = parts_.names.request_id(claim_.batch, one.line);
      if (claim_.claimed_before && TRY(was_answered(one.line, id))) continue;
      Result<ReadCase> read = one.refusal.empty() ? guarded([&] { return parts_.answerer.read(one.body); }) : Result<ReadCase>(Error{});
      if (!read) {
        refuse(one.line, id, one.refusal.empty() ? refusal_json(read.error()) : one.refusal);
        continue;
      }
      if (is_excluded(*read, one.line, id)) continue;
      if (read->for_encoder) inputs.push_back(read->for_encoder->input);
      works.push_back({one.line, id, std::move(read).value()});
    }
    const EncoderStage* encoder = parts_.answerer.encoder();
    std::vector<reasoning::EncoderOpinion> opinions;
    if (!inputs.empty()) opinions = encoder->read_all(inputs);
    const double shared_ms = milliseconds_between(started, parts_.clock.steady_now()) / static_cast<double>(std::max<std::size_t>(1, works.size()));
    for (std::size_t i = 0; i < works.size(); ++i) write(std::move(works[i]), opinions.empty() ? nullptr : &opinions[i], shared_ms);
    runner_.cases_ += group.size();
    parts_.recorder.submit_all(std::move(requests_), recordings_.expect());
    requests_.clear();
    return ok();
  }

  /// Whether the case is not answered because its patient was deleted: its outcome is a record that is not there.
  bool is_excluded(const ReadCase& read, std::uint64_t line, const std::string& id) {
    const std::string token = parts_.names.token("patient", read.parsed.patient.patient_id);
    if (!excluded_.contains(token)) return false;
    audit::Entry refused = entry(id, "refused:deleted");
    refused.subject = token;
    requests_.push_back({std::move(refused), std::nullopt});
    outcomes_.push_back({line, id, ""});
    return true;
  }

  /// `shared_ms`: of the time that the group took so far.
  void write(Work work, const reasoning::EncoderOpinion* opinion, double shared_ms) {
    const SteadyTime started = parts_.clock.steady_now();
    Result<RecordRequest> request = guarded([&]() -> Result<RecordRequest> {
      const std::string why = parts_.answerer.encoder() == nullptr ? parts_.answerer.encoder_trouble() : "";
      CaseAnswer answer = parts_.answerer.write(std::move(work.read), opinion, why, work.request_id, options_);
      answer.answer["processing_time_ms"] = shared_ms + milliseconds_between(started, parts_.clock.steady_now());
      const std::string given = answer.answer.dump();
      auto summary = parts_.finder.seal(work.request_id, parts_.finder.in_question(answer.vector, answer.summary, answer.patient_id), answer.summary);
      RecordRequest made = TRY(make_diagnosis_record(*parts_.keys.ring(), parts_.names, entry(work.request_id, "answered"), std::move(answer), given, options_, parts_.clock.now()));
      made.record->summary = std::move(summary);
      return made;
    });
    if (!request) return refuse(work.line, work.request_id, refusal_json(request.error()));
    request->again = true;
    stored_.emplace_back(request->record->patient_token, work.request_id);
    requests_.push_back(std::move(request).value());
    outcomes_.push_back({work.line, work.request_id, ""});
  }

  void refuse(std::uint64_t line, const std::string& id, std::string refusal) {
    requests_.push_back({entry(id, "refused:" + code_in(refusal)), std::nullopt});
    outcomes_.push_back({line, "", std::move(refusal)});
  }

  /// Of an earlier run: its record is there, so the case is not answered again. Its entry may be missing, so there is one more.
  Result<bool> was_answered(std::uint64_t line, const std::string& id) {
    const Result<cases::SealedRecord> record = parts_.store.get(id);
    if (!record && record.error().code == ErrorCode::not_found) return false;
    if (!record) return record.error();
    audit::Entry added = entry(id, "answered:resumed");
    added.model_version = record->model_version;
    added.subject = record->patient_token;
    if (const auto payload = cases::open_record(*parts_.keys.ring_for(record->content.wrapped_key), *record)) added.commitment = parts_.names.commitment(as_bytes(payload->reveal_phi()));
    requests_.push_back({std::move(added), std::nullopt});
    outcomes_.push_back({line, id, ""});
    stored_.emplace_back(record->patient_token, id);
    ++runner_.resumed_;
    return true;
  }

  static std::string code_in(const std::string& refusal) {
    const Result<Json> json = parse_json(refusal);
    return json && json->contains("code") ? json->at("code").get<std::string>() : std::string(name_of(ErrorCode::invalid));
  }

  audit::Entry entry(const std::string& request_id, std::string outcome) const {
    RequestContext context;
    context.request_id = request_id;
    context.actor = owner_;
    context.role = batch_options_.role;
    context.client_address = batch_options_.client_address;
    return entry_for(context, audit::Action::batch_case, std::move(outcome));
  }

  BatchRunner& runner_;
  const BatchRunnerParts& parts_;
  const cases::ChunkClaim& claim_;
  const std::string& worker_;
  SteadyTime renewed_;
  std::string owner_;
  BatchOptions batch_options_;
  DiagnoseOptions options_;
  std::vector<RecordRequest> requests_;
  std::vector<cases::ChunkOutcome> outcomes_;
  std::set<std::string> excluded_;                             // tokens, as they were at the beginning
  std::vector<std::pair<std::string, std::string>> stored_;    // token of the patient, request id
  Recordings recordings_;
};

BatchRunner::BatchRunner(BatchRunnerParts parts, BatchRunnerSettings settings, FailureObserver on_failure)
    : parts_(parts), settings_(std::move(settings)), on_failure_(std::move(on_failure)) {
  const std::string process = make_uuid();
  for (std::size_t i = 0; i < settings_.threads; ++i) threads_.emplace_back([this, worker = process + "/" + std::to_string(i)] { run(worker); });
}

BatchRunner::~BatchRunner() { stop(); }

void BatchRunner::stop() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void BatchRunner::wake() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    ++woken_;
  }
  wake_.notify_all();
}

BatchRunnerCounts BatchRunner::counts() const { return {cases_, resumed_, chunks_, lost_}; }

void BatchRunner::run(const std::string& worker) {
  if (settings_.gives_way) give_way();
  while (!stopping_) {
    std::uint64_t woken_before = 0;
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      woken_before = woken_;
    }
    const Result<bool> worked = work_once(worker);
    if (!worked && on_failure_) on_failure_(worked.error());
    if (!worked || !*worked) rest(woken_before);
  }
}

/// An exception (third-party code, memory) gives the chunk up, without its words, which may repeat the case.
Result<bool> BatchRunner::work_on(const cases::ChunkClaim& claim, const std::string& worker) {
  try {
    return ChunkWork(*this, claim, worker).run();
  } catch (const std::exception&) {
    return make_error(ErrorCode::internal, "", "exception in a batch");
  }
}

Result<bool> BatchRunner::work_once(const std::string& worker) {
  cases::Batches& batches = parts_.store.batches();
  const std::optional<cases::ChunkClaim> claim = TRY(batches.claim(worker, settings_.lease));
  if (!claim) return false;
  const Result<bool> finished = work_on(*claim, worker);
  if (finished && *finished) return ++chunks_, true;
  ++lost_;
  if (!finished && finished.error().code == ErrorCode::corrupted) TRY_VOID(batches.set_state(claim->batch, cases::BatchState::cancelled));
  else static_cast<void>(batches.renew(*claim, worker, kGivenBack));  // another may have it; else its lease runs out
  if (!finished) return finished.error();
  return true;
}

void BatchRunner::rest(std::uint64_t woken_before) {
  std::unique_lock<std::mutex> guard(mutex_);
  wake_.wait_for(guard, settings_.pause, [&] { return stopping_ || woken_ != woken_before; });
}

void BatchRunner::wait_for_turn() {
  if (!settings_.others_wait) return;
  const SteadyTime latest = parts_.clock.steady_now() + kLongestTurnWait;
  std::unique_lock<std::mutex> guard(mutex_);
  while (settings_.others_wait() && parts_.clock.steady_now() < latest && !wake_.wait_for(guard, kTurnPause, [this] { return stopping_.load(); })) {
  }
}

}  // namespace osler::service
