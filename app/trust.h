// Keys, store and audit log as configured: opened in one place for every command that needs them.
#pragma once

#include <memory>

#include "app/config.h"
#include "audit/actions.h"
#include "audit/keys.h"
#include "audit/log.h"
#include "cases/store.h"
#include "vault/key_source.h"
#include "vault/names.h"

namespace osler::app {

enum class MissingKey { is_refused, is_made };

/// The keys of KEY_COMMAND; else ENCRYPTION_KEY as version 1 with the later versions of KEY_FILE; else KEY_FILE. A missing key file is made only in trial
/// mode and only when asked. ErrorCode::configuration otherwise. `files` outlives the source.
Result<std::unique_ptr<vault::KeySource>> open_keys(const Config& config, FileSystem& files, MissingKey missing, const Logger& logger);

/// The store's own secrets, which are made when it has none.
Result<vault::Names> open_names(cases::Store& store, const vault::KeyRing& keys);

/// The audit log's own secrets, sealed beside the log. Makes them when `create`.
Result<audit::Keys> open_audit_keys(const Config& config, FileSystem& files, const vault::KeyRing& keys, bool create);

/// Everything that a command needs to open records; each part outlives those after it.
struct Trust {
  std::unique_ptr<FileSystem> files;
  std::unique_ptr<vault::KeySource> keys;
  std::unique_ptr<cases::Store> store;
  std::unique_ptr<vault::Names> names;  // null from open_store_alone()
};

/// Opens them; never makes a key. `config` outlives it.
Result<Trust> open_trust(const Config& config);
/// The same for whoever shows or changes records: a restored copy is first told what was deleted since (app/repeated_deletions.h).
Result<Trust> open_records(const Config& config);
/// The same without the store's names, which come with what will be imported.
Result<Trust> open_store_alone(const Config& config);

/// What a command was given as a patient's id: itself, or with "-" the first line of standard input. ErrorCode::invalid for none.
Result<vault::Phi<std::string>> patient_id_of(const std::string& argument);

/// One entry of the commands' own audit log (app/command_log.h): who runs this process, as "operator", did this. What a command does needs this to
/// succeed first. `subject`: the keyed token of the patient it is about.
Result<void> audit_command(const Trust& trust, const Config& config, audit::Action action, std::string outcome, std::string subject = {}, std::string request_id = {});

/// The files that hold the sealed keys of the logs in AUDIT_DIR and below it.
Result<std::vector<std::string>> audit_secret_files(const Config& config, FileSystem& files);

/// A server that has a log has had a store: ErrorCode::configuration where its file is missing or empty, which would pass for a new one.
Result<void> require_store_of_log(const Config& config, FileSystem& files);

/// The store that DATABASE_URL names; its folder is made when it is missing.
Result<std::unique_ptr<cases::Store>> open_store(const Config& config, FileSystem& files, const vault::KeyRing& keys);

}  // namespace osler::app
