// Expected failures as values. An Error has two texts, apart by name: `internal` is for the log and
// never leaves the machine, `external` is for whoever sent the request. Neither ever holds PHI.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osler {

/// At most 16; `http/problem.cc` maps each to its HTTP status in one table.
enum class ErrorCode {
  malformed,          // cannot be parsed at all
  invalid,            // parsed, but a field breaks its rule; see Error::fields
  too_large,          // over a bound of base/limits.h
  unsupported_media,  // not a content type this takes
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  conflict,           // also: a second writer, a busy port
  rate_limited,
  overloaded,         // queue full: try again shortly
  timeout,
  unavailable,        // something this needs (disk, store, audit) does not work now
  corrupted,          // stored bytes are not what was written
  configuration,      // stops the start
  internal,
};

/// Stable lower-case name, used in problem types, metrics and logs.
std::string_view name_of(ErrorCode code);

/// One bad field of a request. `pointer` is an RFC 6901 JSON pointer; no member repeats the bad value.
struct FieldError {
  std::string pointer;
  std::string problem;  // what was wrong
  std::string allowed;  // what would be right
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string external;             // one sentence for the caller
  std::string internal;             // detail for the log; may be empty
  std::vector<FieldError> fields{};  // for ErrorCode::invalid
};

/// An error whose text is safe for both readers.
Error make_error(ErrorCode code, std::string external, std::string internal = {});

/// `external (internal)`: one line for an operator's terminal.
std::string describe(const Error& error);

}  // namespace osler
