// A file that proves one entry of a log to whoever has nothing but the log's public key. Grammar: docs/formats/audit_proof.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/keys.h"
#include "base/files.h"
#include "base/result.h"

namespace osler::audit {

struct EntryProof {
  std::string entry;                // canonical JSON
  std::string checkpoint;           // the first line of checkpoints.log that covers the entry, without its newline
  std::vector<Digest> inclusion;    // of the entry in the tree of `checkpoint`
  std::string newest_checkpoint;    // the last one; may be the same
  std::vector<Digest> consistency;  // from `checkpoint` to it
};

/// Reads the log (as reader.h does; it may run beside the server) and proves its entry `index`. ErrorCode::not_found when there is no such entry, or
/// when no checkpoint covers it yet; corrupted when the log contradicts itself.
Result<EntryProof> prove_entry(FileSystem& files, const Keys& keys, const std::string& folder, std::uint64_t index);

/// The first entry that names this request. ErrorCode::not_found when none does.
Result<std::uint64_t> find_request(FileSystem& files, const Keys& keys, const std::string& folder, std::string_view request_id);

/// One JSON object, indented.
std::string to_json(const EntryProof& proof, const vault::PublicKey& key);

struct ProvedEntry {
  LoggedEntry entry;
  Checkpoint covered_by;
  Checkpoint newest;
};

/// What a proof file proves under `key`. ErrorCode::malformed when the text is no proof; corrupted when it does not prove what it says.
Result<ProvedEntry> check_proof(std::string_view json, const vault::PublicKey& key);

}  // namespace osler::audit
