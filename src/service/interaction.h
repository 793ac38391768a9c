// What every use-case says to the audit log, and how long it took.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "audit/actions.h"
#include "audit/entry.h"
#include "base/clock.h"
#include "service/diagnose.h"

namespace osler::service {

/// The entry of a request. Whoever asks for it records it: the edge then makes none of its own.
inline audit::Entry entry_for(const RequestContext& context, audit::Action action, std::string outcome) {
  if (context.has_entry) *context.has_entry = true;
  audit::Entry entry;
  entry.request_id = context.request_id;
  entry.actor = context.actor;
  entry.role = context.role;
  entry.client_address = context.client_address;
  entry.action = audit::name_of(action);
  entry.outcome = std::move(outcome);
  return entry;
}

/// Rounded to microseconds.
inline double milliseconds_between(SteadyTime from, SteadyTime to) {
  return std::round(std::chrono::duration<double, std::milli>(to - from).count() * 1000) / 1000;
}

}  // namespace osler::service
