#include "train/text/word_vectors.h"

#include "small_world.h"

namespace osler::train {
namespace {

std::string file_with(const std::string& content) {
  const std::string path = testing::TempDir() + "osler_word_vectors.txt";
  write_file(path, content);
  return path;
}

TEST(WordVectors, AreReadInTheirOrder) {
  const auto vectors = read_word_vectors(file_with("the 1 2.5 -3\ncough 0.25 1e-2 4\n"));
  ASSERT_TRUE(vectors) << describe(vectors.error());
  EXPECT_EQ(vectors->width, 3u);
  EXPECT_EQ(vectors->words, (std::vector<std::string>{"the", "cough"}));
  EXPECT_EQ(vectors->index.at("the"), 0u);
  EXPECT_EQ(vectors->index.at("cough"), 1u);
  EXPECT_EQ(vectors->numbers, (std::vector<float>{1, 2.5F, -3, 0.25F, 0.01F, 4}));
}

TEST(WordVectors, TheLastLineNeedsNoEnd) {
  EXPECT_EQ(read_word_vectors(file_with("a 1\nb 2"))->words.size(), 2u);
}

TEST(WordVectors, ABadLineIsNamed) {
  for (const char* bad : {"cough 1", "cough 1 2 3", "cough 1 x", "cough 1 2x", "cough", "cough ", "", " 1 2", "cough 1 1e99", "cough 1 nan", "cough inf 2"}) {
    const std::string path = file_with(std::string("the 1 2\nof 3 4\n") + bad + "\nand 5 6\n");
    const auto vectors = read_word_vectors(path);
    ASSERT_FALSE(vectors) << bad;
    EXPECT_EQ(vectors.error().code, ErrorCode::corrupted) << bad;
    EXPECT_NE(vectors.error().external.find(path + ", line 3:"), std::string::npos) << bad << ": " << vectors.error().external;
  }
}

TEST(WordVectors, AMissingFileIsNotFound) {
  const std::string path = testing::TempDir() + "osler_no_such_vectors.txt";
  const auto vectors = read_word_vectors(path);
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().code, ErrorCode::not_found);
  EXPECT_NE(vectors.error().external.find(path), std::string::npos);
}

}  // namespace
}  // namespace osler::train
