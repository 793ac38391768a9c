// Where checkpoints go beside the log, so that an older copy of the whole folder cannot pass for the log: a file on another disk, or the system's
// journal, which may send them on to another machine. Setting AUDIT_WITNESS.
#pragma once

#include <string>
#include <string_view>

#include "audit/checkpoint.h"
#include "base/files.h"
#include "base/result.h"

namespace osler::audit {

/// `syslog:`, or `syslog:/path` for another socket than /dev/log. Checkpoints arrive there as lines of the program "osler-checkpoint", facility
/// authpriv, severity notice.
bool is_syslog(std::string_view witness);

/// Appends a checkpoint line and syncs; to a journal, sends it (what the journal does with it is not known). ErrorCode::unavailable when it did not
/// get there.
Result<void> tell_witness(FileSystem& files, const std::string& witness, std::string_view line);

/// The checkpoints of `key` that the witness holds, and as bad lines all others: those of other logs that share it among them. A missing file holds
/// none; so does a journal, which cannot be read back.
Result<CheckpointFile> read_witness(FileSystem& files, const std::string& witness, const vault::PublicKey& key);

/// The last checkpoint of `key` that the witness holds, if any.
Result<std::optional<Checkpoint>> newest_witnessed(FileSystem& files, const std::string& witness, const vault::PublicKey& key);

}  // namespace osler::audit
