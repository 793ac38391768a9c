#include "clinical/knowledge_folder.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/limits.h"

namespace osler::clinical {

namespace fs = std::filesystem;

namespace {

/// Nothing when it cannot be read.
std::optional<std::string> content_of(const fs::directory_entry& file) {
  std::error_code failure;
  const std::uintmax_t size = file.file_size(failure);
  std::ifstream stream(file.path(), std::ios::binary);
  if (failure || !stream) return std::nullopt;
  std::string content(size, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(size));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  return content;
}

}  // namespace

Result<std::vector<KnowledgeFile>> read_knowledge_folder(const std::string& folder) {
  std::vector<KnowledgeFile> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (!entry->is_regular_file() || entry->path().extension() != ".yaml") continue;
    std::optional<std::string> content = content_of(*entry);
    if (!content || files.size() == limits::kMaxKnowledgeFiles)
      return make_error(ErrorCode::configuration, "The knowledge folder holds a file that cannot be read, or too many files.");
    files.push_back({entry->path().lexically_relative(folder).generic_string(), std::move(*content)});
  }
  if (failure) return make_error(ErrorCode::not_found, "The knowledge folder cannot be read: " + folder + ".", failure.message());
  return files;
}

}  // namespace osler::clinical
