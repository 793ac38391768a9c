#include "imaging/deidentifier.h"

#include "imaging/child_process.h"

namespace osler::imaging {

namespace {

constexpr std::size_t kMaxHeadBytes = 64 * 1024;  // of the answer, before the file

}  // namespace

Deidentifier::Deidentifier(std::string program, std::chrono::milliseconds time_limit) : program_(std::move(program)), time_limit_(time_limit) {}

Result<Deidentified> Deidentifier::run(ByteView file, ByteView key, const DeidentificationOptions& options) const {
  const Bytes head = write_deidentification_request(key, options);
  if (head.size() + file.size() > limits::kMaxFilmFileBytes) return make_error(ErrorCode::too_large, "The file is larger than 64 MiB.");
  const ChildOutput output = TRY(run_child(program_, {"deidentify"}, {head, file}, limits::kMaxDeidentifiedFileBytes + kMaxHeadBytes, time_limit_));
  Result<Deidentified> done = read_deidentification_outcome(output.bytes);
  if (!done && done.error().code == ErrorCode::corrupted)
    return make_error(ErrorCode::invalid, "The file could not be worked on safely.", "the child " + output.ending);
  return done;
}

}  // namespace osler::imaging
