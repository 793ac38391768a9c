// What the shipped encoder gives for a case is the same to the last bit alone, in any batch, on any thread and in any workspace, at each precision:
// a replay rests on it.
#include <filesystem>
#include <thread>

#include "../random_seed.h"
#include "app/engine.h"

namespace osler::app {
namespace {

struct Given {
  std::vector<float> logits, embedding;
  bool operator==(const Given&) const = default;
};

std::vector<Json> requests(const clinical::KnowledgeBase& knowledge, std::mt19937& random) {
  std::vector<Json> all;
  for (int i = 0; i < 12; ++i) {
    Json request{{"age", random() % 90}, {"symptoms", Json::array()}, {"severity", "moderate"}};
    for (std::size_t symptom = 0; symptom <= random() % 6; ++symptom) request["symptoms"].push_back(knowledge.findings[random() % knowledge.findings.size()].name);
    std::string narrative;
    for (std::size_t words = random() % 40; words > 0; --words) narrative += knowledge.findings[random() % knowledge.findings.size()].name + ". ";
    if (!narrative.empty()) request["narrative"] = narrative;
    all.push_back(std::move(request));
  }
  return all;
}

Given given(const models::EncoderOutput& output) { return {output.logits, output.embedding}; }

/// All inputs in batches of random sizes and order, over one workspace.
void expect_same_in_batches(const models::EncoderModel& model, const std::vector<models::EncoderInput>& inputs, const std::vector<Given>& alone, unsigned seed) {
  std::mt19937 random(seed);
  neural::BertWorkspace workspace = model.encoder().make_workspace();
  std::vector<std::size_t> order(inputs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  for (std::size_t done = 0; done < order.size();) {
    const std::size_t count = std::min<std::size_t>(1 + random() % 16, order.size() - done);
    std::vector<models::EncoderInput> batch;
    for (std::size_t i = 0; i < count; ++i) batch.push_back(inputs[order[done + i]]);
    const std::vector<models::EncoderOutput> outputs = model.run(batch, workspace);
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(given(outputs[i]) == alone[order[done + i]]) << "case " << order[done + i] << " in a batch of " << count;
    done += count;
  }
}

TEST(ShippedEncoder, GivesTheSameBitsAloneInBatchesAndOnThreads) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  Config config;
  config.knowledge_folder = OSLER_SOURCE_DIR "/knowledge";
  config.models_folder = OSLER_SOURCE_DIR "/models";
  int tried = 0;
  for (const neural::Precision precision : {neural::Precision::fp32, neural::Precision::bf16, neural::Precision::int8}) {
    if (!neural::is_fast_here(precision)) continue;
    config.encoder_precision = neural::name_of(precision);
    const auto engine = Engine::load(config).value();
    ASSERT_TRUE(engine->encoder) << engine->encoder_refusal;
    std::vector<models::EncoderInput> inputs;
    for (const Json& request : requests(engine->knowledge, random)) inputs.push_back(engine->answerer.read(request.dump()).value().for_encoder->input);
    std::vector<Given> alone;
    for (const models::EncoderInput& input : inputs) {
      neural::BertWorkspace fresh = engine->encoder->encoder().make_workspace();
      alone.push_back(given(engine->encoder->run({&input, 1}, fresh).front()));
    }
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 2; ++t) threads.emplace_back([&, t] { expect_same_in_batches(*engine->encoder, inputs, alone, seed + t); });
    for (std::thread& thread : threads) thread.join();
    ++tried;
  }
  EXPECT_GE(tried, 1);
}

}  // namespace
}  // namespace osler::app
