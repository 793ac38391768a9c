// YAML bytes to KnowledgeBase, checking every rule of docs/formats/knowledge.md.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "clinical/knowledge.h"

namespace osler::clinical {

struct KnowledgeFile {
  std::string path;     // relative to the knowledge folder, with '/'
  std::string content;
};

/// One fault of the knowledge base.
struct KnowledgeFault {
  std::string path;
  int line = 0;         // from 1; 0 when no single line is to blame
  std::string message;
};

/// `path:line: message`
std::string describe(const KnowledgeFault& fault);

/// Lower-case hex SHA-256 over "path NUL length NUL content" of each file in path order, so that no two folders share it: KnowledgeBase::hash.
std::string knowledge_hash(const std::vector<KnowledgeFile>& files);

/// Checks everything and appends all faults to `faults`; the knowledge base only when there are none.
/// ErrorCode::configuration otherwise (the first fault is the text).
Result<KnowledgeBase> load_knowledge(const std::vector<KnowledgeFile>& files, std::vector<KnowledgeFault>& faults);

}  // namespace osler::clinical
