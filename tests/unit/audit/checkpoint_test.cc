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

TEST(Checkpoint, TheNewestIsFoundFromTheEndHoweverLongTheFile) {
  const vault::SigningKey signer(vault::Secret::random()), stranger(vault::Secret::random());
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  const auto newest = [&](const std::string& text) {
    disk.tamper("/a/c", Bytes(text.begin(), text.end()));
    return newest_checkpoint(*files, "/a/c", signer.public_key()).value();
  };
  EXPECT_FALSE(newest_checkpoint(*files, "/a/none", signer.public_key()).value().checkpoint);
  EXPECT_FALSE(newest("").checkpoint);
  const std::string first = encode_checkpoint(signer, {5, {}, "t"}), second = encode_checkpoint(signer, {9, {}, "t"});
  EXPECT_EQ(newest(first).checkpoint->size, 5u);
  EXPECT_EQ(newest("forged\n" + first + second).checkpoint->size, 9u);
  EXPECT_EQ(newest("forged\n" + first + second).lines_behind_it, 0u) << "what stands before is the verifier's";
  EXPECT_EQ(newest(first + "forged\n").lines_behind_it, 1u);

  std::string foreign;
  while (foreign.size() < 200'000) foreign += encode_checkpoint(stranger, {100, {}, "t"});
  const NewestCheckpoint behind_others = newest(second + foreign);
  ASSERT_TRUE(behind_others.checkpoint);
  EXPECT_EQ(behind_others.checkpoint->size, 9u);
  EXPECT_EQ(behind_others.lines_behind_it, foreign.size() / encode_checkpoint(stranger, {100, {}, "t"}).size());
  EXPECT_EQ(newest(foreign + second).checkpoint->size, 9u);
  EXPECT_FALSE(newest(foreign).checkpoint);
}

TEST(Checkpoint, TheNewestAndTheWholeFileAgreeOnWhereItIsTorn) {
  const vault::SigningKey signer(vault::Secret::random());
  fault::FaultDisk disk;
  const auto files = fault::make_fault_file_system(disk);
  const std::string line = encode_checkpoint(signer, {5, {}, "t"});
  const std::string holed = std::string(50, '\0') + line.substr(50);
  for (const std::string& text : {line, line + holed, holed, holed + line, line + line.substr(0, 20), line + holed + line.substr(0, 20), line.substr(0, 20), line + "\n"}) {
    disk.tamper("/a/c", Bytes(text.begin(), text.end()));
    const CheckpointFile file = read_checkpoints(*files, "/a/c", signer.public_key()).value();
    const NewestCheckpoint newest = newest_checkpoint(*files, "/a/c", signer.public_key()).value();
    EXPECT_EQ(newest.torn, file.torn);
    EXPECT_EQ(newest.whole_bytes, file.whole_bytes);
    EXPECT_EQ(newest.checkpoint.has_value(), !file.checkpoints.empty());
  }
}

}  // namespace
}  // namespace osler::audit
