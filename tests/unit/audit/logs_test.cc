#include "audit/logs.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "../vault/fixed_keys.h"
#include "audit/log.h"
#include "audit/reader.h"
#include "vault/key_file.h"

namespace osler::audit {
namespace {

class Logs : public testing::Test {
 protected:
  Logs() {
    char pattern[] = "/tmp/osler-logs-XXXXXX";
    folder_ = std::string(mkdtemp(pattern)) + "/audit";
  }
  ~Logs() override { std::filesystem::remove_all(std::filesystem::path(folder_).parent_path()); }

  void make_log(const std::string& folder) {
    const Keys keys(vault::load_or_create_audit_secrets(*files_, folder + "/" + std::string(kSecretsFile), *keys_->ring()).value());
    const auto log = Log::open(*files_, clock_, keys, {.folder = folder, .witness = ""}).value();
    Entry entry;
    entry.action = "diagnose";
    ASSERT_TRUE(log->append({&entry, 1}));
  }
  Result<std::vector<OpenedLog>> open(const std::string& folder) { return open_logs(*files_, *keys_->ring(), folder); }

  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const std::unique_ptr<vault::KeySource> keys_ = vault::fixed_keys();
  const SystemClock clock_;
  std::string folder_;
};

TEST_F(Logs, AreThoseOfAFolderAndOneLevelBelow) {
  EXPECT_EQ(open(folder_).error().code, ErrorCode::not_found);
  make_log(folder_);
  make_log(folder_ + "/commands");
  const std::vector<OpenedLog> logs = open(folder_ + "/").value();
  ASSERT_EQ(logs.size(), 2u);
  EXPECT_EQ(logs[0].name(), "audit");
  EXPECT_EQ(logs[1].name(), "commands");
  EXPECT_EQ(logs[1].identity().public_key, to_hex(logs[1].keys.signer().public_key()));
  EXPECT_NE(logs[0].identity().public_key, logs[1].identity().public_key);
}

TEST_F(Logs, OneThatLostItsKeysIsNotPassedOver) {
  make_log(folder_);
  make_log(folder_ + "/commands");
  std::filesystem::remove(folder_ + "/commands/" + std::string(kSecretsFile));
  EXPECT_EQ(open(folder_).error().code, ErrorCode::corrupted);
}

}  // namespace
}  // namespace osler::audit
