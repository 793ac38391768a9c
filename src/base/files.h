// The seam to the file system for everything whose durability matters (audit log, keys). Tests put a
// double behind it that fails, tears and forgets what was not synced.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace osler {

/// A file open for appending. Not thread-safe.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  /// Appends all bytes or returns an error; after an error the tail of the file is undefined.
  virtual Result<void> append(ByteView bytes) = 0;
  /// Returns after the bytes appended so far are on stable storage (fdatasync). After an error the
  /// caller must not retry: the kernel may have dropped the pages.
  virtual Result<void> sync() = 0;
  virtual std::uint64_t size() const = 0;
};

/// Held for as long as it lives.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// Thread-safe. All errors are ErrorCode::unavailable, not_found or conflict.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) = 0;
  virtual Result<Bytes> read(const std::string& path, std::size_t limit_bytes) = 0;
  /// Reads `length` bytes at `offset`; short at the end of the file.
  virtual Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t length) = 0;
  /// Writes a temporary file, syncs it, renames it over `path`, syncs the folder. `mode` as for chmod.
  virtual Result<void> write_atomically(const std::string& path, ByteView bytes, unsigned mode) = 0;
  virtual Result<void> truncate(const std::string& path, std::uint64_t size) = 0;
  virtual Result<void> sync_folder(const std::string& path) = 0;
  virtual Result<void> make_folders(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Bytes of a file. Asked of the folder, without opening the file: to close a file that this process has open elsewhere would drop its locks.
  virtual Result<std::uint64_t> size(const std::string& path) = 0;
  /// Makes an empty file that only its owner may read. ErrorCode::conflict, and nothing touched, where there is one.
  virtual Result<void> create(const std::string& path) = 0;
  /// Names (not paths) in a folder, sorted. ErrorCode::not_found when there is no such folder.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// The nine permission bits, as for chmod.
  virtual Result<unsigned> permissions(const std::string& path) = 0;
  /// Makes the file if need be and locks it against every other holder, in this process too; ErrorCode::conflict at once
  /// when somebody holds it. Gone when the process dies, however it dies.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The machine's file system.
std::unique_ptr<FileSystem> make_file_system();

}  // namespace osler
