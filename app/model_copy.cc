#include "app/model_copy.h"

#include <filesystem>

#include "app/case_files.h"
#include "base/limits.h"
#include "base/sha256.h"

namespace osler::app {

namespace {

bool is_copied(const ModelCopy& copy, const std::string& name) {
  for (const char* made : {"manifest.json", "calibration.json", "card.json"})
    if (name == made) return false;
  if (copy.made.contains(name) || (!copy.card.empty() && name == "card.md")) return false;
  std::error_code failed;
  return !name.starts_with('.') && !name.ends_with(".bin") && std::filesystem::is_regular_file(copy.from + "/" + name, failed);
}

/// The folder's own name, also where a slash ends the path.
std::string version_of(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace

Result<void> check_copy(FileSystem& files, const std::string& population, const std::string& card, const std::string& out) {
  if (population.empty()) return make_error(ErrorCode::invalid, "--population must say for whom the confidences will hold.");
  if (files.exists(out)) return make_error(ErrorCode::conflict, "A model directory is immutable, and " + out + " exists.");
  if (!card.empty()) TRY(read_text(card));
  return ok();
}

Result<void> write_model_copy(FileSystem& files, const ModelCopy& copy) {
  TRY_VOID(files.make_folders(copy.out));
  Json manifest{{"name", copy.name}, {"version", version_of(copy.out)}, {"kind", copy.kind}};
  const auto put = [&](const std::string& name, ByteView bytes) -> Result<void> {
    manifest["files"][name] = to_hex(sha256(bytes));
    return files.write_atomically(copy.out + "/" + name, bytes, 0644);
  };
  Json card = copy.card_facts;
  for (const std::string& name : TRY(files.list(copy.from))) {
    if (!is_copied(copy, name)) continue;
    const Bytes bytes = TRY(files.read(copy.from + "/" + name, limits::kMaxModelFileBytes));
    TRY_VOID(put(name, bytes));
    if (name == "training.json") card["training"] = TRY(parse_json(as_text(bytes)));
  }
  if (!copy.card.empty()) {
    const std::string page = TRY(read_text(copy.card));
    TRY_VOID(put("card.md", as_bytes(page)));
  }
  for (const auto& [name, bytes] : copy.made) TRY_VOID(put(name, as_bytes(bytes)));
  TRY_VOID(put("card.json", as_bytes(card.dump(2) + "\n")));
  return files.write_atomically(copy.out + "/manifest.json", as_bytes(manifest.dump(2) + "\n"), 0644);
}

}  // namespace osler::app
