#include "http/middleware/roles.h"

#include <gtest/gtest.h>

namespace osler::http {
namespace {

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

TEST(Scope, NamesGoBothWays) {
  for (const Scope scope : {Scope::diagnose, Scope::read, Scope::operate}) EXPECT_EQ(parse_scope(name_of(scope)), scope);
  EXPECT_FALSE(parse_scope("diagnose"));
  EXPECT_FALSE(parse_scope("osler."));
}

TEST(ScopeSet, HoldsWhatWasAdded) {
  ScopeSet set;
  EXPECT_FALSE(set.contains(Scope::read));
  set.add(Scope::read);
  EXPECT_TRUE(set.contains(Scope::read));
  EXPECT_FALSE(set.contains(Scope::operate));
  EXPECT_TRUE(ScopeSet::all().contains(Scope::operate));
}

}  // namespace
}  // namespace osler::http
