// A disk in memory that fails, tears and forgets. It keeps what was synced apart from what was only written; at a crash
// every sector and every name that was not synced survives or not by the toss of a coin. A FileSystem (fault_file_system.h)
// and a SQLite VFS (fault_vfs.h) share it, so that one crash hits both.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace osler::fault {

inline constexpr std::size_t kSector = 512;

/// How a call goes.
enum class Outcome { good, io_error, no_space };

/// What a planned failure does to the call it hits.
enum class Failure {
  none,
  io_error,     // this call only
  short_write,  // this call only: a write leaves its first half
  no_space,     // this call and every later write or creation, until heal()
  power_loss,   // this call (which may half happen) and everything after it, until crash()
};

class Inode {
 public:
  void write(std::uint64_t offset, ByteView bytes);
  void truncate(std::uint64_t size);
  void sync();
  /// What is left of the unsynced writes when the power goes.
  void lose(std::mt19937_64& random);
  const Bytes& data() const { return data_; }
  /// Changes the stored bytes behind everybody's back.
  void tamper(Bytes bytes);
  unsigned mode = 0600;

 private:
  struct Change {
    std::uint64_t offset = 0;
    Bytes bytes;
    bool truncates = false;
  };
  static void apply(Bytes& data, std::uint64_t offset, ByteView bytes);
  Bytes data_;
  Bytes durable_;
  std::vector<Change> pending_;
};

/// Thread-safe.
class FaultDisk {
 public:
  using PathTest = std::function<bool(const std::string&)>;

  // The test's side.
  /// The call after `calls` more mutating calls goes wrong.
  void plan(std::uint64_t calls, Failure failure);
  void heal();
  /// The power goes now (or went at the planned moment); then it is back. Handles and locks from before are dead.
  void crash(std::mt19937_64& random);
  /// Syncs of these files do nothing and say that they did. A file written to be renamed is tested as `<path>.tmp`.
  void lie_about_syncs_of(PathTest test);
  /// The same for folders.
  void lie_about_folder_syncs(PathTest test);
  std::uint64_t calls() const;
  bool failure_happened() const;
  std::vector<std::string> paths() const;
  Bytes read(const std::string& path) const;
  void tamper(const std::string& path, Bytes bytes);
  void remove_file(const std::string& path);
  /// Everything stored, to put back later.
  std::map<std::string, Bytes> copy() const;
  void put_back(const std::map<std::string, Bytes>& files);

  // The doubles' side. `epoch` is of the handle; a call through a handle from before a crash fails.
  std::uint64_t epoch() const;
  std::shared_ptr<Inode> find(const std::string& path) const;
  Outcome create(const std::string& path, std::shared_ptr<Inode>& inode);
  Outcome rename_new(const std::string& path, ByteView bytes, unsigned mode);
  Outcome remove(const std::string& path, std::uint64_t epoch);
  Outcome write(Inode& inode, std::uint64_t epoch, std::uint64_t offset, ByteView bytes);
  Outcome append(Inode& inode, std::uint64_t epoch, ByteView bytes);
  Outcome truncate(Inode& inode, std::uint64_t epoch, std::uint64_t size);
  Outcome sync(Inode& inode, const std::string& path, std::uint64_t epoch);
  Outcome sync_folder(const std::string& folder);
  /// Bytes [offset, offset + length) that exist; false for a dead handle or no power.
  bool read(const Inode& inode, std::uint64_t epoch, std::uint64_t offset, std::size_t length, Bytes& bytes) const;
  std::uint64_t size(const Inode& inode) const;
  bool lock(const std::string& path);
  void unlock(const std::string& path, std::uint64_t epoch);

 private:
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  Outcome step(bool needs_space);
  static std::string folder_of(const std::string& path);

  mutable std::mutex mutex_;
  Names names_, durable_names_;
  std::set<std::string> locks_;
  std::uint64_t epoch_ = 0, calls_ = 0, planned_ = 0;
  Failure failure_ = Failure::none;
  bool full_ = false, off_ = false, happened_ = false, short_write_ = false;
  PathTest lie_, lie_about_folder_;
};

}  // namespace osler::fault
