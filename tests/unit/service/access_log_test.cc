#include "service/access_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <thread>

#include "audit/reader.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"

namespace osler::service {
namespace {

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::milliseconds(1'795'300'000'000)) + passed.load(); }
  SteadyTime steady_now() const override { return SteadyTime{} + passed.load(); }
  std::atomic<std::chrono::milliseconds> passed{};
};

/// A log on a disk, behind a gate: nothing is recorded before open_gate().
class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    std::filesystem::create_directories(folder_);
    store_ = cases::open_sqlite_store(*files_, *keys_->ring(), {.path = folder_ + "/osler.db", .vfs = ""}).value();
    audit::LogOptions options;
    options.folder = folder_ + "/audit";
    log_ = audit::Log::open(*files_, clock_, log_keys_, options).value();
    recorder_.emplace(*store_, *log_, *keys_);
    access_.emplace(*recorder_, clock_);
  }
  ~AccessLogTest() override {
    access_.reset();
    recorder_.reset();
    log_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// The recorder's thread waits in the answer to this one.
  void close_gate() {
    recorder_->submit({audit::Entry{}, std::nullopt}, [this](const Result<void>&) {
      std::unique_lock guard(mutex_);
      at_gate_ = true;
      changed_.notify_all();
      changed_.wait(guard, [this] { return open_; });
    });
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return at_gate_; });
  }
  void open_gate() {
    const std::lock_guard guard(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void deny(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) access_->note(context_, audit::Action::login_denied, "/api/v1/diagnose");
  }
  /// "action outcome" of each entry.
  std::vector<std::string> entries() {
    access_->finish();
    recorder_->stop();
    std::vector<std::string> list;
    audit::read_entries(*files_, log_keys_, folder_ + "/audit", [&](std::uint64_t, std::string_view json) -> Result<void> {
      const audit::Entry entry = audit::parse_entry(json).value().entry;
      if (!entry.action.empty()) list.push_back(entry.action + " " + entry.outcome);
      return ok();
    }).value();
    return list;
  }
  static std::size_t count(const std::vector<std::string>& list, const std::string& text) { return static_cast<std::size_t>(std::count(list.begin(), list.end(), text)); }

  const std::string folder_ = testing::TempDir() + "osler-access-" + make_uuid();
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  MovedClock clock_;
  const std::unique_ptr<vault::KeySource> keys_ =
      vault::KeySource::create([]() -> Result<vault::KeyRing> { return vault::KeyRing::of(vault::Secret::random()); }).value();
  const audit::Keys log_keys_{vault::AuditSecrets{vault::Secret::random(), vault::Secret::random()}};
  const RequestContext context_ = [] {
    RequestContext context;
    context.request_id = "id-1";
    context.actor = "anonymous";
    context.client_address = "192.0.2.1";
    return context;
  }();
  std::unique_ptr<cases::Store> store_;
  std::unique_ptr<audit::Log> log_;
  std::optional<Recorder> recorder_;
  std::optional<AccessLog> access_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool at_gate_ = false, open_ = false;
};

TEST_F(AccessLogTest, EachNoteBecomesOneEntry) {
  deny(2);
  access_->note(context_, audit::Action::request, "answered /api/v1/about");
  EXPECT_EQ(entries(), (std::vector<std::string>{"login.denied /api/v1/diagnose", "login.denied /api/v1/diagnose", "request answered /api/v1/about"}));
  EXPECT_EQ(access_->skipped(), 0u);
}

TEST_F(AccessLogTest, WhatIsTooMuchAtOnceIsCountedAndTheCountIsAnEntry) {
  close_gate();
  deny(limits::kMaxAccessEntriesWaiting + 10);
  EXPECT_EQ(recorder_->waiting(), limits::kMaxAccessEntriesWaiting) << "the rest of the recorder's queue is left to those who ask";
  EXPECT_EQ(access_->skipped(), 10u);
  open_gate();
  const auto list = entries();
  EXPECT_EQ(count(list, "login.denied /api/v1/diagnose"), limits::kMaxAccessEntriesWaiting);
  EXPECT_EQ(count(list, "log.skipped 10 entries"), 1u);
}

TEST_F(AccessLogTest, AFloodOfDenialsFillsNoDisk) {
  std::size_t noted = 0;
  // One after the other is on the disk: only the rate can stop them.
  for (; access_->skipped() == 0; ++noted) {
    deny(1);
    while (recorder_->waiting() > 0) std::this_thread::yield();
  }
  EXPECT_EQ(noted, limits::kMaxDenialsAtOnce + 1);
  access_->note(context_, audit::Action::request, "answered /api/v1/about");
  clock_.passed = clock_.passed.load() + std::chrono::seconds(1);
  deny(limits::kDenialsPerSecond + 5);
  EXPECT_EQ(access_->skipped(), 6u);
  const auto list = entries();
  EXPECT_EQ(count(list, "login.denied /api/v1/diagnose"), limits::kMaxDenialsAtOnce + limits::kDenialsPerSecond);
  EXPECT_EQ(count(list, "request answered /api/v1/about"), 1u) << "what is no denial is not held back by them";
  EXPECT_EQ(count(list, "log.skipped 1 entries") + count(list, "log.skipped 5 entries"), 2u);
}

TEST_F(AccessLogTest, ALogThatCannotBeWrittenIsCounted) {
  ASSERT_TRUE(log_->close());
  deny(3);
  recorder_->stop();
  EXPECT_EQ(access_->skipped(), 3u);
}

}  // namespace
}  // namespace osler::service
