#include "vault/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/ids.h"
#include "fault/fault_file_system.h"

namespace osler::vault {
namespace {

class KeyFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& text) { ASSERT_TRUE(files_->write_atomically(path_, as_bytes(text), 0600)); }

  const std::string folder_ = testing::TempDir() + "osler-keys-" + make_uuid();
  const std::string path_ = folder_ + "/vault/keys";
  const std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST_F(KeyFile, IsMadeOnceAndReadAgain) {
  const LoadedKeys made = load_or_create_key_file(*files_, path_).value();
  EXPECT_TRUE(made.created);
  EXPECT_EQ(files_->permissions(path_).value(), 0600u);
  const LoadedKeys read = load_or_create_key_file(*files_, path_).value();
  EXPECT_FALSE(read.created);
  EXPECT_EQ(made.keys.check_value(1), read.keys.check_value(1));
}

TEST_F(KeyFile, IsRefusedWhenOthersMayReadIt) {
  ASSERT_TRUE(load_or_create_key_file(*files_, path_));
  for (const unsigned mode : {0640u, 0604u, 0620u, 0660u, 0644u, 0700u}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    const Result<LoadedKeys> keys = load_or_create_key_file(*files_, path_);
    ASSERT_FALSE(keys) << std::oct << mode;
    EXPECT_EQ(keys.error().code, ErrorCode::configuration);
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0400), 0);
  EXPECT_TRUE(load_key_file(*files_, path_));
}

TEST_F(KeyFile, MayHoldSeveralVersions) {
  ASSERT_TRUE(files_->make_folders(folder_ + "/vault"));
  write("osler-keys 1\n1 " + std::string(64, 'a') + "\n3 " + std::string(64, 'b') + "\n");
  EXPECT_EQ(load_key_file(*files_, path_).value().versions(), (std::vector<KeyVersion>{1, 3}));
}

TEST_F(KeyFile, RefusesWhatBreaksTheGrammar) {
  ASSERT_TRUE(files_->make_folders(folder_ + "/vault"));
  const std::string a(64, 'a'), head = "osler-keys 1\n";
  const std::vector<std::string> bad = {"", "osler-keys 2\n1 " + a + "\n", head, head + "1 " + a, head + "1 " + a.substr(2) + "\n",
                             head + "0 " + a + "\n", head + "2 " + a + "\n1 " + a + "\n", head + "1 " + a + "\n1 " + a + "\n",
                             head + "1 " + a + "\n\n", head + "x " + a + "\n", head + "1" + a + "\n", head + "1 " + a + " \n"};
  for (const std::string& text : bad) {
    write(text);
    const Result<KeyRing> keys = load_key_file(*files_, path_);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code, ErrorCode::configuration);
    EXPECT_EQ(describe(keys.error()).find(a), std::string::npos);
  }
}

TEST_F(KeyFile, TakesANewKeyAndGivesUpAnOldOne) {
  EXPECT_TRUE(add_key_to_file(*files_, path_, 1));
  const Digest first = load_key_file(*files_, path_).value().check_value(1);
  EXPECT_EQ(remove_key_from_file(*files_, path_, 1).error().code, ErrorCode::conflict);  // the only one
  EXPECT_TRUE(add_key_to_file(*files_, path_, 2));
  EXPECT_EQ(add_key_to_file(*files_, path_, 2).error().code, ErrorCode::conflict);
  EXPECT_EQ(load_key_file(*files_, path_).value().versions(), (std::vector<KeyVersion>{1, 2}));
  EXPECT_EQ(load_key_file(*files_, path_).value().check_value(1), first);
  EXPECT_EQ(remove_key_from_file(*files_, path_, 3).error().code, ErrorCode::not_found);
  EXPECT_TRUE(remove_key_from_file(*files_, path_, 1));
  EXPECT_EQ(load_key_file(*files_, path_).value().versions(), (std::vector<KeyVersion>{2}));
  EXPECT_EQ(files_->permissions(path_).value(), 0600u);
}

TEST_F(KeyFile, OfNobodyIsNotFound) { EXPECT_EQ(load_key_file(*files_, path_).error().code, ErrorCode::not_found); }

TEST(AuditSecretsFile, AreSealedAnewAfterARotation) {
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  KeyRing keys = KeyRing::of(Secret::random());
  const AuditSecrets made = load_or_create_audit_secrets(*files, "/audit/secrets", keys).value();
  EXPECT_FALSE(reseal_audit_secrets(*files, "/audit/secrets", keys).value());
  Secret second = Secret::random();
  KeyRing only_second = KeyRing::of(second.copy(), 2);
  ASSERT_TRUE(keys.add(2, std::move(second)));
  EXPECT_TRUE(reseal_audit_secrets(*files, "/audit/secrets", keys).value());
  const AuditSecrets opened = load_audit_secrets(*files, "/audit/secrets", only_second).value();
  EXPECT_EQ(to_hex(opened.chain.view()), to_hex(made.chain.view()));
  EXPECT_EQ(to_hex(opened.signature.view()), to_hex(made.signature.view()));
}

TEST(AuditSecretsFile, SurviveAndStayTheSame) {
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  const KeyRing keys = KeyRing::of(Secret::random());
  EXPECT_EQ(load_audit_secrets(*files, "/vault/audit.key", keys).error().code, ErrorCode::not_found);
  const AuditSecrets made = load_or_create_audit_secrets(*files, "/vault/audit.key", keys).value();
  const AuditSecrets read = load_audit_secrets(*files, "/vault/audit.key", keys).value();
  EXPECT_EQ(to_hex(made.chain.view()), to_hex(read.chain.view()));
  EXPECT_EQ(to_hex(made.signature.view()), to_hex(read.signature.view()));
  EXPECT_NE(to_hex(made.chain.view()), to_hex(made.signature.view()));
  const Bytes stored = disk.read("/vault/audit.key");
  EXPECT_EQ(to_hex(stored).find(to_hex(made.chain.view())), std::string::npos) << "sealed, not in clear";
}

TEST(AuditSecretsFile, AreRefusedUnderAnotherKeyAndWhenDamaged) {
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  const KeyRing keys = KeyRing::of(Secret::random());
  ASSERT_TRUE(load_or_create_audit_secrets(*files, "/vault/audit.key", keys));
  const KeyRing other = KeyRing::of(Secret::random());
  EXPECT_EQ(load_or_create_audit_secrets(*files, "/vault/audit.key", other).error().code, ErrorCode::configuration);
  disk.tamper("/vault/audit.key", Bytes(10, 0));
  EXPECT_EQ(load_or_create_audit_secrets(*files, "/vault/audit.key", keys).error().code, ErrorCode::corrupted);
}

}  // namespace
}  // namespace osler::vault
