#include "http/middleware/jwks.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "signed_tokens.h"

namespace osler::http {
namespace {

using testing::key_set;
using testing::SigningKey;

const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa();
  return key;
}
const SigningKey& ec() {
  static const SigningKey key = SigningKey::ec();
  return key;
}

Json with(Json key, const std::string& member, Json value) {
  key[member] = std::move(value);
  return key;
}

void expect_refused(const std::string& set, ErrorCode code = ErrorCode::configuration) {
  const auto parsed = KeySet::parse(set);
  ASSERT_FALSE(parsed) << set.substr(0, 200);
  EXPECT_EQ(parsed.error().code, code);
}

TEST(KeySet, FindsByIdAndAlgorithm) {
  const auto keys = KeySet::parse(key_set({rsa().jwk("one"), ec().jwk("two")}));
  ASSERT_TRUE(keys) << describe(keys.error());
  EXPECT_EQ(keys->size(), 2u);
  EXPECT_EQ(keys->find("one", "RS256")->id(), "one");
  EXPECT_EQ(keys->find("two", "ES256")->algorithm(), "ES256");
  EXPECT_EQ(keys->find("one", "ES256"), nullptr);  // the algorithm is the key's, not the caller's choice
  EXPECT_EQ(keys->find("three", "RS256"), nullptr);
  EXPECT_EQ(keys->find(std::nullopt, "RS256"), nullptr);
  EXPECT_TRUE(keys->has("two"));
  EXPECT_FALSE(keys->has("three"));
}

TEST(KeySet, ALoneKeyNeedsNoId) {
  const auto keys = KeySet::parse(key_set({ec().jwk()}));
  ASSERT_TRUE(keys);
  EXPECT_NE(keys->find(std::nullopt, "ES256"), nullptr);
  EXPECT_EQ(keys->find(std::nullopt, "RS256"), nullptr);
}

TEST(KeySet, KeysOfNoUseAreLeftOut) {
  const Json secret_free[] = {with(rsa().jwk("a"), "use", "enc"), with(rsa().jwk("a"), "alg", "PS256"), with(ec().jwk("a"), "alg", "RS256"),
                              with(rsa().jwk("a"), "key_ops", Json::array({"encrypt"})), SigningKey::ec("P-384").jwk("a"), Json{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AA"}}};
  for (const Json& other : secret_free) {
    const auto keys = KeySet::parse(key_set({other, ec().jwk("mine")}));
    ASSERT_TRUE(keys) << other.dump();
    EXPECT_EQ(keys->size(), 1u) << other.dump();
    expect_refused(key_set({other}));
  }
  EXPECT_TRUE(KeySet::parse(key_set({with(with(rsa().jwk("a"), "use", "sig"), "key_ops", Json::array({"verify"}))})));
}

TEST(KeySet, WhatItRefuses) {
  for (const std::string text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[1]})", R"({"keys":[],"keys":[]})", "-----BEGIN PUBLIC KEY-----"}) expect_refused(text);
  expect_refused(key_set({with(rsa().jwk("a"), "d", "AQAB")}));
  expect_refused(key_set({Json{{"kty", "oct"}, {"k", "c2VjcmV0"}}, rsa().jwk("a")}));
  expect_refused(key_set({rsa().jwk("a"), SigningKey::rsa().jwk("a")}));
  expect_refused(key_set({SigningKey::rsa(1024).jwk("a")}));
  expect_refused(key_set({with(rsa().jwk("a"), "n", "!")}));
  for (const std::string_view exponent : {"", "AA", "AQ", "AAAB", "Ag", "AQAA", "!"}) expect_refused(key_set({with(rsa().jwk("a"), "e", exponent)}));  // 0, 1, 1, 2, 65536
  expect_refused(key_set({with(ec().jwk("a"), "y", ec().jwk()["x"])}));  // no point of the curve
  expect_refused(key_set({with(ec().jwk("a"), "kid", std::string(limits::kMaxKeyIdBytes + 1, 'k'))}));
  EXPECT_TRUE(KeySet::parse(key_set({rsa().jwk("a"), ec().jwk("a")})));  // one id for each type is clear enough
}

TEST(KeySet, IsBounded) {
  expect_refused(key_set({rsa().jwk("a")}) + std::string(limits::kMaxKeySetBytes, ' '), ErrorCode::too_large);
  Json many;
  many["keys"] = Json::array();
  for (std::size_t i = 0; i < limits::kMaxKeySetKeys; ++i) many["keys"].push_back(ec().jwk("key " + std::to_string(i)));
  EXPECT_TRUE(KeySet::parse(many.dump()));
  many["keys"].push_back(ec().jwk("one more"));
  expect_refused(many.dump(), ErrorCode::too_large);
  Json wide = rsa().jwk("a");
  wide["n"] = std::string((limits::kMaxTokenKeyBits / 8 + 3) / 3 * 4, 'x');
  expect_refused(key_set({wide}));
  EXPECT_EQ(limits::kMinTokenKeyBits, 2048u);
}

TEST(TokenKey, VerifiesWhatItSignedAndNothingElse) {
  const auto keys = KeySet::parse(key_set({rsa().jwk("r"), ec().jwk("e")}));
  ASSERT_TRUE(keys);
  const TokenKey& rsa_key = *keys->find("r", "RS256");
  const TokenKey& ec_key = *keys->find("e", "ES256");
  const std::string by_rsa = rsa().token({{"alg", "RS256"}}, {{"a", 1}}), by_ec = ec().token({{"alg", "ES256"}}, {{"a", 1}});
  EXPECT_TRUE(rsa_key.signed_token(by_rsa));
  EXPECT_TRUE(ec_key.signed_token(by_ec));
  EXPECT_FALSE(rsa_key.signed_token(by_ec));
  EXPECT_FALSE(ec_key.signed_token(by_rsa));
  EXPECT_FALSE(rsa_key.signed_token(SigningKey::rsa().token({{"alg", "RS256"}}, {{"a", 1}})));
  EXPECT_FALSE(rsa_key.signed_token(rsa().token({{"alg", "RS512"}}, {{"a", 1}})));
  EXPECT_FALSE(rsa_key.signed_token(""));
  EXPECT_FALSE(rsa_key.signed_token("a.b.c"));
}

}  // namespace
}  // namespace osler::http
