#include "audit/checkpoint.h"

#include <gtest/gtest.h>

#include "fault/fault_file_system.h"

namespace osler::audit {
namespace {

TEST(Checkpoint, IsReadByWhoeverHasThePublicKey) {
  const vault::SigningKey signer(vault::Secret::random());
  const Checkpoint checkpoint{5, sha256(as_bytes("root")), "2026-11-21T22:03:25.120Z"};
  std::string line = encode_checkpoint(signer, checkpoint);
  ASSERT_EQ(line.back(), '\n');
  line.pop_back();
  const Checkpoint read = parse_checkpoint(signer.public_key(), line).value();
  EXPECT_EQ(read.size, 5u);
  EXPECT_EQ(read.root, checkpoint.root);
  EXPECT_EQ(read.time, checkpoint.time);
  EXPECT_FALSE(parse_checkpoint(vault::SigningKey(vault::Secret::random()).public_key(), line));
}

TEST(Checkpoint, RefusesEveryChangedByte) {
  const vault::SigningKey signer(vault::Secret::random());
  std::string line = encode_checkpoint(signer, {5, sha256(as_bytes("root")), "2026-11-21T22:03:25.120Z"});
  line.pop_back();
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string forged = line;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_FALSE(parse_checkpoint(signer.public_key(), forged)) << i;
  }
}

TEST(Checkpoint, AFileTellsGoodBadAndUnfinishedLinesApart) {
  const vault::SigningKey signer(vault::Secret::random());
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  EXPECT_TRUE(read_checkpoints(*files, "/a/c", signer.public_key()).value().checkpoints.empty());
  const std::string line = encode_checkpoint(signer, {5, {}, "t"});
  const std::string text = line + "forged\n" + line + line.substr(0, 20);
  disk.tamper("/a/c", Bytes(text.begin(), text.end()));
  const CheckpointFile file = read_checkpoints(*files, "/a/c", signer.public_key()).value();
  EXPECT_EQ(file.checkpoints.size(), 2u);
  EXPECT_EQ(file.bad_lines, (std::vector<std::size_t>{2}));
  EXPECT_TRUE(file.torn);
  EXPECT_EQ(file.whole_bytes, 2 * line.size() + 7);
}

TEST(Checkpoint, ALastLineThatLacksASectorIsUnfinishedAndOnlyTheLast) {
  const vault::SigningKey signer(vault::Secret::random());
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  const std::string line = encode_checkpoint(signer, {5, {}, "t"});
  const std::string holed = std::string(50, '\0') + line.substr(50);
  const auto read = [&](const std::string& text) {
    disk.tamper("/a/c", Bytes(text.begin(), text.end()));
    return read_checkpoints(*files, "/a/c", signer.public_key()).value();
  };
  EXPECT_TRUE(read(line + holed).torn);
  EXPECT_EQ(read(line + holed).whole_bytes, line.size());
  EXPECT_TRUE(read(line + holed).bad_lines.empty());
  EXPECT_EQ(read(holed + line).bad_lines, (std::vector<std::size_t>{1}));
}

}  // namespace
}  // namespace osler::audit
