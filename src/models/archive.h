// Every knowledge base and model directory that a server ever answered with, kept by hash, so that an old answer can be made again: docs/adr/0023-replay.md.
//
//   ARCHIVE_DIR/knowledge-<first 12 digits of its hash>/files.json            {"path": "content", ...}
//   ARCHIVE_DIR/<network|encoder|image>-<first 12 digits>/<folder's name>/    the model directory, file by file
//
// What stands there is never changed: a copy is written under another name, synced and renamed. It is checked when it is used, not when it is found.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "clinical/knowledge_loader.h"
#include "models/model_directory.h"

namespace osler::models {

/// Thread-safe, also between processes: of two that keep the same thing at once, one copy stays. Hashes are lower-case hexadecimal, 64 digits.
class Archive {
 public:
  /// `files` outlives it.
  Archive(FileSystem& files, std::string folder);

  /// Keeps a knowledge base of this hash, unless it is there. `read` gives its files and is called only if they must be written. ErrorCode::conflict
  /// when they are not those of the hash any more (somebody edited them since they were loaded); unavailable when they cannot be written.
  Result<void> keep_knowledge(const std::string& hash, const std::function<Result<std::vector<clinical::KnowledgeFile>>()>& read);
  /// Keeps the model directory that this manifest was read from; likewise. `kind`: network, encoder or image.
  Result<void> keep_model(const std::string& kind, const ModelManifest& manifest, const std::string& folder);

  /// The files of a knowledge base. ErrorCode::not_found when none of this hash was kept, corrupted when what was kept is not of this hash.
  Result<std::vector<clinical::KnowledgeFile>> knowledge(const std::string& hash);
  /// Where the model directory stands; whoever loads it compares its manifest's hash. ErrorCode::not_found, or corrupted.
  Result<std::string> model_folder(const std::string& kind, const std::string& hash);

 private:
  std::string place_of(const std::string& kind, const std::string& hash) const;
  Result<void> put(const std::string& place, const std::function<Result<void>(const std::string& draft)>& write);

  FileSystem& files_;
  const std::string folder_;
};

}  // namespace osler::models
