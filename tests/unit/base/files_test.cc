#include "base/files.h"

#include <sys/stat.h>

#include <filesystem>

namespace osler {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/osler-files-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST_F(Files, AppendsAndReadsBack) {
  auto file = files_->open_append(path("log"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append(as_bytes("one")));
  ASSERT_TRUE((*file)->append(as_bytes("two")));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->size(), 6u);
  EXPECT_EQ(as_text(*files_->read(path("log"), 100)), "onetwo");
  EXPECT_EQ(as_text(*files_->read_at(path("log"), 3, 100)), "two");
  ASSERT_TRUE(files_->truncate(path("log"), 3));
  EXPECT_EQ(as_text(*files_->read(path("log"), 100)), "one");
}

TEST_F(Files, ReopeningContinuesAtTheEnd) {
  { ASSERT_TRUE((*files_->open_append(path("log")))->append(as_bytes("abc"))); }
  EXPECT_EQ((*files_->open_append(path("log")))->size(), 3u);
}

TEST_F(Files, WritesAtomicallyWithTheModeAsked) {
  ASSERT_TRUE(files_->write_atomically(path("key"), as_bytes("secret"), 0600));
  struct stat status {};
  ASSERT_EQ(stat(path("key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_FALSE(files_->exists(path("key.tmp")));
}

TEST_F(Files, SaysWhatIsMissingOrTooLarge) {
  EXPECT_EQ(files_->read(path("none"), 10).error().code, ErrorCode::not_found);
  ASSERT_TRUE(files_->write_atomically(path("large"), as_bytes("0123456789"), 0600));
  EXPECT_EQ(files_->read(path("large"), 9).error().code, ErrorCode::too_large);
  EXPECT_EQ(files_->list(path("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(files_->list(path("large")).error().code, ErrorCode::not_found) << "no folder";
  EXPECT_EQ(files_->list(std::string(300, 'x')).error().code, ErrorCode::unavailable) << "whether there is one is not known";
}

TEST_F(Files, ListsNamesSorted) {
  ASSERT_TRUE(files_->write_atomically(path("b"), {}, 0600));
  ASSERT_TRUE(files_->write_atomically(path("a"), {}, 0600));
  EXPECT_EQ(*files_->list(folder_), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Files, SaysASizeWithoutOpening) {
  EXPECT_EQ(files_->size(path("none")).error().code, ErrorCode::not_found);
  ASSERT_TRUE(files_->write_atomically(path("three"), as_bytes("abc"), 0000));
  EXPECT_EQ(files_->size(path("three")).value(), 3u);
}

TEST_F(Files, CreatesOnceAndForTheOwnerOnly) {
  ASSERT_TRUE(files_->create(path("new")));
  EXPECT_EQ(files_->permissions(path("new")).value(), 0600u);
  EXPECT_EQ(files_->size(path("new")).value(), 0u);
  ASSERT_TRUE(files_->write_atomically(path("full"), as_bytes("abc"), 0644));
  EXPECT_EQ(files_->create(path("full")).error().code, ErrorCode::conflict);
  EXPECT_EQ(files_->size(path("full")).value(), 3u) << "touched";
  EXPECT_EQ(files_->create(path("none/new")).error().code, ErrorCode::not_found);
}

// A device that is always full: real ENOSPC from the kernel.
TEST_F(Files, FullDiskIsAnErrorNotACrash) {
  auto file = files_->open_append("/dev/full");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->append(as_bytes("x")).error().code, ErrorCode::unavailable);
}

}  // namespace osler
