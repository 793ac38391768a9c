#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace osler {

namespace {

Error file_error(const std::string& path, const char* operation) {
  const int code = errno;
  const ErrorCode kind = code == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable;
  return make_error(kind, "A file operation failed.", std::string(operation) + " " + path + ": " + std::strerror(code));
}

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { if (number_ >= 0) ::close(number_); }
  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

Result<void> write_all(int descriptor, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return file_error(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ok();
}

class PosixAppendFile final : public AppendFile {
 public:
  PosixAppendFile(std::string path, Descriptor descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}

  Result<void> append(ByteView bytes) override {
    TRY_VOID(write_all(descriptor_.number(), bytes, path_));
    size_ += bytes.size();
    return ok();
  }
  Result<void> sync() override {
    if (::fdatasync(descriptor_.number()) != 0) return file_error(path_, "fdatasync");
    return ok();
  }
  std::uint64_t size() const override { return size_; }

 private:
  std::string path_;
  Descriptor descriptor_;
  std::uint64_t size_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override {
    Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    struct stat status {};
    if (!descriptor.valid() || ::fstat(descriptor.number(), &status) != 0) return file_error(path, "open");
    return std::unique_ptr<AppendFile>(std::make_unique<PosixAppendFile>(
        path, std::move(descriptor), static_cast<std::uint64_t>(status.st_size)));
  }

  Result<Bytes> read(const std::string& path, std::size_t limit_bytes) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return file_error(path, "stat");
    if (static_cast<std::uint64_t>(status.st_size) > limit_bytes)
      return make_error(ErrorCode::too_large, "A file is larger than its limit.", path);
    return read_at(path, 0, static_cast<std::size_t>(status.st_size));
  }

  Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t length) override {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.valid()) return file_error(path, "open");
    Bytes bytes(length);
    std::size_t filled = 0;
    while (filled < length) {
      const ssize_t got = ::pread(descriptor.number(), bytes.data() + filled, length - filled,
                                  static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_error(path, "read");
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
  }

  Result<void> write_atomically(const std::string& path, ByteView bytes, unsigned mode) override {
    const std::string temporary = path + ".tmp";
    {
      const Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
      if (!descriptor.valid()) return file_error(temporary, "open");
      if (::fchmod(descriptor.number(), mode) != 0) return file_error(temporary, "chmod");
      TRY_VOID(write_all(descriptor.number(), bytes, temporary));
      if (::fsync(descriptor.number()) != 0) return file_error(temporary, "fsync");
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return file_error(path, "rename");
    return sync_folder(std::filesystem::path(path).parent_path().string());
  }

  Result<void> truncate(const std::string& path, std::uint64_t size) override {
    const Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!descriptor.valid() || ::ftruncate(descriptor.number(), static_cast<off_t>(size)) != 0 ||
        ::fsync(descriptor.number()) != 0)
      return file_error(path, "truncate");
    return ok();
  }

  Result<void> sync_folder(const std::string& path) override {
    const Descriptor descriptor(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.valid() || ::fsync(descriptor.number()) != 0) return file_error(path, "fsync folder");
    return ok();
  }

  Result<void> make_folders(const std::string& path) override {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (failure) return make_error(ErrorCode::unavailable, "A folder cannot be made.", path + ": " + failure.message());
    return ok();
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<std::uint64_t> size(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return file_error(path, "stat");
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> create(const std::string& path) override {
    const Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (descriptor.valid()) return ok();
    return errno == EEXIST ? make_error(ErrorCode::conflict, "There is a file of this name already.", path) : file_error(path, "create");
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    std::error_code failure;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry(path, failure), end; !failure && entry != end; entry.increment(failure))
      names.push_back(entry->path().filename().string());
    const bool is_none = failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory;
    if (failure) return make_error(is_none ? ErrorCode::not_found : ErrorCode::unavailable, "A folder cannot be read.", path + ": " + failure.message());
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<unsigned> permissions(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return file_error(path, "stat");
    return static_cast<unsigned>(status.st_mode & 0777);
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!descriptor.valid()) return file_error(path, "open");
    if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return file_error(path, "flock");
      return make_error(ErrorCode::conflict, "Another process holds a lock.", path);
    }
    return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(descriptor)));
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_file_system() { return std::make_unique<PosixFileSystem>(); }

}  // namespace osler
