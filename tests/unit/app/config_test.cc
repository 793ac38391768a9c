#include "app/config.h"

#include "../random_seed.h"
#include "settings.h"

namespace osler::app {

namespace {

const std::string kKey(64, 'a');

struct Setting {
  const char* name;
  std::string good;
  std::function<bool(const Config&)> is_set;  // to the good value
  std::vector<std::string> bad;
};

/// Every setting: a good value and where it goes, values that stop the start. Paths and names take any text here; what is
/// wrong with them shows when they are opened.
std::vector<Setting> settings() {
  const std::vector<std::string> no_port = {"-1", "65536", "80a", " 80", "80 ", "8e3", "0x50", "+80", "99999999999999999999", "eighty"};
  return {
      {"OSLER_TRIAL", "1", [](const Config& c) { return c.trial; }, {"2", "true", "yes", " 1", "01"}},
      {"BIND_ADDRESS", "0.0.0.0", [](const Config& c) { return c.address == "0.0.0.0"; }, {}},
      {"PORT", "8443", [](const Config& c) { return c.port == 8443; }, no_port},
      {"WORKER_THREADS", "256", [](const Config& c) { return c.threads == 256; }, {"-1", "257", "2.5", "two"}},
      {"BATCH_THREADS", "3", [](const Config& c) { return c.batch_threads == 3; }, {"-1", "257", "1.5", "all", "3 "}},
      {"DATABASE_URL", "sqlite:////data/osler.sqlite", [](const Config& c) { return c.database_path == "/data/osler.sqlite"; },
       {"sqlite:///", "sqlite://x", "/data/osler.sqlite", "mysql://x", "SQLITE:///x"}},
      {"ARCHIVE_DIR", "/data/archive", [](const Config& c) { return c.archive_folder == "/data/archive"; }, {}},
      {"AUDIT_DIR", "/data/audit", [](const Config& c) { return c.audit_folder == "/data/audit"; }, {}},
      {"AUDIT_WITNESS", "/mnt/witness", [](const Config& c) { return c.audit_witness == "/mnt/witness"; }, {}},
      {"KEY_FILE", "/data/key", [](const Config& c) { return c.key_file == "/data/key"; }, {}},
      {"RETENTION_DAYS", "3650", [](const Config& c) { return c.retention_days == 3650; }, {"-1", "1.5", "40000", "ten"}},
      {"KEY_COMMAND", "/usr/local/bin/fetch-key osler", [](const Config& c) { return c.key_command == "/usr/local/bin/fetch-key osler"; }, {}},
      {"ENCRYPTION_KEY", kKey, [](const Config& c) { return c.encryption_key == kKey; },
       {"canary", kKey.substr(1), kKey + "a", kKey + "aa", std::string(64, 'g'), " " + kKey.substr(1), "0x" + kKey.substr(2)}},
      {"KNOWLEDGE_DIR", "/k", [](const Config& c) { return c.knowledge_folder == "/k"; }, {}},
      {"MODELS_DIR", "/m", [](const Config& c) { return c.models_folder == "/m"; }, {}},
      {"MODEL_NAME", "network", [](const Config& c) { return c.model_name == "network"; }, {"both", "../network", "Network", "fusion,network"}},
      {"ENCODER_DIR", "/models/bert", [](const Config& c) { return c.encoder_folder == "/models/bert"; }, {}},
      {"ENCODER_PRECISION", "bf16", [](const Config& c) { return c.encoder_precision == "bf16"; }, {"fp16", "BF16", "8", "int4"}},
      {"IMAGE_MODEL_DIR", "/models/cxr", [](const Config& c) { return c.image_model_folder == "/models/cxr"; }, {}},
      {"IMAGE_PRECISION", "bf16", [](const Config& c) { return c.image_precision == "bf16"; }, {"int8", "FP32", "16"}},
      {"DECODER_PROGRAM", "/usr/lib/osler/decoder", [](const Config& c) { return c.decoder_program == "/usr/lib/osler/decoder"; }, {}},
      {"KEEP_FILMS", "1", [](const Config& c) { return c.keep_films; }, {"2", "true", "yes"}},
      {"WEB_DIR", "/w", [](const Config& c) { return c.web_folder == "/w"; }, {}},
      {"MAX_SEQUENCE_LENGTH", "16", [](const Config& c) { return c.max_sequence_length == 16; }, {"15", "513", "0", "-16", "x"}},
      {"CONFIDENCE_THRESHOLD", "0.8", [](const Config& c) { return c.confidence_threshold == 0.8; },
       {"-0.1", "1.01", "65%", "0,65", "nan", "inf", "high", " 0.5", "+0.5"}},
      {"DEFAULT_SETTING", "emergency", [](const Config& c) { return c.default_setting == clinical::Setting::emergency; },
       {"Emergency", "home", "primary care"}},
      {"LOG_LEVEL", "WARNING", [](const Config& c) { return c.log_level == LogLevel::warning; }, {"loud", "warn", "3"}},
      {"RATE_LIMIT_PER_MINUTE", "1000000", [](const Config& c) { return c.rate_limit_per_minute == 1'000'000; },
       {"0", "1000001", "-5", "60/min"}},
      {"CORS_ORIGINS", "https://a.example, https://b.example ,",
       [](const Config& c) { return c.cors_origins == std::vector<std::string>{"https://a.example", "https://b.example"}; }, {}},
      {"TRUSTED_PROXIES", "10.0.0.1,10.0.0.2",
       [](const Config& c) { return c.trusted_proxies == std::vector<std::string>{"10.0.0.1", "10.0.0.2"}; }, {}},
      {"DRAIN_SECONDS", "60", [](const Config& c) { return c.drain_seconds == 60; }, {"-1", "61", "1.5", "soon", "3s"}},
      {"TLS_CERTIFICATE", "/tls/c.pem", [](const Config& c) { return c.tls_certificate == "/tls/c.pem"; }, {}},
      {"TLS_PRIVATE_KEY", "/tls/k.pem", [](const Config& c) { return c.tls_private_key == "/tls/k.pem"; }, {}},
      {"JWT_ISSUER", "https://id.example/", [](const Config& c) { return c.jwt_issuer == "https://id.example/"; }, {}},
      {"JWT_AUDIENCE", "osler", [](const Config& c) { return c.jwt_audience == "osler"; }, {}},
      {"JWT_JWKS", "/etc/osler/jwks.json", [](const Config& c) { return c.jwt_jwks == "/etc/osler/jwks.json"; }, {}},
      {"JWT_ROLES_CLAIM", "realm_access.roles", [](const Config& c) { return c.jwt_roles_claim == "realm_access.roles"; }, {}},
      {"JWT_ROLES", "doctors=clinician, it=admin", [](const Config& c) { return c.jwt_roles == std::vector<std::string>{"doctors=clinician", "it=admin"}; }, {}},
      {"JWT_NAME_CLAIM", "oid", [](const Config& c) { return c.jwt_name_claim == "oid"; }, {}},
      {"JWT_CLOCK_SKEW_SECONDS", "5", [](const Config& c) { return c.jwt_clock_skew_seconds == 5; }, {"-1", "301", "1m"}},
      {"RATE_LIMIT_URL", "redis://127.0.0.1", [](const Config& c) { return c.rate_limit_url == "redis://127.0.0.1"; }, {}},
      {"CA_FILE", "/etc/ca.pem", [](const Config& c) { return c.ca_file == "/etc/ca.pem"; }, {}},
      {"API_KEYS_FILE", "/etc/osler/keys", [](const Config& c) { return c.api_keys_file == "/etc/osler/keys"; }, {}},
      {"MEMORY_WARN_MB", "64", [](const Config& c) { return c.memory_warn_mb == 64; }, {"63", "1000001", "2G", " "}},
  };
}

/// The two TLS settings go together.
Settings alone(const std::string& name, const std::string& value) {
  Settings settings{{"TLS_CERTIFICATE", "c"}, {"TLS_PRIVATE_KEY", "k"}};
  settings[name] = value;
  return settings;
}

}  // namespace

TEST(Config, EverySettingHasItsTestHere) {
  std::vector<std::string> names;
  for (const Setting& setting : settings()) names.push_back(setting.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, known_settings());
}

TEST(Config, AGoodValueIsTakenFromTheEnvironmentAndFromTheFile) {
  for (const Setting& setting : settings()) {
    const auto from_environment = config_of(alone(setting.name, setting.good));
    ASSERT_TRUE(from_environment) << setting.name << describe(from_environment.error());
    EXPECT_TRUE(setting.is_set(*from_environment)) << setting.name;
    const auto from_file = config_of({}, alone(setting.name, setting.good));
    ASSERT_TRUE(from_file) << setting.name << describe(from_file.error());
    EXPECT_TRUE(setting.is_set(*from_file)) << setting.name;
  }
}

TEST(Config, ABadValueStopsTheStartWithOneLineThatNamesTheSettingOnly) {
  for (const Setting& setting : settings())
    for (const std::string& bad : setting.bad)
      for (const auto& config : {config_of({{setting.name, bad}}), config_of({}, {{setting.name, bad}})}) {
        ASSERT_FALSE(config) << setting.name << "=" << bad;
        EXPECT_EQ(config.error().code, ErrorCode::configuration);
        const std::string text = describe(config.error());
        EXPECT_NE(text.find(setting.name), std::string::npos) << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
        EXPECT_EQ(text.find("canary"), std::string::npos) << text;
      }
}

TEST(Config, NoErrorEverRepeatsAValue) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::string canary = "canary";
    for (int i = 0; i < 10; ++i) canary += static_cast<char>('a' + random() % 26);
    for (const std::string& name : known_settings()) {
      const auto config = config_of({{name, canary}});
      if (config) continue;
      EXPECT_EQ(describe(config.error()).find(canary), std::string::npos) << name << ", seed " << seed;
    }
  }
}

TEST(Config, NumbersTakeTheirEnds) {
  EXPECT_EQ(config_of({{"PORT", "0"}})->port, 0);
  EXPECT_EQ(config_of({{"PORT", "65535"}})->port, 65535);
  EXPECT_EQ(config_of({{"WORKER_THREADS", "0"}})->threads, 0);
  EXPECT_EQ(config_of({{"MAX_SEQUENCE_LENGTH", "512"}})->max_sequence_length, 512);
  EXPECT_EQ(config_of({{"CONFIDENCE_THRESHOLD", "0"}})->confidence_threshold, 0);
  EXPECT_EQ(config_of({{"CONFIDENCE_THRESHOLD", "1"}})->confidence_threshold, 1);
  EXPECT_EQ(config_of({{"RATE_LIMIT_PER_MINUTE", "1"}})->rate_limit_per_minute, 1);
  EXPECT_EQ(config_of({{"MEMORY_WARN_MB", "1000000"}})->memory_warn_mb, 1'000'000);
}

TEST(Config, EachModelAndPrecisionHasItsName) {
  for (const char* name : {"fusion", "network", "encoder"}) EXPECT_EQ(config_of({{"MODEL_NAME", name}})->model_name, name);
  for (const char* name : {"auto", "fp32", "bf16", "int8"}) EXPECT_EQ(config_of({{"ENCODER_PRECISION", name}})->encoder_precision, name);
}

TEST(Config, EachPlaceOfCareHasItsName) {
  EXPECT_EQ(config_of({{"DEFAULT_SETTING", "primary_care"}})->default_setting, clinical::Setting::primary_care);
  EXPECT_EQ(config_of({{"DEFAULT_SETTING", "inpatient"}})->default_setting, clinical::Setting::inpatient);
  EXPECT_FALSE(config_of({})->default_setting);
}

TEST(Config, TheEnvironmentWinsOverTheFile) {
  EXPECT_EQ(config_of({{"PORT", "1"}}, {{"PORT", "2"}})->port, 1);
  EXPECT_EQ(config_of({}, {{"PORT", "2"}})->port, 2);
  EXPECT_EQ(config_of({{"PORT", ""}}, {{"PORT", "2"}})->port, 8000) << "an empty variable asks for the default";
}

TEST(Config, AnEmptyValueIsTheDefault) {
  for (const std::string& name : known_settings())
    EXPECT_EQ(config_of({{name, ""}}).has_value(), name != "ENCRYPTION_KEY") << name;
}

TEST(Config, AnEmptyKeyIsAMistakeNotAChoice) {
  for (const auto& config : {config_of({{"ENCRYPTION_KEY", ""}}), config_of({}, {{"ENCRYPTION_KEY", ""}})}) {
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().external.find("ENCRYPTION_KEY"), std::string::npos);
  }
}

TEST(Config, AnUnknownNameInTheFileStopsTheStart) {
  for (const char* name : {"PROT", "port", "CONFIDENCE", "OSLER_PORT"}) {
    const auto config = config_of({}, {{name, "canary"}});
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::configuration);
    EXPECT_NE(config.error().external.find(name), std::string::npos);
    EXPECT_EQ(describe(config.error()).find("canary"), std::string::npos);
  }
}

TEST(Config, TheMachinesOtherVariablesAreNoBusinessOfOurs) { EXPECT_TRUE(config_of({{"PATH", "/bin"}, {"PROT", "1"}})); }

TEST(Config, CertificateAndKeyGoTogether) {
  EXPECT_TRUE(config_of({{"TLS_CERTIFICATE", "c"}, {"TLS_PRIVATE_KEY", "k"}}));
  for (const char* name : {"TLS_CERTIFICATE", "TLS_PRIVATE_KEY"}) {
    const auto config = config_of({{name, "canary"}});
    ASSERT_FALSE(config);
    EXPECT_EQ(describe(config.error()).find("canary"), std::string::npos);
  }
}

TEST(Config, ThePathOfTheStoreIsRelativeOrAbsolute) {
  EXPECT_EQ(config_of({{"DATABASE_URL", "sqlite:///x/y.db"}})->database_path, "x/y.db");
  EXPECT_EQ(config_of({{"DATABASE_URL", "sqlite:////x/y.db"}})->database_path, "/x/y.db");
}

TEST(Config, TheStoreMayBePostgres) {
  for (const char* url : {"postgresql://u:p@localhost/d", "postgres:///d?host=/run/postgresql"}) EXPECT_EQ(config_of({{"DATABASE_URL", url}})->postgres_url, url);
  EXPECT_EQ(config_of({})->postgres_url, "");
  const auto config = config_of({{"DATABASE_URL", "mysql://u:canary@h/d"}});
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().external.find("postgresql://"), std::string::npos);
  EXPECT_EQ(describe(config.error()).find("canary"), std::string::npos);
}

TEST(Config, KnownSettingsAreSortedAndDistinct) {
  const std::vector<std::string> names = known_settings();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace osler::app
