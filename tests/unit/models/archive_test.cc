// Copies by hash: models/archive.h.
#include "models/archive.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "../random_seed.h"
#include "models/encoder_model.h"
#include "tiny_encoder.h"

namespace osler::models {
namespace {

using clinical::KnowledgeFile;

class Archives : public testing::Test {
 protected:
  const TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
  Archive archive_{*files_, folder_.at("archive")};
  std::mt19937 random_{fresh_seed()};

  std::vector<KnowledgeFile> knowledge_{{"findings/a.yaml", "one: \"\xc3\xa9\"\n"}, {"conditions/b/c.yaml", "two\n"}};
  const std::string hash_ = clinical::knowledge_hash(knowledge_);

  Result<void> keep() {
    return archive_.keep_knowledge(hash_, [&] { return Result<std::vector<KnowledgeFile>>(knowledge_); });
  }
  std::string knowledge_place() const { return folder_.at("archive/knowledge-" + hash_.substr(0, 12) + "/files.json"); }

  ModelManifest encoder(bool with_manifest) {
    TinyEncoder tiny(Json::array({"J10", "J11"}), random_);
    tiny.write_to(folder_.at("models/my own"));
    if (with_manifest) write_manifest(folder_.at("models/my own"), "7");
    return EncoderModel::load(*files_, folder_.at("models/my own"), neural::Precision::fp32).value()->manifest();
  }
};

TEST_F(Archives, AKnowledgeBaseComesBackAsItWas) {
  ASSERT_TRUE(keep());
  const auto kept = archive_.knowledge(hash_);
  ASSERT_TRUE(kept) << describe(kept.error());
  EXPECT_EQ(clinical::knowledge_hash(*kept), hash_);
  EXPECT_EQ(kept->size(), 2u);
}

TEST_F(Archives, WhatIsThereIsNeitherReadAgainNorTouched) {
  ASSERT_TRUE(keep());
  const auto written = std::filesystem::last_write_time(knowledge_place());
  ASSERT_TRUE(archive_.keep_knowledge(hash_, [&]() -> Result<std::vector<KnowledgeFile>> {
    ADD_FAILURE() << "read";
    return knowledge_;
  }));
  EXPECT_EQ(std::filesystem::last_write_time(knowledge_place()), written);
}

TEST_F(Archives, AFolderThatChangedSinceItWasLoadedIsNotKept) {
  knowledge_[0].content += "# edited\n";
  const auto kept = keep();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::conflict);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.at("archive"))) << "and leaves no draft";
  const ModelManifest manifest = encoder(true);
  write_file(folder_.at("models/my own/config.json"), "{}");
  EXPECT_EQ(archive_.keep_model("encoder", manifest, folder_.at("models/my own")).error().code, ErrorCode::conflict);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.at("archive")));
}

TEST_F(Archives, ADamagedCopyIsNoticedWhenItIsUsed) {
  ASSERT_TRUE(keep());
  const std::string good = read_file(knowledge_place());
  for (const std::string& bad : {std::string("{}"), std::string("[]"), std::string("{\"a\": 1}"), good.substr(0, good.size() / 2), good.substr(0, good.find("two")) + "2" + good.substr(good.find("two") + 1)}) {
    write_file(knowledge_place(), bad);
    const auto kept = archive_.knowledge(hash_);
    ASSERT_FALSE(kept) << bad;
    EXPECT_EQ(kept.error().code, ErrorCode::corrupted);
  }
  std::filesystem::remove(knowledge_place());
  EXPECT_EQ(archive_.knowledge(hash_).error().code, ErrorCode::corrupted);
}

TEST_F(Archives, WhatWasNeverKeptIsNotFound) {
  EXPECT_EQ(archive_.knowledge(hash_).error().code, ErrorCode::not_found);
  EXPECT_EQ(archive_.model_folder("encoder", hash_).error().code, ErrorCode::not_found);
}

TEST_F(Archives, AModelDirectoryLoadsFromItsCopyUnderTheSameVersionAndHash) {
  for (const bool with_manifest : {false, true}) {
    const ModelManifest manifest = encoder(with_manifest);
    write_file(folder_.at("models/my own/.hidden"), with_manifest ? "" : "not read, so not kept");
    if (with_manifest) std::filesystem::remove(folder_.at("models/my own/.hidden"));
    ASSERT_TRUE(archive_.keep_model("encoder", manifest, folder_.at("models/my own") + "/"));
    const std::string kept = archive_.model_folder("encoder", manifest.hash).value();
    const auto copy = EncoderModel::load(*files_, kept, neural::Precision::fp32), model = EncoderModel::load(*files_, folder_.at("models/my own"), neural::Precision::fp32);
    ASSERT_TRUE(copy && model) << (copy ? "" : describe(copy.error()));
    EXPECT_EQ((*copy)->version(), (*model)->version());
    EXPECT_EQ((*copy)->manifest().hash, manifest.hash);
    EXPECT_FALSE(files_->exists(kept + "/.hidden"));
    std::filesystem::remove_all(folder_.at("models"));
  }
}

TEST_F(Archives, ADirectoryWithoutAManifestIsKnownByAllThatIsReadOfIt) {
  const std::string before = encoder(false).hash;
  for (const char* name : {"labels.json", "config.json"}) {
    const std::string path = folder_.at("models/my own/") + name;
    write_file(path, read_file(path) + "\n");
    const std::string after = EncoderModel::load(*files_, folder_.at("models/my own"), neural::Precision::fp32).value()->manifest().hash;
    EXPECT_NE(after, before) << name;
  }
}

TEST_F(Archives, OfManyThatKeepTheSameAtOnceOneCopyStays) {
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { failures += keep().has_value() ? 0 : 1; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(files_->list(folder_.at("archive")).value().size(), 1u);
  EXPECT_TRUE(archive_.knowledge(hash_));
}

}  // namespace
}  // namespace osler::models
