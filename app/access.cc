#include "app/access.h"

#include "app/api_keys.h"
#include "base/limits.h"
#include "http/middleware/https_fetch.h"

namespace osler::app {

namespace {

Error wrong(const std::string& setting, const std::string& allowed) { return make_error(ErrorCode::configuration, setting + " is wrong: it must be " + allowed + "."); }

/// `their name=our role`, in order of precedence.
Result<std::vector<std::pair<std::string, http::Role>>> role_map(const std::vector<std::string>& entries) {
  std::vector<std::pair<std::string, http::Role>> roles;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.rfind('=');
    const auto role = equals == std::string::npos ? std::nullopt : http::parse_role(entry.substr(equals + 1));
    if (!role || equals == 0) return wrong("JWT_ROLES", "name=role,name=role with the roles clinician, integrator, data_scientist, auditor, admin");
    roles.emplace_back(entry.substr(0, equals), *role);
  }
  return roles;
}

http::KeySetSource::Load key_set_loader(const Config& config, FileSystem& files) {
  if (config.jwt_jwks.starts_with("https://")) return [&config] { return http::fetch_https(config.jwt_jwks, config.ca_file); };
  return [&config, &files]() -> Result<std::string> { return std::string(as_text(TRY(files.read(config.jwt_jwks, limits::kMaxKeySetBytes)))); };
}

/// A file costs nothing to look at again.
http::KeySetSource::Timing key_set_timing(const Config& config) {
  if (config.jwt_jwks.starts_with("https://")) return {};
  return {.refresh = std::chrono::seconds(10), .retry = std::chrono::seconds(10), .unknown_key = std::chrono::seconds(60)};
}

}  // namespace

Result<std::optional<http::TokenRules>> token_rules(const Config& config) {
  if (config.jwt_issuer.empty() && config.jwt_audience.empty() && config.jwt_jwks.empty()) return std::optional<http::TokenRules>();
  if (config.jwt_issuer.empty() || config.jwt_audience.empty() || config.jwt_jwks.empty())
    return make_error(ErrorCode::configuration, "JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS must be set together.");
  if (config.jwt_jwks.find("://") != std::string::npos && !config.jwt_jwks.starts_with("https://")) return wrong("JWT_JWKS", "a file or an https:// address");
  http::TokenRules rules;
  rules.issuer = config.jwt_issuer;
  rules.audience = config.jwt_audience;
  rules.roles_claim = config.jwt_roles_claim;
  rules.name_claim = config.jwt_name_claim;
  rules.roles = TRY(role_map(config.jwt_roles));
  rules.clock_skew = std::chrono::seconds(config.jwt_clock_skew_seconds);
  return std::optional(std::move(rules));
}

Access::Access(const Config& config, FileSystem& files, cases::ApiKeys& stored, const vault::Names& names, Logger logger)
    : config_(config), files_(files), stored_(stored), names_(names), logger_(logger), held_([&names](std::string_view key) { return names.digest(key); }) {}

Result<std::unique_ptr<Access>> Access::open(const Config& config, FileSystem& files, cases::ApiKeys& stored, const vault::Names& names, const Clock& clock, Logger logger) {
  std::unique_ptr<Access> access(new Access(config, files, stored, names, logger));
  TRY_VOID(access->start_rate_limit());
  if (config.trial) return access;
  if (!config.api_keys_file.empty()) access->file_keys_ = TRY(read_api_keys(files, config.api_keys_file));
  TRY_VOID(access->refresh_keys());
  TRY_VOID(access->start_tokens(clock));
  Access* raw = access.get();
  access->housekeeping_.emplace(std::vector<Housekeeping::Task>{{"api_keys", kKeyInterval, [raw] { return raw->refresh_keys(); }}}, logger);
  return access;
}

/// An error leaves the keys that are held.
Result<void> Access::refresh_keys() {
  std::vector<cases::StoredApiKey> keys = TRY(stored_.all());
  holds_any_ = holds_any_ || !keys.empty();
  held_.replace(std::move(keys));
  return ok();
}

Result<void> Access::start_tokens(const Clock& clock) {
  std::optional<http::TokenRules> rules = TRY(token_rules(config_));
  if (!rules) return ok();
  key_set_ = std::make_unique<http::KeySetSource>(key_set_loader(config_, files_), key_set_timing(config_), clock, logger_);
  tokens_ = std::make_unique<http::TokenVerifier>(std::move(*rules), *key_set_);
  return ok();
}

Result<void> Access::start_rate_limit() {
  if (config_.rate_limit_url.empty()) return ok();
  http::RedisAddress address = TRY(http::parse_redis_url(config_.rate_limit_url, config_.ca_file));
  rate_limit_ = std::make_unique<http::SharedRateLimit>(
      http::SharedRateLimit::Settings{.address = std::move(address), .per_minute = static_cast<unsigned>(config_.rate_limit_per_minute),
                                      .name_of = [this](std::string_view client) { return names_.token("rate limit", client); }},
      logger_);
  return ok();
}

void Access::give_to(http::ServerOptions& options) {
  options.api_keys = file_keys_;
  options.tokens = tokens_.get();
  options.shared_rate_limit = rate_limit_.get();
  // A store without a single key lets nobody in: check_options() says so, unless others may.
  if (holds_any_ || !file_keys_.empty() || tokens_) options.stored_keys = &held_;
}

}  // namespace osler::app
