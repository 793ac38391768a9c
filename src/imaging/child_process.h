// A program that is started for one input, reads it, writes an answer and ends. It gets nothing of this process but the two.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace osler::imaging {

/// Killed and gone at the latest when this is. Not thread-safe; each thread may have its own.
class ChildProcess {
 public:
  /// Starts `program` with no descriptor but standard input (the pieces, one after the other), output and error (dropped), and an environment that
  /// only asks for large pages. Its time begins now. ErrorCode::unavailable: it could not be started.
  static Result<ChildProcess> start(const std::string& program, std::vector<std::string> arguments, std::initializer_list<ByteView> input,
                                    std::chrono::milliseconds time_limit);

  ChildProcess(ChildProcess&&) noexcept;
  ~ChildProcess();

  /// What it has written since, at most as much as `to` holds: how much; 0 once it has closed its output. Waits for it. ErrorCode::timeout.
  Result<std::size_t> read_some(std::span<std::uint8_t> to);
  /// As much as `to` holds; fewer only where it ended before.
  Result<std::size_t> read(std::span<std::uint8_t> to);

  /// Kills it if it still runs. How it ended, for the log: "ended with code 0". ErrorCode::timeout where its processor time ran out.
  Result<std::string> end();

 private:
  struct Parts;
  explicit ChildProcess(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

struct ChildOutput {
  Bytes bytes;
  std::string ending;  // how the process ended
};

/// All that a program answers to its input. The caller judges it. Errors as ChildProcess, and ErrorCode::invalid where it writes more than `most_bytes`.
Result<ChildOutput> run_child(const std::string& program, std::vector<std::string> arguments, std::initializer_list<ByteView> input, std::size_t most_bytes,
                              std::chrono::milliseconds time_limit);

}  // namespace osler::imaging
