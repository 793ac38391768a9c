// What an attacker who can write the disk may try, each at the verifier, each to be found with its place.
#include <bit>
#include <random>

#include "audit_fixture.h"
#include "../random_seed.h"

namespace osler::audit {
namespace {

/// One frame of a segment by its bytes.
struct Frame {
  std::size_t begin = 0, end = 0;
  std::uint64_t first_index = 0, entries = 0;
};

std::uint32_t read_u32(const Bytes& bytes, std::size_t at) {
  return bytes[at] | static_cast<std::uint32_t>(bytes[at + 1]) << 8 | static_cast<std::uint32_t>(bytes[at + 2]) << 16 | static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

class TamperTest : public AuditTest {
 protected:
  static constexpr std::uint64_t kEntries = 60;
  static constexpr std::size_t kFrameHeaderBytes = 24, kMacBytes = 32;

  void SetUp() override {
    options_.segment_bytes = 5000;
    options_.checkpoint_entries = 10;
    options_.witness = "/elsewhere/witness";
    std::mt19937_64 random(fresh_seed());
    const auto log = open().value();
    for (std::uint64_t done = 0; done < kEntries;) {
      std::vector<Entry> entries;
      for (std::uint64_t count = 1 + random() % 4; count > 0 && done < kEntries; --count) entries.push_back(entry(done++));
      ASSERT_TRUE(log->append(entries));
    }
    ASSERT_TRUE(log->close());
    for (const auto& [first, name] : list_segments(*files_, options_.folder).value()) firsts_.push_back(first);
    ASSERT_GE(firsts_.size(), 3u);
    good_ = disk_.copy();
  }

  /// By the grammar of docs/formats/audit_log.md, not by the program's reader.
  std::vector<Frame> frames_of(std::uint64_t first) {
    const Bytes& bytes = good_.at(segment(first));
    std::size_t at = 8 + 8 + 32 * static_cast<std::size_t>(std::popcount(first)) + 32 + 32;
    std::vector<Frame> frames;
    for (std::uint64_t index = first; at < bytes.size();) {
      const std::size_t size = kFrameHeaderBytes + read_u32(bytes, at) + kMacBytes;
      frames.push_back({at, at + size, index, read_u32(bytes, at + 4)});
      index += frames.back().entries;
      at += size;
    }
    return frames;
  }

  VerifyReport after(const std::function<void()>& attack) {
    disk_.put_back(good_);
    attack();
    return verify_log(options_.witness);
  }
  void change(std::uint64_t first, const std::function<void(Bytes&)>& how) {
    Bytes bytes = good_.at(segment(first));
    how(bytes);
    disk_.tamper(segment(first), bytes);
  }
  /// The first problem is at this entry and in this file.
  static void expect_found(const VerifyReport& report, std::uint64_t index, const std::string& file, const std::string& what) {
    ASSERT_FALSE(report.sound()) << what;
    EXPECT_EQ(report.problems.front().index, index) << what << ": " << report.problems.front().text;
    EXPECT_EQ(report.problems.front().file, file) << what;
  }

  std::vector<std::uint64_t> firsts_;
  std::map<std::string, Bytes> good_;
};

TEST_F(TamperTest, AFlippedBitOfEveryClassOfByteIsFoundAtItsFrame) {
  std::mt19937_64 random(fresh_seed());
  for (const std::uint64_t first : firsts_) {
    for (const Frame& frame : frames_of(first)) {
      const std::pair<const char*, std::size_t> classes[] = {
          {"payload length", 0}, {"entry count", 4}, {"first index", 8}, {"header mac", 16}, {"entry length", kFrameHeaderBytes},
          {"first byte of an entry", kFrameHeaderBytes + 4}, {"middle of an entry", kFrameHeaderBytes + 60}, {"last byte of an entry", frame.end - frame.begin - kMacBytes - 1},
          {"frame mac", frame.end - frame.begin - kMacBytes}, {"last byte of the frame", frame.end - frame.begin - 1}};
      for (const auto& [what, offset] : classes) {
        const auto bit = static_cast<std::uint8_t>(1u << random() % 8);
        expect_found(after([&] { change(first, [&](Bytes& bytes) { bytes[frame.begin + offset] ^= bit; }); }), frame.first_index, segment_name(first), what);
      }
    }
    for (std::size_t i = 0; i < frames_of(first).front().begin; i += 8)
      expect_found(after([&] { change(first, [&](Bytes& bytes) { bytes[i] ^= 1; }); }), first, segment_name(first), "segment header");
  }
}

TEST_F(TamperTest, DeletedRepeatedInsertedAndReorderedFramesAreFoundWhereTheyBegin) {
  for (const std::uint64_t first : firsts_) {
    const std::vector<Frame> frames = frames_of(first);
    const auto at = [](Bytes& bytes, std::size_t offset) { return bytes.begin() + static_cast<std::ptrdiff_t>(offset); };
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
      const Frame& one = frames[i];
      const Frame& next = frames[i + 1];
      expect_found(after([&] { change(first, [&](Bytes& bytes) { bytes.erase(at(bytes, one.begin), at(bytes, one.end)); }); }), one.first_index, segment_name(first), "deleted");
      expect_found(after([&] {
        change(first, [&](Bytes& bytes) {
          const Bytes copy(at(bytes, one.begin), at(bytes, one.end));
          bytes.insert(at(bytes, one.end), copy.begin(), copy.end());
        });
      }), next.first_index, segment_name(first), "repeated");
      expect_found(after([&] {
        change(first, [&](Bytes& bytes) { std::rotate(at(bytes, one.begin), at(bytes, next.begin), at(bytes, next.end)); });
      }), one.first_index, segment_name(first), "reordered");
    }
  }
}

TEST_F(TamperTest, FramesAndFilesOfAnotherLogAreFound) {
  // The same entries at the same time under other keys: nothing but the keys tells the two apart.
  const Keys others = fresh_keys();
  LogOptions second = options_;
  second.folder = "/audit/commands";
  {
    const auto log = Log::open(*files_, clock_, others, second).value();
    for (std::uint64_t i = 0; i < kEntries; ++i) ASSERT_TRUE(log->append(std::vector<Entry>{entry(i)}));
  }
  good_ = disk_.copy();
  const Bytes foreign = disk_.read(second.folder + "/" + segment_name(0));
  expect_found(after([&] { disk_.tamper(segment(0), foreign); }), 0, segment_name(0), "a file of another log");
  const std::size_t header = 8 + 8 + 32 + 32;
  const std::size_t size = kFrameHeaderBytes + read_u32(foreign, header) + kMacBytes;
  const Frame last = frames_of(firsts_[0]).back();
  const auto begin = foreign.begin() + static_cast<std::ptrdiff_t>(header);
  const VerifyReport report = after([&] {
    change(0, [&](Bytes& bytes) { bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(last.begin), begin, begin + static_cast<std::ptrdiff_t>(size)); });
  });
  expect_found(report, last.first_index, segment_name(0), "a frame of another log");
  EXPECT_FALSE(after([&] { disk_.tamper("/audit/checkpoints.log", disk_.read(second.folder + "/checkpoints.log")); }).sound());
}

TEST_F(TamperTest, SwappedAndRenamedSegmentsAreFound) {
  for (std::size_t i = 0; i + 1 < firsts_.size(); ++i) {
    expect_found(after([&] {
      disk_.tamper(segment(firsts_[i]), good_.at(segment(firsts_[i + 1])));
      disk_.tamper(segment(firsts_[i + 1]), good_.at(segment(firsts_[i])));
    }), firsts_[i], segment_name(firsts_[i]), "swapped");
    expect_found(after([&] { disk_.remove_file(segment(firsts_[i])); }), firsts_[i], segment_name(firsts_[i + 1]), "removed");
  }
}

TEST_F(TamperTest, ACutIsFoundByTheCheckpointsAtTheEntryWhereTheLogNowEnds) {
  const std::uint64_t last = firsts_.back();
  for (const Frame& frame : frames_of(last))
    expect_found(after([&] { change(last, [&](Bytes& bytes) { bytes.resize(frame.begin); }); }), frame.first_index, "checkpoints.log", "cut between frames");
}

TEST_F(TamperTest, ACutOfLogAndCheckpointsIsFoundByTheWitnessAlone) {
  const Frame frame = frames_of(firsts_.back()).front();
  const auto attack = [&] {
    change(firsts_.back(), [&](Bytes& bytes) { bytes.resize(frame.begin); });
    // The attacker also takes every checkpoint away that speaks of what is gone.
    Bytes checkpoints = good_.at("/audit/checkpoints.log"), kept;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < checkpoints.size(); ++i) {
      if (checkpoints[i] != '\n') continue;
      const std::string line(checkpoints.begin() + static_cast<std::ptrdiff_t>(begin), checkpoints.begin() + static_cast<std::ptrdiff_t>(i));
      if (parse_checkpoint(keys_.signer().public_key(), line).value().size <= frame.first_index)
        kept.insert(kept.end(), checkpoints.begin() + static_cast<std::ptrdiff_t>(begin), checkpoints.begin() + static_cast<std::ptrdiff_t>(i + 1));
      begin = i + 1;
    }
    disk_.tamper("/audit/checkpoints.log", kept);
  };
  expect_found(after(attack), frame.first_index, "witness", "cut with its checkpoints");
  disk_.put_back(good_);
  attack();
  const VerifyReport blind = verify_log();
  EXPECT_TRUE(blind.sound()) << "without a witness nothing can tell";
  EXPECT_NE(blind.unseen.back().find("AUDIT_WITNESS"), std::string::npos) << "and the report says so";
}

TEST_F(TamperTest, AnOlderCopyOfTheWholeFolderIsFoundByTheWitnessAlone) {
  { fill(*open().value(), 5); }
  const Bytes witness = disk_.read(options_.witness);
  disk_.put_back(good_);
  EXPECT_TRUE(verify_log().sound());
  disk_.tamper(options_.witness, witness);
  expect_found(verify_log(options_.witness), kEntries, "witness", "an older copy");
}

}  // namespace
}  // namespace osler::audit
