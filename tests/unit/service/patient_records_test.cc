#include "service/patient_records.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "../vault/fixed_keys.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"

namespace osler::service {
namespace {

WallTime at_ms(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

class PatientRecordsTest : public testing::Test {
 protected:
  ~PatientRecordsTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void put(const std::string& id, const std::string& patient, std::int64_t ms = 1000) {
    const std::vector<cases::SealedRecord> records{
        cases::seal_record(*keys_->ring(), names_, {id, vault::Phi<std::string>(patient), "ward", at_ms(ms), "m", vault::Phi<std::string>("payload of " + id)}).value()};
    ASSERT_TRUE(store_->put(records));
  }
  std::string token(const std::string& patient) { return records_.token_of(vault::Phi<std::string>(patient)); }

  const std::string folder_ = testing::TempDir() + "osler-patients-" + make_uuid();
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const std::unique_ptr<vault::KeySource> keys_ = vault::fixed_keys();
  const vault::Names names_ = vault::Names::random();
  std::unique_ptr<cases::Store> store_ = cases::open_sqlite_store(*files_, *keys_->ring(), {folder_ + "/store.sqlite", ""}).value();
  PatientRecords records_{*store_, *keys_, names_};
  const PatientRecords::AboutToRemove said_ = [](std::size_t) { return ok(); };
};

TEST_F(PatientRecordsTest, RemoveAllOfOnePatientAndNothingOfAnother) {
  for (int i = 0; i < 1500; ++i) put("a-" + std::to_string(i), "ada");  // more than a page
  put("b", "bob");
  EXPECT_EQ(records_.remove(token("ada")).value(), 1500u);
  EXPECT_EQ(records_.remove(token("ada")).value(), 0u);
  EXPECT_EQ(store_->get("a-3").error().code, ErrorCode::not_found);
  EXPECT_TRUE(store_->get("b"));
}

TEST_F(PatientRecordsTest, AHoldKeepsThemFromBothDeletionAndAge) {
  put("a", "ada");
  put("b", "bob");
  ASSERT_TRUE(records_.set_hold(token("ada"), true));
  EXPECT_EQ(records_.remove(token("ada")).error().code, ErrorCode::conflict);
  EXPECT_EQ(records_.remove_expired(at_ms(5000), said_).value(), 1u);
  EXPECT_TRUE(store_->get("a"));
  ASSERT_TRUE(records_.set_hold(token("ada"), false));
  EXPECT_EQ(records_.remove_expired(at_ms(5000), said_).value(), 1u);
}

TEST_F(PatientRecordsTest, AgeTakesWhatIsOlderAndLeavesTheRest) {
  put("old", "ada", 1000);
  put("new", "ada", 9000);
  EXPECT_EQ(records_.remove_expired(at_ms(9000), said_).value(), 1u);
  EXPECT_TRUE(store_->get("new"));
}

TEST_F(PatientRecordsTest, AgeTakesNothingThatWasNotSaidBefore) {
  for (int i = 0; i < 1500; ++i) put("a-" + std::to_string(i), "ada");
  std::vector<std::size_t> told;
  const Result<std::uint64_t> removed = records_.remove_expired(at_ms(9000), [&](std::size_t count) -> Result<void> {
    EXPECT_EQ(store_->count().value(), told.empty() ? 1500u : 500u) << "said first, then done";
    told.push_back(count);
    return told.size() == 1 ? ok() : Result<void>(make_error(ErrorCode::unavailable, "the audit log cannot be written"));
  });
  EXPECT_EQ(removed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(told, (std::vector<std::size_t>{1000, 500}));
  EXPECT_EQ(store_->count().value(), 500u);
}

TEST_F(PatientRecordsTest, ADeletionIsRepeatedForWhatWasThereAtItsTime) {
  put("before", "ada", 1000);
  put("after", "ada", 9000);
  EXPECT_EQ(records_.remove_again(token("ada"), at_ms(5000)).value(), 1u);
  EXPECT_TRUE(store_->get("after"));
}

TEST_F(PatientRecordsTest, ADeletionIsRepeatedBehindAPageOfNewerOnes) {
  for (int i = 0; i < 1000; ++i) put("new-" + std::to_string(i), "ada", 9000);
  put("old", "ada", 1000);
  EXPECT_EQ(records_.remove_again(token("ada"), at_ms(5000)).value(), 1u);
  EXPECT_EQ(store_->get("old").error().code, ErrorCode::not_found);
}

TEST_F(PatientRecordsTest, AreVisitedInOrder) {
  put("one", "ada");
  put("other", "bob");
  put("two", "ada");
  std::string seen;
  EXPECT_EQ(records_.visit(token("ada"), [&](const cases::RecordSummary& summary, const vault::Phi<std::string>& payload) -> Result<void> {
              seen += summary.request_id + ":" + payload.reveal_phi() + ";";
              return ok();
            }).value(), 2u);
  EXPECT_EQ(seen, "one:payload of one;two:payload of two;");
}

}  // namespace
}  // namespace osler::service
