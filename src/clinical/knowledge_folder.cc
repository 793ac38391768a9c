#include "clinical/knowledge_folder.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/limits.h"

namespace osler::clinical {

Result<std::vector<KnowledgeFile>> read_knowledge_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<KnowledgeFile> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (!entry->is_regular_file() || entry->path().extension() != ".yaml") continue;
    std::ifstream stream(entry->path(), std::ios::binary);
    if (!stream || files.size() == limits::kMaxKnowledgeFiles)
      return make_error(ErrorCode::configuration, "The knowledge folder holds a file that cannot be read, or too many files.");
    files.push_back({fs::relative(entry->path(), folder).generic_string(),
                     std::string(std::istreambuf_iterator<char>(stream), {})});
  }
  if (failure) return make_error(ErrorCode::not_found, "The knowledge folder cannot be read: " + folder + ".", failure.message());
  return files;
}

}  // namespace osler::clinical
