// osler api-keys create | list | revoke.
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "base/json.h"
#include "base/limits.h"
#include "cases/api_keys.h"
#include "http/middleware/auth.h"
#include "http/middleware/key_text.h"

namespace osler::app {

namespace {

/// A prefix of 32 random bits may be taken already; three that are will not happen.
constexpr int kTries = 3;

/// The one place where what was done to keys goes into the audit log.
Result<void> audit_key_command(const Trust& trust, const Config& config, audit::Action action, const std::string& outcome) {
  return audit_command(trust, config, action, outcome);
}

Result<std::string> add_key(const Trust& trust, cases::StoredApiKey entry) {
  for (int i = 0;; ++i) {
    const http::KeyText key = http::make_key_text();
    entry.prefix = key.prefix;
    entry.digest = trust.names->digest(http::key_statement(key.text, entry));
    const Result<void> added = trust.store->api_keys().add(entry);
    if (added) return key.text;
    if (added.error().code != ErrorCode::conflict || i + 1 == kTries) return added.error();
  }
}

Result<void> check_request(const ApiKeyRequest& request) {
  if (!http::is_key_name(request.name)) return make_error(ErrorCode::invalid, "The name must be 1 to 64 of A-Z a-z 0-9 . _ - and not \"trial\", \"anonymous\" or \"system\".");
  if (!http::parse_role(request.role)) return make_error(ErrorCode::invalid, "The role must be clinician, integrator, data_scientist, auditor or admin.");
  return ok();
}

Result<void> check_room(const Trust& trust, const std::string& name) {
  const std::vector<cases::StoredApiKey> keys = TRY(trust.store->api_keys().all());
  if (keys.size() >= limits::kMaxStoredApiKeys) return make_error(ErrorCode::too_large, "The store holds 10000 API keys already.");
  for (const cases::StoredApiKey& key : keys)
    if (key.name == name) return make_error(ErrorCode::conflict, "There is an API key of this name already; names are never given twice, so that the audit stays clear.");
  return ok();
}

Result<void> create_key(const Config& config, const ApiKeyRequest& request, Output output) {
  TRY_VOID(check_request(request));
  const Trust trust = TRY(open_trust(config));
  TRY_VOID(check_room(trust, request.name));
  const WallTime now = SystemClock().now();
  cases::StoredApiKey entry{.name = request.name, .role = request.role, .prefix = {}, .digest = {}, .created = now, .expires = {}, .revoked = {}};
  if (request.days) entry.expires = now + std::chrono::days(*request.days);
  TRY_VOID(audit_key_command(trust, config, audit::Action::api_keys_add, "begun:" + request.name + ":" + request.role));
  const std::string key = TRY(add_key(trust, entry));
  if (output == Output::json) {
    Json json = {{"name", entry.name}, {"role", entry.role}, {"key", key}};
    json["expires"] = entry.expires ? Json(to_rfc3339(*entry.expires)) : Json(nullptr);
    std::cout << json.dump(2) << "\n";
  } else {
    std::printf("%s\n", key.c_str());
    std::fprintf(stderr, "This key of %s (%s) is shown this once: only its digest is kept. Running servers take it up within seconds.\n", entry.name.c_str(), entry.role.c_str());
  }
  return ok();
}

std::string state_of(const cases::StoredApiKey& key, WallTime now) {
  if (key.revoked) return "revoked " + to_rfc3339(*key.revoked);
  if (!key.expires) return "valid";
  return (*key.expires <= now ? "expired " : "valid until ") + to_rfc3339(*key.expires);
}

Result<void> list_keys(const Config& config, Output output) {
  const Trust trust = TRY(open_trust(config));
  const std::vector<cases::StoredApiKey> keys = TRY(trust.store->api_keys().all());
  TRY_VOID(audit_key_command(trust, config, audit::Action::api_keys_list, "listed:" + std::to_string(keys.size())));
  const auto time = [](const std::optional<WallTime>& when) { return when ? Json(to_rfc3339(*when)) : Json(nullptr); };
  Json json = Json::array();
  for (const cases::StoredApiKey& key : keys) {
    json.push_back({{"name", key.name}, {"role", key.role}, {"prefix", key.prefix}, {"created", to_rfc3339(key.created)}, {"expires", time(key.expires)}, {"revoked", time(key.revoked)}});
    if (output == Output::human) std::printf("%-24s %-15s osler_%s_...  %s\n", key.name.c_str(), key.role.c_str(), key.prefix.c_str(), state_of(key, SystemClock().now()).c_str());
  }
  if (output == Output::json) std::cout << json.dump(2) << "\n";
  else if (keys.empty()) std::printf("There are no API keys in the store: osler api-keys create makes one.\n");
  return ok();
}

Result<void> revoke_key(const Config& config, const std::string& name) {
  const Trust trust = TRY(open_trust(config));
  if (!http::is_key_name(name)) return make_error(ErrorCode::not_found, "There is no API key of this name.");
  TRY_VOID(audit_key_command(trust, config, audit::Action::api_keys_revoke, "begun:" + name));
  TRY_VOID(trust.store->api_keys().revoke(name, SystemClock().now()));
  std::printf("%s is revoked. Running servers refuse it within seconds.\n", name.c_str());
  return ok();
}

int finish(const Result<void>& result) { return result ? 0 : refuse(result.error()); }

}  // namespace

int api_keys_create(const Config& config, const ApiKeyRequest& request, Output output) { return finish(create_key(config, request, output)); }
int api_keys_list(const Config& config, Output output) { return finish(list_keys(config, output)); }
int api_keys_revoke(const Config& config, const std::string& name) { return finish(revoke_key(config, name)); }

}  // namespace osler::app
