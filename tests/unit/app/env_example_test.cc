// deploy/env.example is what operators read: it must list every setting, once, with the default that holds.
#include <fstream>
#include <iterator>

#include "settings.h"

namespace osler::app {

namespace {

const char* const kPath = OSLER_SOURCE_DIR "/deploy/env.example";

std::vector<std::string> lines() {
  std::ifstream file(kPath);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(line);
  return all;
}

/// `#NAME=value`: a setting that is commented out. Prose has a space after the `#`.
bool is_setting(const std::string& line) { return line.size() > 1 && line[0] == '#' && line[1] != ' '; }

std::string without_comment_signs() {
  std::string content;
  for (const std::string& line : lines()) content += (is_setting(line) ? line.substr(1) : line) + "\n";
  return content;
}

}  // namespace

TEST(EnvExample, ListsExactlyTheSettingsThereAre) {
  const auto parsed = parse_dot_env(without_comment_signs());
  ASSERT_TRUE(parsed) << describe(parsed.error());
  std::vector<std::string> names;
  for (const auto& [name, value] : *parsed) names.push_back(name);
  EXPECT_EQ(names, known_settings());
}

TEST(EnvExample, IsAllCommentedOut) {
  ASSERT_FALSE(lines().empty()) << kPath;
  for (const std::string& line : lines()) EXPECT_TRUE(line.empty() || line[0] == '#') << line;
  std::ifstream file(kPath);
  EXPECT_TRUE(parse_dot_env(std::string(std::istreambuf_iterator<char>(file), {}))->empty());
}

TEST(EnvExample, ExplainsEachSettingInTheLineBefore) {
  const std::vector<std::string> all = lines();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_setting(all[i])) continue;
    ASSERT_GT(i, 0u);
    EXPECT_EQ(all[i - 1].rfind("# ", 0), 0u) << all[i] << " has no explanation";
  }
}

TEST(EnvExample, ItsValuesAreTheDefaults) {
  Settings values = parse_dot_env(without_comment_signs()).value();
  values.erase("ENCRYPTION_KEY");  // has no default, and an empty one is refused
  const auto read = config_of({}, values);
  ASSERT_TRUE(read) << describe(read.error());
  const Config config = *read, defaults;
  EXPECT_EQ(config.trial, defaults.trial);
  EXPECT_EQ(config.address, defaults.address);
  EXPECT_EQ(config.port, defaults.port);
  EXPECT_EQ(config.threads, defaults.threads);
  EXPECT_EQ(config.database_path, defaults.database_path);
  EXPECT_EQ(config.audit_folder, defaults.audit_folder);
  EXPECT_EQ(config.archive_folder, defaults.archive_folder);
  EXPECT_EQ(config.audit_witness, defaults.audit_witness);
  EXPECT_EQ(config.key_file, defaults.key_file);
  EXPECT_EQ(config.encryption_key, defaults.encryption_key);
  EXPECT_EQ(config.knowledge_folder, defaults.knowledge_folder);
  EXPECT_EQ(config.models_folder, defaults.models_folder);
  EXPECT_EQ(config.model_name, defaults.model_name);
  EXPECT_EQ(config.encoder_folder, defaults.encoder_folder);
  EXPECT_EQ(config.encoder_precision, defaults.encoder_precision);
  EXPECT_EQ(config.image_model_folder, defaults.image_model_folder);
  EXPECT_EQ(config.image_precision, defaults.image_precision);
  EXPECT_EQ(config.decoder_program, defaults.decoder_program);
  EXPECT_EQ(config.keep_films, defaults.keep_films);
  EXPECT_EQ(config.web_folder, defaults.web_folder);
  EXPECT_EQ(config.max_sequence_length, defaults.max_sequence_length);
  EXPECT_EQ(config.confidence_threshold, defaults.confidence_threshold);
  EXPECT_EQ(config.default_setting, defaults.default_setting);
  EXPECT_EQ(config.log_level, defaults.log_level);
  EXPECT_EQ(config.rate_limit_per_minute, defaults.rate_limit_per_minute);
  EXPECT_EQ(config.cors_origins, defaults.cors_origins);
  EXPECT_EQ(config.trusted_proxies, defaults.trusted_proxies);
  EXPECT_EQ(config.drain_seconds, defaults.drain_seconds);
  EXPECT_EQ(config.tls_certificate, defaults.tls_certificate);
  EXPECT_EQ(config.tls_private_key, defaults.tls_private_key);
  EXPECT_EQ(config.api_keys_file, defaults.api_keys_file);
  EXPECT_EQ(config.memory_warn_mb, defaults.memory_warn_mb);
}

// A default that is not empty must be written out, or the comparison above would show nothing.
TEST(EnvExample, WritesOutEveryDefaultThatIsNotEmpty) {
  const Settings values = parse_dot_env(without_comment_signs()).value();
  for (const char* empty : {"AUDIT_WITNESS", "ENCRYPTION_KEY", "ENCODER_DIR", "IMAGE_MODEL_DIR", "DECODER_PROGRAM", "DEFAULT_SETTING", "CORS_ORIGINS", "TRUSTED_PROXIES",
                            "TLS_CERTIFICATE", "TLS_PRIVATE_KEY", "API_KEYS_FILE", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS", "JWT_ROLES", "RATE_LIMIT_URL", "CA_FILE",
                            "KEY_COMMAND"})
    EXPECT_EQ(values.at(empty), "") << empty;
  std::size_t written = 0;
  for (const auto& [name, value] : values) written += !value.empty();
  EXPECT_EQ(written, known_settings().size() - 18);
}

}  // namespace osler::app
