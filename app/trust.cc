#include "app/trust.h"

#include <filesystem>

#include "cases/sqlite/sqlite_store.h"
#include "vault/key_file.h"

namespace osler::app {

Result<vault::KeyRing> open_keys(const Config& config, FileSystem& files, MissingKey missing, const Logger& logger) {
  if (config.encryption_key) return vault::KeyRing::from_hex_key(*config.encryption_key);
  if (files.exists(config.key_file)) return vault::load_key_file(files, config.key_file);
  if (!config.trial || missing == MissingKey::is_refused)
    return make_error(ErrorCode::configuration, "ENCRYPTION_KEY is not set: it must be 64 hexadecimal digits (or KEY_FILE must name a key file).");
  vault::LoadedKeys loaded = TRY(vault::load_or_create_key_file(files, config.key_file));
  if (loaded.created) logger.info("encryption_key_created", {{"file", LogText::safe(config.key_file)}});
  return std::move(loaded.keys);
}

Result<audit::Keys> open_audit_keys(const Config& config, FileSystem& files, const vault::KeyRing& keys, bool create) {
  const std::string path = config.audit_folder + "/secrets";
  if (create) {
    TRY_VOID(files.make_folders(config.audit_folder));
    return audit::Keys(TRY(vault::load_or_create_audit_secrets(files, path, keys)));
  }
  if (!files.exists(path))
    return make_error(ErrorCode::not_found, "There is no audit log at " + config.audit_folder + ": nothing was served from here yet, or AUDIT_DIR is wrong.");
  return audit::Keys(TRY(vault::load_audit_secrets(files, path, keys)));
}

Result<std::unique_ptr<cases::Store>> open_store(const Config& config, FileSystem& files, const vault::KeyRing& keys) {
  const std::string folder = std::filesystem::path(config.database_path).parent_path().string();
  if (!folder.empty()) TRY_VOID(files.make_folders(folder));
  return cases::open_sqlite_store(files, keys, {.path = config.database_path, .vfs = ""});
}

}  // namespace osler::app
