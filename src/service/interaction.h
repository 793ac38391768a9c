// What every use-case says to the audit log, and how long it took.
#pragma once

#include <cmath>
#include <string>

#include "audit/entry.h"
#include "base/clock.h"
#include "service/diagnose.h"

namespace osler::service {

inline audit::Entry entry_for(const RequestContext& context, const char* action, std::string outcome) {
  audit::Entry entry;
  entry.request_id = context.request_id;
  entry.actor = context.actor;
  entry.role = context.role;
  entry.client_address = context.client_address;
  entry.action = action;
  entry.outcome = std::move(outcome);
  return entry;
}

/// Rounded to microseconds.
inline double milliseconds_between(SteadyTime from, SteadyTime to) {
  return std::round(std::chrono::duration<double, std::milli>(to - from).count() * 1000) / 1000;
}

}  // namespace osler::service
