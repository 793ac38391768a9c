// The verifier: finds what was changed, deleted, inserted, reordered or cut in an audit log, and says where, and says what
// it cannot see.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/keys.h"
#include "audit/log.h"
#include "base/files.h"
#include "base/result.h"

namespace osler::audit {

struct VerifyOptions {
  std::string folder;
  std::string witness;  // AUDIT_WITNESS, or a file with the lines that a journal has; empty: none
  std::uint64_t checkpoint_entries = kCheckpointEntries;
};

struct Problem {
  std::uint64_t index = 0;  // of the first entry that is not as it was written
  std::string file;         // name within the folder, or the witness
  std::string text;
};

struct VerifyReport {
  std::uint64_t entries = 0;               // whose place and content are proved
  Digest root{};                           // of those
  std::size_t segments = 0;
  std::size_t checkpoints = 0;
  std::uint64_t checkpointed_entries = 0;  // covered by the last checkpoint of the folder
  std::uint64_t witnessed_entries = 0;     // covered by the last checkpoint of the witness
  std::vector<Problem> problems;
  std::vector<std::string> notes;          // harmless: an unfinished last write
  std::vector<std::string> unseen;         // attacks that nothing here could show
  std::size_t witness_lines = 0;           // of the witness that this log's key signed
  std::size_t foreign_witness_lines = 0;   // and those that it did not: other logs may share the witness

  bool sound() const { return problems.empty(); }
};

/// Reads the whole log; needs no lock and changes nothing, so it may run beside the server. Findings are in the report; an
/// Error means only that the files could not be read.
Result<VerifyReport> verify(FileSystem& files, const Keys& keys, const VerifyOptions& options);

}  // namespace osler::audit
