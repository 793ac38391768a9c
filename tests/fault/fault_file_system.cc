#include "fault/fault_file_system.h"

#include <set>

namespace osler::fault {

namespace {

Result<void> as_result(Outcome outcome, const std::string& path) {
  if (outcome == Outcome::good) return ok();
  return make_error(ErrorCode::unavailable, "A file operation failed.",
                    path + (outcome == Outcome::no_space ? ": no space left" : ": input/output error"));
}

class FaultAppendFile final : public AppendFile {
 public:
  FaultAppendFile(FaultDisk& disk, std::string path, std::shared_ptr<Inode> inode)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)), epoch_(disk.epoch()) {}
  Result<void> append(ByteView bytes) override { return as_result(disk_.append(*inode_, epoch_, bytes), path_); }
  Result<void> sync() override { return as_result(disk_.sync(*inode_, path_, epoch_), path_); }
  std::uint64_t size() const override { return disk_.size(*inode_); }

 private:
  FaultDisk& disk_;
  std::string path_;
  std::shared_ptr<Inode> inode_;
  std::uint64_t epoch_;
};

class FaultLock final : public FileLock {
 public:
  FaultLock(FaultDisk& disk, std::string path) : disk_(disk), path_(std::move(path)), epoch_(disk.epoch()) {}
  ~FaultLock() override { disk_.unlock(path_, epoch_); }

 private:
  FaultDisk& disk_;
  std::string path_;
  std::uint64_t epoch_;
};

class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(FaultDisk& disk) : disk_(disk) {}

  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override {
    std::shared_ptr<Inode> inode = disk_.find(path);
    if (!inode) TRY_VOID(as_result(disk_.create(path, inode), path));
    return std::unique_ptr<AppendFile>(std::make_unique<FaultAppendFile>(disk_, path, std::move(inode)));
  }
  Result<Bytes> read(const std::string& path, std::size_t limit) override { return read_at(path, 0, limit); }
  Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t length) override {
    const std::shared_ptr<Inode> inode = disk_.find(path);
    if (!inode) return make_error(ErrorCode::not_found, "A file operation failed.", path);
    Bytes bytes;
    if (!disk_.read(*inode, disk_.epoch(), offset, length, bytes)) return as_result(Outcome::io_error, path).error();
    return bytes;
  }
  Result<void> write_atomically(const std::string& path, ByteView bytes, unsigned mode) override {
    TRY_VOID(as_result(disk_.rename_new(path, bytes, mode), path));
    return sync_folder(path.substr(0, path.rfind('/')));
  }
  Result<void> truncate(const std::string& path, std::uint64_t size) override {
    const std::shared_ptr<Inode> inode = disk_.find(path);
    if (!inode) return make_error(ErrorCode::not_found, "A file operation failed.", path);
    TRY_VOID(as_result(disk_.truncate(*inode, disk_.epoch(), size), path));
    return as_result(disk_.sync(*inode, path, disk_.epoch()), path);
  }
  Result<void> sync_folder(const std::string& path) override { return as_result(disk_.sync_folder(path), path); }
  Result<void> make_folders(const std::string&) override { return ok(); }
  bool exists(const std::string& path) override { return disk_.find(path) != nullptr; }
  Result<std::uint64_t> size(const std::string& path) override {
    const std::shared_ptr<Inode> inode = disk_.find(path);
    if (!inode) return make_error(ErrorCode::not_found, "A file operation failed.", path);
    return disk_.size(*inode);
  }
  Result<void> create(const std::string& path) override {
    if (disk_.find(path)) return make_error(ErrorCode::conflict, "There is a file of this name already.", path);
    std::shared_ptr<Inode> inode;
    return as_result(disk_.create(path, inode), path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::set<std::string> names;
    for (const std::string& path : disk_.paths())
      if (path.starts_with(folder + "/")) names.insert(path.substr(folder.size() + 1, path.find('/', folder.size() + 1) - folder.size() - 1));
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<unsigned> permissions(const std::string& path) override {
    const std::shared_ptr<Inode> inode = disk_.find(path);
    if (!inode) return make_error(ErrorCode::not_found, "A file operation failed.", path);
    return inode->mode;
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    if (!disk_.lock(path)) return make_error(ErrorCode::conflict, "Another process holds a lock.", path);
    return std::unique_ptr<FileLock>(std::make_unique<FaultLock>(disk_, path));
  }

 private:
  FaultDisk& disk_;
};

}  // namespace

std::unique_ptr<FileSystem> make_fault_file_system(FaultDisk& disk) { return std::make_unique<FaultFileSystem>(disk); }

}  // namespace osler::fault
