// Every forgery that is known, against tokens signed by OpenSSL.
#include "http/middleware/jwt.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "manual_clock.h"
#include "signed_tokens.h"

namespace osler::http {
namespace {

using std::chrono::seconds;
using testing::key_set;
using testing::SigningKey;

constexpr long long kNow = 1'700'000'000;

WallTime at(long long second) { return WallTime(seconds(second)); }

struct Provider {
  SigningKey rsa = SigningKey::rsa(), ec = SigningKey::ec(), stranger = SigningKey::rsa();
};
const Provider& provider() {
  static const Provider made;
  return made;
}

TokenRules rules() { return {.issuer = "https://id.example/", .audience = "osler"}; }

Json good_claims() {
  return {{"iss", "https://id.example/"}, {"aud", "osler"}, {"sub", "dr.house"}, {"roles", {"clinician"}}, {"exp", kNow + 600}, {"iat", kNow - 10}};
}
Json rsa_header() { return {{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "r"}}; }
Json ec_header() { return {{"alg", "ES256"}, {"kid", "e"}}; }

Json with(Json object, const std::string& member, Json value) {
  object[member] = std::move(value);
  return object;
}
Json without(Json object, const std::string& member) {
  object.erase(member);
  return object;
}

class Jwt : public ::testing::Test {
 protected:
  explicit Jwt(TokenRules chosen = rules(), std::string set = key_set({provider().rsa.jwk("r"), provider().ec.jwk("e")}))
      : source_([set] { return Result<std::string>(set); }, {}, clock_, Logger(LogLevel::error)), tokens_(std::move(chosen), source_) {}

  Login login(const std::string& token) const { return tokens_.login(token, at(kNow)); }
  Login login_with(const Json& claims) const { return login(provider().rsa.token(rsa_header(), claims)); }

  void expect_in(const std::string& token, const std::string& name = "user:dr.house") const {
    const Login result = login(token);
    ASSERT_TRUE(result.principal) << (result.refusal ? result.refusal->external : "nothing");
    EXPECT_EQ(result.principal->name, name);
  }
  void expect_out(const std::string& token, std::string_view because, bool guess) const {
    const Login result = login(token);
    EXPECT_FALSE(result.principal) << token;
    ASSERT_TRUE(result.refusal) << token;
    EXPECT_EQ(result.refusal->code, ErrorCode::unauthenticated);
    EXPECT_NE(result.refusal->external.find(because), std::string::npos) << result.refusal->external;
    EXPECT_EQ(result.guess, guess) << result.refusal->external;
  }
  void expect_forged(const std::string& token, std::string_view because = "The token") const { expect_out(token, because, true); }
  void expect_invalid(const Json& claims, std::string_view because) const { expect_out(provider().rsa.token(rsa_header(), claims), because, false); }

  testing::ManualClock clock_;
  KeySetSource source_;
  TokenVerifier tokens_;
};

TEST_F(Jwt, BothAlgorithmsAreTaken) {
  expect_in(provider().rsa.token(rsa_header(), good_claims()));
  expect_in(provider().ec.token(ec_header(), good_claims()));
  const Login result = login_with(good_claims());
  EXPECT_EQ(result.principal->role, Role::clinician);
  EXPECT_TRUE(result.principal->scopes.contains(Scope::diagnose));
}

TEST_F(Jwt, NoneAndSharedSecretsAreNoSignatures) {
  const std::string claims = to_base64url(as_bytes(good_claims().dump()));
  for (const std::string name : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string unsigned_text = to_base64url(as_bytes(Json{{"alg", name}, {"kid", "r"}}.dump())) + "." + claims;
    expect_forged(unsigned_text + ".");
    expect_forged(unsigned_text + "." + to_base64url(as_bytes("x")), "RS256 or ES256");
  }
  for (const std::string name : {"HS256", "HS384", "HS512"}) {
    const std::string text = to_base64url(as_bytes(Json{{"alg", name}, {"kid", "r"}}.dump())) + "." + claims;
    for (const std::string& secret : {provider().rsa.public_pem(), provider().rsa.jwk("r").dump(), std::string()})
      expect_forged(text + "." + to_base64url(hmac_sha256(as_bytes(secret), as_bytes(text))), "RS256 or ES256");
  }
}

TEST_F(Jwt, TheAlgorithmIsTheKeysAndNotTheTokens) {
  for (const std::string name : {"RS384", "RS512", "PS256", "PS384", "ES384", "ES512", "EdDSA", "rs256", "RS256 "})
    expect_forged(provider().rsa.token(with(rsa_header(), "alg", name), good_claims()), "RS256 or ES256");
  for (const Json& value : {Json(nullptr), Json(256), Json::array({"RS256"}), Json::object()}) expect_forged(provider().rsa.token(with(rsa_header(), "alg", value), good_claims()));
  expect_forged(provider().rsa.token(without(rsa_header(), "alg"), good_claims()));
  expect_forged(provider().ec.token(with(ec_header(), "kid", "r"), good_claims()), "algorithm");  // the other's id
  expect_forged(provider().rsa.token(with(rsa_header(), "kid", "e"), good_claims()), "algorithm");
  expect_forged(provider().rsa.token(with(ec_header(), "kid", "e"), good_claims()), "length");
}

TEST_F(Jwt, WhatTheTokenBringsAlongIsNotBelieved) {
  const SigningKey& stranger = provider().stranger;
  expect_forged(stranger.token(rsa_header(), good_claims()), "not signed");
  expect_forged(stranger.token(with(rsa_header(), "jwk", stranger.jwk("r")), good_claims()), "not signed");
  expect_forged(stranger.token(with(rsa_header(), "jku", "https://evil.example/jwks"), good_claims()), "not signed");
  expect_forged(stranger.token(with(rsa_header(), "x5u", "https://evil.example/cert"), good_claims()), "not signed");
  expect_forged(stranger.token(with(rsa_header(), "x5c", Json::array({"AAAA"})), good_claims()), "not signed");
  expect_in(provider().rsa.token(with(rsa_header(), "jwk", stranger.jwk("r")), good_claims()));  // ours is ours, whatever else it says
}

TEST_F(Jwt, AKeyIsNamedAmongSeveral) {
  expect_forged(provider().rsa.token(without(rsa_header(), "kid"), good_claims()), "kid");
  for (const Json& id : {Json(1), Json(nullptr), Json::array(), Json(std::string(limits::kMaxKeyIdBytes + 1, 'k'))})
    expect_forged(provider().rsa.token(with(rsa_header(), "kid", id), good_claims()), "kid");
  for (const std::string id : {"", "R", "r ", "../../etc/passwd", "r' or '1'='1", "r\n"})
    expect_out(provider().rsa.token(with(rsa_header(), "kid", id), good_claims()), "not known", false);
}

TEST_F(Jwt, CriticalExtensionsAndOtherTypesAreRefused) {
  expect_forged(provider().rsa.token(with(with(rsa_header(), "crit", Json::array({"b64"})), "b64", false), good_claims()), "extension");
  expect_forged(provider().rsa.token(with(rsa_header(), "crit", Json::array()), good_claims()), "extension");
  for (const Json& type : {Json("logout+jwt"), Json("dpop+jwt"), Json("JWE"), Json(1)}) expect_forged(provider().rsa.token(with(rsa_header(), "typ", type), good_claims()), "type");
  for (const std::string type : {"JWT", "jwt", "at+jwt", "application/at+jwt"}) expect_in(provider().rsa.token(with(rsa_header(), "typ", type), good_claims()));
}

TEST_F(Jwt, Times) {
  expect_invalid(without(good_claims(), "exp"), "when it expires");
  expect_invalid(with(good_claims(), "exp", kNow - 60), "expired");
  EXPECT_TRUE(login_with(with(good_claims(), "exp", kNow - 59)).principal);
  expect_invalid(with(good_claims(), "nbf", kNow + 61), "not valid yet");
  EXPECT_TRUE(login_with(with(good_claims(), "nbf", kNow + 60)).principal);
  expect_invalid(with(good_claims(), "iat", kNow + 61), "future");
  EXPECT_TRUE(login_with(with(good_claims(), "iat", kNow + 60)).principal);
  EXPECT_TRUE(login_with(with(good_claims(), "exp", kNow + 0.5)).principal);
  for (const char* name : {"exp", "nbf", "iat"})
    for (const Json& value : {Json("2099-01-01"), Json(nullptr), Json(-1), Json(1e300), Json::array({kNow + 600}), Json(true)}) expect_invalid(with(good_claims(), name, value), "time");
}

TEST_F(Jwt, IssuerAndAudience) {
  for (const Json& issuer : {Json("https://id.example"), Json("https://ID.example/"), Json("https://evil.example/"), Json(nullptr), Json::array({"https://id.example/"})})
    expect_invalid(with(good_claims(), "iss", issuer), "issuer");
  expect_invalid(without(good_claims(), "iss"), "issuer");
  for (const Json& audience : {Json("other"), Json("osler2"), Json(""), Json::array(), Json::array({"other"}), Json::array({"osler", 1}), Json(nullptr), Json::object()})
    expect_invalid(with(good_claims(), "aud", audience), "audience");
  expect_invalid(without(good_claims(), "aud"), "audience");
  EXPECT_TRUE(login_with(with(good_claims(), "aud", Json::array({"other", "osler"}))).principal);
}

TEST_F(Jwt, NamesCannotPassForKeysOrPatterns) {
  for (const Json& name : {Json(""), Json("*"), Json("a b"), Json("a\nb"), Json("a\"b"), Json("j\u00fcrgen"), Json(std::string(limits::kMaxUserNameCharacters + 1, 'a')), Json(7), Json(nullptr)})
    expect_invalid(with(good_claims(), "sub", name), "");
  expect_invalid(without(good_claims(), "sub"), "who it is for");
  expect_in(provider().rsa.token(rsa_header(), with(good_claims(), "sub", "auth0|a.b@c-d/e")), "user:auth0|a.b@c-d/e");
  expect_in(provider().rsa.token(rsa_header(), with(good_claims(), "sub", std::string(limits::kMaxUserNameCharacters, 'a'))), "user:" + std::string(limits::kMaxUserNameCharacters, 'a'));
  EXPECT_FALSE(is_key_name(login_with(good_claims()).principal->name));
}

TEST_F(Jwt, WithoutARoleSomebodyIsForbiddenRatherThanUnknown) {
  for (const Json& roles : {Json("physician"), Json::array(), Json::array({"Clinician"}), Json(nullptr), Json::object(), Json::array({1})}) {
    const Login result = login_with(with(good_claims(), "roles", roles));
    ASSERT_TRUE(result.refusal) << roles.dump();
    EXPECT_EQ(result.refusal->code, ErrorCode::forbidden);
    EXPECT_FALSE(result.guess);
  }
  EXPECT_EQ(login_with(with(good_claims(), "roles", "auditor")).principal->role, Role::auditor);
}

TEST_F(Jwt, ScopesNarrow) {
  const auto scopes = [&](const char* claim, Json value) { return login_with(with(good_claims(), claim, std::move(value))).principal.value().scopes; };
  EXPECT_TRUE(scopes("scope", "openid profile").contains(Scope::operate));  // none of ours: not narrowed
  const ScopeSet one = scopes("scope", "openid osler.diagnose");
  EXPECT_TRUE(one.contains(Scope::diagnose));
  EXPECT_FALSE(one.contains(Scope::read));
  EXPECT_FALSE(one.contains(Scope::operate));
  EXPECT_TRUE(scopes("scp", Json::array({"osler.read"})).contains(Scope::read));
  EXPECT_FALSE(scopes("scope", "osler.everything").contains(Scope::diagnose));
  for (const Json& unreadable : {Json::array({"osler.read", 1}), Json::object({{"osler.read", true}}), Json(7), Json(nullptr)})
    for (const char* claim : {"scope", "scp"}) expect_invalid(with(good_claims(), claim, unreadable), "scopes");
}

TEST_F(Jwt, DoubledMembersAreRefusedThoughSigned) {
  const auto token = [](std::string header, std::string claims) { return provider().rsa.token_of(header, claims); };
  const std::string header = rsa_header().dump(), claims = good_claims().dump();
  expect_forged(token(R"({"alg":"RS256","kid":"r","alg":"none"})", claims), "doubled");
  expect_forged(token(header, R"({"sub":"mallory",)" + claims.substr(1)), "doubled");
  expect_forged(token(header, "[" + claims + "]"));
  expect_forged(token(header, claims + " x"));
  expect_forged(token(header, ""));
  expect_forged(token(header, "\xff\xfe"));
}

TEST_F(Jwt, TamperedTruncatedAndOversized) {
  const std::string token = provider().ec.token(ec_header(), good_claims());
  for (std::size_t size = 0; size < token.size(); ++size) EXPECT_FALSE(login(token.substr(0, size)).principal) << size;
  for (const std::string& other : {token + ".", token + "=", token + "A", "." + token, token + "\n", " " + token}) EXPECT_FALSE(login(other).principal) << other;
  Json large = with(good_claims(), "more", std::string(limits::kMaxTokenBytes, 'x'));
  expect_forged(provider().rsa.token(rsa_header(), large), "too long");
}

RC_GTEST_FIXTURE_PROP(Jwt, NoOtherByteAnywhereIsTaken, ()) {
  static const std::string token = provider().rsa.token(rsa_header(), good_claims());
  const auto place = *rc::gen::inRange<std::size_t>(0, token.size());
  const char byte = *rc::gen::arbitrary<char>();
  RC_PRE(byte != token[place]);
  std::string changed = token;
  changed[place] = byte;
  RC_ASSERT(!login(changed).principal);
}

TEST(LooksLikeToken, IsAboutTheFormAlone) {
  EXPECT_TRUE(looks_like_token("eyJh.b.c"));
  EXPECT_FALSE(looks_like_token("eyJh.b"));
  EXPECT_FALSE(looks_like_token("osler_12345678_x.y.z"));
}

class OtherClaims : public Jwt {
 protected:
  static TokenRules chosen() {
    TokenRules made = rules();
    made.roles_claim = "realm_access.roles";
    made.name_claim = "https://id.example/name";
    made.roles = {{"aerzte", Role::clinician}, {"revision", Role::auditor}};
    made.clock_skew = seconds(0);
    return made;
  }
  OtherClaims() : Jwt(chosen(), key_set({provider().ec.jwk()})) {}
};

TEST_F(OtherClaims, AreReadWhereTheConfigurationSays) {
  const Json claims = with(with(good_claims(), "https://id.example/name", "anna"), "realm_access", {{"roles", {"staff", "revision", "aerzte"}}});
  const Json header = {{"alg", "ES256"}};
  const Login result = login(provider().ec.token(header, claims));
  ASSERT_TRUE(result.principal) << result.refusal->external;
  EXPECT_EQ(result.principal->name, "user:anna");
  EXPECT_EQ(result.principal->role, Role::clinician);  // the first of the mapping, not of the token
  EXPECT_FALSE(login(provider().ec.token(header, with(claims, "realm_access", {{"roles", {"clinician"}}}))).principal);  // our names are not theirs
  EXPECT_FALSE(login(provider().ec.token(header, with(claims, "exp", kNow))).principal);
}

}  // namespace
}  // namespace osler::http
