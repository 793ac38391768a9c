// Knowledge files from disk to the loader, which itself does no I/O.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "clinical/knowledge_loader.h"

namespace osler::app {

/// All .yaml files below `folder`. ErrorCode::not_found when there is no such folder.
Result<std::vector<clinical::KnowledgeFile>> read_knowledge_folder(const std::string& folder);

}  // namespace osler::app
