// What MODEL_NAME, ENCODER_DIR and ENCODER_PRECISION make of an engine, and what becomes of one whose encoder is refused.
#include "../random_seed.h"
#include "app/engine.h"
#include "encoder_site.h"

namespace osler::app {
namespace {

const std::string kRequest = R"({"age": 40, "symptoms": ["cough"], "severity": "mild"})";

struct EngineWithEncoder : testing::Test {
  std::unique_ptr<Engine> load() const {
    auto engine = Engine::load(site.config);
    EXPECT_TRUE(engine) << describe(engine.error());
    return engine ? std::move(*engine) : nullptr;
  }
  static Json answer_of(const Engine& engine) { return engine.answerer.answer(kRequest, "id", {}).value().answer; }
  /// What the answers say about the encoder they lack; empty if they lack none.
  static std::string left_out(const Engine& engine) {
    const Json answer = answer_of(engine);
    EXPECT_TRUE(parse_json(answer.dump())) << "it can be sent";
    for (const Json& warning : answer["warnings"])
      if (warning["code"] == "encoder_left_out") return warning["text"];
    return "";
  }
  /// How the start fails where there is only the encoder.
  std::string refusal_alone() {
    site.config.model_name = "encoder";
    const auto engine = Engine::load(site.config);
    return engine ? "" : describe(engine.error());
  }

  EncoderSite site{fresh_seed()};
};

#define EXPECT_SAYS(text, what) EXPECT_NE(std::string(text).find(what), std::string::npos) << "it said: '" << (text) << "'"

TEST_F(EngineWithEncoder, TakesTheNewestOfTheEncoders) {
  site.ship_encoder("2");
  site.ship_encoder("10");
  const auto engine = load();
  ASSERT_TRUE(engine && engine->encoder);
  EXPECT_EQ(engine->encoder->version(), "osler-encoder-10.fp32");
  EXPECT_SAYS(answer_of(*engine)["model_version"].get<std::string>(), "+osler-encoder-10.fp32+kb.");
  EXPECT_EQ(left_out(*engine), "");
}

TEST_F(EngineWithEncoder, TakesTheOneItIsPointedTo) {
  site.ship_encoder("2");
  site.encoder.write_to(site.at("a clinic's own"));
  site.put("a clinic's own/calibration.json", models::ensemble_calibration());
  site.config.encoder_folder = site.at("a clinic's own");
  const auto engine = load();
  ASSERT_TRUE(engine && engine->encoder);
  EXPECT_TRUE(engine->encoder->version().starts_with("a-clinic-s-own-")) << engine->encoder->version();
}

TEST_F(EngineWithEncoder, TheNetworkByItselfAsksForNone) {
  site.ship_encoder("1");
  site.config.model_name = "network";
  const auto engine = load();
  EXPECT_EQ(engine->encoder, nullptr);
  EXPECT_EQ(engine->encoder_stage, nullptr);
  EXPECT_EQ(left_out(*engine), "");
}

TEST_F(EngineWithEncoder, AloneTheEncoderRanks) {
  site.ship_encoder("1");
  site.config.model_name = "encoder";
  const auto engine = load();
  ASSERT_TRUE(engine && engine->encoder_stage);
  EXPECT_TRUE(engine->encoder_stage->read(engine->encoder_stage->prepare(clinical::PatientCase{}, {})).alone);
}

TEST_F(EngineWithEncoder, ReadsNoMoreOfACaseThanItIsTold) {
  site.ship_encoder("1");
  site.config.max_sequence_length = 16;
  EXPECT_EQ(load()->encoder_stage->max_length(), 16u);
}

// --- An encoder that is refused ---

TEST_F(EngineWithEncoder, WithoutOneTheNetworkAnswersAndEveryAnswerSaysWhy) {
  const auto engine = load();
  ASSERT_TRUE(engine);
  EXPECT_EQ(engine->encoder, nullptr);
  for (int i = 0; i < 2; ++i) EXPECT_SAYS(left_out(*engine), "the network answers alone");
  EXPECT_SAYS(engine->encoder_refusal, "There is no model folder at");
  EXPECT_EQ(left_out(*engine).find(site.config.models_folder), std::string::npos) << "a path is nobody's business outside";
  EXPECT_EQ(answer_of(*engine)["candidates"].size(), 10u);
  EXPECT_SAYS(refusal_alone(), "There is no model folder at");
}

TEST_F(EngineWithEncoder, OneThatWasDamagedLeavesTheNetworkAlone) {
  const std::string folder = site.ship_encoder("1");
  models::write_file(folder + "/vocab.txt", "[PAD]\n");
  EXPECT_SAYS(load()->encoder_refusal, "the SHA-256 of vocab.txt is not the one in manifest.json");
  EXPECT_SAYS(refusal_alone(), "the SHA-256 of vocab.txt is not the one in manifest.json");
}

TEST_F(EngineWithEncoder, OneThatNobodyCalibratedLeavesTheNetworkAlone) {
  site.encoder.write_to(site.at("raw"));
  site.config.encoder_folder = site.at("raw");
  EXPECT_SAYS(load()->encoder_refusal, "`osler fit-encoder` makes one");
  EXPECT_SAYS(refusal_alone(), "has no calibration.json");
}

// A path may hold any byte; an answer is UTF-8.
TEST_F(EngineWithEncoder, AnOddPathOfARefusedOneStillGivesAnswersThatCanBeSent) {
  for (const char* odd : {"/nowhere/\xFF\xFE", "/nowhere/new\nline", "/nowhere/\"quoted\"", "/nowhere/\u75DB"}) {
    site.config.encoder_folder = odd;
    const auto engine = load();
    EXPECT_SAYS(left_out(*engine), "the network answers alone");
    EXPECT_SAYS(engine->encoder_refusal, "/nowhere/");
  }
}

TEST_F(EngineWithEncoder, ANetworkThatIsRefusedStopsTheStartWhateverTheEncoder) {
  site.ship_encoder("1");
  site.put("models/osler-network/2/manifest.json", "{");
  EXPECT_FALSE(Engine::load(site.config));
}

// --- Precision ---

TEST(EncoderPrecision, IsWhatWasAskedForElseWhatThisProcessorDoesFast) {
  Config config;
  for (const neural::Precision precision : {neural::Precision::fp32, neural::Precision::bf16, neural::Precision::int8}) {
    config.encoder_precision = name_of(precision);
    EXPECT_EQ(encoder_precision(config), precision);
  }
  config.encoder_precision = "auto";
  EXPECT_TRUE(is_fast_here(encoder_precision(config)));
  EXPECT_EQ(encoder_precision(config) == neural::Precision::fp32, !is_fast_here(neural::Precision::int8) && !is_fast_here(neural::Precision::bf16));
}

}  // namespace
}  // namespace osler::app
