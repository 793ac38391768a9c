#include "service/recorder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "base/ids.h"
#include "../vault/fixed_keys.h"
#include "cases/sqlite/sqlite_store.h"

namespace osler::service {
namespace {

/// A store that waits at a gate, so that a test knows what is in a batch, and fails when told to.
class GatedStore final : public cases::Store {
 public:
  Result<void> put(std::span<const cases::SealedRecord> records) override {
    std::unique_lock guard(mutex_);
    ++entered_;
    changed_.notify_all();
    changed_.wait(guard, [this] { return open_; });
    if (fail_ && !fail_after_) return make_error(ErrorCode::unavailable, "The store of records does not work now.", "told to");
    for (const cases::SealedRecord& record : records)
      if (vault::version_of(record.content.wrapped_key).value() == forgotten_) return make_error(ErrorCode::not_found, "This key version was retired.");
    for (const cases::SealedRecord& record : records) ids_.push_back(record.request_id);
    batches_.push_back(records.size());
    if (fail_) return make_error(ErrorCode::unavailable, "The store of records does not answer.", "the connection was lost");
    return ok();
  }
  Result<void> remove(std::span<const std::string> ids) override {
    const std::lock_guard guard(mutex_);
    if (fail_removal_) return make_error(ErrorCode::unavailable, "x");
    for (const std::string& id : ids) std::erase(ids_, id);
    return ok();
  }
  Result<cases::SealedRecord> get(std::string_view) override { return make_error(ErrorCode::not_found, "none"); }
  Result<std::uint64_t> count() override { return std::uint64_t{0}; }
  Result<std::vector<cases::RecordSummary>> newest(std::size_t) override { return none(); }
  Result<std::vector<cases::RecordSummary>> page(std::uint64_t, std::size_t) override { return none(); }
  Result<std::vector<cases::RecordSummary>> of_patient(std::string_view, std::size_t) override { return none(); }
  Result<std::vector<cases::RecordSummary>> expired(WallTime, std::size_t) override { return none(); }
  Result<void> set_hold(std::string_view, bool) override { return ok(); }
  Result<bool> is_held(std::string_view) override { return false; }
  Result<std::vector<std::string>> holds() override { return std::vector<std::string>{}; }
  Result<void> share(std::string_view, std::string_view) override { return ok(); }
  Result<std::vector<std::string>> readers(std::string_view) override { return std::vector<std::string>{}; }
  // The recorder asks for none of these.
  cases::KeyTable& keys() override { std::abort(); }
  cases::SimilarCases& similar_cases() override { std::abort(); }
  cases::Batches& batches() override { std::abort(); }
  cases::ApiKeys& api_keys() override { std::abort(); }
  Result<void> probe() override {
    const std::lock_guard guard(mutex_);
    return fail_ ? Result<void>(make_error(ErrorCode::unavailable, "x")) : ok();
  }
  Result<void> close() override { return ok(); }

  void set_open(bool open) {
    const std::lock_guard guard(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void set_failing(bool put, bool removal) {
    const std::lock_guard guard(mutex_);
    fail_ = put;
    fail_removal_ = removal;
  }
  /// From now on a put that fails has stored all the same.
  void set_failing_after_the_commit() {
    const std::lock_guard guard(mutex_);
    fail_after_ = true;
  }
  void forget(vault::KeyVersion version) {
    const std::lock_guard guard(mutex_);
    forgotten_ = version;
  }
  void wait_until_entered(int times) {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return entered_ >= times; });
  }
  std::vector<std::string> ids() {
    const std::lock_guard guard(mutex_);
    return ids_;
  }
  std::vector<std::size_t> batch_sizes() {
    const std::lock_guard guard(mutex_);
    return batches_;
  }

 private:
  static std::vector<cases::RecordSummary> none() { return {}; }

  std::mutex mutex_;
  std::condition_variable changed_;
  vault::KeyVersion forgotten_ = 0;
  bool open_ = true, fail_ = false, fail_after_ = false, fail_removal_ = false;
  int entered_ = 0;
  std::vector<std::string> ids_;
  std::vector<std::size_t> batches_;
};

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    audit::LogOptions options;
    options.folder = folder_ + "/audit";
    log_ = audit::Log::open(*files_, clock_, keys_, options).value();
  }
  ~RecorderTest() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  RecordRequest request(const std::string& id) {
    audit::Entry entry;
    entry.action = "diagnose";
    entry.outcome = "answered";
    const cases::RecordDraft draft{id, vault::Phi<std::string>("p"), "key", {}, "network-1", vault::Phi<std::string>("payload of " + id)};
    return make_record_request(*ring_->ring(), names_, entry, draft).value();
  }
  static RecordRequest refusal(const std::string& id) {
    audit::Entry entry;
    entry.request_id = id;
    entry.outcome = "refused:invalid";
    return {entry, std::nullopt};
  }
  static std::future<Result<void>> submit(Recorder& recorder, RecordRequest request) {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    std::future<Result<void>> future = promise->get_future();
    recorder.submit(std::move(request), [promise](Result<void> outcome) { promise->set_value(std::move(outcome)); });
    return future;
  }
  std::vector<audit::Entry> logged() {
    std::vector<audit::Entry> entries;
    const Bytes bytes = files_->read(folder_ + "/audit/" + audit::segment_name(0), audit::kMaxSegmentBytes).value();
    audit::scan_frames(keys_, bytes, audit::decode_header(keys_, bytes).value(), [&](std::string_view json, const audit::ChainState&) {
      entries.push_back(audit::parse_entry(json).value().entry);
    });
    return entries;
  }

  const std::string folder_ = testing::TempDir() + "osler-recorder-" + make_uuid();
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const SystemClock clock_;
  const std::unique_ptr<vault::KeySource> ring_ = vault::fixed_keys();
  const vault::Names names_ = vault::Names::random();
  const audit::Keys keys_{vault::AuditSecrets{vault::Secret::random(), vault::Secret::random()}};
  GatedStore store_;
  std::unique_ptr<audit::Log> log_;
};

TEST_F(RecorderTest, BindsTheEntryToTheRecord) {
  const RecordRequest made = request("id-1");
  EXPECT_EQ(made.entry.request_id, "id-1");
  EXPECT_EQ(made.entry.model_version, "network-1");
  EXPECT_EQ(made.entry.subject, made.record->patient_token);
  EXPECT_TRUE(names_.commits_to(made.entry.commitment, as_bytes("payload of id-1")));
}

TEST_F(RecorderTest, RecordsBothAndOnlyAnEntryForARefusal) {
  Recorder recorder(store_, *log_, *ring_);
  EXPECT_TRUE(submit(recorder, request("id-1")).get());
  EXPECT_TRUE(submit(recorder, refusal("id-2")).get());
  EXPECT_EQ(store_.ids(), std::vector<std::string>{"id-1"});
  const auto entries = logged();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].request_id, "id-2");
  EXPECT_EQ(recorder.counts().recorded, 2u);
}

TEST_F(RecorderTest, WhoeverWaitsGoesOnWhenAllIsDurableOrIsToldWhyNot) {
  Recorder recorder(store_, *log_, *ring_);
  EXPECT_TRUE(recorder.record(refusal("id-1").entry));
  EXPECT_EQ(log_->size(), 1u);
  std::vector<RecordRequest> two;
  two.push_back(request("id-2"));
  two.push_back(refusal("id-3"));
  EXPECT_TRUE(recorder.record(std::move(two)));
  EXPECT_EQ(log_->size(), 3u);
  EXPECT_EQ(store_.ids(), std::vector<std::string>{"id-2"});
  recorder.stop();
  EXPECT_EQ(recorder.record(refusal("late").entry).error().code, ErrorCode::unavailable);
}

TEST_F(RecorderTest, WhatWaitsGoesInOneBatch) {
  Recorder recorder(store_, *log_, *ring_);
  store_.set_open(false);
  std::vector<std::future<Result<void>>> outcomes;
  outcomes.push_back(submit(recorder, request("first")));
  store_.wait_until_entered(1);
  for (int i = 0; i < 20; ++i) outcomes.push_back(submit(recorder, request("id-" + std::to_string(i))));
  EXPECT_EQ(recorder.waiting(), 20u);
  store_.set_open(true);
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get());
  EXPECT_EQ(store_.batch_sizes(), (std::vector<std::size_t>{1, 20}));
  EXPECT_EQ(recorder.counts().batches, 2u);
}

TEST_F(RecorderTest, AFullQueueTurnsAwayAtOnce) {
  Recorder recorder(store_, *log_, *ring_, {}, 3);
  store_.set_open(false);
  std::vector<std::future<Result<void>>> waiting;
  waiting.push_back(submit(recorder, request("first")));
  store_.wait_until_entered(1);
  for (int i = 0; i < 3; ++i) waiting.push_back(submit(recorder, request("id-" + std::to_string(i))));
  EXPECT_EQ(submit(recorder, request("one too many")).get().error().code, ErrorCode::overloaded);
  EXPECT_EQ(recorder.counts().overloaded, 1u);
  store_.set_open(true);
  for (auto& outcome : waiting) EXPECT_TRUE(outcome.get());
}

TEST_F(RecorderTest, StopDrainsAndThenRefuses) {
  Recorder recorder(store_, *log_, *ring_);
  store_.set_open(false);
  auto first = submit(recorder, request("first"));
  store_.wait_until_entered(1);
  auto second = submit(recorder, request("second"));
  std::thread stopper([&] { recorder.stop(); });
  store_.set_open(true);
  stopper.join();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  EXPECT_EQ(submit(recorder, request("late")).get().error().code, ErrorCode::unavailable);
  EXPECT_EQ(log_->size(), 2u);
}

TEST_F(RecorderTest, AStoreThatFailsFailsTheRequestAndTheLogSaysSo) {
  std::vector<std::string> told;
  Recorder recorder(store_, *log_, *ring_, [&](const Error& error) { told.push_back(error.internal); });
  store_.set_failing(true, false);
  const Result<void> outcome = submit(recorder, request("id-1")).get();
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(recorder.healthy());
  EXPECT_EQ(recorder.counts().store_failures, 1u);
  ASSERT_EQ(told.size(), 1u);
  const auto entries = logged();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].outcome, "unavailable");
  EXPECT_EQ(entries[0].commitment, "");
  store_.set_failing(false, false);
  EXPECT_TRUE(submit(recorder, request("id-2")).get());
  EXPECT_TRUE(recorder.healthy());
}

TEST_F(RecorderTest, ComesBackByItselfWhenThereIsNothingToRecord) {
  Recorder recorder(store_, *log_, *ring_, {}, 10, std::chrono::milliseconds(1));
  store_.set_failing(true, true);
  EXPECT_FALSE(submit(recorder, request("id-1")).get());
  EXPECT_FALSE(recorder.healthy());
  store_.set_failing(false, false);
  while (!recorder.healthy()) std::this_thread::yield();  // the test's own time limit ends it when it never does
}

TEST_F(RecorderTest, ALogThatFailsFailsTheRequestAndLeavesNoRecord) {
  Recorder recorder(store_, *log_, *ring_);
  ASSERT_TRUE(log_->close());
  EXPECT_EQ(submit(recorder, request("id-1")).get().error().code, ErrorCode::unavailable);
  EXPECT_EQ(recorder.counts().audit_failures, 1u);
  EXPECT_TRUE(store_.ids().empty());
}

TEST_F(RecorderTest, RecordsThatCouldNotBeRemovedGoBeforeTheNextBatch) {
  Recorder recorder(store_, *log_, *ring_);
  ASSERT_TRUE(log_->close());
  store_.set_failing(false, true);
  EXPECT_FALSE(submit(recorder, request("id-1")).get());
  EXPECT_EQ(store_.ids(), std::vector<std::string>{"id-1"});
  store_.set_failing(false, false);
  EXPECT_FALSE(submit(recorder, refusal("id-2")).get());
  EXPECT_TRUE(store_.ids().empty());
}

TEST_F(RecorderTest, WhatWasStoredThoughTheConnectionWasLostGoesBeforeTheNextBatch) {
  Recorder recorder(store_, *log_, *ring_);
  store_.set_failing_after_the_commit();
  store_.set_failing(true, false);
  EXPECT_FALSE(submit(recorder, request("id-1")).get());
  RecordRequest of_batch = request("id-2");
  of_batch.again = true;
  EXPECT_FALSE(submit(recorder, std::move(of_batch)).get());
  store_.set_failing(false, false);
  EXPECT_TRUE(submit(recorder, request("id-3")).get());
  EXPECT_EQ(store_.ids(), (std::vector<std::string>{"id-2", "id-3"})) << "the row of a batch is asked for again, perhaps by another server, and must not be taken from under it";
}

TEST_F(RecorderTest, ARowOfABatchIsNotRemovedLater) {
  Recorder recorder(store_, *log_, *ring_);
  ASSERT_TRUE(log_->close());
  store_.set_failing(false, true);
  RecordRequest of_batch = request("id-1");
  of_batch.again = true;
  EXPECT_FALSE(submit(recorder, std::move(of_batch)).get());
  store_.set_failing(false, false);
  EXPECT_FALSE(submit(recorder, refusal("id-2")).get());
  EXPECT_EQ(store_.ids(), std::vector<std::string>{"id-1"}) << "another server may have answered from it meanwhile";
}

TEST_F(RecorderTest, RefusesAnEntryThatCannotBeLogged) {
  Recorder recorder(store_, *log_, *ring_);
  RecordRequest large = refusal("id-1");
  large.entry.client_address = std::string(limits::kMaxAuditEntryBytes, 'x');
  EXPECT_EQ(submit(recorder, std::move(large)).get().error().code, ErrorCode::too_large);
}

TEST_F(RecorderTest, ManyThreadsLoseNothing) {
  Recorder recorder(store_, *log_, *ring_, {}, 10'000);
  std::atomic<int> recorded{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i)
        recorder.submit(request(std::to_string(t) + "-" + std::to_string(i)), [&](Result<void> outcome) { recorded += outcome.has_value(); });
    });
  for (std::thread& thread : threads) thread.join();
  recorder.stop();
  EXPECT_EQ(recorded, 800);
  EXPECT_EQ(log_->size(), 800u);
  EXPECT_EQ(store_.ids().size(), 800u);
}

TEST_F(RecorderTest, WrapsAnewWhatWasSealedUnderAKeyThatWasRetiredMeanwhile) {
  vault::KeyVersion version = 1;
  const auto keys = vault::KeySource::create([&]() -> Result<vault::KeyRing> { return vault::KeyRing::of(vault::Secret::random(), version); }).value();
  Recorder recorder(store_, *log_, *keys);
  audit::Entry entry;
  entry.action = "diagnose";
  const cases::RecordDraft draft{"id-1", vault::Phi<std::string>("p"), "key", {}, "network-1", vault::Phi<std::string>("payload")};
  RecordRequest sealed_before = make_record_request(*keys->ring(), names_, entry, draft).value();
  version = 2;
  store_.forget(1);
  EXPECT_TRUE(submit(recorder, std::move(sealed_before)).get());
  EXPECT_EQ(store_.ids(), std::vector<std::string>{"id-1"});
  EXPECT_EQ(keys->ring()->current_version(), 2u);
}

}  // namespace
}  // namespace osler::service
