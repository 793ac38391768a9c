#include "fault/fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

namespace osler::fault {

namespace {

/// What the connections to one file share.
struct Shared {
  int readers = 0;
  bool reserved = false, pending = false, exclusive = false;
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shared_locks{};
  std::array<bool, SQLITE_SHM_NLOCK> exclusive_locks{};
};

}  // namespace

struct FaultVfs::State {
  explicit State(FaultDisk& d) : disk(d) {}
  FaultDisk& disk;
  std::string name;
  sqlite3_vfs vfs{};
  std::recursive_mutex mutex;
  // By path and epoch: after a crash nothing is shared with before.
  std::map<std::pair<std::string, std::uint64_t>, std::shared_ptr<Shared>> shared;
};

namespace {

struct FileState {
  FaultVfs::State* vfs = nullptr;
  std::string path;
  std::shared_ptr<Inode> inode;
  std::shared_ptr<Shared> shared;
  std::uint64_t epoch = 0;
  int lock = SQLITE_LOCK_NONE;
  bool sync_folder_first = false, delete_on_close = false;
  std::array<int, SQLITE_SHM_NLOCK> shm_locks{};  // 0, SQLITE_SHM_SHARED or SQLITE_SHM_EXCLUSIVE
};

struct File {
  sqlite3_file base;
  FileState* state;
};

FileState& state_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->state; }

int code_of(Outcome outcome, int io_error) {
  return outcome == Outcome::good ? SQLITE_OK : outcome == Outcome::no_space ? SQLITE_FULL : io_error;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

int unlock_shm(FileState& file, int offset, int count) {
  for (int i = offset; i < offset + count; ++i) {
    if (file.shm_locks[i] == SQLITE_SHM_SHARED) --file.shared->shared_locks[i];
    if (file.shm_locks[i] == SQLITE_SHM_EXCLUSIVE) file.shared->exclusive_locks[i] = false;
    file.shm_locks[i] = 0;
  }
  return SQLITE_OK;
}

int file_unlock(sqlite3_file* raw, int level) {
  FileState& file = state_of(raw);
  const std::lock_guard guard(file.vfs->mutex);
  if (level >= file.lock) return SQLITE_OK;
  if (file.lock >= SQLITE_LOCK_RESERVED) file.shared->reserved = file.shared->pending = file.shared->exclusive = false;
  if (level == SQLITE_LOCK_NONE) --file.shared->readers;
  file.lock = level;
  return SQLITE_OK;
}

int shm_unmap(sqlite3_file* raw, int remove) {
  FileState& file = state_of(raw);
  const std::lock_guard guard(file.vfs->mutex);
  unlock_shm(file, 0, SQLITE_SHM_NLOCK);
  if (remove) file.shared->regions.clear();
  return SQLITE_OK;
}

int file_close(sqlite3_file* raw) {
  FileState& file = state_of(raw);
  file_unlock(raw, SQLITE_LOCK_NONE);
  shm_unmap(raw, 0);
  if (file.delete_on_close) file.vfs->disk.remove(file.path, file.epoch);
  delete reinterpret_cast<File*>(raw)->state;
  return SQLITE_OK;
}

int file_read(sqlite3_file* raw, void* buffer, int length, sqlite3_int64 offset) {
  FileState& file = state_of(raw);
  Bytes bytes;
  if (!file.vfs->disk.read(*file.inode, file.epoch, offset, length, bytes)) return SQLITE_IOERR_READ;
  std::memset(buffer, 0, length);
  std::copy(bytes.begin(), bytes.end(), static_cast<std::uint8_t*>(buffer));
  return bytes.size() == static_cast<std::size_t>(length) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int file_write(sqlite3_file* raw, const void* buffer, int length, sqlite3_int64 offset) {
  FileState& file = state_of(raw);
  const ByteView bytes(static_cast<const std::uint8_t*>(buffer), static_cast<std::size_t>(length));
  return code_of(file.vfs->disk.write(*file.inode, file.epoch, offset, bytes), SQLITE_IOERR_WRITE);
}

int file_truncate(sqlite3_file* raw, sqlite3_int64 size) {
  FileState& file = state_of(raw);
  return code_of(file.vfs->disk.truncate(*file.inode, file.epoch, size), SQLITE_IOERR_TRUNCATE);
}

int file_sync(sqlite3_file* raw, int) {
  FileState& file = state_of(raw);
  const Outcome outcome = file.vfs->disk.sync(*file.inode, file.path, file.epoch);
  if (outcome != Outcome::good) return SQLITE_IOERR_FSYNC;
  if (file.sync_folder_first && file.vfs->disk.sync_folder(folder_of(file.path)) != Outcome::good) return SQLITE_IOERR_DIR_FSYNC;
  file.sync_folder_first = false;
  return SQLITE_OK;
}

int file_size(sqlite3_file* raw, sqlite3_int64* size) {
  FileState& file = state_of(raw);
  *size = static_cast<sqlite3_int64>(file.vfs->disk.size(*file.inode));
  return SQLITE_OK;
}

int file_lock(sqlite3_file* raw, int level) {
  FileState& file = state_of(raw);
  const std::lock_guard guard(file.vfs->mutex);
  Shared& shared = *file.shared;
  if (file.lock >= level) return SQLITE_OK;
  if (file.lock == SQLITE_LOCK_NONE) {
    if (shared.pending || shared.exclusive) return SQLITE_BUSY;
    ++shared.readers;
    file.lock = SQLITE_LOCK_SHARED;
  }
  if (level >= SQLITE_LOCK_RESERVED && file.lock < SQLITE_LOCK_RESERVED) {
    if (shared.reserved) return SQLITE_BUSY;
    shared.reserved = true;
    file.lock = SQLITE_LOCK_RESERVED;
  }
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    shared.pending = true;
    if (shared.readers > 1) return SQLITE_BUSY;
    shared.exclusive = true;
    file.lock = SQLITE_LOCK_EXCLUSIVE;
  }
  return SQLITE_OK;
}

int file_check_reserved(sqlite3_file* raw, int* result) {
  FileState& file = state_of(raw);
  const std::lock_guard guard(file.vfs->mutex);
  *result = file.shared->reserved;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int file_sector_size(sqlite3_file*) { return kSector; }
int file_device(sqlite3_file*) { return 0; }  // promises nothing

int shm_map(sqlite3_file* raw, int region, int size, int extend, void volatile** address) {
  FileState& file = state_of(raw);
  const std::lock_guard guard(file.vfs->mutex);
  auto& regions = file.shared->regions;
  while (extend && regions.size() <= static_cast<std::size_t>(region)) regions.push_back(std::make_unique<char[]>(size));
  *address = regions.size() > static_cast<std::size_t>(region) ? regions[region].get() : nullptr;
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* raw, int offset, int count, int flags) {
  FileState& file = state_of(raw);
  const std::lock_guard guard(file.vfs->mutex);
  if (flags & SQLITE_SHM_UNLOCK) return unlock_shm(file, offset, count);
  const int wanted = flags & SQLITE_SHM_SHARED ? SQLITE_SHM_SHARED : SQLITE_SHM_EXCLUSIVE;
  for (int i = offset; i < offset + count; ++i) {
    const bool mine = file.shm_locks[i] == wanted;
    const bool others_read = file.shared->shared_locks[i] > (file.shm_locks[i] == SQLITE_SHM_SHARED);
    if (!mine && (file.shared->exclusive_locks[i] || (wanted == SQLITE_SHM_EXCLUSIVE && others_read))) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) {
    if (file.shm_locks[i] == wanted) continue;
    if (wanted == SQLITE_SHM_SHARED) ++file.shared->shared_locks[i];
    else file.shared->exclusive_locks[i] = true;
    file.shm_locks[i] = wanted;
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

constexpr sqlite3_io_methods kMethods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
    file_check_reserved, file_control, file_sector_size, file_device, shm_map, shm_lock, shm_barrier, shm_unmap,
    nullptr, nullptr};

FaultVfs::State& vfs_of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs::State*>(vfs->pAppData); }

int vfs_open(sqlite3_vfs* raw, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  FaultVfs::State& vfs = vfs_of(raw);
  out->pMethods = nullptr;
  auto file = std::make_unique<FileState>();
  file->vfs = &vfs;
  file->path = name ? name : "temporary-" + std::to_string(vfs.disk.calls());
  file->epoch = vfs.disk.epoch();
  file->inode = vfs.disk.find(file->path);
  if (!file->inode) {
    if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    if (const Outcome made = vfs.disk.create(file->path, file->inode); made != Outcome::good) return code_of(made, SQLITE_CANTOPEN);
    file->sync_folder_first = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
  }
  file->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  const std::lock_guard guard(vfs.mutex);
  auto& shared = vfs.shared[{file->path, file->epoch}];
  if (!shared) shared = std::make_shared<Shared>();
  file->shared = shared;
  if (out_flags) *out_flags = flags;
  reinterpret_cast<File*>(out)->state = file.release();
  out->pMethods = &kMethods;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* raw, const char* name, int sync_folder) {
  FaultVfs::State& vfs = vfs_of(raw);
  if (!vfs.disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
  if (vfs.disk.remove(name, vfs.disk.epoch()) != Outcome::good) return SQLITE_IOERR_DELETE;
  if (sync_folder && vfs.disk.sync_folder(folder_of(name)) != Outcome::good) return SQLITE_IOERR_DIR_FSYNC;
  return SQLITE_OK;
}

int vfs_access(sqlite3_vfs* raw, const char* name, int, int* result) {
  *result = vfs_of(raw).disk.find(name) != nullptr;
  return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  std::strncpy(out, name, static_cast<std::size_t>(size) - 1);
  out[size - 1] = '\0';
  return SQLITE_OK;
}

int vfs_random(sqlite3_vfs*, int count, char* out) {
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  return real->xRandomness(real, count, out);
}

int vfs_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

int vfs_time(sqlite3_vfs*, double* days) {
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  return real->xCurrentTime(real, days);
}

int vfs_error(sqlite3_vfs*, int, char*) { return 0; }

std::string next_name() {
  static std::atomic<int> number{0};
  return "fault-" + std::to_string(number++);
}

}  // namespace

FaultVfs::FaultVfs(FaultDisk& disk) : state_(std::make_unique<State>(disk)) {
  state_->name = next_name();
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(File);
  vfs.mxPathname = 512;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xRandomness = vfs_random;
  vfs.xSleep = vfs_sleep;
  vfs.xCurrentTime = vfs_time;
  vfs.xGetLastError = vfs_error;
  sqlite3_vfs_register(&vfs, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& FaultVfs::name() const { return state_->name; }

}  // namespace osler::fault
