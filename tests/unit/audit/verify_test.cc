#include "audit/verify.h"

#include "audit_fixture.h"

#include <random>

namespace osler::audit {
namespace {

class VerifyTest : public AuditTest {
 protected:
  void SetUp() override {
    options_.segment_bytes = 3000;
    options_.checkpoint_entries = 8;
    options_.witness = "/elsewhere/witness";
    fill(*open().value(), 30, 2);
    const auto segments = list_segments(*files_, options_.folder).value();
    for (const auto& [first, name] : segments) firsts_.push_back(first);
    ASSERT_GE(firsts_.size(), 3u);
    good_ = disk_.copy();
  }

  VerifyReport after(const std::function<void()>& attack) {
    disk_.put_back(good_);
    attack();
    return verify_log(options_.witness);
  }
  void change(const std::string& path, const std::function<void(Bytes&)>& how) {
    Bytes bytes = disk_.read(path);
    how(bytes);
    disk_.tamper(path, bytes);
  }

  std::vector<std::uint64_t> firsts_;
  std::map<std::string, Bytes> good_;
};

TEST_F(VerifyTest, AGoodLogIsSound) {
  const VerifyReport report = verify_log(options_.witness);
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.entries, 30u);
  EXPECT_EQ(report.witnessed_entries, 30u);
  EXPECT_TRUE(report.notes.empty());
}

// Every byte of a segment: segment_test.cc. Here every 17th, through the whole verifier.
TEST_F(VerifyTest, ChangedBytesAreFoundAtTheirPlace) {
  for (std::size_t s = 0; s < firsts_.size(); ++s) {
    const std::string path = segment(firsts_[s]);
    const std::uint64_t end = s + 1 < firsts_.size() ? firsts_[s + 1] : 30;
    for (std::size_t i = 0; i < good_[path].size(); i += 17) {
      const VerifyReport report = after([&] { change(path, [&](Bytes& bytes) { bytes[i] ^= 0x04; }); });
      ASSERT_FALSE(report.sound()) << path << " byte " << i;
      ASSERT_GE(report.problems.front().index, firsts_[s]) << i;
      ASSERT_LE(report.problems.front().index, end) << i;
    }
  }
}

TEST_F(VerifyTest, DeletedInsertedAndRepeatedBytesAreFound) {
  std::mt19937_64 random(20);
  for (int i = 0; i < 600; ++i) {
    const std::string path = segment(firsts_[random() % firsts_.size()]);
    const std::size_t size = good_[path].size();
    const std::size_t at = random() % size, length = 1 + random() % (size - at);
    const VerifyReport report = after([&] {
      change(path, [&](Bytes& bytes) {
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const Bytes piece(begin, begin + static_cast<std::ptrdiff_t>(length));
        if (i % 3 == 0) bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
        else if (i % 3 == 1) bytes.insert(begin, piece.begin(), piece.end());
        else bytes.insert(begin, 1 + length % 40, static_cast<std::uint8_t>(random()));
      });
    });
    // A few bytes behind the last frame are an unfinished write; all else is an attack.
    if (report.sound() && report.entries == 30 && report.notes.size() == 1) continue;
    ASSERT_FALSE(report.sound()) << "case " << i << " at " << at << " length " << length;
  }
}

TEST_F(VerifyTest, AZeroedSectorIsFound) {
  for (std::uint64_t first : firsts_)
    for (std::size_t at = 0; at < good_[segment(first)].size(); at += 512) {
      const VerifyReport report = after([&] {
        change(segment(first), [&](Bytes& bytes) {
          std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at + 512, bytes.size())), 0);
        });
      });
      EXPECT_FALSE(report.sound()) << first << " " << at;
    }
}

TEST_F(VerifyTest, SwappedMissingAndForeignFilesAreFound) {
  EXPECT_FALSE(after([&] {
    const Bytes first = disk_.read(segment(firsts_[0]));
    disk_.tamper(segment(firsts_[0]), disk_.read(segment(firsts_[1])));
    disk_.tamper(segment(firsts_[1]), first);
  }).sound());
  for (const std::uint64_t first : firsts_) {
    const VerifyReport report = after([&] { disk_.remove_file(segment(first)); });
    ASSERT_FALSE(report.sound());
    EXPECT_EQ(report.problems.front().index, first);
  }
  EXPECT_FALSE(after([&] { disk_.tamper(segment(firsts_[1] + 1), disk_.read(segment(firsts_[1]))); }).sound());
}

TEST_F(VerifyTest, SwappedFramesAreFound) {
  // Frames of one batch size have one length here, so a swap keeps every length.
  const VerifyReport report = after([&] {
    change(segment(0), [&](Bytes& bytes) {
      const std::size_t header = decode_header(keys_, bytes).value().size;
      ChainState state = decode_header(keys_, bytes).value().state;
      const Scan scan = scan_frames(keys_, bytes, {state, header}, {});
      const std::size_t frame = (scan.good_bytes - header) / 5;
      std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(header),
                       bytes.begin() + static_cast<std::ptrdiff_t>(header + frame),
                       bytes.begin() + static_cast<std::ptrdiff_t>(header + frame));
    });
  });
  EXPECT_FALSE(report.sound());
  EXPECT_EQ(report.problems.front().index, 0u);
}

TEST_F(VerifyTest, ATruncatedLogIsFoundByItsCheckpoints) {
  const std::string last = segment(firsts_.back());
  for (std::size_t size = 0; size < good_[last].size(); size += 3) {
    const VerifyReport report = after([&] { change(last, [&](Bytes& bytes) { bytes.resize(size); }); });
    ASSERT_FALSE(report.sound()) << size;
  }
}

TEST_F(VerifyTest, AnOldCopyIsFoundByTheWitnessOnly) {
  { fill(*open().value(), 4, 2); }
  const Bytes witness = disk_.read(options_.witness);
  disk_.put_back(good_);
  EXPECT_TRUE(verify_log().sound()) << "nothing in the folder can tell";
  EXPECT_NE(verify_log().unseen.back().find("AUDIT_WITNESS"), std::string::npos) << "and the report says so";
  disk_.tamper(options_.witness, witness);
  const VerifyReport report = verify_log(options_.witness);
  ASSERT_FALSE(report.sound());
  EXPECT_EQ(report.problems.front().index, 30u);
  EXPECT_EQ(report.problems.front().file, "witness");
}

TEST_F(VerifyTest, AnEmptiedFolderIsFoundByTheWitness) {
  const VerifyReport report = after([&] {
    for (const std::string& path : disk_.paths())
      if (path.starts_with("/audit/")) disk_.remove_file(path);
  });
  EXPECT_FALSE(report.sound());
}

TEST_F(VerifyTest, ForgedCheckpointsAreFound) {
  EXPECT_FALSE(after([&] { change("/audit/checkpoints.log", [](Bytes& bytes) { bytes[9] ^= 1; }); }).sound());
  EXPECT_FALSE(after([&] {
    const std::string line = encode_checkpoint(vault::SigningKey(vault::Secret::random()), {4, {}, "t"});
    change("/audit/checkpoints.log", [&](Bytes& bytes) { bytes.insert(bytes.end(), line.begin(), line.end()); });
  }).sound());
}

TEST_F(VerifyTest, ALogRewrittenByOneWhoHasOnlyTheChainKeyContradictsTheCheckpoints) {
  const Bytes witness = disk_.read(options_.witness);
  for (const std::string& path : disk_.paths())
    if (path.starts_with("/audit/entries-")) disk_.remove_file(path);
  const Bytes checkpoints = disk_.read("/audit/checkpoints.log");
  disk_.remove_file("/audit/checkpoints.log");
  LogOptions options = options_;
  options.witness.clear();
  { fill(*Log::open(*files_, clock_, keys_, options).value(), 30, 3); }
  clock_.passed += std::chrono::hours(1);
  disk_.tamper("/audit/checkpoints.log", checkpoints);
  EXPECT_TRUE(verify_log(options_.witness).sound()) << "the same entries at the same time are the same tree";
  for (const std::string& path : disk_.paths())
    if (path.starts_with("/audit/")) disk_.remove_file(path);
  { fill(*Log::open(*files_, clock_, keys_, options).value(), 30, 3); }
  disk_.tamper("/audit/checkpoints.log", checkpoints);
  EXPECT_FALSE(verify_log(options_.witness).sound());
}

TEST_F(VerifyTest, AnUnfinishedWriteIsANoteNotAProblem) {
  { fill(*open().value(), 2, 2); }
  const VerifyReport report = [&] {
    change(segment(list_segments(*files_, options_.folder).value().back().first),
           [](Bytes& bytes) { bytes.insert(bytes.end(), 10, 7); });
    return verify_log(options_.witness);
  }();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.notes.size(), 1u);
}

TEST_F(VerifyTest, MissingCheckpointsAreFound) {
  options_.folder = "/long";
  options_.witness.clear();
  options_.checkpoint_entries = 100;
  { fill(*open().value(), 8192, 4096); }
  EXPECT_TRUE(verify_log().sound());
  disk_.tamper("/long/checkpoints.log", {});
  EXPECT_FALSE(verify_log().sound());
}

TEST_F(VerifyTest, CheckpointsThatWereReorderedOrPutBackAreFound) {
  const auto lines = [&] {
    std::vector<Bytes> list(1);
    for (const std::uint8_t byte : good_["/audit/checkpoints.log"]) {
      list.back().push_back(byte);
      if (byte == '\n') list.emplace_back();
    }
    list.pop_back();
    return list;
  }();
  ASSERT_GE(lines.size(), 3u);
  const auto with = [&](const std::vector<std::size_t>& order) {
    return after([&] {
      change("/audit/checkpoints.log", [&](Bytes& bytes) {
        bytes.clear();
        for (const std::size_t number : order) bytes.insert(bytes.end(), lines[number].begin(), lines[number].end());
      });
    });
  };
  EXPECT_TRUE(with({0, 1, 2}).sound());
  for (const auto& order : {std::vector<std::size_t>{1, 0, 2}, {0, 1, 2, 0}, {0, 2, 1}}) {
    const VerifyReport report = with(order);
    ASSERT_FALSE(report.sound());
    EXPECT_EQ(report.problems.front().file, "checkpoints.log");
  }
}

}  // namespace
}  // namespace osler::audit
