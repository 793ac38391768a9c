// What an auditor sees, over a real store and a real log: service/audit_trail.h and service/patient_accesses.h.
#include "service/audit_trail.h"

#include <fstream>

#include "base/limits.h"
#include "case_world.h"
#include "service/patient_accesses.h"

namespace osler::service {
namespace {

class AuditTrailTest : public CaseWorld {
 protected:
  AuditTrailTest() { std::filesystem::copy(folder_ + "/secrets", folder_ + "/audit/secrets"); }

  Result<Json> ask(const std::string& patient, const RequestContext& context) { return trail_.accesses(Json{{"patient_id", patient}}.dump(), context); }
  static RequestContext auditor() { return as("office", "auditor"); }
  static Strings lines(const Json& accesses) {
    Strings lines;
    for (const Json& one : accesses)
      lines.push_back(one["actor"].get<std::string>() + " " + one["action"].get<std::string>() + " " + one["about"].get<std::string>());
    return lines;
  }
  void fill(std::size_t count, const std::string& action, const std::string& subject = "") {
    audit::Entry entry;
    entry.action = action;
    entry.actor = "ann";
    entry.subject = subject;
    const std::vector<audit::Entry> entries(count, entry);
    ASSERT_TRUE(log_->append(entries));
  }

  AuditTrail trail_{{*files_, *keys_, names_, *recorder_, folder_ + "/audit"}};
};

TEST_F(AuditTrailTest, PagesGoFromTheNewestToTheFirstEntry) {
  fill(25, "diagnose");
  const RequestContext context = auditor();
  Json page = trail_.page({.limit = 10}, context).value();
  EXPECT_EQ(page["size"], 25);
  EXPECT_EQ(page["log"], "audit");
  ASSERT_EQ(page["logs"].size(), 1u);
  EXPECT_EQ(page["logs"][0]["public_key"], to_hex(audit_keys_->signer().public_key()));
  ASSERT_EQ(page["entries"].size(), 10u);
  EXPECT_EQ(page["entries"][0]["index"], 24);
  EXPECT_EQ(page["entries"][9]["index"], 15);
  EXPECT_EQ(page["next"], 15);
  EXPECT_EQ(audited(context.request_id), Strings{"log.read given:10 log:audit before:25"}) << "to look is an entry itself";
  page = trail_.page({.before = 15, .limit = 10}, auditor()).value();
  EXPECT_EQ(page["entries"][0]["index"], 14);
  page = trail_.page({.before = page["next"], .limit = 10}, auditor()).value();
  EXPECT_EQ(page["entries"].size(), 5u);
  EXPECT_TRUE(page["next"].is_null());
}

TEST_F(AuditTrailTest, OfOtherLogsBelowToo) {
  std::filesystem::create_directories(folder_ + "/audit/commands");
  const audit::Keys keys(vault::load_or_create_audit_secrets(*files_, folder_ + "/audit/commands/secrets", *keys_->ring()).value());
  audit::Entry exported;
  exported.action = "export";
  exported.actor = "root";
  ASSERT_TRUE(audit::Log::open(*files_, clock_, keys, {.folder = folder_ + "/audit/commands", .witness = ""}).value()->append({&exported, 1}));
  const Json page = trail_.page({.log = "commands"}, auditor()).value();
  EXPECT_EQ(page["entries"][0]["action"], "export");
  EXPECT_EQ(page["logs"].size(), 2u);
  EXPECT_EQ(trail_.page({.log = "../audit"}, auditor()).error().code, ErrorCode::not_found);
  EXPECT_EQ(lines(ask("Ada", auditor()).value()["accesses"]).front(), "root export everybody");
}

TEST_F(AuditTrailTest, NothingIsShownThatCannotBeAuditedOrWasChanged) {
  fill(5, "diagnose");
  recorder_->stop();
  EXPECT_EQ(trail_.page({}, auditor()).error().code, ErrorCode::unavailable);
  EXPECT_EQ(ask("Ada", auditor()).error().code, ErrorCode::unavailable);
  const std::string segment = folder_ + "/audit/" + audit::segment_name(0);
  Bytes bytes = files_->read(segment, 1 << 20).value();
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(segment, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  EXPECT_EQ(trail_.page({}, auditor()).error().code, ErrorCode::corrupted);
}

TEST_F(AuditTrailTest, WhoSawAPatientIsListedInOrder) {
  const std::string id = store_case({1, 2}, as("ann"), "Ada");
  store_case({1, 2}, as("bob"), "Bea");
  ASSERT_TRUE(read(id, as("ann")));
  const Json seen = ask("Ada", auditor()).value();
  EXPECT_EQ(lines(seen["accesses"]), (Strings{"ann diagnose patient", "bob diagnose among others", "ann read patient", "office log.accesses patient"}));
  EXPECT_EQ(seen["left_out"], 0);
  EXPECT_EQ(seen["accesses"][0]["request_id"], id);
  EXPECT_EQ(seen.dump().find("Ada"), std::string::npos);
  EXPECT_EQ(lines(ask("nobody", auditor()).value()["accesses"]), Strings{"office log.accesses patient"});
}

TEST_F(AuditTrailTest, OfVeryManyAccessesTheNewestAreShown) {
  fill(limits::kMaxAccessesListed + 4, "read", names_.token("patient", "Ada"));
  const Json seen = ask("Ada", auditor()).value();
  EXPECT_EQ(seen["accesses"].size(), limits::kMaxAccessesListed);
  EXPECT_EQ(seen["left_out"], 5);
  EXPECT_EQ(seen["accesses"].back()["action"], "log.accesses");
  EXPECT_EQ(ask("", auditor()).error().code, ErrorCode::invalid);
}

TEST_F(AuditTrailTest, OneReadsAllLogsAtATime) {
  fill(4000, "read");
  std::atomic<int> given{0}, refused{0};
  std::vector<std::thread> askers;
  for (int i = 0; i < 8; ++i)
    askers.emplace_back([&] {
      const auto answer = ask("Ada", auditor());
      if (answer) ++given;
      else if (answer.error().code == ErrorCode::overloaded) ++refused;
    });
  for (std::thread& asker : askers) asker.join();
  EXPECT_GE(given, 1);
  EXPECT_EQ(given + refused, 8);
}

}  // namespace
}  // namespace osler::service
