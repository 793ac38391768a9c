// Answers with an encoder beside the network: CaseAnswerer and the service over a real store and a real audit log.
#include <filesystem>
#include <future>

#include "../random_seed.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"
#include "encoder_world.h"
#include "requests.h"
#include "service/diagnose_service.h"
#include "../vault/fixed_keys.h"
#include "vault/key_file.h"

namespace osler::service {
namespace {

using http::testing::ManualClock;
using Answer = Result<DiagnoseAnswer>;

constexpr std::chrono::minutes kLongEnough{2};
const std::string kRequestId = "3b1f0f8e-0000-4000-8000-000000000000";

Json request(const std::string& symptom = "cough") {
  Json json = least_request();
  json["symptoms"] = {symptom};
  json["patient_id"] = "p1";
  return json;
}

/// What the warning of this code says; empty without one.
std::string warning_of(const Json& answer, const std::string& code) {
  for (const Json& warning : answer["warnings"])
    if (warning["code"] == code) return warning["text"];
  return "";
}

Json without(Json answer, std::initializer_list<const char*> members) {
  for (const char* member : members) answer.erase(member);
  return answer;
}

// --- CaseAnswerer ---

struct TwoOpinions : testing::Test {
  const unsigned seed = fresh_seed();
  const ManualClock clock{};
  const EncoderWorld world{seed, clock};
  const SmallWorld network_alone;

  static Json answer_of(const CaseAnswerer& answerer, const Json& asked) { return answerer.answer(asked.dump(), kRequestId, {}).value().answer; }
};

TEST_F(TwoOpinions, TheVersionNamesBothModelsAndTheKnowledge) {
  const std::string version = "osler-network-7+" + world.encoder->version() + "+kb." + world.knowledge.hash.substr(0, 12);
  EXPECT_EQ(world.answerer.model_version(), version);
  EXPECT_EQ(answer_of(world.answerer, request())["model_version"], version);
}

TEST_F(TwoOpinions, TheCalibrationIsThatOfTheTwoTogether) {
  EXPECT_NE(answer_of(world.answerer, request()).dump().find("Visits to one clinic"), std::string::npos);
  EXPECT_EQ(answer_of(network_alone.answerer, request()).dump().find("Visits to one clinic"), std::string::npos);
}

TEST_F(TwoOpinions, ConfidencesAreThoseOfBoth) {
  ReadCase read = world.answerer.read(request().dump()).value();
  ASSERT_TRUE(read.for_encoder);
  const reasoning::EncoderOpinion opinion = world.stage.read(*read.for_encoder);
  const clinical::Differential both = world.network.diagnose(read.reading.findings, 10, 2, &opinion);
  const Json candidates = answer_of(world.answerer, request())["candidates"];
  ASSERT_EQ(candidates.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(candidates[i]["condition_id"], world.knowledge.conditions[both.suspected[i].condition].id);
    EXPECT_NEAR(candidates[i]["confidence"].get<double>(), both.suspected[i].confidence, 1e-4);
  }
}

TEST_F(TwoOpinions, WithoutItsOpinionTheNetworkAnswersAndSaysWhy) {
  const CaseAnswer alone = world.answerer.write(world.answerer.read(request().dump()).value(), nullptr, "Because.", kRequestId, {});
  EXPECT_EQ(warning_of(alone.answer, "encoder_left_out"), "Because.");
  EXPECT_TRUE(alone.statistics.encoder_left_out);
  EXPECT_FALSE(world.answerer.answer(request().dump(), kRequestId, {}).value().statistics.encoder_left_out);
  EXPECT_EQ(alone.model_version, network_alone.answerer.model_version());
  EXPECT_EQ(without(alone.answer, {"warnings"}), without(answer_of(network_alone.answerer, request()), {"warnings"}));
}

TEST_F(TwoOpinions, WhereTheEncoderIsMissingEveryAnswerSaysWhy) {
  const SmallWorld broken({}, "It was refused.");
  EXPECT_EQ(warning_of(answer_of(broken.answerer, request()), "encoder_left_out"), "It was refused.");
  EXPECT_EQ(warning_of(answer_of(network_alone.answerer, request()), "encoder_left_out"), "") << "nobody asked for one";
}

TEST_F(TwoOpinions, WhatTheEncoderDidNotReadIsWarnedOfOnlyWhereItSpoke) {
  const EncoderWorld brief(seed, clock, false, {}, 16);
  Json lengthy = request();
  lengthy["narrative"] = "Pain. Fever. Old. Pain. Fever. Old.";
  EXPECT_NE(warning_of(answer_of(brief.answerer, lengthy), "text_cut"), "");
  EXPECT_EQ(warning_of(answer_of(world.answerer, lengthy), "text_cut"), "");
  const CaseAnswer alone = brief.answerer.write(brief.answerer.read(lengthy.dump()).value(), nullptr, "Because.", kRequestId, {});
  EXPECT_EQ(warning_of(alone.answer, "text_cut"), "");
}

TEST_F(TwoOpinions, AloneTheEncoderRanksAndTheNetworkExplains) {
  const EncoderWorld alone(seed, clock, true);
  const reasoning::EncoderOpinion opinion = alone.stage.read(alone.prepare(request()));
  const Json candidates = answer_of(alone.answerer, request())["candidates"];
  std::vector<double> said;
  for (const Json& candidate : candidates) {
    said.push_back(opinion.log_odds[alone.knowledge.condition_by_id.at(candidate["condition_id"])]);
    EXPECT_FALSE(candidate["supporting_evidence"].empty());
  }
  EXPECT_TRUE(std::is_sorted(said.rbegin(), said.rend())) << candidates;
}

TEST_F(TwoOpinions, TheSameBytesInGiveTheSameBytesOut) {
  const std::string first = answer_of(world.answerer, request("fever")).dump();
  EXPECT_EQ(answer_of(world.answerer, request("fever")).dump(), first);
  const EncoderWorld again(seed, clock);
  const Json other = answer_of(again.answerer, request("fever"));  // its folder had another name
  EXPECT_EQ(without(other, {"model_version"}), without(parse_json(first).value(), {"model_version"}));
}

// --- The service ---

/// Time that a test can make expensive: each look takes `step_ms`.
class CostlyClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::milliseconds(1'700'000'000'000)); }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::milliseconds(now_ms_ += step_ms)); }
  std::atomic<int> step_ms = 0;

 private:
  mutable std::atomic<long long> now_ms_ = 0;
};

/// A service with a store, a log and a recorder of its own around somebody's answerer.
class Backend {
 public:
  Backend(const CaseAnswerer& answerer, const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, const Clock& clock) {
    store_ = cases::open_sqlite_store(*files_, *keys_->ring(), {.path = folder_.at("store.sqlite"), .vfs = ""}).value();
    audit_keys_ = std::make_unique<audit::Keys>(vault::load_or_create_audit_secrets(*files_, folder_.at("secrets"), *keys_->ring()).value());
    log_ = audit::Log::open(*files_, clock, *audit_keys_, {.folder = folder_.at("audit"), .witness = ""}).value();
    recorder_ = std::make_unique<Recorder>(*store_, *log_, *keys_);
    finder_ = std::make_unique<SimilarCaseFinder>(knowledge, *store_, *keys_, names_);
    lookups_ = std::make_unique<Lookups>(1);
    service = make_diagnose_service({answerer, knowledge, reader, *keys_, names_, *store_, *log_, *recorder_, *finder_, *lookups_, clock});
  }
  ~Backend() {
    service.reset();
    lookups_.reset();
    recorder_->stop();
  }
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  std::future<Answer> ask(const Json& asked, bool others_wait = false, std::function<bool()> gone = {}, std::optional<SteadyTime> arrived = {}) {
    const auto promise = std::make_shared<std::promise<Answer>>();
    const RequestContext context{make_uuid(), "tester", "clinician", "127.0.0.1", others_wait, std::move(gone), {}, {}, arrived};
    service->diagnose(asked.dump(), context, {}, [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  static Answer get(std::future<Answer> future) {
    if (future.wait_for(kLongEnough) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "no answer came";
    return make_error(ErrorCode::timeout, "");
  }
  Json answer(const Json& asked) { return parse_json(get(ask(asked)).value().json).value(); }
  Json readiness() const { return parse_json(service->readiness().second).value(); }
  std::uint64_t audited() const { return log_->size(); }

  std::unique_ptr<DiagnoseService> service;

 private:
  const models::TemporaryFolder folder_;
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const std::unique_ptr<vault::KeySource> keys_ = vault::fixed_keys();
  const vault::Names names_ = vault::Names::random();
  std::unique_ptr<cases::Store> store_;
  std::unique_ptr<audit::Keys> audit_keys_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<SimilarCaseFinder> finder_;
  std::unique_ptr<Lookups> lookups_;
};

struct ServiceWithEncoder : testing::Test {
  const unsigned seed = fresh_seed();
  CostlyClock clock;
  const EncoderWorld world{seed, clock};
  Backend backend{world.answerer, world.knowledge, world.reader, clock};

  Json alone(const Json& asked) const { return world.answerer.answer(asked.dump(), kRequestId, {}).value().answer; }
};

TEST_F(ServiceWithEncoder, GivesTheAnswerOfBoth) {
  const Json answer = backend.answer(request());
  EXPECT_EQ(answer["model_version"], world.answerer.model_version());
  EXPECT_EQ(without(answer, {"request_id", "processing_time_ms"}), without(alone(request()), {"request_id", "processing_time_ms"}));
  EXPECT_EQ(backend.audited(), 1u);
}

TEST_F(ServiceWithEncoder, AnswersGatheredInABatchAreThoseGivenAlone) {
  const std::vector<Json> asked = {request("cough"), request("fever"), request("pain in the knee for years"), request("qwertyuiop"), request("tired")};
  std::vector<std::future<Answer>> waiting;
  for (std::size_t i = 0; i < asked.size(); ++i) waiting.push_back(backend.ask(asked[i], i + 1 < asked.size()));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Answer answer = Backend::get(std::move(waiting[i]));
    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_EQ(without(parse_json(answer->json).value(), {"request_id", "processing_time_ms"}),
              without(alone(asked[i]), {"request_id", "processing_time_ms"}));
  }
  EXPECT_EQ(backend.audited(), asked.size());
}

TEST_F(ServiceWithEncoder, PastTheDeadlineTheNetworkAnswersAlone) {
  clock.step_ms = 1800;
  const Json answer = backend.answer(request());
  EXPECT_NE(warning_of(answer, "encoder_left_out").find("too long"), std::string::npos) << answer["warnings"];
  EXPECT_EQ(answer["model_version"].get<std::string>().find(world.encoder->version()), std::string::npos);
  EXPECT_EQ(answer["candidates"].size(), 10u);
  clock.step_ms = 0;
  EXPECT_EQ(warning_of(backend.answer(request()), "encoder_left_out"), "");
}

TEST_F(ServiceWithEncoder, TheDeadlineCountsFromTheArrivalOfTheRequest) {
  const auto left_out_after = [this](int milliseconds) {
    const Answer answer = Backend::get(backend.ask(request(), false, {}, clock.steady_now() - std::chrono::milliseconds(milliseconds)));
    return warning_of(parse_json(answer.value().json).value(), "encoder_left_out");
  };
  EXPECT_EQ(left_out_after(1799), "");
  EXPECT_NE(left_out_after(1801).find("too long"), std::string::npos) << "time in the server's queue counts";
  EXPECT_EQ(left_out_after(0), "");
  EXPECT_EQ(backend.audited(), 3u);
}

TEST_F(ServiceWithEncoder, OneGatheredInABatchIsHeldToItsOwnDeadline) {
  auto late = backend.ask(request("fever"), true, {}, clock.steady_now() - std::chrono::seconds(2)), early = backend.ask(request("cough"));
  EXPECT_NE(warning_of(parse_json(Backend::get(std::move(late)).value().json).value(), "encoder_left_out"), "");
  EXPECT_EQ(warning_of(parse_json(Backend::get(std::move(early)).value().json).value(), "encoder_left_out"), "");
}

TEST(SlowEncoder, IsLeftOutUntilItsSlownessHasFaded) {
  CostlyClock clock;
  clock.step_ms = 60'000;  // for the runs that measure it
  const EncoderWorld world(fresh_seed(), clock);
  clock.step_ms = 0;
  Backend backend(world.answerer, world.knowledge, world.reader, clock);
  EXPECT_NE(warning_of(backend.answer(request()), "encoder_left_out"), "");
  int asked = 1;
  while (asked < 200 && warning_of(backend.answer(request()), "encoder_left_out") != "") ++asked;
  EXPECT_LT(asked, 200) << "one slow moment shuts it out for good";
}

TEST_F(ServiceWithEncoder, WhoHasGoneGetsNoAnswerAndIsAudited) {
  const Answer answer = Backend::get(backend.ask(request(), false, [] { return true; }));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::timeout);
  EXPECT_EQ(backend.audited(), 1u);
}

TEST_F(ServiceWithEncoder, WhenTooManyWaitForItTheNetworkAnswersAlone) {
  const EncoderWorld full(seed, clock, false, {.most_requests = 16, .most_tokens = 4096, .most_waiting = 0, .longest_wait = std::chrono::milliseconds(2)});
  Backend other(full.answerer, full.knowledge, full.reader, clock);
  EXPECT_NE(warning_of(other.answer(request()), "encoder_left_out").find("Too many"), std::string::npos);
  EXPECT_EQ(other.audited(), 1u);
}

TEST_F(ServiceWithEncoder, ARefusedRequestNeverReachesTheEncoder) {
  Json bad = request();
  bad["age"] = 151;
  const Answer answer = Backend::get(backend.ask(bad));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::invalid);
}

TEST_F(ServiceWithEncoder, EndsOnlyWhenWhatTheEncoderHoldsIsAnswered) {
  auto waiting = backend.ask(request(), true);
  backend.service.reset();
  EXPECT_TRUE(Backend::get(std::move(waiting)));
}

TEST_F(ServiceWithEncoder, ReadinessNamesTheEncoder) {
  EXPECT_EQ(backend.readiness()["encoder"], (Json{{"ready", true}, {"version", world.encoder->version()}}));
  EXPECT_EQ(backend.readiness()["model"]["version"], world.answerer.model_version());
}

TEST(ServiceWithoutEncoder, IsReadyAndSaysWhatItLacks) {
  const ManualClock clock{};
  const SmallWorld broken({}, "It was refused."), plain;
  Backend with_trouble(broken.answerer, broken.knowledge, broken.reader, clock), without_any(plain.answerer, plain.knowledge, plain.reader, clock);
  EXPECT_EQ(with_trouble.readiness()["encoder"], (Json{{"ready", false}, {"reason", "It was refused."}}));
  EXPECT_TRUE(with_trouble.service->readiness().first);
  EXPECT_EQ(warning_of(with_trouble.answer(request()), "encoder_left_out"), "It was refused.");
  EXPECT_FALSE(without_any.readiness().contains("encoder"));
}

}  // namespace
}  // namespace osler::service
