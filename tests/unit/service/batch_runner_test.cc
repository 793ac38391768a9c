// service/batch_runner.h over a real SQLite store: nothing lost, nothing twice, whatever happens in the middle.
#include "service/batch_runner.h"

#include <gtest/gtest.h>

#include <set>

#include "batch_world.h"
#include "service/diagnosis_record.h"
#include "service/patient_records.h"
#include "service/record_payload.h"

namespace osler::service {
namespace {

constexpr std::size_t kCases = 300;  // three chunks

/// The batches of a process that dies: what it records is there, what it would say at the end is not.
class DyingBatches final : public cases::Batches {
 public:
  explicit DyingBatches(cases::Batches& real) : real_(real) {}
  Result<void> create(const cases::BatchInfo& batch) override { return real_.create(batch); }
  Result<void> add_chunk(std::string_view batch, std::uint64_t chunk, std::uint64_t line, std::uint64_t cases, const vault::SealedText& input) override {
    return real_.add_chunk(batch, chunk, line, cases, input);
  }
  Result<void> set_state(std::string_view, cases::BatchState) override { return gone(); }
  Result<cases::BatchInfo> info(std::string_view batch) override { return real_.info(batch); }
  Result<std::vector<cases::BatchInfo>> list(std::string_view owner, std::size_t limit) override { return real_.list(owner, limit); }
  Result<std::optional<cases::ChunkClaim>> claim(std::string_view worker, std::chrono::milliseconds lease) override {
    if (died_ >= 3) return gone();
    return real_.claim(worker, lease);
  }
  Result<bool> renew(const cases::ChunkClaim& claim, std::string_view worker, std::chrono::milliseconds lease) override {
    if (lease.count() == 0) return gone();  // it gives nothing back
    return real_.renew(claim, worker, lease);
  }
  Result<bool> finish(const cases::ChunkClaim&, std::string_view, const std::vector<cases::ChunkOutcome>&) override {
    ++died_;
    return gone();
  }
  Result<std::uint64_t> cancel_abandoned(WallTime before) override { return real_.cancel_abandoned(before); }
  Result<void> exclude_patient(std::string_view token, WallTime deleted) override { return real_.exclude_patient(token, deleted); }
  Result<std::vector<std::string>> excluded_patients(std::string_view batch) override { return real_.excluded_patients(batch); }
  Result<std::vector<cases::ChunkOutcome>> outcomes(std::string_view batch, std::uint64_t after, std::size_t limit) override { return real_.outcomes(batch, after, limit); }

  int died() const { return died_; }

 private:
  static Error gone() { return make_error(ErrorCode::unavailable, "dead"); }
  cases::Batches& real_;
  std::atomic<int> died_{0};
};

class StoreOfTheDying final : public cases::Store {
 public:
  explicit StoreOfTheDying(cases::Store& real) : real_(real), batches_(real.batches()) {}
  Result<void> put(std::span<const cases::SealedRecord> records) override {
    if (before_put) before_put();
    return real_.put(records);
  }
  Result<cases::SealedRecord> get(std::string_view id) override { return real_.get(id); }
  Result<void> remove(std::span<const std::string> ids) override { return real_.remove(ids); }
  Result<std::uint64_t> count() override { return real_.count(); }
  Result<std::vector<cases::RecordSummary>> newest(std::size_t limit) override { return real_.newest(limit); }
  Result<std::vector<cases::RecordSummary>> page(std::uint64_t after, std::size_t limit) override { return real_.page(after, limit); }
  Result<std::vector<cases::RecordSummary>> of_patient(std::string_view token, std::size_t limit) override { return real_.of_patient(token, limit); }
  Result<std::vector<cases::RecordSummary>> expired(WallTime before, std::size_t limit) override { return real_.expired(before, limit); }
  Result<void> set_hold(std::string_view token, bool held) override { return real_.set_hold(token, held); }
  Result<bool> is_held(std::string_view token) override { return real_.is_held(token); }
  Result<std::vector<std::string>> holds() override { return real_.holds(); }
  Result<void> share(std::string_view id, std::string_view reader) override { return real_.share(id, reader); }
  Result<std::vector<std::string>> readers(std::string_view id) override { return real_.readers(id); }
  cases::KeyTable& keys() override { return real_.keys(); }
  cases::SimilarCases& similar_cases() override { return real_.similar_cases(); }
  DyingBatches& batches() override { return batches_; }
  cases::ApiKeys& api_keys() override { return real_.api_keys(); }
  Result<void> probe() override { return real_.probe(); }
  Result<void> close() override { return ok(); }

  std::function<void()> before_put{};

 private:
  cases::Store& real_;
  DyingBatches batches_;
};

class BatchRuns : public testing::Test, public BatchWorld {
 protected:
  /// Every line once, in order; every answered one a record of its own that says what was asked; nothing else stored.
  void expect_complete(const std::string& batch, std::size_t count) {
    const std::vector<cases::ChunkOutcome> all = outcomes(batch);
    ASSERT_EQ(all.size(), count);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
      const cases::ChunkOutcome& one = all[i];
      EXPECT_EQ(one.line, i + 1);
      EXPECT_EQ(one.request_id.empty(), one.line % 7 == 0) << one.line;
      EXPECT_NE(one.request_id.empty(), one.refusal.empty());
      if (!one.request_id.empty()) expect_record(one);
      if (!one.request_id.empty()) { EXPECT_TRUE(ids.insert(one.request_id).second); }
    }
    EXPECT_EQ(store->count().value(), ids.size());
    const cases::BatchInfo info = store->batches().info(batch).value();
    EXPECT_EQ(info.state, cases::BatchState::done);
    EXPECT_EQ(info.answered, count - refused_of(count));
    EXPECT_EQ(info.refused, refused_of(count));
  }
  void expect_record(const cases::ChunkOutcome& one) {
    const auto sealed = store->get(one.request_id);
    ASSERT_TRUE(sealed) << one.line;
    EXPECT_EQ(sealed->owner, "ward");
    const auto record = parse_payload(cases::open_record(*keys->ring(), *sealed)->reveal_phi()).value();
    EXPECT_EQ(std::get<RecordedDiagnosis>(record).request["patient_id"], "p" + std::to_string(one.line));
    EXPECT_EQ(std::get<RecordedDiagnosis>(record).answer["request_id"], one.request_id);
  }
};

TEST_F(BatchRuns, EveryCaseIsAnsweredStoredAndAuditedOnce) {
  const std::string batch = send(upload(kCases));
  work(batch);
  expect_complete(batch, kCases);
  const std::vector<cases::ChunkOutcome> all = outcomes(batch);
  EXPECT_EQ(parse_json(all[6].refusal).value()["errors"][0]["pointer"], "/age");
  EXPECT_EQ(parse_json(all[13].refusal).value()["code"], "malformed");
  const auto audited = entries("batch.case");
  EXPECT_EQ(audited.size(), kCases);
  for (std::uint64_t line = 1; line <= kCases; ++line) {
    const auto& of_case = audited.at(names.request_id(batch, line));
    ASSERT_EQ(of_case.size(), 1u);
    EXPECT_EQ(of_case[0].outcome, line % 7 != 0 ? "answered" : line % 14 == 0 ? "refused:malformed" : "refused:invalid");
    EXPECT_EQ(of_case[0].actor, "ward");
    EXPECT_EQ(of_case[0].role, "clinician");
    EXPECT_EQ(of_case[0].client_address, "127.0.0.1");
    EXPECT_EQ(of_case[0].commitment.empty(), line % 7 == 0);
    if (line % 7 != 0) { EXPECT_EQ(of_case[0].subject, names.token("patient", "p" + std::to_string(line))); }
  }
}

TEST_F(BatchRuns, AProcessThatDiesBetweenRecordAndFinishLosesNothingAndRepeatsNothing) {
  const std::string batch = send(upload(kCases));
  {
    StoreOfTheDying dying(*store);
    BatchRunnerSettings short_lease = settings();
    short_lease.lease = std::chrono::milliseconds(1);  // runs out with the process
    short_lease.threads = 1;
    SimilarCaseFinder finder(world.knowledge, dying, *keys, names);
    BatchRunner runner({world.answerer, *keys, names, dying, *recorder, finder, clock}, short_lease);
    while (dying.batches().died() < 3) std::this_thread::yield();
  }
  EXPECT_TRUE(outcomes(batch).empty());
  ASSERT_GT(store->count().value(), 0u);
  const std::vector<std::string> never_stored = {names.request_id(batch, 1), names.request_id(batch, 50)};
  ASSERT_TRUE(store->remove(never_stored));
  work(batch);
  expect_complete(batch, kCases);
  const auto audited = entries("batch.case");
  for (std::uint64_t line = 1; line <= kCases; ++line) {
    std::size_t answered = 0;
    for (const audit::Entry& entry : audited.at(names.request_id(batch, line))) {
      EXPECT_TRUE(entry.outcome == "answered" || entry.outcome == "answered:resumed" || entry.outcome.starts_with("refused:")) << entry.outcome;
      answered += entry.outcome == "answered";
    }
    EXPECT_EQ(answered, line % 7 == 0 ? 0u : line == 1 || line == 50 ? 2u : 1u) << line;
  }
  const auto& resumed = audited.at(names.request_id(batch, 2));
  EXPECT_EQ(resumed.back().outcome, "answered:resumed");
  EXPECT_EQ(resumed.back().commitment, resumed.front().commitment);
  EXPECT_EQ(resumed.back().subject, resumed.front().subject);
}

TEST_F(BatchRuns, APatientWhoWasDeletedWhileTheBatchWaitedIsNotStored) {
  const std::string batch = send(upload(20)), token = names.token("patient", "p2");
  PatientRecords patients(*store, *keys, names);
  EXPECT_EQ(patients.remove(token).value(), 0u);
  work(batch);
  EXPECT_EQ(store->get(names.request_id(batch, 2)).error().code, ErrorCode::not_found);
  EXPECT_TRUE(store->of_patient(token, 10).value().empty());
  EXPECT_TRUE(store->get(names.request_id(batch, 1)));
  BatchService batches = service();
  EXPECT_NE(batches.results(batch, 1, 1, context())->ndjson.find("\"deleted\":true"), std::string::npos);
  const auto audited = entries("batch.case");
  const auto& of_case = audited.at(names.request_id(batch, 2));
  ASSERT_EQ(of_case.size(), 1u);
  EXPECT_EQ(of_case[0].outcome, "refused:deleted");
  EXPECT_EQ(of_case[0].subject, token);
}

TEST_F(BatchRuns, APatientWhoWasDeletedAfterAProcessDiedIsNotStoredAgain) {
  const std::string batch = send(upload(kCases)), token = names.token("patient", "p2");
  {
    StoreOfTheDying dying(*store);
    BatchRunnerSettings short_lease = settings();
    short_lease.lease = std::chrono::milliseconds(1);
    short_lease.threads = 1;
    SimilarCaseFinder finder(world.knowledge, dying, *keys, names);
    BatchRunner runner({world.answerer, *keys, names, dying, *recorder, finder, clock}, short_lease);
    while (dying.batches().died() < 3) std::this_thread::yield();
  }
  PatientRecords patients(*store, *keys, names);
  EXPECT_EQ(patients.remove(token).value(), 1u);
  EXPECT_EQ(work(batch).state, cases::BatchState::done);
  EXPECT_TRUE(store->of_patient(token, 10).value().empty());
  EXPECT_EQ(outcomes(batch).size(), kCases);
}

TEST_F(BatchRuns, APatientWhoIsDeletedJustBeforeTheRecordIsStoredIsNotKept) {
  const std::string batch = send(upload(10)), token = names.token("patient", "p2");
  PatientRecords patients(*store, *keys, names);
  StoreOfTheDying slow(*store);
  slow.before_put = [&] { EXPECT_EQ(patients.remove(token).value(), 0u); };
  Recorder late(slow, *log, *keys);
  const BatchRunnerParts all = parts();
  BatchRunner runner({all.answerer, all.keys, all.names, all.store, late, all.finder, all.clock}, settings());
  wait_for(batch, [](const cases::BatchInfo& info) { return info.state == cases::BatchState::done; });
  runner.stop();
  late.stop();
  EXPECT_TRUE(store->of_patient(token, 10).value().empty());
  EXPECT_TRUE(store->get(names.request_id(batch, 3)));
}

TEST_F(BatchRuns, LeasesThatAreLostRepeatNothing) {
  const std::string batch = send(upload(kCases));
  BatchRunnerSettings short_lease = settings();
  short_lease.lease = std::chrono::milliseconds(5);  // shorter than a group takes: everybody takes the same chunks from each other
  short_lease.threads = 4;
  {
    BatchRunner runner(parts(), short_lease);
    wait_for(batch, [](const cases::BatchInfo& info) { return info.state == cases::BatchState::done; });
  }
  expect_complete(batch, kCases);
  for (const auto& [id, of_case] : entries("batch.case")) EXPECT_LE(std::count_if(of_case.begin(), of_case.end(), [](const audit::Entry& entry) { return entry.outcome == "answered"; }), 1);
}

TEST_F(BatchRuns, ARunnerThatStopsGivesItsChunksBack) {
  const std::string batch = send(upload(2000));
  {
    BatchRunner runner(parts(), settings());
    wait_for(batch, [](const cases::BatchInfo& info) { return info.chunks_done > 0; });
  }
  work(batch);  // waits for no lease to run out
  expect_complete(batch, 2000);
}

TEST_F(BatchRuns, ACancelledBatchStops) {
  const std::string batch = send(upload(2000));
  std::atomic<int> groups{0};
  BatchRunnerSettings cancelling = settings();
  cancelling.threads = 1;
  cancelling.others_wait = [&] {
    if (++groups == 4) { EXPECT_TRUE(store->batches().set_state(batch, cases::BatchState::cancelled)); }
    return false;
  };
  {
    BatchRunner runner(parts(), cancelling);
    while (runner.counts().lost == 0) std::this_thread::yield();
    EXPECT_EQ(runner.counts().cases, 3 * 16u);
  }
  EXPECT_EQ(store->batches().info(batch).value().state, cases::BatchState::cancelled);
  EXPECT_LE(store->count().value(), 3 * 16u);
  EXPECT_FALSE(store->batches().claim("anybody", std::chrono::seconds(1)).value());
}

TEST_F(BatchRuns, OthersGoFirstButNotForEver) {
  const std::string batch = send(upload(40));
  std::atomic<int> asked{0};
  BatchRunnerSettings polite = settings();
  polite.others_wait = [&] {
    ++asked;
    return true;
  };
  BatchRunner runner(parts(), polite);
  wait_for(batch, [](const cases::BatchInfo& info) { return info.state == cases::BatchState::done; });
  EXPECT_GT(asked.load(), 3);
}

TEST_F(BatchRuns, ADamagedChunkCancelsItsBatchAndNoOther) {
  cases::BatchInfo damaged;
  damaged.id = make_uuid();
  damaged.owner = "ward";
  damaged.format = "ndjson";
  damaged.options = write_options({{}, "clinician", ""});
  ASSERT_TRUE(store->batches().create(damaged));
  ASSERT_TRUE(store->batches().add_chunk(damaged.id, 0, 1, 1, seal_chunk(*keys->ring(), damaged.id, 7, "1 case {}\n")));
  ASSERT_TRUE(store->batches().set_state(damaged.id, cases::BatchState::ready));
  const std::string sound = send(upload(10));
  std::atomic<int> failures{0};
  BatchRunner runner(parts(), settings(), [&](const Error& error) {
    EXPECT_EQ(error.code, ErrorCode::corrupted);
    ++failures;
  });
  wait_for(sound, [](const cases::BatchInfo& info) { return info.state == cases::BatchState::done; });
  wait_for(damaged.id, [](const cases::BatchInfo& info) { return info.state == cases::BatchState::cancelled; });
  EXPECT_GE(failures.load(), 1);
}

TEST_F(BatchRuns, ANumberThatIsTakenIsTheMatterOfOneRequest) {
  const auto request = [&](const std::string& id, bool again) {
    CaseAnswer answer = world.answerer.answer(R"({"age":40,"symptoms":["cough"],"severity":"mild"})", id, {}).value();
    const std::string given = answer.answer.dump();
    audit::Entry entry;
    entry.request_id = id;
    entry.action = "batch.case";
    entry.outcome = "answered";
    RecordRequest made = make_diagnosis_record(*keys->ring(), names, entry, std::move(answer), given, {}, clock.now()).value();
    made.again = again;
    return made;
  };
  const auto record = [&](std::vector<RecordRequest> requests) {
    std::promise<Result<void>> recorded;
    recorder->submit_all(std::move(requests), [&](Result<void> outcome) { recorded.set_value(std::move(outcome)); });
    return recorded.get_future().get();
  };
  const auto list = [&](std::initializer_list<std::pair<std::string, bool>> wanted) {
    std::vector<RecordRequest> requests;
    for (const auto& [id, again] : wanted) requests.push_back(request(id, again));
    return requests;
  };
  const std::string first = make_uuid(), second = make_uuid(), third = make_uuid();
  ASSERT_TRUE(record(list({{first, false}})));
  EXPECT_TRUE(record(list({{first, true}, {second, true}})));
  EXPECT_FALSE(record(list({{first, false}, {third, false}})));  // the first's error, and the third is stored all the same
  EXPECT_TRUE(recorder->healthy() || record(list({{make_uuid(), false}})));
  EXPECT_TRUE(store->get(second) && store->get(third));
  const auto audited = entries("batch.case");
  ASSERT_EQ(audited.at(first).size(), 3u);
  EXPECT_EQ(audited.at(first)[1].outcome, "answered:resumed");
  EXPECT_EQ(audited.at(second).size(), 1u);
}

}  // namespace
}  // namespace osler::service
