#include "clinical/knowledge_folder.h"

#include <filesystem>
#include <fstream>

#include "base/limits.h"

namespace osler::clinical {

class KnowledgeFolder : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/osler-knowledge-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + path).parent_path());
    std::ofstream(folder_ + "/" + path, std::ios::binary) << content;
  }

  std::string folder_;
};

TEST_F(KnowledgeFolder, ReadsEveryYamlFileBelowItWithItsRelativePath) {
  put("findings/chest.yaml", "a\r\n");
  put("conditions/respiratory/asthma.yaml", std::string("b\0c", 3));
  put("README.md", "no");
  put("conditions/notes.yaml.bak", "no");
  std::map<std::string, std::string> read;
  const auto files = read_knowledge_folder(folder_);
  ASSERT_TRUE(files) << describe(files.error());
  for (const KnowledgeFile& file : *files) read[file.path] = file.content;
  EXPECT_EQ(read, (std::map<std::string, std::string>{{"conditions/respiratory/asthma.yaml", std::string("b\0c", 3)},
                                                      {"findings/chest.yaml", "a\r\n"}}));
}

TEST_F(KnowledgeFolder, ItsPathsDoNotDependOnHowTheFolderIsWritten) {
  put("findings/chest.yaml", "a");
  const std::filesystem::path earlier = std::filesystem::current_path();
  std::filesystem::current_path(folder_ + "/findings");
  for (const std::string& written : {folder_ + "/", folder_ + "/./", folder_ + "//", std::string(".."), std::string("../"), std::string("../findings/..")}) {
    const auto files = read_knowledge_folder(written);
    ASSERT_TRUE(files) << written;
    ASSERT_EQ(files->size(), 1u) << written;
    EXPECT_EQ(files->front().path, "findings/chest.yaml") << written;
  }
  std::filesystem::current_path(earlier);
}

TEST_F(KnowledgeFolder, BoundsTheNumberOfFiles) {
  for (std::size_t i = 0; i < limits::kMaxKnowledgeFiles; ++i) put("findings/" + std::to_string(i) + ".yaml", "");
  EXPECT_TRUE(read_knowledge_folder(folder_)) << "exactly at the bound";
  put("findings/one_more.yaml", "");
  EXPECT_EQ(read_knowledge_folder(folder_).error().code, ErrorCode::configuration);
}

TEST_F(KnowledgeFolder, AnEmptyOneHoldsNothingAndAMissingOneIsNotFound) {
  EXPECT_EQ(read_knowledge_folder(folder_)->size(), 0u);
  EXPECT_EQ(read_knowledge_folder(folder_ + "/none").error().code, ErrorCode::not_found);
}

}  // namespace osler::clinical
