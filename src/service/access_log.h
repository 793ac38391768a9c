// What the audit learns of requests that no use-case made an entry for: denied logins, forbidden and refused requests, and the API's small questions.
//
// Nobody waits for these entries. So that a flood of guesses fills neither the disk nor the recorder's queue, what is denied too often is counted, and the
// count is an entry of its own ("log.skipped").
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "audit/actions.h"
#include "base/clock.h"
#include "base/limits.h"
#include "service/diagnose.h"
#include "service/recorder.h"

namespace osler::service {

/// Thread-safe. The referents outlive it; entries that are on their way when it ends still come.
class AccessLog {
 public:
  AccessLog(Recorder& recorder, const Clock& clock);

  /// Hands an entry to the recorder, or counts it: when limits::kMaxAccessEntriesWaiting of its own wait there, when the log cannot be written, or, for an
  /// action that is a refusal, beyond limits::kMaxDenialsAtOnce and then limits::kDenialsPerSecond.
  void note(const RequestContext& context, audit::Action action, std::string outcome);

  /// The last entry, if something was counted that no entry tells of yet. Before Recorder::stop().
  void finish();

  /// Entries that were counted instead of written.
  std::uint64_t skipped() const;

 private:
  struct State;
  bool take_denial();
  void submit(audit::Entry entry, std::uint64_t tells_of);
  void tell_of_skipped();

  Recorder& recorder_;
  const Clock& clock_;
  const std::shared_ptr<State> state_;
};

}  // namespace osler::service
