#include "app/pseudonym_key.h"

#include <filesystem>

namespace osler::app {

namespace {

constexpr std::size_t kFileLimit = 1024;
constexpr unsigned kOwnerOnly = 0600;

Result<vault::Secret> read_key(FileSystem& files, const std::string& path) {
  if ((TRY(files.permissions(path)) & ~kOwnerOnly) != 0)
    return make_error(ErrorCode::configuration, "The key file may be read by others than its owner: make it private with chmod 600.", path);
  Bytes text = TRY(files.read(path, kFileLimit));
  const vault::WipeAtExit wipe_text(text);
  std::string_view digits = as_text(text);
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  std::optional<Bytes> key = from_hex(digits);
  if (!key || key->size() != vault::kKeyBytes) return make_error(ErrorCode::configuration, "The key file is not a line of 64 hexadecimal digits.", path);
  const vault::WipeAtExit wipe_key(*key);
  return vault::Secret(*key);
}

}  // namespace

Result<PseudonymKey> load_or_create_pseudonym_key(FileSystem& files, const std::string& path) {
  if (path.empty()) return PseudonymKey{vault::Secret::random(), true};
  if (files.exists(path)) return PseudonymKey{TRY(read_key(files, path)), false};
  vault::Secret fresh = vault::Secret::random();
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) TRY_VOID(files.make_folders(folder));
  std::string text = to_hex(fresh.view()) + "\n";
  const Result<void> written = files.write_atomically(path, as_bytes(text), kOwnerOnly);
  vault::wipe(text.data(), text.size());
  TRY_VOID(written);
  return PseudonymKey{std::move(fresh), true};
}

}  // namespace osler::app
