// Knowledge files from disk to the loader, which itself does no I/O. For the server and for training.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "clinical/knowledge_loader.h"

namespace osler::clinical {

/// All .yaml files below `folder`, each with its path from there. ErrorCode::not_found when there is no such folder, configuration when a file cannot be
/// read or there are more than limits::kMaxKnowledgeFiles. Thread-safe.
Result<std::vector<KnowledgeFile>> read_knowledge_folder(const std::string& folder);

}  // namespace osler::clinical
