// Vectors of cases by what was said, by the encoder, and under the secret rotation.
#include "service/case_vector.h"

#include <cmath>
#include <set>

#include "../random_seed.h"
#include "base/limits.h"
#include "clinical/knowledge_folder.h"
#include "service/encoder_stage.h"
#include "language/case_reader.h"
#include "models/encoder_model.h"
#include "service/case_json.h"

namespace osler::service {
namespace {

double cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += static_cast<double>(a[i]) * b[i];
    of_a += static_cast<double>(a[i]) * a[i];
    of_b += static_cast<double>(b[i]) * b[i];
  }
  return product / std::sqrt(of_a * of_b);
}
double length(const std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

// --- rotation ---

std::vector<float> random_unit(std::size_t dimensions, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<double> values(dimensions);
  double squares = 0;
  for (double& value : values) value = normal(random), squares += value * value;
  std::vector<float> unit;
  for (const double value : values) unit.push_back(static_cast<float>(value / std::sqrt(squares)));
  return unit;
}

vault::Secret seed_of(char letter) { return vault::Secret(as_bytes(std::string(32, letter))); }

std::vector<float> rotated(const Rotation& rotation, std::vector<float> values) {
  rotation.apply(values);
  return values;
}

TEST(CaseRotation, KeepsLengthsAndSimilaritiesToFloatRounding) {
  std::mt19937 random(fresh_seed());
  for (const std::size_t dimensions : {1u, 2u, 3u, 51u, 256u, 312u, 384u}) {
    const Rotation rotation(seed_of('a'), dimensions);
    for (int i = 0; i < 20; ++i) {
      const std::vector<float> a = random_unit(dimensions, random), b = random_unit(dimensions, random);
      const std::vector<float> to_a = rotated(rotation, a), to_b = rotated(rotation, b);
      EXPECT_NEAR(length(to_a), 1, 2e-6) << dimensions;
      EXPECT_NEAR(cosine(to_a, to_b), cosine(a, b), 2e-6) << dimensions;
    }
  }
}

TEST(CaseRotation, TheSameSeedGivesTheSameAndAnotherAnUnrelatedOne) {
  std::mt19937 random(fresh_seed());
  constexpr std::size_t kDimensions = 384;
  const Rotation one(seed_of('a'), kDimensions), again(seed_of('a'), kDimensions), other(seed_of('b'), kDimensions);
  for (int i = 0; i < 20; ++i) {
    const std::vector<float> vector = random_unit(kDimensions, random);
    EXPECT_EQ(rotated(one, vector), rotated(again, vector));
    // Of unrelated directions the cosine has a standard deviation of 1 / sqrt(384) = 0.05.
    EXPECT_LT(std::abs(cosine(rotated(one, vector), rotated(other, vector))), 0.35);
    EXPECT_LT(std::abs(cosine(rotated(one, vector), vector)), 0.35);
  }
}

TEST(CaseRotation, EveryAxisIsSpreadOverAll) {
  constexpr std::size_t kDimensions = 128;
  const Rotation rotation(seed_of('c'), kDimensions);
  for (std::size_t i = 0; i < kDimensions; ++i) {
    std::vector<float> axis(kDimensions, 0);
    axis[i] = 1;
    rotation.apply(axis);
    // Standard deviation 1 / sqrt(128) = 0.09.
    for (const float value : axis) EXPECT_LT(std::abs(value), 0.55) << "axis " << i << " is nearly an axis again";
  }
}

TEST(CaseRotation, EveryDirectionIsAsLikelyForAnAxis) {
  // Over seeds, each number of the image of an axis has mean 0 and mean square 1 / dimensions.
  constexpr std::size_t kDimensions = 8;
  constexpr int kSeeds = 4000;
  std::vector<double> sums(kDimensions * kDimensions, 0), squares(kDimensions * kDimensions, 0);
  for (int seed = 0; seed < kSeeds; ++seed) {
    const Rotation rotation(vault::Secret(sha256(as_bytes(std::to_string(seed)))), kDimensions);
    for (std::size_t i = 0; i < kDimensions; ++i) {
      std::vector<float> axis(kDimensions, 0);
      axis[i] = 1;
      rotation.apply(axis);
      for (std::size_t k = 0; k < kDimensions; ++k) {
        sums[i * kDimensions + k] += static_cast<double>(axis[k]) / kSeeds;
        squares[i * kDimensions + k] += static_cast<double>(axis[k]) * axis[k] / kSeeds;
      }
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    EXPECT_NEAR(sums[i], 0, 0.03) << "axis " << i / kDimensions << ", number " << i % kDimensions;       // 5 standard deviations
    EXPECT_NEAR(squares[i], 1.0 / kDimensions, 0.02) << "axis " << i / kDimensions << ", number " << i % kDimensions;
  }
}

// --- cases ---

Json told(int age, std::vector<std::string> symptoms, Json more = Json::object()) {
  Json request{{"age", age}, {"symptoms", std::move(symptoms)}, {"severity", "moderate"}};
  request.update(more);
  return request;
}

/// A case, the same in other words, with one finding more, and two that have nothing to do with it.
struct Example {
  Json told, paraphrased, one_more, unrelated, also_unrelated;
};

std::vector<Example> examples() {
  const Json heart = told(61, {"chest pain", "shortness of breath", "sweating"});
  const Json belly = told(24, {"abdominal pain", "vomiting", "fever"});
  const Json lungs = told(70, {"productive cough", "fever", "pleuritic chest pain"});
  const Json joints = told(45, {"joint pain", "rash", "morning stiffness"});
  return {
      {heart, told(61, {"my chest hurts", "breathlessness", "diaphoresis"}), told(61, {"chest pain", "shortness of breath", "sweating", "nausea"}), joints, told(30, {"burning urination", "urinary frequency"})},
      {belly, told(24, {"stomach ache", "throwing up", "high temperature"}), told(24, {"abdominal pain", "vomiting", "fever", "diarrhoea"}), heart, told(30, {"burning urination", "urinary frequency"})},
      {lungs, told(70, {"coughing up phlegm", "febrile", "chest pain on breathing in"}), told(70, {"productive cough", "fever", "pleuritic chest pain", "fatigue"}), joints, told(35, {"headache", "photophobia"})},
  };
}

struct CaseVectors : testing::Test {
  static void SetUpTestSuite() {
    std::vector<clinical::KnowledgeFault> faults;
    knowledge = std::make_unique<clinical::KnowledgeBase>(clinical::load_knowledge(clinical::read_knowledge_folder(OSLER_SOURCE_DIR "/knowledge").value(), faults).value());
    reader = std::make_unique<language::CaseReader>(*knowledge);
  }
  static void TearDownTestSuite() {
    reader.reset();
    knowledge.reset();
  }
  static clinical::CaseFindings findings_of(const Json& request) { return reader->read(parse_case(request).value().patient).findings; }
  static CaseVector vector_of(const Json& request) { return findings_vector(*knowledge, findings_of(request)); }

  template <typename VectorOf>
  static void expect_nearer(const VectorOf& of) {
    for (const Example& example : examples()) {
      const CaseVector told = of(example.told);
      const auto similarity = [&](const Json& request) { return cosine(told.values, of(request).values); };
      const double unrelated = std::max(similarity(example.unrelated), similarity(example.also_unrelated));
      EXPECT_GT(similarity(example.paraphrased), unrelated) << example.told.dump();
      EXPECT_GT(similarity(example.one_more), unrelated) << example.told.dump();
    }
  }

  static std::unique_ptr<clinical::KnowledgeBase> knowledge;
  static std::unique_ptr<language::CaseReader> reader;
};
std::unique_ptr<clinical::KnowledgeBase> CaseVectors::knowledge;
std::unique_ptr<language::CaseReader> CaseVectors::reader;

TEST_F(CaseVectors, OfFindingsHaveLengthOneAndNameTheirSet) {
  const CaseVector vector = vector_of(told(61, {"chest pain"}));
  EXPECT_EQ(vector.set, "kb." + knowledge->hash.substr(0, 12) + ":findings:256");
  ASSERT_EQ(vector.values.size(), 256u);
  EXPECT_NEAR(length(vector.values), 1, 1e-6);
  EXPECT_EQ(vector_of(told(61, {"chest pain"})).values, vector.values) << "the same bits every time";
}

TEST_F(CaseVectors, WhatWasNotUnderstoodHasNoDirection) { EXPECT_EQ(vector_of(told(61, {"zzyzx qwrtp"})).values, std::vector<float>(256, 0)); }

TEST_F(CaseVectors, OfFindingsAreNearerForSimilarCases) {
  expect_nearer(vector_of);
  for (const Example& example : examples()) EXPECT_GT(cosine(vector_of(example.told).values, vector_of(example.paraphrased).values), 0.8) << example.told.dump();
}

TEST_F(CaseVectors, TheOrderOfTheFindingsDoesNotMatter) {
  clinical::CaseFindings findings = findings_of(examples()[0].told);
  const std::vector<float> before = findings_vector(*knowledge, findings).values;
  std::reverse(findings.findings.begin(), findings.findings.end());
  EXPECT_EQ(findings_vector(*knowledge, findings).values, before);
}

TEST_F(CaseVectors, ADeniedFindingSpeaksAgainstItAndForLess) {
  const CaseVector fever = vector_of(told(40, {"fever"})), cough = vector_of(told(40, {"cough"}));
  const CaseVector without = vector_of(told(40, {"cough"}, {{"absent_findings", {"fever"}}}));
  EXPECT_LT(cosine(without.values, fever.values), cosine(cough.values, fever.values) - 0.1);
  EXPECT_GT(cosine(without.values, cough.values), 0.7);
}

TEST_F(CaseVectors, AMeasuredValueIsTheFindingThatItIs) {
  const Json hot{{"vitals", {{"temperature_c", 38.6}}}}, well{{"vitals", {{"temperature_c", 36.8}}}};
  const CaseVector said = vector_of(told(40, {"cough", "fever"}));
  EXPECT_GT(cosine(vector_of(told(40, {"cough"}, hot)).values, said.values), 0.9);
  EXPECT_LT(cosine(vector_of(told(40, {"cough"}, well)).values, said.values), cosine(vector_of(told(40, {"cough"})).values, said.values));
}

TEST_F(CaseVectors, OfTheEncoderAreNearerForSimilarCases) {
  const auto model = models::EncoderModel::load(*make_file_system(), OSLER_SOURCE_DIR "/models/osler-encoder/1", neural::Precision::fp32).value();
  const SystemClock clock;
  const EncoderStage stage(*model, *knowledge, 512, false, clock);
  expect_nearer([&](const Json& request) {
    const clinical::PatientCase patient = parse_case(request).value().patient;
    const CaseVector vector = embedding_vector(model->version(), stage.read(stage.prepare(patient, reader->read(patient).findings)).embedding);
    EXPECT_EQ(vector.set, "osler-encoder-1.fp32:embedding:" + std::to_string(model->encoder().config().hidden));
    EXPECT_NEAR(length(vector.values), 1, 1e-5);
    return vector;
  });
}

TEST(CaseEmbedding, OfTooManyDimensionsIsProjectedAndKeepsItsNeighbours) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 20; ++i) {
    const std::vector<float> one = random_unit(768, random), away = random_unit(768, random);
    std::vector<float> near = one;
    for (std::size_t k = 0; k < near.size(); ++k) near[k] += 0.5f * away[k];
    const CaseVector a = embedding_vector("bert-1.int8", one), b = embedding_vector("bert-1.int8", near), c = embedding_vector("bert-1.int8", away);
    EXPECT_EQ(a.set, "bert-1.int8:embedding:384");
    ASSERT_EQ(a.values.size(), limits::kMaxVectorDimensions);
    EXPECT_NEAR(length(a.values), 1, 1e-6);
    EXPECT_NEAR(cosine(a.values, b.values), cosine(one, near), 0.25);
    EXPECT_GT(cosine(a.values, b.values), cosine(a.values, c.values));
  }
}

}  // namespace
}  // namespace osler::service
