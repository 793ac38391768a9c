#include "http/middleware/auth.h"

#include <gtest/gtest.h>

#include "http/middleware/key_text.h"
#include "inspect.h"

namespace osler::http {
namespace {

using testing::sha256;

Authenticator two_keys() {
  return Authenticator({ApiKey::create("ehr", "integrator", sha256("key-one")).value(),
                        ApiKey::create("ward-3", "clinician", sha256("key-two")).value()});
}

HeaderFields with(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  HeaderFields headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

std::optional<Principal> owner_of(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  return two_keys().login(with(fields), {}).principal;
}

TEST(ApiKey, RefusesWhatCannotBeRight) {
  const std::string digest = sha256("x");
  EXPECT_TRUE(ApiKey::create("A.b_c-9", "admin", digest));
  for (const auto& [name, role, hex] : std::initializer_list<std::tuple<std::string, std::string, std::string>>{
           {"", "admin", digest}, {"trial", "admin", digest}, {"anonymous", "admin", digest}, {"system", "admin", digest}, {"a b", "admin", digest}, {"a\n", "admin", digest},
           {std::string(65, 'a'), "admin", digest}, {"a", "Admin", digest}, {"a", "", digest}, {"a", "admin", ""},
           {"a", "admin", digest.substr(1)}, {"a", "admin", "zz" + digest.substr(2)}, {"a", "admin", digest + "00"}}) {
    const auto key = ApiKey::create(name, role, hex);
    ASSERT_FALSE(key) << name << " " << role;
    EXPECT_EQ(key.error().code, ErrorCode::configuration);
  }
}

TEST(Authenticator, FindsTheOwnerByEitherHeader) {
  const auto owner = owner_of({{"Authorization", "Bearer key-two"}});
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->name, "ward-3");
  EXPECT_EQ(owner->role, Role::clinician);
  EXPECT_EQ(owner_of({{"X-API-Key", " key-one "}})->name, "ehr");
  EXPECT_EQ(owner_of({{"authorization", "bEARER  key-one"}})->name, "ehr");
  EXPECT_TRUE(owner_of({{"Authorization", "Bearer key-one"}, {"X-API-Key", "key-one"}}));
}

TEST(Authenticator, RefusesEverythingElse) {
  const auto expect_refused = [](std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    const Login login = two_keys().login(with(fields), {});
    EXPECT_FALSE(login.principal);
    ASSERT_TRUE(login.refusal);
    EXPECT_EQ(login.refusal->code, ErrorCode::unauthenticated);
    EXPECT_TRUE(login.guess);
  };
  expect_refused({{"Authorization", "Bearer key-three"}});
  expect_refused({{"Authorization", "Bearer "}});
  expect_refused({{"Authorization", "Basic key-one"}});
  expect_refused({{"Authorization", "key-one"}});
  expect_refused({{"X-API-Key", ""}});
  expect_refused({{"X-API-Key", std::string(100'000, 'k')}});
  expect_refused({{"X-API-Key", sha256("key-one")}});  // the digest is not the key
  expect_refused({{"Authorization", "Bearer key-one"}, {"X-API-Key", "key-two"}});
  expect_refused({{"X-API-Key", "key-one"}, {"X-API-Key", "key-one"}});
}

TEST(Authenticator, NothingPresentedIsNoFailedLogin) {
  const Login login = two_keys().login({}, {});
  EXPECT_FALSE(login.principal);
  EXPECT_FALSE(login.refusal);
  EXPECT_FALSE(Authenticator::presents({}));
  EXPECT_TRUE(Authenticator::presents(with({{"X-API-Key", "x"}})));
}

TEST(Authenticator, TellsThePrefixOfAKeyThatItRefused) {
  const KeyText key = make_key_text();
  EXPECT_EQ(two_keys().login(with({{"X-API-Key", key.text}}), {}).key_prefix, key.prefix);
  EXPECT_EQ(two_keys().login(with({{"X-API-Key", "key-three"}}), {}).key_prefix, "");
}

}  // namespace
}  // namespace osler::http
