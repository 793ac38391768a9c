// An answer made again: service/replay.h. Over real stores and archives: tests/integration/replay.test.mjs.
#include "service/replay.h"

#include <thread>

#include "../random_seed.h"
#include "base/sha256.h"
#include "base/version.h"
#include "encoder_world.h"
#include "film_world.h"
#include "requests.h"
#include "service/film_answer.h"
#include "service/explanation.h"

namespace osler::service {
namespace {

using http::testing::ManualClock;

const std::string kRequestId = "3b1f0f8e-0000-4000-8000-000000000000";

Json story(int number = 0) {
  Json json = least_request();
  json["symptoms"] = {"cough", "spotted sign numberb seen"};
  json["narrative"] = "It began " + std::to_string(number) + " days ago. No fever. A dog barked.";
  return json;
}

/// What stands in the record of an answer.
RecordedDiagnosis recorded(CaseAnswer answer, const DiagnoseOptions& options) {
  RecordedDiagnosis record{answer.engine, std::move(answer.request), options, std::move(answer.evaluations), std::move(answer.encoder_left_out), {}};
  return std::get<RecordedDiagnosis>(parse_payload(write_payload(record, answer.answer.dump())).value());
}

ReplayReport replayed(const CaseAnswerer& answerer, const RecordedDiagnosis& record) {
  const Result<Json> rebuilt = rebuild(answerer, record, kRequestId);
  if (!rebuilt) return not_comparable(describe(rebuilt.error()));
  return compare(record.answer, *rebuilt, record.engine->program, record.engine->kernels);
}

#define EXPECT_SAME(report) EXPECT_EQ((report).outcome, ReplayOutcome::same) << (report).reason << " " << ((report).differences.empty() ? "" : (report).differences.front().pointer)

TEST(Replay, GivesTheSameByTheNetworkAloneWithEveryOption) {
  const SmallWorld world({.threshold = 0.3, .setting = clinical::Setting::emergency});
  for (const ExplanationMethod explain : {ExplanationMethod::none, ExplanationMethod::shap, ExplanationMethod::lime}) {
    const DiagnoseOptions options{.threshold = 0.1, .explain = explain, .explained_condition = ""};
    EXPECT_SAME(replayed(world.answerer, recorded(world.answerer.answer(story().dump(), kRequestId, options).value(), options)));
  }
}

TEST(Replay, GivesTheSameForAnswersOfConcurrentBatches) {
  const SystemClock clock;
  const EncoderWorld world(fresh_seed(), clock);
  constexpr std::size_t kCases = 24;
  std::vector<RecordedDiagnosis> records(kCases);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kCases; ++i)
    threads.emplace_back([&, i] {
      ReadCase one = world.answerer.read(story(static_cast<int>(i)).dump()).value();
      models::EncoderInput input = one.for_encoder->input;
      world.stage.submit(std::move(input), i % 3 != 0, {}, SteadyTime::max(), [&, i, held = std::make_shared<ReadCase>(std::move(one))](Result<reasoning::EncoderOpinion> opinion) {
        records[i] = recorded(world.answerer.write(std::move(*held), &opinion.value(), "", kRequestId, {}), {});
      });
    });
  for (std::thread& thread : threads) thread.join();
  world.stage.finish();
  for (const RecordedDiagnosis& record : records) {
    ASSERT_TRUE(record.engine && record.engine->encoder);
    EXPECT_SAME(replayed(world.answerer, record));
  }
}

TEST(Replay, OfAnEncoderLeftOutNeedsNoEncoder) {
  const ManualClock clock;
  const EncoderWorld world(fresh_seed(), clock);
  const RecordedDiagnosis record = recorded(world.answerer.write(world.answerer.read(story().dump()).value(), nullptr, "It was late.", kRequestId, {}), {});
  EXPECT_FALSE(record.engine->encoder);
  const SmallWorld network_alone;
  EXPECT_SAME(replayed(network_alone.answerer, record));
}

/// Time passes as it is looked at, so that estimates stop early, and not always at the same place.
class HurriedClock final : public Clock {
 public:
  explicit HurriedClock(std::chrono::microseconds step) : step_(step) {}
  WallTime now() const override { return {}; }
  SteadyTime steady_now() const override { return time_ += step_; }

 private:
  const std::chrono::microseconds step_;
  mutable SteadyTime time_{};
};

TEST(Replay, AnExplanationCutByItsDeadlineIsMadeOfAsManyEvaluationsAgain) {
  const HurriedClock hurried(std::chrono::milliseconds(40)), leisurely(std::chrono::microseconds(1));
  const EncoderWorld world(fresh_seed(), hurried);
  Json request = story();
  request["symptoms"] = {"cough", "fever", "spotted sign numbera seen", "spotted sign numberb seen", "spotted sign numberc seen", "spotted sign numberd seen", "tired"};
  const ReadCase one = world.answerer.read(request.dump()).value();
  const reasoning::EncoderOpinion opinion = world.stage.read(*one.for_encoder);
  const clinical::ConditionIndex condition = world.network.diagnose(one.reading.findings, 1, 2, &opinion).suspected.front().condition;
  for (const ExplanationMethod method : {ExplanationMethod::shap, ExplanationMethod::lime}) {
    reasoning::EvaluationCounts made, free;
    const auto explained = [&](const Clock& clock, reasoning::EvaluationCounts& counts) {
      return explain({world.knowledge, world.reader, world.network, &world.stage, one.parsed.patient, one.reading, clock, &counts}, condition, method);
    };
    const Json cut = explained(hurried, made), whole = explained(leisurely, free);
    EXPECT_LT(cut["evaluations"], whole["evaluations"]) << "nothing was cut, so nothing is shown";
    ASSERT_FALSE(made.made().empty());
    reasoning::EvaluationCounts again(made.made());
    EXPECT_EQ(explained(leisurely, again).dump(), cut.dump());
  }
}

TEST(Replay, TakesThePatientIdThatWasMadeUp) {
  const SmallWorld world;
  Json request = story();
  request.erase("patient_id");
  EXPECT_SAME(replayed(world.answerer, recorded(world.answerer.answer(request.dump(), kRequestId, {}).value(), {})));
  request["patient_id"] = "theirs";
  RecordedDiagnosis record = recorded(world.answerer.answer(request.dump(), kRequestId, {}).value(), {});
  record.answer["patient_id"] = "another";
  EXPECT_EQ(replayed(world.answerer, record).outcome, ReplayOutcome::different) << "theirs is compared";
}

TEST(Replay, TakesTheSimilarCasesOfTheRecord) {
  const SmallWorld world;
  RecordedDiagnosis record = recorded(world.answerer.answer(story().dump(), kRequestId, {}).value(), {});
  record.answer["similar_cases"] = Json::array({{{"request_id", "another"}}});
  EXPECT_SAME(replayed(world.answerer, record));
}

TEST(Replay, TakesTheWarningThatSimilarCasesWereLeftOut) {
  const SmallWorld world;
  RecordedDiagnosis record = recorded(world.answerer.answer(story().dump(), kRequestId, {}).value(), {});
  record.answer["warnings"].push_back(similar_cases_left_out());
  EXPECT_SAME(replayed(world.answerer, record));
  record.answer["warnings"].push_back({{"code", "another"}});
  EXPECT_EQ(replayed(world.answerer, record).outcome, ReplayOutcome::different);
}

TEST(Replay, SaysWhichMembersDiffer) {
  const SmallWorld world;
  RecordedDiagnosis record = recorded(world.answerer.answer(story().dump(), kRequestId, {}).value(), {});
  record.answer["candidates"][1]["confidence"] = 0.123456;
  record.answer["urgency"].erase("level");
  record.answer["a/b"] = 1;
  record.answer["processing_time_ms"] = 99;
  const ReplayReport report = replayed(world.answerer, record);
  EXPECT_EQ(report.outcome, ReplayOutcome::different);
  std::vector<std::string> pointers;
  for (const ReplayDifference& one : report.differences) pointers.push_back(one.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/a~1b", "/candidates/1/confidence", "/urgency/level"}));
  EXPECT_EQ(report.differences[0].recorded, "1");
  EXPECT_EQ(report.differences[0].rebuilt, "");
}

TEST(Replay, EqualNumbersOfOtherBitsDiffer) {
  EXPECT_EQ(compare({{"x", 0.0}}, {{"x", -0.0}}, kVersion, neural::kernels_here()).outcome, ReplayOutcome::different);
  EXPECT_EQ(compare({{"x", 1}}, {{"x", 1.0}}, kVersion, neural::kernels_here()).outcome, ReplayOutcome::different);
  EXPECT_EQ(compare({{"x", 1}, {"y", 2}}, {{"y", 2}, {"x", 1}}, kVersion, neural::kernels_here()).outcome, ReplayOutcome::same) << "order is no difference";
}

TEST(Replay, NothingFollowsFromADifferenceOnOtherArithmetic) {
  const ReplayReport other = compare({{"x", 1}}, {{"x", 2}}, kVersion, "onednn 1.0.0 isa 0x1; rows abacus");
  EXPECT_EQ(other.outcome, ReplayOutcome::not_comparable);
  EXPECT_NE(other.reason.find("abacus"), std::string::npos);
  EXPECT_EQ(compare({{"x", 1}}, {{"x", 1}}, kVersion, "abacus").outcome, ReplayOutcome::same) << "the same is the same wherever";
  EXPECT_NE(compare({{"x", 1}}, {{"x", 2}}, "0.0.1", neural::kernels_here()).reason.find("0.0.1"), std::string::npos);
}

TEST(Replay, APrecisionWithoutInstructionsIsNotRepeated) {
  EXPECT_TRUE(can_repeat({"", "fp32"}, "another machine"));
  EXPECT_TRUE(can_repeat({"", "int8"}, neural::kernels_here())) << "served here, so repeated here";
  EXPECT_EQ(can_repeat({"", "bf16"}, "another machine"), neural::is_fast_here(neural::Precision::bf16));
  EXPECT_FALSE(can_repeat({"", "fp4"}, neural::kernels_here()));
}

TEST(Replay, OfAFilmGivesTheSameAndNoticesAnotherFilm) {
  FilmWorld world;
  const FilmReader& reader = world.reader();
  const imaging::FilmDecoder decoder(OSLER_DECODER);
  const std::string file = png_of(made_film(world.random));
  const FilmCase one = read_film(decoder, reader, {file, "Ada", "4"}, {}).value();
  Json answer = film_answer(one.film, one.reading);
  answer["request_id"] = kRequestId;
  answer["model_version"] = reader.model().version();
  answer["processing_time_ms"] = 3.25;
  const RecordedFilm film{identity_of(reader), to_hex(sha256(as_bytes(file))), file.size(), "kept", {}, "4", answer};
  const RecordedFilm record = std::get<RecordedFilm>(parse_payload(write_payload(film)).value());
  const Result<Json> rebuilt = rebuild(decoder, reader, record, file, kRequestId);
  ASSERT_TRUE(rebuilt) << describe(rebuilt.error());
  EXPECT_SAME(compare(record.answer, *rebuilt, record.engine->program, record.engine->kernels));
  EXPECT_EQ(rebuild(decoder, reader, record, file + "x", kRequestId).error().code, ErrorCode::corrupted);
}

}  // namespace
}  // namespace osler::service
