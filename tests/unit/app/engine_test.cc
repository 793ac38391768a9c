#include "app/engine.h"

#include <filesystem>

#include "settings.h"

namespace osler::app {

class ModelsFolder : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/osler-models-XXXXXX";
    config_.models_folder = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(config_.models_folder); }
  void add(const std::string& version) { std::filesystem::create_directories(config_.models_folder + "/osler-network/" + version); }
  std::string newest() {
    const auto folder = newest_model_folder(*files_, config_, "network");
    return folder ? folder->substr(config_.models_folder.size()) : std::string(name_of(folder.error().code));
  }

  Config config_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST_F(ModelsFolder, TheNewestVersionIsTheHighestNumber) {
  for (const char* version : {"2", "10", "9", "draft", "11-old", "-12", "99999999999999"}) add(version);
  EXPECT_EQ(newest(), "/osler-network/10");
}

TEST_F(ModelsFolder, EachKindHasItsOwnVersions) {
  add("2");
  std::filesystem::create_directories(config_.models_folder + "/osler-encoder/5");
  EXPECT_EQ(newest_model_folder(*files_, config_, "encoder").value(), config_.models_folder + "/osler-encoder/5");
  EXPECT_EQ(newest(), "/osler-network/2");
  EXPECT_EQ(newest_model_folder(*files_, config_, "other").error().code, ErrorCode::not_found);
}

TEST_F(ModelsFolder, WithoutAModelOrAVersionIsNotFound) {
  EXPECT_EQ(newest(), "not_found");
  add("draft");
  EXPECT_EQ(newest(), "not_found");
}

TEST(Engine, LoadsTheModelAndTheKnowledgeThatShip) {
  Config config;
  config.knowledge_folder = OSLER_SOURCE_DIR "/knowledge";
  config.models_folder = OSLER_SOURCE_DIR "/models";
  const auto engine = Engine::load(config);
  ASSERT_TRUE(engine) << describe(engine.error());
  EXPECT_FALSE((*engine)->model.calibration.population.empty());
  EXPECT_GT((*engine)->model.calibration.cases, 0);
}

TEST(Engine, OfSeveralPartsThatAreRefusedTheSameOneIsTold) {
  Config config;
  config.model_name = "encoder";
  config.encoder_folder = "/nonexistent/encoder";
  config.knowledge_folder = OSLER_SOURCE_DIR "/knowledge";
  config.models_folder = OSLER_SOURCE_DIR "/models";
  const auto told = [&config] { return describe(EngineParts::load(config).error()); };
  EXPECT_NE(told().find("/nonexistent/encoder"), std::string::npos);
  config.models_folder = "/nonexistent/models";
  EXPECT_NE(told().find("/nonexistent/models/osler-network"), std::string::npos);
  config.knowledge_folder = "/nonexistent/knowledge";
  EXPECT_NE(told().find("/nonexistent/knowledge"), std::string::npos);
}

TEST(Engine, WithoutKnowledgeDoesNotStart) {
  Config config;
  config.knowledge_folder = "/nonexistent/knowledge";
  EXPECT_EQ(Engine::load(config).error().code, ErrorCode::not_found);
}

}  // namespace osler::app
