#include "app/trust.h"

#include <filesystem>

#include "app/repeated_deletions.h"
#include "audit/actions.h"
#include "audit/reader.h"
#include "cases/key_table.h"
#include "cases/postgres/postgres_store.h"
#include "cases/sqlite/sqlite_store.h"
#include "imaging/child_process.h"
#include "vault/key_file.h"

namespace osler::app {

namespace {

constexpr std::size_t kMaxKeyBytes = 64 * 1024;
constexpr std::chrono::seconds kKeyCommandTimeout{30};
constexpr const char* kNames = "names";

/// What KEY_COMMAND prints: a key file, or 64 hexadecimal digits alone.
Result<vault::KeyRing> keys_of_command(const std::string& command) {
  Result<imaging::ChildOutput> output = imaging::run_child("/bin/sh", {"-c", command}, {}, kMaxKeyBytes, kKeyCommandTimeout);
  if (!output) return make_error(ErrorCode::configuration, "KEY_COMMAND gave no keys.", describe(output.error()));
  const vault::WipeAtExit wiper(output->bytes);
  std::string_view text = as_text(output->bytes);
  if (text.starts_with("osler-keys")) return vault::parse_key_file(text, "KEY_COMMAND");
  if (text.ends_with('\n')) text.remove_suffix(1);
  Result<vault::KeyRing> keys = vault::KeyRing::from_hex_key(text);
  if (keys) return keys;
  return make_error(ErrorCode::configuration, "KEY_COMMAND printed neither a key file nor 64 hexadecimal digits.", output->ending);
}

Result<vault::KeyRing> load_keys(const Config& config, FileSystem& files) {
  if (!config.key_command.empty()) return keys_of_command(config.key_command);
  if (!config.encryption_key) return vault::load_key_file(files, config.key_file);
  vault::KeyRing ring = TRY(vault::KeyRing::from_hex_key(*config.encryption_key));
  if (!files.exists(config.key_file)) return ring;
  TRY_VOID(vault::add_later_keys(files, config.key_file, ring));
  return ring;
}

}  // namespace

Result<std::unique_ptr<vault::KeySource>> open_keys(const Config& config, FileSystem& files, MissingKey missing, const Logger& logger) {
  if (config.key_command.empty() && !config.encryption_key && !files.exists(config.key_file)) {
    if (!config.trial || missing == MissingKey::is_refused)
      return make_error(ErrorCode::configuration, "ENCRYPTION_KEY is not set: it must be 64 hexadecimal digits (or KEY_FILE must name a key file, or KEY_COMMAND print one).");
    if (TRY(vault::load_or_create_key_file(files, config.key_file)).created)
      logger.info("encryption_key_created", {{"file", LogText::safe(config.key_file)}});
  }
  return vault::KeySource::create([&config, &files] { return load_keys(config, files); });
}

Result<vault::Names> open_names(cases::Store& store, const vault::KeyRing& keys) {
  std::optional<vault::SealedText> sealed = TRY(store.keys().secret(kNames));
  if (!sealed) {
    // A store of the first schema named its records under key version 1.
    const vault::Names names = TRY(store.count()) == 0 ? vault::Names::random() : vault::Names::of_first_key(keys);
    const Result<void> made = store.keys().put_secret(kNames, names.sealed(keys));
    if (!made && made.error().code != ErrorCode::conflict) return made.error();
    sealed = TRY(store.keys().secret(kNames));
    if (!sealed) return make_error(ErrorCode::corrupted, "The store's own secrets are gone.");
  }
  Result<vault::Names> names = vault::Names::open(keys, *sealed);
  if (names || names.error().code != ErrorCode::corrupted) return names;
  return make_error(ErrorCode::corrupted, "The store of records is damaged: its own secrets do not open. Put a backup in its place, or name a new database in DATABASE_URL and run "
                                          "`osler import` on an export.", describe(names.error()));
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
  if (!config.postgres_url.empty()) return cases::open_postgres_store(keys, {.url = config.postgres_url});
  const std::string folder = std::filesystem::path(config.database_path).parent_path().string();
  if (!folder.empty()) TRY_VOID(files.make_folders(folder));
  return cases::open_sqlite_store(files, keys, {.path = config.database_path, .vfs = ""});
}

Result<void> require_store_of_log(const Config& config, FileSystem& files) {
  const auto has_bytes = [&](const std::string& path) -> Result<bool> { return files.exists(path) && !TRY(files.read_at(path, 0, 1)).empty(); };
  if (!config.postgres_url.empty() || TRY(has_bytes(config.database_path)) || !TRY(audit::is_log(files, config.audit_folder))) return ok();
  return make_error(ErrorCode::configuration,
                    "The store of records is missing or empty, though AUDIT_DIR holds the log of a server that had one. Put a backup in its place, run `osler import` on an "
                    "export, or name another AUDIT_DIR to begin anew.",
                    config.database_path);
}

Result<Trust> open_store_alone(const Config& config) {
  Trust trust;
  trust.files = make_file_system();
  trust.keys = TRY(open_keys(config, *trust.files, MissingKey::is_refused, Logger(config.log_level)));
  trust.store = TRY(open_store(config, *trust.files, *trust.keys->ring()));
  return trust;
}

Result<Trust> open_trust(const Config& config) {
  Trust trust = TRY(open_store_alone(config));
  trust.names = std::make_unique<vault::Names>(TRY(open_names(*trust.store, *trust.keys->ring())));
  return trust;
}

Result<Trust> open_records(const Config& config) {
  Trust trust = TRY(open_trust(config));
  const RestoredCopy copy = TRY(repeat_deletions(config, *trust.files, *trust.store, *trust.keys, *trust.names, Since::last_time));
  for (const Repeated& one : copy.repeated) TRY_VOID(audit_command(trust, config, one.action, one.outcome, one.patient_token));
  return trust;
}

Result<std::vector<std::string>> audit_secret_files(const Config& config, FileSystem& files) {
  std::vector<std::string> paths;
  if (!files.exists(config.audit_folder)) return paths;
  for (const std::string& folder : TRY(audit::find_logs(files, config.audit_folder)))
    if (const std::string path = folder + "/" + std::string(audit::kSecretsFile); files.exists(path)) paths.push_back(path);
  return paths;
}

}  // namespace osler::app
