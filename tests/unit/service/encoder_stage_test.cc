#include "service/encoder_stage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <future>

#include "../random_seed.h"
#include "encoder_world.h"
#include "requests.h"

namespace osler::service {
namespace {

using http::testing::ManualClock;
using Opinion = Result<reasoning::EncoderOpinion>;

constexpr std::chrono::minutes kLongEnough{2};
constexpr SteadyTime kNoDeadline = SteadyTime::max();

/// Log-odds as bits, so that "no label" equals itself.
std::vector<std::uint64_t> bits(const reasoning::EncoderOpinion& opinion) {
  std::vector<std::uint64_t> all;
  for (const double value : opinion.log_odds) all.push_back(std::isnan(value) ? 1 : std::bit_cast<std::uint64_t>(value));
  return all;
}

Json request(const std::string& symptom, const std::string& narrative = "") {
  Json json = least_request();
  json["symptoms"] = {symptom};
  if (!narrative.empty()) json["narrative"] = narrative;
  return json;
}

struct Stage : testing::Test {
  const unsigned seed = fresh_seed();
  ManualClock clock;
  const EncoderWorld world{seed, clock};

  std::future<Opinion> submit(const Json& json, bool others_wait, std::function<bool()> gone = {}) const { return submit_to(world, json, others_wait, std::move(gone)); }
  static std::future<Opinion> submit_to(const EncoderWorld& to, const Json& json, bool others_wait, std::function<bool()> gone = {}) {
    const auto promise = std::make_shared<std::promise<Opinion>>();
    to.stage.submit(to.prepare(json).input, others_wait, std::move(gone), kNoDeadline, [promise](Opinion opinion) { promise->set_value(std::move(opinion)); });
    return promise->get_future();
  }
  static Opinion get(std::future<Opinion> future) {
    if (future.wait_for(kLongEnough) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "no opinion came";
    return make_error(ErrorCode::timeout, "");
  }
};

TEST_F(Stage, ReadsACaseIntoLogOddsOfEachCondition) {
  const reasoning::EncoderOpinion opinion = world.stage.read(world.prepare(request("cough")));
  ASSERT_EQ(opinion.log_odds.size(), 14u);
  for (const double value : opinion.log_odds) EXPECT_TRUE(std::isfinite(value));
  EXPECT_FALSE(opinion.alone);
  EXPECT_EQ(world.stage.conditions_labelled(), 14u);
}

TEST_F(Stage, OtherWordsGiveAnotherOpinion) {
  EXPECT_NE(bits(world.stage.read(world.prepare(request("cough")))), bits(world.stage.read(world.prepare(request("fever")))));
}

TEST_F(Stage, AnOpinionIsTheSameAloneAndInABatch) {
  const std::vector<Json> requests = {request("cough"), request("fever", "For years, with pain."), request("pain"), request("old cough")};
  std::vector<std::future<Opinion>> waiting;
  for (std::size_t i = 0; i < requests.size(); ++i) waiting.push_back(submit(requests[i], i + 1 < requests.size()));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Opinion opinion = get(std::move(waiting[i]));
    ASSERT_TRUE(opinion) << describe(opinion.error());
    EXPECT_EQ(bits(*opinion), bits(world.stage.read(world.prepare(requests[i])))) << i;
  }
}

TEST_F(Stage, ManyCasesAreReadAsEachAloneAndSayNothingOfSpeed) {
  std::vector<Json> requests;
  for (int i = 0; i < 40; ++i) requests.push_back(request(i % 2 == 0 ? "cough" : "old fever", std::string(static_cast<std::size_t>(i) * 40, i % 3 == 0 ? 'a' : 'b') + " pain."));
  std::vector<models::EncoderInput> inputs;
  for (const Json& json : requests) inputs.push_back(world.prepare(json).input);
  const double before = world.stage.expected_seconds(100);
  const auto opinions = world.stage.read_all(inputs);
  EXPECT_EQ(world.stage.expected_seconds(100), before);
  ASSERT_EQ(opinions.size(), requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(bits(opinions[i]), bits(world.stage.read(world.prepare(requests[i])))) << i;
  EXPECT_TRUE(world.stage.read_all({}).empty());
}

TEST_F(Stage, ALoneCaseIsReadOnTheCallersThread) {
  std::thread::id thread;
  world.stage.submit(world.prepare(request("cough")).input, false, {}, kNoDeadline, [&](const Opinion&) { thread = std::this_thread::get_id(); });
  EXPECT_EQ(thread, std::this_thread::get_id()) << "and when submit() returns it is done";
}

TEST_F(Stage, OneThatNobodyJoinsIsReadAllTheSame) {
  auto waiting = submit(request("cough"), true);
  clock.advance(std::chrono::milliseconds(2));
  EXPECT_TRUE(get(std::move(waiting)));
}

TEST_F(Stage, WhoHasGoneGetsNoOpinion) {
  const Opinion opinion = get(submit(request("cough"), false, [] { return true; }));
  ASSERT_FALSE(opinion);
  EXPECT_EQ(opinion.error().code, ErrorCode::timeout);
}

TEST_F(Stage, WhenTooManyWaitTheNextIsTurnedAway) {
  const EncoderWorld full(seed, clock, false, {.most_requests = 16, .most_tokens = 4096, .most_waiting = 1, .longest_wait = std::chrono::milliseconds(2)});
  auto first = submit_to(full, request("cough"), true);
  const Opinion second = get(submit_to(full, request("cough"), true));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::overloaded);
  full.stage.finish();
  EXPECT_TRUE(get(std::move(first)));
}

TEST_F(Stage, FinishReadsWhatWaits) {
  auto first = submit(request("cough"), true), second = submit(request("fever"), true);
  world.stage.finish();
  EXPECT_EQ(first.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(second.wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST_F(Stage, ManyThreadsGetTheOpinionsTheyWouldGetAlone) {
  constexpr std::size_t kThreads = 4, kCases = 40;
  const SystemClock real;
  const EncoderWorld busy(seed, real);
  const std::vector<std::string> symptoms = {"cough", "fever", "pain in the knee for years", "old"};
  std::vector<std::vector<std::uint64_t>> expected;
  for (const std::string& symptom : symptoms) expected.push_back(bits(busy.stage.read(busy.prepare(request(symptom)))));
  std::atomic<std::size_t> right = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(seed + static_cast<unsigned>(t));
      for (std::size_t i = 0; i < kCases; ++i) {
        const std::size_t which = random() % symptoms.size();
        const Opinion opinion = get(submit_to(busy, request(symptoms[which]), random() % 2 == 0));
        right += opinion && bits(*opinion) == expected[which];
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kThreads * kCases) << "seed " << seed;
}

// --- Parts of a case ---

TEST_F(Stage, AllPartsOfACaseAreTheCase) {
  const EncoderCase one = world.prepare(request("cough", "Pain. Fever for years."));
  const std::vector<std::vector<bool>> uses = {std::vector<bool>(one.units.size(), true), {}, std::vector<bool>(one.units.size(), false)};
  const auto opinions = world.stage.read_parts(one, uses);
  ASSERT_EQ(opinions.size(), 3u);
  EXPECT_EQ(bits(opinions[0]), bits(world.stage.read(one)));
  EXPECT_EQ(bits(opinions[1]), bits(opinions[0])) << "none chosen is all";
  EXPECT_NE(bits(opinions[2]), bits(opinions[0]));
  EXPECT_TRUE(world.stage.read_parts(one, {}).empty());
}

TEST_F(Stage, APartIsWhatACaseOfThatPartAloneWouldBe) {
  const EncoderCase whole = world.prepare(request("cough", "Pain. Fever for years."));
  std::vector<bool> use(whole.units.size(), true);
  use.back() = false;
  const std::vector<std::vector<bool>> uses = {use};
  EXPECT_EQ(bits(world.stage.read_parts(whole, uses)[0]), bits(world.stage.read(world.prepare(request("cough", "Pain.")))));
}

// --- What labels mean ---

struct Labels : Stage {
  /// Log-odds by condition of a model whose outputs are these numbers, whatever it reads.
  std::vector<double> meaning(const Json& labels, const std::vector<float>& outputs) {
    const auto model = random_encoder(seed, labels, [&](models::TinyEncoder& tiny) {
      for (float& value : tiny.tensors["classifier.weight"].values) value = 0;
      tiny.tensors["classifier.bias"].values = outputs;
    });
    const EncoderStage stage(*model, knowledge, 512, true, clock);
    labelled = stage.conditions_labelled();
    const clinical::PatientCase patient = parse_case(request("cough")).value().patient;
    const reasoning::EncoderOpinion opinion = stage.read(stage.prepare(patient, {}));
    EXPECT_TRUE(opinion.alone);
    return opinion.log_odds;
  }
  std::size_t place(const char* id) const { return knowledge.condition_by_id.at(id); }

  clinical::KnowledgeBase knowledge = small_world_knowledge();
  std::size_t labelled = 0;
};

TEST_F(Labels, AreConditionsByIdElseByCode) {
  const auto log_odds = meaning({{{"id", "d3"}}, "J15", {{"id", "unheard_of"}, {"code", "J16"}}, {{"id", "d7"}, {"code", "J18"}}}, {1, 2, 3, 4});
  EXPECT_EQ(log_odds[place("d3")], 1);
  EXPECT_EQ(log_odds[place("d5")], 2);
  EXPECT_EQ(log_odds[place("d6")], 3);
  EXPECT_EQ(log_odds[place("d7")], 4) << "the id wins";
  EXPECT_TRUE(std::isnan(log_odds[place("d8")]));
  EXPECT_EQ(labelled, 4u);
}

TEST_F(Labels, ThatNobodyKnowsMeanNothing) {
  const auto log_odds = meaning({"Z99", {{"id", "unheard_of"}}}, {1, 2});
  for (const double value : log_odds) EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(labelled, 0u);
}

TEST_F(Labels, OfSeveralConditionsGiveEachAnEqualShare) {
  for (const char* id : {"d1", "d2", "d3"}) knowledge.conditions[place(id)].code = "J40";
  const auto log_odds = meaning(Json::array({"J40"}), {1});
  for (const char* id : {"d1", "d2", "d3"}) EXPECT_NEAR(log_odds[place(id)], 1 - std::log(3), 1e-12);
  EXPECT_EQ(labelled, 3u);
}

TEST_F(Labels, WithTheVeryCodeWinOverTheCategory) {
  knowledge.conditions[place("d1")].code = "J40.1";
  knowledge.conditions[place("d2")].code = "J40.2";
  knowledge.conditions[place("d3")].other_codes = {"J40.3"};
  const auto log_odds = meaning({"J40.1", "J40.9", "J40.3"}, {2, -1, 4});
  EXPECT_EQ(log_odds[place("d1")], 2) << "more than its share of the category";
  EXPECT_NEAR(log_odds[place("d2")], -1 - std::log(2), 1e-12) << "by the category, which d1 shares";
  EXPECT_EQ(log_odds[place("d3")], 4) << "a code that records keep it under as well";
}

TEST_F(Labels, OfOneConditionGiveItTheLargest) {
  EXPECT_EQ(meaning({{{"id", "d1"}}, {{"id", "d1"}}, {{"id", "d1"}}}, {-2, 3, 1})[place("d1")], 3);
}

// --- Length ---

TEST_F(Stage, WhatWasCutIsSaidWithItsPlace) {
  const EncoderWorld brief(seed, clock, false, {}, 24);
  const EncoderCase one = brief.prepare(request("cough", "Pain. Fever. " + std::string(40, 'x') + " old. More."));
  EXPECT_EQ(one.input.ids.size(), 24u);
  const auto warning = brief.stage.cut_warning(one);
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->code, "text_cut");
  EXPECT_EQ(warning->pointer, "/narrative");
  EXPECT_NE(warning->text.find("24 pieces"), std::string::npos) << warning->text;
  EXPECT_NE(warning->text.find(std::to_string(one.input.pieces_cut) + " more, from narrative at byte 13 on"), std::string::npos) << warning->text;
}

TEST_F(Stage, WhatWasReadWholeIsNotWarnedOf) {
  EXPECT_FALSE(world.stage.cut_warning(world.prepare(request("cough"))));
}

TEST_F(Stage, ReadsNoMoreThanTheModelHasPositions) {
  EXPECT_EQ(world.stage.max_length(), 96u);
  const EncoderCase one = world.prepare(request("cough", std::string(5000, 'x') + std::string(200, '.')));
  EXPECT_EQ(one.input.ids.size(), 96u);
  EXPECT_TRUE(std::isfinite(world.stage.read(one).log_odds[0]));
}

TEST_F(Stage, TheComplaintIsReadWhateverTheNarrative) {
  const EncoderWorld brief(seed, clock, false, {}, 24);
  const EncoderCase one = brief.prepare(request("cough", std::string(300, 'x') + " fever fever fever"));
  const auto& ids = one.input.ids;
  EXPECT_NE(std::find(ids.begin(), ids.end(), brief.encoder->word_piece().id_of("cough")), ids.end());
}

// --- Speed ---

/// Each of the first looks at it moves it by `step_ms`; later it stands still until a test moves it.
class TickingClock final : public Clock {
 public:
  explicit TickingClock(int step_ms, int slow_looks = 1'000'000) : step_ms_(step_ms), slow_looks_(slow_looks) {}
  WallTime now() const override { return {}; }
  SteadyTime steady_now() const override {
    if (slow_looks_ > 0 && slow_looks_-- > 0) now_ms_ += step_ms_;
    return SteadyTime(std::chrono::milliseconds(now_ms_));
  }
  void advance(double by_seconds) { now_ms_ += static_cast<long long>(1000 * by_seconds); }

 private:
  const int step_ms_;
  mutable std::atomic<int> slow_looks_;
  mutable std::atomic<long long> now_ms_ = 0;
};

TEST(StageSpeed, IsThatOfTheSecondRunSinceTheFirstMakesTheKernels) {
  const TickingClock slow_at_first(1000, 2);  // a run looks before and after
  const EncoderWorld world(fresh_seed(), slow_at_first);
  EXPECT_EQ(world.stage.expected_seconds(512), 0);
}

TEST(StageSpeed, IsInProportionToTheLengthAndFadesWhereItKeepsCasesOut) {
  const TickingClock clock(640, 4);  // 64 pieces of warm-up: 10 ms each
  const EncoderWorld world(fresh_seed(), clock);
  EXPECT_NEAR(world.stage.expected_seconds(100), 1, 1e-9);
  EXPECT_NEAR(world.stage.expected_seconds(200), 2, 1e-9);
  world.stage.note_left_out();
  EXPECT_LT(world.stage.expected_seconds(100), 1);
  for (int i = 0; i < 200; ++i) world.stage.note_left_out();
  EXPECT_LT(world.stage.expected_seconds(512), 0.001);
}

// --- Deadlines ---

/// A model that takes 10 ms a piece, as far as its stage knows.
struct SlowStage : testing::Test {
  TickingClock clock{640, 4};  // 64 pieces of warm-up, of which the second run counts
  const EncoderWorld world{fresh_seed(), clock};
  const models::EncoderInput input = world.prepare(request("cough")).input;
  const double needed = world.stage.expected_seconds(input.ids.size());

  SteadyTime in(double seconds) const { return clock.steady_now() + std::chrono::milliseconds(static_cast<long long>(1000 * seconds)); }
  /// What came of a case that waits for the next one, which is "read" or the name of an error.
  void leave(SteadyTime deadline, std::string& outcome, std::function<void()> then = {}) const {
    world.stage.submit(input, true, {}, deadline, [&outcome, then = std::move(then)](const Opinion& opinion) {
      outcome = opinion ? "read" : std::string(name_of(opinion.error().code));
      if (then) then();
    });
  }
  std::string bring(SteadyTime deadline) const {
    std::string outcome;
    world.stage.submit(input, false, {}, deadline, [&](const Opinion& opinion) { outcome = opinion ? "read" : std::string(name_of(opinion.error().code)); });
    return outcome;
  }
};

TEST_F(SlowStage, ReadsWhatItCanBeforeTheDeadlineAndTurnsAwayTheRest) {
  EXPECT_EQ(bring(in(needed * 1.01)), "read");
  world.stage.note_left_out();
  EXPECT_EQ(bring(in(needed * 0.5)), "overloaded");
  EXPECT_EQ(bring(in(0)), "overloaded");
}

TEST_F(SlowStage, ForgetsItsSlownessOnlyWhereThatWasTheReason) {
  EXPECT_EQ(bring(in(-1)), "overloaded");  // had waited too long elsewhere
  EXPECT_EQ(world.stage.expected_seconds(input.ids.size()), needed);
  EXPECT_EQ(bring(in(needed * 0.5)), "overloaded");
  EXPECT_LT(world.stage.expected_seconds(input.ids.size()), needed);
}

TEST_F(SlowStage, NobodyIsMadeLateByWhoJoinsItsBatch) {
  std::string first, second, third;
  leave(in(needed * 1.5), first, [this] { clock.advance(needed); });
  leave(in(needed * 1.5), second);
  leave(in(needed * 20), third);
  EXPECT_EQ(bring(in(needed * 20)), "read");
  EXPECT_EQ(first, "read");
  EXPECT_EQ(second, "overloaded") << "after the first there was no time left for it";
  EXPECT_EQ(third, "read");
}

TEST_F(SlowStage, ABatchIsReadAtOnceWhereThereIsTimeForAllOfIt) {
  std::string first, second;
  leave(in(needed * 3.1), first, [this] { clock.advance(needed * 10); });
  leave(in(needed * 3.1), second);
  EXPECT_EQ(bring(in(needed * 3.1)), "read");
  EXPECT_EQ(first, "read");
  EXPECT_EQ(second, "read") << "together with the first, so that nothing after it can make it late";
}

}  // namespace
}  // namespace osler::service
