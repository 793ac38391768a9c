#include "http/middleware/auth.h"

#include <gtest/gtest.h>

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

TEST(ApiKey, RefusesWhatCannotBeRight) {
  const std::string digest = sha256("x");
  EXPECT_TRUE(ApiKey::create("A.b_c-9", "admin", digest));
  for (const auto& [name, role, hex] : std::initializer_list<std::tuple<std::string, std::string, std::string>>{
           {"", "admin", digest}, {"trial", "admin", digest}, {"a b", "admin", digest}, {"a\n", "admin", digest},
           {std::string(65, 'a'), "admin", digest}, {"a", "Admin", digest}, {"a", "", digest}, {"a", "admin", ""},
           {"a", "admin", digest.substr(1)}, {"a", "admin", "zz" + digest.substr(2)}, {"a", "admin", digest + "00"}}) {
    const auto key = ApiKey::create(name, role, hex);
    ASSERT_FALSE(key) << name << " " << role;
    EXPECT_EQ(key.error().code, ErrorCode::configuration);
  }
}

TEST(Role, NamesGoBothWays) {
  for (const Role role : {Role::clinician, Role::integrator, Role::data_scientist, Role::auditor, Role::admin})
    EXPECT_EQ(parse_role(name_of(role)), role);
  EXPECT_FALSE(parse_role("physician"));
}

TEST(RoleSet, ContainsOnlyWhatItWasGiven) {
  constexpr RoleSet set = {Role::clinician, Role::admin};
  EXPECT_TRUE(set.contains(Role::clinician));
  EXPECT_FALSE(set.contains(Role::auditor));
  EXPECT_FALSE(set.open_to_anyone());
  EXPECT_FALSE(RoleSet::any_key().open_to_anyone());
  EXPECT_TRUE(RoleSet::anyone().open_to_anyone());
}

TEST(Authenticator, FindsTheOwnerByEitherHeader) {
  const auto owner = two_keys().authenticate(with({{"Authorization", "Bearer key-two"}}));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->name, "ward-3");
  EXPECT_EQ(owner->role, Role::clinician);
  EXPECT_EQ(two_keys().authenticate(with({{"X-API-Key", " key-one "}}))->name, "ehr");
  EXPECT_EQ(two_keys().authenticate(with({{"authorization", "bEARER  key-one"}}))->name, "ehr");
  EXPECT_TRUE(two_keys().authenticate(with({{"Authorization", "Bearer key-one"}, {"X-API-Key", "key-one"}})));
}

TEST(Authenticator, RefusesEverythingElse) {
  const Authenticator keys = two_keys();
  EXPECT_FALSE(keys.authenticate({}));
  EXPECT_FALSE(keys.authenticate(with({{"Authorization", "Bearer key-three"}})));
  EXPECT_FALSE(keys.authenticate(with({{"Authorization", "Bearer "}})));
  EXPECT_FALSE(keys.authenticate(with({{"Authorization", "Basic key-one"}})));
  EXPECT_FALSE(keys.authenticate(with({{"Authorization", "key-one"}})));
  EXPECT_FALSE(keys.authenticate(with({{"X-API-Key", ""}})));
  EXPECT_FALSE(keys.authenticate(with({{"X-API-Key", std::string(100'000, 'k')}})));
  EXPECT_FALSE(keys.authenticate(with({{"X-API-Key", sha256("key-one")}})));  // the digest is not the key
  EXPECT_FALSE(keys.authenticate(with({{"Authorization", "Bearer key-one"}, {"X-API-Key", "key-two"}})));
  EXPECT_FALSE(keys.authenticate(with({{"X-API-Key", "key-one"}, {"X-API-Key", "key-one"}})));
}

}  // namespace
}  // namespace osler::http
