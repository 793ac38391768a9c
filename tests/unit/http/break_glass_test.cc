#include "http/middleware/break_glass.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace osler::http {
namespace {

HeaderFields with(std::initializer_list<std::string> reasons) {
  HeaderFields headers;
  for (const std::string& reason : reasons) headers.add("X-Break-Glass", reason);
  return headers;
}

ErrorCode refusal(const HeaderFields& headers, Role role = Role::clinician, bool taken = true) {
  const auto reason = break_glass_reason(headers, role, taken);
  return reason ? ErrorCode::internal : reason.error().code;
}

TEST(BreakGlass, AReasonIsTakenAsItWasTyped) {
  const auto reason = break_glass_reason(with({" Notfall: Kammerflimmern, Pat. bewusstlos \xc3\xbc "}), Role::clinician, true);
  ASSERT_TRUE(reason);
  EXPECT_EQ((*reason)->reveal_phi(), "Notfall: Kammerflimmern, Pat. bewusstlos \xc3\xbc");
  const auto none = break_glass_reason({}, Role::auditor, false);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
}

TEST(BreakGlass, HasItsLengthInCharacters) {
  const std::string umlaut = "\xc3\xbc";
  std::string shortest, longest;
  for (std::size_t i = 0; i < limits::kMinBreakGlassCharacters; ++i) shortest += umlaut;
  for (std::size_t i = 0; i < limits::kMaxBreakGlassCharacters; ++i) longest += umlaut;
  EXPECT_TRUE(break_glass_reason(with({shortest}), Role::clinician, true));
  EXPECT_TRUE(break_glass_reason(with({longest}), Role::clinician, true));
  EXPECT_EQ(refusal(with({shortest.substr(2)})), ErrorCode::invalid);
  EXPECT_EQ(refusal(with({longest + "x"})), ErrorCode::invalid);
  EXPECT_EQ(refusal(with({"          "})), ErrorCode::invalid);
}

TEST(BreakGlass, OnlyForCliniciansOnlyWhereItIsTakenOnlyOnce) {
  const std::string reason = "unconscious in resus 2";
  for (const Role role : {Role::integrator, Role::data_scientist, Role::auditor, Role::admin}) EXPECT_EQ(refusal(with({reason}), role), ErrorCode::forbidden);
  EXPECT_EQ(refusal(with({reason}), Role::clinician, false), ErrorCode::invalid);
  EXPECT_EQ(refusal(with({reason, reason})), ErrorCode::invalid);
  EXPECT_EQ(refusal(with({"unconscious\x01in resus"})), ErrorCode::invalid);
  EXPECT_EQ(refusal(with({"unconscious \xff in resus"})), ErrorCode::invalid);
}

}  // namespace
}  // namespace osler::http
