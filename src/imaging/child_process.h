// A program that is started for one input, reads it, writes an answer and ends. It gets nothing of this process but the two.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace osler::imaging {

struct ChildOutput {
  Bytes bytes;
  std::string ending;  // how the process ended, for the log: "ended with code 0"
};

/// Starts `program` with an empty environment and no descriptor but standard input (the pieces, one after the other), output and error (dropped), and
/// waits until it closes its output; it is gone on return, whatever it does. The caller judges the answer. ErrorCode::timeout; invalid: more than
/// `most_bytes` written; unavailable: it could not be started. Thread-safe.
Result<ChildOutput> run_child(const std::string& program, std::vector<std::string> arguments, std::initializer_list<ByteView> input, std::size_t most_bytes,
                              std::chrono::milliseconds time_limit);

}  // namespace osler::imaging
