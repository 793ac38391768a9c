#include "models/archive.h"

#include <filesystem>

#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/sha256.h"

namespace osler::models {

namespace {

constexpr std::size_t kDigits = 12;
constexpr unsigned kMode = 0644;  // nothing here is of a patient
constexpr const char* kKnowledgeFile = "files.json";
constexpr std::size_t kMaxKnowledgeBytes = std::size_t{256} << 20;  // of all files; a hundred times what is shipped

Error changed(const std::string& what) {
  return make_error(ErrorCode::conflict, what + " was changed while it was being loaded. Start again.");
}

Error damaged(const std::string& place) { return make_error(ErrorCode::corrupted, "The copy in " + place + " is not what was kept: its hash is another."); }

/// The folder's own name, also where a slash ends the path.
std::string last_name(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace

Archive::Archive(FileSystem& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

std::string Archive::place_of(const std::string& kind, const std::string& hash) const { return folder_ + "/" + kind + "-" + hash.substr(0, kDigits); }

/// Whoever sees `place` sees all of it, synced.
Result<void> Archive::put(const std::string& place, const std::function<Result<void>(const std::string& draft)>& write) {
  if (files_.exists(place)) return ok();
  const std::string draft = folder_ + "/draft-" + make_uuid();
  TRY_VOID(files_.make_folders(draft));
  Result<void> written = write(draft);
  std::error_code failure;
  if (written) std::filesystem::rename(draft, place, failure);
  std::error_code ignored;
  if (!written || failure) std::filesystem::remove_all(draft, ignored);
  TRY_VOID(std::move(written));
  if (failure && !files_.exists(place)) return make_error(ErrorCode::unavailable, "The archive cannot be written.", place + ": " + failure.message());
  return files_.sync_folder(folder_);
}

Result<void> Archive::keep_knowledge(const std::string& hash, const std::function<Result<std::vector<clinical::KnowledgeFile>>()>& read) {
  return put(place_of("knowledge", hash), [&](const std::string& draft) -> Result<void> {
    const std::vector<clinical::KnowledgeFile> knowledge = TRY(read());
    if (clinical::knowledge_hash(knowledge) != hash) return changed("The knowledge folder");
    nlohmann::json json = nlohmann::json::object();
    for (const clinical::KnowledgeFile& file : knowledge) json[file.path] = file.content;
    return files_.write_atomically(draft + "/" + kKnowledgeFile, as_bytes(json.dump(1)), kMode);
  });
}

Result<void> Archive::keep_model(const std::string& kind, const ModelManifest& manifest, const std::string& folder) {
  return put(place_of(kind, manifest.hash), [&](const std::string& draft) -> Result<void> {
    std::map<std::string, std::string> names = manifest.files;
    if (!manifest.kind.empty()) names["manifest.json"] = manifest.hash;
    const std::string copy = draft + "/" + last_name(folder);
    TRY_VOID(files_.make_folders(copy));
    for (const auto& [name, hash] : names) {
      const Bytes bytes = TRY(files_.read(folder + "/" + name, limits::kMaxModelFileBytes));
      if (to_hex(sha256(bytes)) != hash) return changed("The model directory " + folder);
      TRY_VOID(files_.write_atomically(copy + "/" + name, bytes, kMode));
    }
    return files_.sync_folder(draft);
  });
}

Result<std::vector<clinical::KnowledgeFile>> Archive::knowledge(const std::string& hash) {
  const std::string place = place_of("knowledge", hash);
  if (!files_.exists(place)) return make_error(ErrorCode::not_found, "The archive has no knowledge base " + hash.substr(0, kDigits) + ".");
  const Result<Bytes> bytes = files_.read(place + "/" + kKnowledgeFile, kMaxKnowledgeBytes);
  const nlohmann::json json = bytes ? nlohmann::json::parse(as_text(*bytes), nullptr, false) : nlohmann::json();
  if (!json.is_object()) return damaged(place);
  std::vector<clinical::KnowledgeFile> knowledge;
  for (const auto& [path, content] : json.items()) {
    if (!content.is_string()) return damaged(place);
    knowledge.push_back({path, content.get<std::string>()});
  }
  if (clinical::knowledge_hash(knowledge) != hash) return damaged(place);
  return knowledge;
}

Result<std::string> Archive::model_folder(const std::string& kind, const std::string& hash) {
  const std::string place = place_of(kind, hash);
  if (!files_.exists(place)) return make_error(ErrorCode::not_found, "The archive has no " + kind + " " + hash.substr(0, kDigits) + ".");
  const std::vector<std::string> inside = TRY(files_.list(place));
  if (inside.size() != 1) return damaged(place);
  return place + "/" + inside.front();
}

}  // namespace osler::models
