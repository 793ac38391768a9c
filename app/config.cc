#include "app/config.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/numbers.h"

namespace osler::app {

namespace {

Error wrong(const std::string& name, const std::string& allowed) {
  return make_error(ErrorCode::configuration, name + " is wrong: it must be " + allowed + ".");
}

using Setter = std::function<Result<void>(const std::string& value, Config& config)>;

Setter text(std::string Config::*member) {
  return [member](const std::string& value, Config& config) -> Result<void> {
    config.*member = value;
    return ok();
  };
}

std::optional<int> whole_number(const std::string& value, int low, int high) {
  int number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = failure == std::errc{} && end == value.data() + value.size() && number >= low && number <= high;
  return is_number ? std::optional(number) : std::nullopt;
}

Setter integer(std::string name, int Config::*member, int low, int high) {
  return [=](const std::string& value, Config& config) -> Result<void> {
    const std::optional<int> number = whole_number(value, low, high);
    if (!number) return wrong(name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    config.*member = *number;
    return ok();
  };
}

/// auto: nothing.
Setter integer_or_auto(std::string name, std::optional<int> Config::*member, int high) {
  return [=](const std::string& value, Config& config) -> Result<void> {
    const std::optional<int> number = whole_number(value, 0, high);
    if (value != "auto" && !number) return wrong(name, "auto, or a whole number from 0 to " + std::to_string(high));
    config.*member = number;
    return ok();
  };
}

Setter list(std::vector<std::string> Config::*member) {
  return [member](const std::string& value, Config& config) -> Result<void> {
    std::size_t begin = 0;
    while (begin <= value.size()) {
      const std::size_t comma = std::min(value.find(',', begin), value.size());
      std::string item = value.substr(begin, comma - begin);
      item.erase(0, item.find_first_not_of(' ') == std::string::npos ? item.size() : item.find_first_not_of(' '));
      item.erase(item.find_last_not_of(' ') + 1);
      if (!item.empty()) (config.*member).push_back(item);
      begin = comma + 1;
    }
    return ok();
  };
}

Setter yes_or_no(std::string name, bool Config::*member) {
  return [=](const std::string& value, Config& config) -> Result<void> {
    if (value != "0" && value != "1") return wrong(name, "0 or 1");
    config.*member = value == "1";
    return ok();
  };
}

/// Where a PostgreSQL may be is asked when it is opened (cases/postgres/address.h).
Result<void> set_database(const std::string& value, Config& config) {
  constexpr std::string_view kSqlite = "sqlite:///";
  if (value.starts_with("postgresql://") || value.starts_with("postgres://")) {
    config.postgres_url = value;
    return ok();
  }
  if (!value.starts_with(kSqlite) || value.size() == kSqlite.size())
    return wrong("DATABASE_URL", "sqlite:///relative/path, sqlite:////absolute/path or postgresql://user@host:port/database");
  config.database_path = value.substr(kSqlite.size());
  return ok();
}

Result<void> set_key(const std::string& value, Config& config) {
  const std::optional<Bytes> bytes = from_hex(value);
  if (!bytes || bytes->size() != 32) return wrong("ENCRYPTION_KEY", "64 hexadecimal digits");
  config.encryption_key = value;
  return ok();
}

Result<void> set_threshold(const std::string& value, Config& config) {
  const std::optional<double> number = number_in_text(value);
  if (!number || *number < 0 || *number > 1) return wrong("CONFIDENCE_THRESHOLD", "a number from 0 to 1");
  config.confidence_threshold = *number;
  return ok();
}

Result<void> set_setting(const std::string& value, Config& config) {
  if (value == "primary_care") config.default_setting = clinical::Setting::primary_care;
  else if (value == "emergency") config.default_setting = clinical::Setting::emergency;
  else if (value == "inpatient") config.default_setting = clinical::Setting::inpatient;
  else return wrong("DEFAULT_SETTING", "primary_care, emergency or inpatient");
  return ok();
}

Result<void> set_log_level(const std::string& value, Config& config) {
  config.log_level = TRY(parse_log_level(value));
  return ok();
}

Result<void> set_model(const std::string& value, Config& config) {
  if (value != "fusion" && value != "network" && value != "encoder") return wrong("MODEL_NAME", "fusion, network or encoder");
  config.model_name = value;
  return ok();
}


Result<void> set_precision(const std::string& value, Config& config) {
  if (value != "auto" && value != "fp32" && value != "bf16" && value != "int8") return wrong("ENCODER_PRECISION", "auto, fp32, bf16 or int8");
  config.encoder_precision = value;
  return ok();
}

Result<void> set_image_precision(const std::string& value, Config& config) {
  if (value != "auto" && value != "fp32" && value != "bf16") return wrong("IMAGE_PRECISION", "auto, fp32 or bf16");
  config.image_precision = value;
  return ok();
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> kSetters = {
      {"OSLER_TRIAL", yes_or_no("OSLER_TRIAL", &Config::trial)},
      {"BIND_ADDRESS", text(&Config::address)},
      {"PORT", integer("PORT", &Config::port, 0, 65535)},
      {"WORKER_THREADS", integer("WORKER_THREADS", &Config::threads, 0, 256)},
      {"BATCH_THREADS", integer_or_auto("BATCH_THREADS", &Config::batch_threads, limits::kMaxBatchThreads)},
      {"DRAIN_SECONDS", integer_or_auto("DRAIN_SECONDS", &Config::drain_seconds, limits::kMaxDrainSeconds)},
      {"DATABASE_URL", set_database},
      {"AUDIT_DIR", text(&Config::audit_folder)},
      {"AUDIT_WITNESS", text(&Config::audit_witness)},
      {"ARCHIVE_DIR", text(&Config::archive_folder)},
      {"KEY_FILE", text(&Config::key_file)},
      {"ENCRYPTION_KEY", set_key},
      {"KEY_COMMAND", text(&Config::key_command)},
      {"KNOWLEDGE_DIR", text(&Config::knowledge_folder)},
      {"MODELS_DIR", text(&Config::models_folder)},
      {"MODEL_NAME", set_model},
      {"ENCODER_DIR", text(&Config::encoder_folder)},
      {"ENCODER_PRECISION", set_precision},
      {"IMAGE_MODEL_DIR", text(&Config::image_model_folder)},
      {"IMAGE_PRECISION", set_image_precision},
      {"DECODER_PROGRAM", text(&Config::decoder_program)},
      {"RETENTION_DAYS", integer("RETENTION_DAYS", &Config::retention_days, 0, 36'500)},
      {"KEEP_FILMS", yes_or_no("KEEP_FILMS", &Config::keep_films)},
      {"WEB_DIR", text(&Config::web_folder)},
      {"MAX_SEQUENCE_LENGTH", integer("MAX_SEQUENCE_LENGTH", &Config::max_sequence_length, 16, 512)},
      {"CONFIDENCE_THRESHOLD", set_threshold},
      {"DEFAULT_SETTING", set_setting},
      {"LOG_LEVEL", set_log_level},
      {"RATE_LIMIT_PER_MINUTE", integer("RATE_LIMIT_PER_MINUTE", &Config::rate_limit_per_minute, 1, 1'000'000)},
      {"CORS_ORIGINS", list(&Config::cors_origins)},
      {"TRUSTED_PROXIES", list(&Config::trusted_proxies)},
      {"TLS_CERTIFICATE", text(&Config::tls_certificate)},
      {"TLS_PRIVATE_KEY", text(&Config::tls_private_key)},
      {"API_KEYS_FILE", text(&Config::api_keys_file)},
      {"JWT_ISSUER", text(&Config::jwt_issuer)},
      {"JWT_AUDIENCE", text(&Config::jwt_audience)},
      {"JWT_JWKS", text(&Config::jwt_jwks)},
      {"JWT_ROLES_CLAIM", text(&Config::jwt_roles_claim)},
      {"JWT_ROLES", list(&Config::jwt_roles)},
      {"JWT_NAME_CLAIM", text(&Config::jwt_name_claim)},
      {"JWT_CLOCK_SKEW_SECONDS", integer("JWT_CLOCK_SKEW_SECONDS", &Config::jwt_clock_skew_seconds, 0, 300)},
      {"RATE_LIMIT_URL", text(&Config::rate_limit_url)},
      {"CA_FILE", text(&Config::ca_file)},
      {"MEMORY_WARN_MB", integer("MEMORY_WARN_MB", &Config::memory_warn_mb, 64, 1'000'000)},
  };
  return kSetters;
}

bool is_name_character(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

Error bad_line(std::size_t line, const std::string& what) {
  return make_error(ErrorCode::configuration, ".env line " + std::to_string(line) + ": " + what + ".");
}

Result<std::string> unquote(const std::string& value, std::size_t line) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return value;
  if (value.size() < 2 || value.back() != value.front()) return bad_line(line, "the closing quote is missing");
  return value.substr(1, value.size() - 2);
}

}  // namespace

std::vector<std::string> known_settings() {
  std::vector<std::string> names;
  for (const auto& [name, setter] : setters()) names.push_back(name);
  return names;
}

Result<std::map<std::string, std::string>> parse_dot_env(const std::string& content) {
  std::map<std::string, std::string> values;
  std::size_t begin = 0;
  for (std::size_t line = 1; begin < content.size(); ++line) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    std::string text = content.substr(begin, end - begin);
    begin = end + 1;
    text.erase(text.find_last_not_of(" \t\r") + 1);
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.empty() || text.front() == '#') continue;
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (equals == std::string::npos || name.empty() || !std::all_of(name.begin(), name.end(), is_name_character))
      return bad_line(line, "not of the form NAME=value");
    if (!values.emplace(name, TRY(unquote(text.substr(equals + 1), line))).second)
      return bad_line(line, name + " is given twice");
  }
  return values;
}

Result<Config> read_config(const Environment& environment, const std::map<std::string, std::string>& dot_env) {
  for (const auto& [name, value] : dot_env)
    if (!setters().contains(name))
      return make_error(ErrorCode::configuration, ".env sets " + name + ", which is not a setting of Osler.");
  Config config;
  for (const auto& [name, setter] : setters()) {
    std::optional<std::string> value = environment(name);
    if (!value)
      if (const auto entry = dot_env.find(name); entry != dot_env.end()) value = entry->second;
    // Empty means "not set", but for the key: an empty key is a mistake that must not pass for a choice.
    if (!value || (value->empty() && name != "ENCRYPTION_KEY")) continue;
    TRY_VOID(setter(*value, config));
    if (name != "ENCRYPTION_KEY") config.given[name] = *value;
  }
  if (config.tls_certificate.empty() != config.tls_private_key.empty())
    return make_error(ErrorCode::configuration, "TLS_CERTIFICATE and TLS_PRIVATE_KEY must be set together.");
  return config;
}

}  // namespace osler::app
