// Configuration from the environment and a .env file: read once, checked whole, a wrong value stops the start with
// one clear line.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "clinical/patient_case.h"

namespace osler::app {

/// Every setting, with its default. deploy/env.example lists them for operators; a test keeps the two equal.
struct Config {
  bool trial = false;                               // OSLER_TRIAL=1
  std::string address = "127.0.0.1";                // BIND_ADDRESS
  int port = 8000;                                  // PORT
  int threads = 0;                                  // WORKER_THREADS; 0: one a core
  std::optional<int> batch_threads;                 // BATCH_THREADS: auto (none here), or 0..256; 0: this server works on no batches
  std::string database_path = "./var/osler.sqlite"; // DATABASE_URL=sqlite:///...
  std::string postgres_url;                         // DATABASE_URL=postgresql://...; empty: SQLite. May hold a password
  std::string audit_folder = "./var/audit";         // AUDIT_DIR
  std::string audit_witness;                        // AUDIT_WITNESS: a file on another disk, or syslog:
  std::string archive_folder = "./var/archive";     // ARCHIVE_DIR: what answered, kept by hash for osler replay
  std::string key_file = "./var/keys/encryption.key";  // KEY_FILE: when ENCRYPTION_KEY is not given; only trial mode makes it
  std::optional<std::string> encryption_key;        // ENCRYPTION_KEY: 64 hexadecimal digits
  std::string key_command;                          // KEY_COMMAND: prints a key file or 64 hexadecimal digits, as from a key management system
  std::string knowledge_folder = "./knowledge";     // KNOWLEDGE_DIR
  std::string models_folder = "./models";           // MODELS_DIR
  std::string model_name = "fusion";                // MODEL_NAME: fusion, network or encoder
  std::string encoder_folder;                       // ENCODER_DIR: a model directory; empty: the newest models/osler-encoder
  std::string encoder_precision = "auto";           // ENCODER_PRECISION: auto, fp32, bf16 or int8
  std::string image_model_folder;                   // IMAGE_MODEL_DIR: a model directory; empty: the newest models/osler-cxr
  std::string image_precision = "auto";             // IMAGE_PRECISION: auto (as the model is best served), fp32 or bf16
  std::string decoder_program;                      // DECODER_PROGRAM; empty: osler-decoder beside this program
  int retention_days = 0;                           // RETENTION_DAYS: records older than that are destroyed; 0: never
  bool keep_films = false;                          // KEEP_FILMS=1
  std::string web_folder = "./web";                 // WEB_DIR
  int max_sequence_length = 512;                    // MAX_SEQUENCE_LENGTH, 16..512
  double confidence_threshold = 0.65;               // CONFIDENCE_THRESHOLD, 0..1
  std::optional<clinical::Setting> default_setting; // DEFAULT_SETTING
  LogLevel log_level = LogLevel::info;              // LOG_LEVEL
  int rate_limit_per_minute = 60;                   // RATE_LIMIT_PER_MINUTE, 1..1000000
  std::vector<std::string> cors_origins;            // CORS_ORIGINS, comma-separated
  std::vector<std::string> trusted_proxies;         // TRUSTED_PROXIES, comma-separated addresses
  std::optional<int> drain_seconds;                 // DRAIN_SECONDS, 0..60; none: 3 where there is a trusted proxy, else 0
  std::string tls_certificate;                      // TLS_CERTIFICATE, PEM
  std::string tls_private_key;                      // TLS_PRIVATE_KEY, PEM
  std::string api_keys_file;                        // API_KEYS_FILE: name:role:sha256 a line
  std::string jwt_issuer;                           // JWT_ISSUER: whose tokens are taken; with the next two or not at all
  std::string jwt_audience;                         // JWT_AUDIENCE: whom they must be for
  std::string jwt_jwks;                             // JWT_JWKS: the keys that sign them: a file, or an https:// address
  std::string jwt_roles_claim = "roles";            // JWT_ROLES_CLAIM
  std::vector<std::string> jwt_roles;               // JWT_ROLES: what our roles are called there, name=role; empty: as here
  std::string jwt_name_claim = "sub";               // JWT_NAME_CLAIM
  int jwt_clock_skew_seconds = 60;                  // JWT_CLOCK_SKEW_SECONDS, 0..300
  std::string rate_limit_url;                       // RATE_LIMIT_URL: Valkey or Redis that all replicas share; empty: each its own limit
  std::string ca_file;                              // CA_FILE: PEM; who may vouch for JWT_JWKS and RATE_LIMIT_URL; empty: the system's
  int memory_warn_mb = 2048;                        // MEMORY_WARN_MB

  std::map<std::string, std::string> given;         // what was set, but for ENCRYPTION_KEY: for the audit, as a keyed commitment
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The real environment first, then the `.env` file's values. ErrorCode::configuration names the variable and what
/// is allowed, never its value (it may be a secret).
Result<Config> read_config(const Environment& environment, const std::map<std::string, std::string>& dot_env);

/// `NAME=value` lines, `#` comments, optional single or double quotes. A line of any other shape, a name given twice
/// or a last line cut off inside quotes is an error with its number.
Result<std::map<std::string, std::string>> parse_dot_env(const std::string& content);

/// Names that read_config knows, sorted.
std::vector<std::string> known_settings();

}  // namespace osler::app
