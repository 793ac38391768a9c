// Reading a log: entry by entry, each proved by the keys before it is shown. Needs no lock, so it may run beside the server.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/keys.h"
#include "audit/segment.h"
#include "base/files.h"
#include "base/result.h"

namespace osler::audit {

/// Sees the canonical text of each entry, in order. Its error ends the reading and is handed on.
using EntryReader = std::function<Result<void>(std::uint64_t index, std::string_view json)>;

/// All entries of a log but an unfinished last write; how many they are. ErrorCode::corrupted, with the place, where bytes are not as they were written
/// (what stood before was shown already); not_found when there is no log in the folder. Shows those from index `from` on
/// and below `until`, and reads only the files that hold them (and one at least): then it is the index after what was read.
Result<std::uint64_t> read_entries(FileSystem& files, const Keys& keys, const std::string& folder, const EntryReader& visit, std::uint64_t from = 0,
                                   std::uint64_t until = std::numeric_limits<std::uint64_t>::max());

/// The newest entry that `wanted` holds of, looking back over at most `segments` files of the log (each starts with all that is needed to prove it).
Result<std::optional<std::string>> last_entry(FileSystem& files, const Keys& keys, const std::string& folder, std::size_t segments,
                                              const std::function<bool(std::string_view json)>& wanted);

/// Whether a folder is, or was, a log of its own: it holds segments, checkpoints or the keys of a log. Not when there is no such folder; an error when it
/// cannot be looked into, since what is left out would be missed by nobody.
Result<bool> is_log(FileSystem& files, const std::string& folder);

/// The folders of the logs in `folder` and one level below it, sorted, `folder` itself first.
Result<std::vector<std::string>> find_logs(FileSystem& files, const std::string& folder);

/// The file in a log's folder that holds its keys, sealed.
inline constexpr std::string_view kSecretsFile = "secrets";

}  // namespace osler::audit
