// Who sees which case, every role times every relation: service/case_access.h.
#include "service/case_access.h"

#include <gtest/gtest.h>

#include <vector>

namespace osler::service {
namespace {

struct Row {
  const char* role;
  CaseAccess own, shared_by_name, shared_with_all, stranger, stranger_with_reason;
};

constexpr CaseAccess kNo = CaseAccess::none;
const Row kMatrix[] = {
    {"clinician", CaseAccess::owner, CaseAccess::reader, CaseAccess::reader, kNo, CaseAccess::emergency},
    {"integrator", CaseAccess::owner, kNo, kNo, kNo, kNo},
    {"data_scientist", kNo, kNo, kNo, kNo, kNo},
    {"auditor", kNo, kNo, kNo, kNo, kNo},
    {"admin", kNo, kNo, kNo, kNo, kNo},
    {"", kNo, kNo, kNo, kNo, kNo},
};

TEST(CaseAccess, FollowsTheTable) {
  using Names = std::vector<std::string>;
  for (const Row& row : kMatrix) {
    EXPECT_EQ(access_to_case(row.role, "ann", "ann", Names{}, false), row.own) << row.role;
    EXPECT_EQ(access_to_case(row.role, "ann", "bob", Names{"cy", "ann"}, false), row.shared_by_name) << row.role;
    EXPECT_EQ(access_to_case(row.role, "ann", "bob", Names{"*"}, false), row.shared_with_all) << row.role;
    EXPECT_EQ(access_to_case(row.role, "ann", "bob", Names{"cy"}, false), row.stranger) << row.role;
    EXPECT_EQ(access_to_case(row.role, "ann", "bob", Names{"cy"}, true), row.stranger_with_reason) << row.role;
    EXPECT_EQ(sees_cases(row.role), row.own == CaseAccess::owner) << row.role;
  }
}

TEST(CaseAccess, AReasonIsNotNeededForOnesOwn) {
  EXPECT_EQ(access_to_case("clinician", "ann", "ann", {}, true), CaseAccess::owner);
  EXPECT_EQ(access_to_case("clinician", "ann", "bob", std::vector<std::string>{"*"}, true), CaseAccess::reader);
}

TEST(CaseAccess, ARecordWithoutOwnerIsNobodys) {
  EXPECT_EQ(access_to_case("clinician", "", "", {}, false), CaseAccess::none);
  EXPECT_EQ(access_to_case("clinician", "*", "bob", std::vector<std::string>{}, false), CaseAccess::none);
}

}  // namespace
}  // namespace osler::service
