// What the settings of tokens say. The whole of it runs in tests/integration/{api_keys,tokens,shared_rate_limit}.test.mjs.
#include "app/access.h"

#include "settings.h"

namespace osler::app {

namespace {

const Settings kTokens = {{"JWT_ISSUER", "https://id.example/"}, {"JWT_AUDIENCE", "osler"}, {"JWT_JWKS", "/etc/osler/jwks.json"}};

Result<std::optional<http::TokenRules>> rules_of(Settings settings) {
  const Config config = config_of(settings).value();
  return token_rules(config);
}

Settings with(Settings settings, const std::string& name, const std::string& value) {
  settings[name] = value;
  return settings;
}

}  // namespace

TEST(TokenRules, AreNoneWithoutSettings) {
  const auto rules = rules_of({});
  ASSERT_TRUE(rules);
  EXPECT_FALSE(*rules);
}

TEST(TokenRules, HaveTheDefaultsThatOperatorsRead) {
  const auto rules = rules_of(kTokens);
  ASSERT_TRUE(rules && *rules);
  EXPECT_EQ((*rules)->issuer, "https://id.example/");
  EXPECT_EQ((*rules)->audience, "osler");
  EXPECT_EQ((*rules)->roles_claim, "roles");
  EXPECT_EQ((*rules)->name_claim, "sub");
  EXPECT_EQ((*rules)->clock_skew, std::chrono::seconds(60));
  EXPECT_TRUE((*rules)->roles.empty());
}

TEST(TokenRules, RolesKeepTheirOrderAndMayHoldAnEqualsSign) {
  const auto rules = rules_of(with(kTokens, "JWT_ROLES", "revision=auditor,cn=doctors=clinician"));
  ASSERT_TRUE(rules && *rules);
  EXPECT_EQ((*rules)->roles, (std::vector<std::pair<std::string, http::Role>>{{"revision", http::Role::auditor}, {"cn=doctors", http::Role::clinician}}));
}

TEST(TokenRules, AllThreeOrNone) {
  for (const auto& [name, value] : kTokens) {
    Settings some = kTokens;
    some.erase(name);
    const auto rules = rules_of(some);
    ASSERT_FALSE(rules) << name;
    EXPECT_EQ(rules.error().code, ErrorCode::configuration);
  }
}

TEST(TokenRules, WhatStopsTheStart) {
  for (const std::string roles : {"clinician", "doctors=", "=clinician", "doctors=physician", "doctors=Clinician"}) EXPECT_FALSE(rules_of(with(kTokens, "JWT_ROLES", roles))) << roles;
  for (const std::string where : {"http://id.example/jwks", "ftp://id.example/jwks", "HTTPS://id.example/jwks"}) EXPECT_FALSE(rules_of(with(kTokens, "JWT_JWKS", where))) << where;
  EXPECT_TRUE(rules_of(with(kTokens, "JWT_JWKS", "https://id.example/jwks")));
}

}  // namespace osler::app
