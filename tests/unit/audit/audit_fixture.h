// A log on a disk in memory, with a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include "audit/verify.h"
#include "fault/fault_file_system.h"

namespace osler::audit {

class ManualClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::milliseconds(1'795'300'000'000)) + passed; }
  SteadyTime steady_now() const override { return SteadyTime{} + passed; }
  std::chrono::milliseconds passed{0};
};

class AuditTest : public testing::Test {
 protected:
  static Keys fresh_keys() { return Keys(vault::AuditSecrets{vault::Secret::random(), vault::Secret::random()}); }

  Result<std::unique_ptr<Log>> open() { return Log::open(*files_, clock_, keys_, options_); }

  static Entry entry(std::size_t number) {
    Entry entry;
    entry.request_id = "request-" + std::to_string(number);
    entry.actor = "trial";
    entry.action = "diagnose";
    entry.outcome = "answered";
    return entry;
  }

  /// `count` entries in frames of `batch`.
  static void fill(Log& log, std::size_t count, std::size_t batch = 1) {
    for (std::size_t done = 0; done < count; done += batch) {
      std::vector<Entry> entries;
      for (std::size_t i = 0; i < batch; ++i) entries.push_back(entry(done + i));
      ASSERT_TRUE(log.append(entries));
    }
  }

  VerifyReport verify_log(const std::string& witness = {}) {
    VerifyOptions options{options_.folder, witness, options_.checkpoint_entries};
    return verify(*files_, keys_, options).value();
  }

  std::string segment(std::uint64_t first = 0) const { return options_.folder + "/" + segment_name(first); }

  fault::FaultDisk disk_;
  std::unique_ptr<FileSystem> files_ = fault::make_fault_file_system(disk_);
  ManualClock clock_;
  Keys keys_ = fresh_keys();
  LogOptions options_{"/audit", "", 16 * 1024 * 1024, kCheckpointEntries, std::chrono::seconds(60)};
};

}  // namespace osler::audit
