#include "audit/reader.h"

#include "audit_fixture.h"

namespace osler::audit {
namespace {

class ReaderTest : public AuditTest {
 protected:
  Result<std::uint64_t> read(std::vector<std::string>& seen) {
    return read_entries(*files_, keys_, options_.folder, [&](std::uint64_t index, std::string_view json) -> Result<void> {
      EXPECT_EQ(index, seen.size());
      seen.emplace_back(json);
      return ok();
    });
  }
};

TEST_F(ReaderTest, ShowsEveryEntryInOrderAcrossSegmentsWhileTheLogIsOpen) {
  options_.segment_bytes = 2000;
  const auto log = open().value();
  fill(*log, 40);
  std::vector<std::string> seen;
  EXPECT_EQ(read(seen).value(), 40u);
  ASSERT_EQ(seen.size(), 40u);
  EXPECT_EQ(parse_entry(seen[39]).value().entry, entry(39));
}

TEST_F(ReaderTest, GoesOnWhereItStopped) {
  options_.segment_bytes = 2000;
  fill(*open().value(), 40);
  for (const std::uint64_t from : {0u, 1u, 17u, 39u, 40u, 41u}) {
    std::vector<std::uint64_t> seen;
    const auto next = read_entries(*files_, keys_, options_.folder, [&](std::uint64_t index, std::string_view) -> Result<void> {
      seen.push_back(index);
      return ok();
    }, from);
    EXPECT_EQ(next.value(), 40u);
    ASSERT_EQ(seen.size(), from < 40 ? 40 - from : 0);
    if (from < 40) {
      EXPECT_EQ(seen.front(), from);
    }
  }
  disk_.remove_file(segment(list_segments(*files_, options_.folder).value()[0].first));
  const auto none = [](std::uint64_t, std::string_view) -> Result<void> { return ok(); };
  EXPECT_EQ(read_entries(*files_, keys_, options_.folder, none, 39).value(), 40u) << "files before it are not read";
  EXPECT_EQ(read_entries(*files_, keys_, options_.folder, none).error().code, ErrorCode::corrupted);
}

TEST_F(ReaderTest, StopsBeforeWhatIsNotAskedFor) {
  options_.segment_bytes = 2000;
  fill(*open().value(), 40);
  const auto segments = list_segments(*files_, options_.folder).value();
  ASSERT_GT(segments.size(), 3u);
  disk_.remove_file(segment(segments.back().first));
  for (const std::uint64_t until : {1u, 2u, 3u}) {
    std::vector<std::uint64_t> seen;
    ASSERT_TRUE(read_entries(*files_, keys_, options_.folder, [&](std::uint64_t index, std::string_view) -> Result<void> {
      seen.push_back(index);
      return ok();
    }, 1, until));
    EXPECT_EQ(seen.size(), until - 1);
  }
  const std::uint64_t second = segments[1].first;
  const auto none = [](std::uint64_t, std::string_view) -> Result<void> { return ok(); };
  EXPECT_EQ(read_entries(*files_, keys_, options_.folder, none, 0, second).value(), second) << "files behind it are not read";
}

TEST_F(ReaderTest, AnErrorOfTheVisitorEndsIt) {
  fill(*open().value(), 5);
  const auto outcome = read_entries(*files_, keys_, options_.folder,
                                    [](std::uint64_t index, std::string_view) { return index < 2 ? ok() : Result<void>(make_error(ErrorCode::too_large, "enough")); });
  EXPECT_EQ(outcome.error().code, ErrorCode::too_large);
}

TEST_F(ReaderTest, SaysWhereALogIsDamagedAndThatThereIsNone) {
  std::vector<std::string> seen;
  EXPECT_EQ(read(seen).error().code, ErrorCode::not_found);
  options_.segment_bytes = 2000;
  fill(*open().value(), 40);
  const auto segments = list_segments(*files_, options_.folder).value();
  Bytes bytes = disk_.read(segment(segments[1].first));
  bytes[bytes.size() / 2] ^= 1;
  disk_.tamper(segment(segments[1].first), bytes);
  const Error error = read(seen).error();
  EXPECT_EQ(error.code, ErrorCode::corrupted);
  EXPECT_NE(error.internal.find(segments[1].second), std::string::npos);
  disk_.remove_file(segment(segments[1].first));
  seen.clear();
  EXPECT_EQ(read(seen).error().code, ErrorCode::corrupted);
}

TEST_F(ReaderTest, TheLastEntryOfAKindIsSoughtFromTheEnd) {
  options_.segment_bytes = 2000;
  fill(*open().value(), 40);
  const auto last = [&](std::size_t segments, const std::string& word) {
    return last_entry(*files_, keys_, options_.folder, segments, [&](std::string_view json) { return json.find(word) != std::string_view::npos; }).value();
  };
  EXPECT_NE(last(1, "request-3").value().find("request-39"), std::string::npos);
  EXPECT_NE(last(100, "request-0\"").value().find("\"index\":0,"), std::string::npos);
  EXPECT_FALSE(last(1, "request-0\"")) << "it stands in an earlier file";
  EXPECT_FALSE(last(100, "request-40"));
}

TEST_F(ReaderTest, FindsTheLogsOfAFolderAndOneLevelBelow) {
  fill(*open().value(), 1);
  options_.folder = "/audit/commands";
  fill(*open().value(), 1);
  options_.folder = "/audit/deeper/still";
  fill(*open().value(), 1);
  const std::string text = "x";
  disk_.tamper("/audit/emptied/secrets", Bytes(text.begin(), text.end()));
  disk_.tamper("/audit/other/file", Bytes(text.begin(), text.end()));
  EXPECT_EQ(find_logs(*files_, "/audit").value(), (std::vector<std::string>{"/audit", "/audit/commands", "/audit/emptied"}));
}

/// A disk on which one folder cannot be looked into.
class LockedFolder final : public FileSystem {
 public:
  LockedFolder(FileSystem& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}
  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override { return disk_.open_append(path); }
  Result<Bytes> read(const std::string& path, std::size_t limit) override { return disk_.read(path, limit); }
  Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t length) override { return disk_.read_at(path, offset, length); }
  Result<void> write_atomically(const std::string& path, ByteView bytes, unsigned mode) override { return disk_.write_atomically(path, bytes, mode); }
  Result<void> truncate(const std::string& path, std::uint64_t size) override { return disk_.truncate(path, size); }
  Result<void> sync_folder(const std::string& path) override { return disk_.sync_folder(path); }
  Result<void> make_folders(const std::string& path) override { return disk_.make_folders(path); }
  bool exists(const std::string& path) override { return !path.starts_with(folder_) && disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    if (path == folder_) return make_error(ErrorCode::unavailable, "A folder cannot be read.", path + ": Permission denied");
    return disk_.list(path);
  }
  Result<std::uint64_t> size(const std::string& path) override { return disk_.size(path); }
  Result<void> create(const std::string& path) override { return disk_.create(path); }
  Result<unsigned> permissions(const std::string& path) override { return disk_.permissions(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return disk_.lock(path); }

 private:
  FileSystem& disk_;
  const std::string folder_;
};

TEST_F(ReaderTest, AFolderThatCannotBeLookedIntoIsAnErrorAndNotNoLog) {
  fill(*open().value(), 1);
  options_.folder = "/audit/replica-2";
  fill(*open().value(), 1);
  LockedFolder locked(*files_, "/audit/replica-2");
  const auto found = find_logs(locked, "/audit");
  ASSERT_FALSE(found) << "a log would be left out and missed by nobody";
  EXPECT_NE(found.error().internal.find("replica-2"), std::string::npos);
}

}  // namespace
}  // namespace osler::audit
