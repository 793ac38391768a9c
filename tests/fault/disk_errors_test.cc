// One call after the other fails, every way a disk fails: the error is told, nothing half done stays, and the next request
// after the disk is well again succeeds without a restart.
#include <gtest/gtest.h>

#include "fault/machine.h"

namespace osler::fault {
namespace {

const char* text_of(Failure failure) {
  return failure == Failure::io_error ? "io_error" : failure == Failure::no_space ? "no_space" : "short_write";
}

class DiskErrors : public testing::TestWithParam<Failure> {};

std::uint64_t calls_of_a_first_start() {
  FaultDisk disk;
  Machine machine(disk);
  EXPECT_TRUE(machine.start());
  return disk.calls();
}

TEST_P(DiskErrors, AtEveryCallOfTheFirstStart) {
  const std::uint64_t calls = calls_of_a_first_start();
  ASSERT_GT(calls, 20u);
  for (std::uint64_t call = 0; call < calls; ++call) {
    SCOPED_TRACE(std::string(text_of(GetParam())) + " at call " + std::to_string(call));
    std::mt19937_64 random(call);
    FaultDisk disk;
    Machine machine(disk);
    disk.plan(call, GetParam());
    const Result<void> started = machine.start();
    if (!started) {
      EXPECT_EQ(started.error().code, ErrorCode::unavailable) << describe(started.error());
    }
    machine.stop();
    disk.heal();
    const Result<void> again = machine.start();
    ASSERT_TRUE(again) << describe(again.error());
    machine.serve(3, random);
    EXPECT_TRUE(machine.told.failed.empty());
    EXPECT_EQ(machine.broken_promises(), std::vector<std::string>{});
  }
}

/// Serves with the failure at `call` of the serving; false when it was never reached.
bool fail_while_serving(std::uint64_t call, Failure failure) {
  std::mt19937_64 random(call);
  FaultDisk disk;
  Machine machine(disk);
  EXPECT_TRUE(machine.start());
  machine.serve(5, random);
  disk.plan(call, failure);
  for (int round = 0; round < 8; ++round) machine.serve(4, random);
  const bool happened = disk.failure_happened();
  disk.heal();
  const std::set<std::string> failed_before = machine.told.failed;
  machine.serve(4, random);
  EXPECT_EQ(machine.told.failed, failed_before) << "the recorder did not recover";
  EXPECT_EQ(machine.broken_promises(), std::vector<std::string>{});
  const auto outcomes = machine.outcomes();
  for (const std::string& id : machine.told.failed) {
    EXPECT_TRUE(!outcomes.contains(id) || outcomes.at(id) == "unavailable") << "the log calls a failed request " << outcomes.at(id);
    const auto record = machine.store()->get(id);
    EXPECT_TRUE(!record && record.error().code == ErrorCode::not_found) << "a failed request left a record";
  }
  machine.stop();
  const Result<void> again = machine.start();
  EXPECT_TRUE(again) << describe(again.error());
  if (again) {
    EXPECT_EQ(machine.broken_promises(), std::vector<std::string>{});
  }
  return happened;
}

TEST_P(DiskErrors, AtEveryCallOfServing) {
  std::uint64_t call = 0;
  for (bool happened = true; happened && !HasFailure(); ++call) {
    SCOPED_TRACE(std::string(text_of(GetParam())) + " at call " + std::to_string(call));
    happened = fail_while_serving(call, GetParam());
  }
  EXPECT_GT(call, 50u);
}

INSTANTIATE_TEST_SUITE_P(EveryFailure, DiskErrors, testing::Values(Failure::io_error, Failure::short_write, Failure::no_space),
                         [](const auto& instance) { return text_of(instance.param); });

TEST(DiskErrors, AFullDiskIsToldAndNothingAnsweredIsLost) {
  std::mt19937_64 random(1);
  FaultDisk disk;
  Machine machine(disk);
  ASSERT_TRUE(machine.start());
  machine.serve(10, random);
  disk.plan(0, Failure::no_space);
  machine.serve(10, random);
  EXPECT_EQ(machine.told.failed.size(), 10u);
  EXPECT_FALSE(machine.recorder()->healthy());
  disk.heal();
  machine.serve(10, random);
  EXPECT_EQ(machine.told.failed.size(), 10u);
  EXPECT_TRUE(machine.recorder()->healthy());
  EXPECT_EQ(machine.broken_promises(), std::vector<std::string>{});
}

}  // namespace
}  // namespace osler::fault
