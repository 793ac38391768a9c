// osler keys list | rotate | retire.
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <iostream>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "base/json.h"
#include "cases/key_table.h"
#include "service/key_rotation.h"
#include "vault/key_file.h"

namespace osler::app {

namespace {

constexpr std::chrono::seconds kServersFollowWithin{10};  // they look every 2 s
constexpr int kPauseMs = 100;

struct KeyRow {
  vault::KeyVersion version = 0;
  bool held = false, current = false, known = false;
  std::uint64_t wrapped_keys = 0;
};

/// Versions that the store knows, that are held here, or both.
Result<std::vector<KeyRow>> key_rows(cases::KeyTable& table, const vault::KeyRing& ring) {
  std::map<vault::KeyVersion, KeyRow> rows;
  for (const cases::KeyVersionUse& use : TRY(table.versions())) {
    rows[use.version].known = true;
    rows[use.version].wrapped_keys = use.wrapped_keys;
  }
  for (const vault::KeyVersion version : ring.versions()) rows[version].held = true;
  std::vector<KeyRow> list;
  for (auto& [version, row] : rows) {
    row.version = version;
    row.current = version == ring.current_version();
    list.push_back(row);
  }
  return list;
}

Result<void> list_keys(const Config& config, Output output) {
  const Trust trust = TRY(open_trust(config));
  TRY_VOID(audit_command(trust, config, audit::Action::keys_list, "listed"));
  const std::vector<KeyRow> rows = TRY(key_rows(trust.store->keys(), *trust.keys->ring()));
  Json json = Json::array();
  for (const KeyRow& row : rows) json.push_back({{"version", row.version}, {"current", row.current}, {"held", row.held}, {"wrapped_data_keys", row.wrapped_keys}});
  if (output == Output::json) std::cout << json.dump(2) << "\n";
  else
    for (const KeyRow& row : rows)
      std::printf("version %u%s: wraps %llu data keys%s\n", row.version, row.current ? " (current)" : "", static_cast<unsigned long long>(row.wrapped_keys),
                  row.held ? "" : "; NOT HELD: what it wraps cannot be opened here");
  return ok();
}

/// Runs `work` until it is in no conflict with servers that take up a new key within seconds.
template <typename Work>
auto until_servers_follow(Work work) -> decltype(work()) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + kServersFollowWithin;
  while (true) {
    auto outcome = work();
    if (outcome || outcome.error().code != ErrorCode::conflict || std::chrono::steady_clock::now() >= deadline) return outcome;
    ::poll(nullptr, 0, kPauseMs);
  }
}

/// The audit logs' own keys follow: of this server's log, and of the commands'.
Result<void> reseal_audit_logs(const Config& config, FileSystem& files, const vault::KeyRing& keys) {
  for (const std::string& path : TRY(audit_secret_files(config, files)))
    TRY(until_servers_follow([&] { return vault::reseal_audit_secrets(files, path, keys); }));
  return ok();
}

Result<std::uint64_t> wrap_all(cases::KeyTable& table, const vault::KeyRing& ring) {
  std::uint64_t wrapped = 0;
  return until_servers_follow([&]() -> Result<std::uint64_t> {
    wrapped += TRY(service::wrap_all_anew(table, ring, [](std::uint64_t done, std::uint64_t total) {
      show_progress("wrapping", static_cast<std::size_t>(done), static_cast<std::size_t>(total));
    }));
    return wrapped;
  });
}

Result<void> rotate_keys(const Config& config, bool only_wrap) {
  const Trust trust = TRY(open_trust(config));
  const vault::KeyVersion before = trust.keys->ring()->current_version();
  if (!only_wrap) {
    if (!config.key_command.empty())
      return make_error(ErrorCode::configuration, "The keys come from KEY_COMMAND: add a version there, then run `osler keys rotate --only-wrap`.");
    TRY_VOID(audit_command(trust, config, audit::Action::keys_rotate, "begun:" + std::to_string(before + 1)));
    TRY_VOID(vault::add_key_to_file(*trust.files, config.key_file, before + 1));
    TRY(trust.keys->reload());
  }
  const auto ring = trust.keys->ring();
  TRY_VOID(service::accept_keys(trust.store->keys(), *ring));
  const std::uint64_t wrapped = TRY(wrap_all(trust.store->keys(), *ring));
  TRY_VOID(reseal_audit_logs(config, *trust.files, *ring));
  TRY_VOID(audit_command(trust, config, audit::Action::keys_rotate, "done:" + std::to_string(ring->current_version())));
  std::printf("version %u is current; %llu data keys were wrapped anew. Running servers take it up within seconds.\n", ring->current_version(),
              static_cast<unsigned long long>(wrapped));
  if (config.encryption_key && !only_wrap)
    std::printf("The new key stands in %s, beside ENCRYPTION_KEY, which stays version 1 until it is retired.\n", config.key_file.c_str());
  return ok();
}

Result<void> retire_key(const Config& config, vault::KeyVersion version) {
  const Trust trust = TRY(open_trust(config));
  const auto ring = trust.keys->ring();
  if (version == ring->current_version())
    return make_error(ErrorCode::invalid, "Version " + std::to_string(version) + " is the current key: run `osler keys rotate` first.");
  TRY_VOID(audit_command(trust, config, audit::Action::keys_retire, "begun:" + std::to_string(version)));
  TRY_VOID(reseal_audit_logs(config, *trust.files, *ring));
  TRY_VOID(until_servers_follow([&]() -> Result<void> {
    if (ring->holds(version)) TRY(service::wrap_all_anew(trust.store->keys(), *ring, {}));
    return trust.store->keys().forget(version);
  }));
  TRY_VOID(audit_command(trust, config, audit::Action::keys_retire, "done:" + std::to_string(version)));
  const Result<void> removed = vault::remove_key_from_file(*trust.files, config.key_file, version);
  const bool elsewhere = !config.key_command.empty() || (config.encryption_key && version == 1);
  if (!removed && !elsewhere && removed.error().code != ErrorCode::not_found) return removed;
  std::printf("version %u is retired: nothing is wrapped under it, and nothing can be any more.%s\n", version,
              elsewhere ? " Take it out of ENCRYPTION_KEY or of the key management system now." : "");
  return ok();
}

int finish(const Result<void>& result) { return result ? 0 : refuse(result.error()); }

}  // namespace

int keys_list(const Config& config, Output output) { return finish(list_keys(config, output)); }
int keys_rotate(const Config& config, bool only_wrap) { return finish(rotate_keys(config, only_wrap)); }
int keys_retire(const Config& config, unsigned version) { return finish(retire_key(config, version)); }

}  // namespace osler::app
