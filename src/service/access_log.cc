#include "service/access_log.h"

#include <algorithm>
#include <mutex>

#include "service/interaction.h"

namespace osler::service {

/// Shared with the entries on their way. Every member under the mutex, which is never held while the recorder is called.
struct AccessLog::State {
  std::mutex mutex;
  std::size_t waiting = 0;        // in the recorder
  std::uint64_t skipped = 0;      // since the start
  std::uint64_t untold = 0;       // of those, in no entry yet
  double denials = static_cast<double>(limits::kMaxDenialsAtOnce);  // a bucket of tokens
  SteadyTime filled{};
};

AccessLog::AccessLog(Recorder& recorder, const Clock& clock) : recorder_(recorder), clock_(clock), state_(std::make_shared<State>()) {
  state_->filled = clock.steady_now();
}

bool AccessLog::take_denial() {
  const SteadyTime now = clock_.steady_now();
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - state_->filled).count());
  state_->filled = now;
  state_->denials = std::min(static_cast<double>(limits::kMaxDenialsAtOnce), state_->denials + seconds * static_cast<double>(limits::kDenialsPerSecond));
  if (state_->denials < 1) return false;
  state_->denials -= 1;
  return true;
}

void AccessLog::note(const RequestContext& context, audit::Action action, std::string outcome) {
  {
    const std::lock_guard<std::mutex> guard(state_->mutex);
    const bool full = state_->waiting >= limits::kMaxAccessEntriesWaiting;
    if (full || (audit::facts_of(action).refusal && !take_denial())) {
      ++state_->skipped;
      ++state_->untold;
      return;
    }
    ++state_->waiting;
  }
  tell_of_skipped();
  submit(entry_for(context, action, std::move(outcome)), 1);
}

void AccessLog::submit(audit::Entry entry, std::uint64_t tells_of) {
  const bool is_count = entry.action == audit::name_of(audit::Action::log_skipped);
  recorder_.submit({std::move(entry), std::nullopt}, [state = state_, tells_of, is_count](const Result<void>& recorded) {
    const std::lock_guard<std::mutex> guard(state->mutex);
    --state->waiting;
    if (recorded) return;
    state->untold += tells_of;
    if (!is_count) state->skipped += tells_of;
  });
}

void AccessLog::tell_of_skipped() {
  std::uint64_t untold = 0;
  {
    const std::lock_guard<std::mutex> guard(state_->mutex);
    std::swap(untold, state_->untold);
    if (untold > 0) ++state_->waiting;
  }
  if (untold == 0) return;
  audit::Entry entry;
  entry.actor = entry.role = "system";
  entry.action = audit::name_of(audit::Action::log_skipped);
  entry.outcome = std::to_string(untold) + " entries";
  submit(std::move(entry), untold);
}

void AccessLog::finish() { tell_of_skipped(); }

std::uint64_t AccessLog::skipped() const {
  const std::lock_guard<std::mutex> guard(state_->mutex);
  return state_->skipped;
}

}  // namespace osler::service
