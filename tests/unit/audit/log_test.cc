#include "audit/log.h"

#include "audit_fixture.h"
#include "base/limits.h"

namespace osler::audit {
namespace {

class LogTest : public AuditTest {};

TEST_F(LogTest, GoesOnWhereItEnded) {
  {
    const auto log = open().value();
    fill(*log, 10);
    EXPECT_EQ(log->size(), 10u);
  }
  const auto log = open().value();
  EXPECT_EQ(log->size(), 10u);
  EXPECT_FALSE(log->recovery());
  EXPECT_EQ(log->append(std::vector<Entry>{entry(10)}).value(), 10u);
  EXPECT_TRUE(verify_log().sound());
}

TEST_F(LogTest, RefusesASecondWriter) {
  const auto log = open().value();
  EXPECT_EQ(open().error().code, ErrorCode::conflict);
}

TEST_F(LogTest, OneAppendIsOneWriteAndOneSync) {
  const auto log = open().value();
  const std::uint64_t before = disk_.calls();
  fill(*log, 64, 64);
  EXPECT_EQ(disk_.calls() - before, 2u);
}

TEST_F(LogTest, RotatesAndKeepsTheChain) {
  options_.segment_bytes = 2000;
  {
    const auto log = open().value();
    fill(*log, 40);
  }
  const auto segments = list_segments(*files_, options_.folder).value();
  EXPECT_GT(segments.size(), 4u);
  EXPECT_EQ(open().value()->size(), 40u);
  const VerifyReport report = verify_log();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.entries, 40u);
  EXPECT_EQ(report.segments, segments.size());
}

TEST_F(LogTest, CutsATornTailKeepsItsBytesAndSaysSo) {
  {
    const auto log = open().value();
    fill(*log, 5);
  }
  Bytes bytes = disk_.read(segment());
  const std::size_t whole = bytes.size();
  const auto again = Bytes(bytes.end() - 200, bytes.end() - 50);
  bytes.insert(bytes.end(), 20, 0);  // the start of a frame that never came
  disk_.tamper(segment(), bytes);
  const auto log = open().value();
  ASSERT_TRUE(log->recovery());
  EXPECT_EQ(log->recovery()->next_index, 5u);
  EXPECT_EQ(log->recovery()->cut_bytes, bytes.size() - whole);
  EXPECT_EQ(log->size(), 6u) << "the recovery is an entry itself";
  EXPECT_EQ(disk_.read("/audit/torn-5-0.bin"), Bytes(20, 0));
  EXPECT_TRUE(verify_log().sound());
}

TEST_F(LogTest, RefusesToOpenWhenAcknowledgedBytesWereChangedAndLeavesThemAlone) {
  {
    const auto log = open().value();
    fill(*log, 5);
  }
  const Bytes good = disk_.read(segment());
  Bytes forged = good;
  forged[forged.size() - 100] ^= 1;
  disk_.tamper(segment(), forged);
  EXPECT_EQ(open().error().code, ErrorCode::corrupted);
  EXPECT_EQ(disk_.read(segment()), forged);
  disk_.tamper(segment(), Bytes(good.begin(), good.end() - 10));
  EXPECT_EQ(open().error().code, ErrorCode::corrupted) << "a checkpoint covers what was cut";
}

TEST_F(LogTest, RefusesOtherKeys) {
  { fill(*open().value(), 1); }
  const Keys others = fresh_keys();
  EXPECT_EQ(Log::open(*files_, clock_, others, options_).error().code, ErrorCode::corrupted);
}

TEST_F(LogTest, FailsClosedUntilRecovered) {
  const auto log = open().value();
  fill(*log, 3);
  disk_.plan(1, fault::Failure::io_error);  // the sync
  EXPECT_EQ(log->append(std::vector<Entry>{entry(3)}).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(log->broken());
  EXPECT_EQ(log->append(std::vector<Entry>{entry(3)}).error().code, ErrorCode::unavailable) << "the disk is well, the log is not";
  EXPECT_FALSE(log->checkpoint());
  ASSERT_TRUE(log->recover());
  EXPECT_FALSE(log->broken());
  EXPECT_EQ(log->append(std::vector<Entry>{entry(3)}).value(), 3u);
  const VerifyReport report = verify_log();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.entries, 4u);
}

TEST_F(LogTest, SignsCheckpointsByNumberByTimeAndAtTheEnd) {
  options_.checkpoint_entries = 10;
  options_.witness = "/elsewhere/witness";
  {
    const auto log = open().value();
    fill(*log, 9);
    EXPECT_EQ(verify_log().checkpoints, 0u);
    fill(*log, 1);
    EXPECT_EQ(verify_log().checkpointed_entries, 10u);
    clock_.passed += std::chrono::seconds(61);
    fill(*log, 1);
    EXPECT_EQ(verify_log().checkpointed_entries, 11u);
    fill(*log, 1);
  }
  const VerifyReport report = verify_log(options_.witness);
  EXPECT_EQ(report.checkpoints, 3u);
  EXPECT_EQ(report.checkpointed_entries, 12u);
  EXPECT_EQ(report.witnessed_entries, 12u);
  EXPECT_EQ(disk_.read(options_.witness), disk_.read("/audit/checkpoints.log"));
}

TEST_F(LogTest, AWitnessThatFailsIsCountedAndStopsNothing) {
  options_.checkpoint_entries = 1;
  options_.witness = "/elsewhere/witness";
  const auto log = open().value();
  disk_.plan(4, fault::Failure::io_error);  // after frame (2) and checkpoint (2): the witness is made
  fill(*log, 1);
  EXPECT_EQ(log->witness_failures(), 1u);
  fill(*log, 1);
  EXPECT_EQ(log->witness_failures(), 1u);
  EXPECT_FALSE(log->broken());
}

TEST_F(LogTest, AnUnfinishedLineOfTheWitnessSwallowsNothing) {
  options_.witness = "/elsewhere/witness";
  { fill(*open().value(), 3); }
  Bytes bytes = disk_.read(options_.witness);
  bytes.resize(bytes.size() + 30, 'x');
  disk_.tamper(options_.witness, bytes);
  { fill(*open().value(), 3); }
  EXPECT_EQ(verify_log(options_.witness).witnessed_entries, 6u);
}

TEST_F(LogTest, RefusesToGoOnBehindItsWitness) {
  options_.witness = "/elsewhere/witness";
  { fill(*open().value(), 3); }
  const auto old = disk_.copy();
  { fill(*open().value(), 3); }
  const Bytes witness = disk_.read(options_.witness);
  disk_.put_back(old);
  disk_.tamper(options_.witness, witness);
  EXPECT_EQ(open().error().code, ErrorCode::corrupted);
}

TEST_F(LogTest, RefusesEntriesThatAreTooLarge) {
  const auto log = open().value();
  Entry large = entry(0);
  large.outcome = std::string(limits::kMaxAuditEntryBytes, 'x');
  EXPECT_EQ(log->append(std::vector<Entry>{large}).error().code, ErrorCode::too_large);
  fill(*log, 1);
  EXPECT_EQ(log->size(), 1u);
}

TEST_F(LogTest, IsClosedForGood) {
  const auto log = open().value();
  ASSERT_TRUE(log->close());
  EXPECT_EQ(log->append(std::vector<Entry>{entry(0)}).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(log->close());
}

TEST_F(LogTest, LooksAtTheLastCheckpointWhenItStartsAndLeavesTheOthersToTheVerifier) {
  options_.checkpoint_entries = 1;
  { fill(*open().value(), 3); }
  const Bytes good = disk_.read("/audit/checkpoints.log");
  const std::size_t line = good.size() / 3;
  Bytes bytes = good;
  bytes[9] ^= 1;
  disk_.tamper("/audit/checkpoints.log", bytes);
  EXPECT_TRUE(open());
  EXPECT_FALSE(verify_log().sound());
  bytes = good;
  bytes[2 * line + 9] ^= 1;
  disk_.tamper("/audit/checkpoints.log", bytes);
  EXPECT_EQ(open().error().code, ErrorCode::corrupted);
}

TEST_F(LogTest, ARefusedStartChangesNothing) {
  { fill(*open().value(), 20); }
  const auto good = disk_.copy();
  const auto refused = [&](const std::function<void()>& attack) {
    disk_.put_back(good);
    attack();
    const auto before = disk_.copy();
    EXPECT_EQ(open().error().code, ErrorCode::corrupted);
    EXPECT_EQ(disk_.copy(), before);
  };
  refused([&] { disk_.remove_file(segment()); });
  refused([&] {
    Bytes bytes = disk_.read(segment());
    bytes.resize(bytes.size() - 10);
    disk_.tamper(segment(), bytes);
  });
}

}  // namespace
}  // namespace osler::audit
