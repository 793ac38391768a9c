#include "fault/fault_disk.h"

#include <algorithm>
#include <utility>

namespace osler::fault {

void Inode::apply(Bytes& data, std::uint64_t offset, ByteView bytes) {
  if (data.size() < offset + bytes.size()) data.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), data.begin() + static_cast<std::ptrdiff_t>(offset));
}

void Inode::write(std::uint64_t offset, ByteView bytes) {
  apply(data_, offset, bytes);
  pending_.push_back({offset, Bytes(bytes.begin(), bytes.end()), false});
}

void Inode::truncate(std::uint64_t size) {
  data_.resize(size);
  pending_.push_back({size, {}, true});
}

void Inode::sync() {
  durable_ = data_;
  pending_.clear();
}

void Inode::tamper(Bytes bytes) {
  data_ = std::move(bytes);
  sync();
}

void Inode::lose(std::mt19937_64& random) {
  const unsigned luck = static_cast<unsigned>(random() % 4);  // 0: nothing survives, 1: all, else each sector by itself
  const auto survives = [&] { return luck == 1 || (luck > 1 && random() % 2 == 0); };
  for (const Change& change : pending_) {
    if (change.truncates) {
      if (survives()) durable_.resize(change.offset);
      continue;
    }
    const ByteView bytes(change.bytes);
    for (std::size_t done = 0; done < bytes.size();) {
      const std::uint64_t at = change.offset + done;
      const std::size_t length = std::min<std::size_t>(bytes.size() - done, kSector - at % kSector);
      if (survives()) apply(durable_, at, bytes.subspan(done, length));
      done += length;
    }
  }
  data_ = durable_;
  pending_.clear();
}

std::string FaultDisk::folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

Outcome FaultDisk::step(bool needs_space) {
  short_write_ = false;
  if (off_) return Outcome::io_error;
  ++calls_;
  if (failure_ != Failure::none && calls_ > planned_) {
    const Failure now = std::exchange(failure_, Failure::none);
    happened_ = true;
    if (now == Failure::power_loss) off_ = true;
    if (now == Failure::power_loss || now == Failure::short_write) short_write_ = true;
    if (now != Failure::no_space) return Outcome::io_error;
    full_ = true;
  }
  return full_ && needs_space ? Outcome::no_space : Outcome::good;
}

void FaultDisk::plan(std::uint64_t calls, Failure failure) {
  const std::lock_guard guard(mutex_);
  planned_ = calls_ + calls;
  failure_ = failure;
  happened_ = false;
}

void FaultDisk::heal() {
  const std::lock_guard guard(mutex_);
  failure_ = Failure::none;
  full_ = false;
}

void FaultDisk::crash(std::mt19937_64& random) {
  const std::lock_guard guard(mutex_);
  std::set<std::string> all;
  for (const auto& [path, inode] : names_) all.insert(path);
  for (const auto& [path, inode] : durable_names_) all.insert(path);
  for (const std::string& path : all) {
    const auto now = names_.find(path);
    const auto kept = durable_names_.find(path);
    const bool same = now != names_.end() && kept != durable_names_.end() && now->second == kept->second;
    if (same || random() % 2 == 0) continue;
    // The change of this name reached the disk by itself.
    if (now == names_.end()) durable_names_.erase(path);
    else durable_names_[path] = now->second;
  }
  names_ = durable_names_;
  for (const auto& [path, inode] : names_) inode->lose(random);
  locks_.clear();
  ++epoch_;
  failure_ = Failure::none;
  off_ = full_ = false;
}

void FaultDisk::lie_about_syncs_of(PathTest test) {
  const std::lock_guard guard(mutex_);
  lie_ = std::move(test);
}

void FaultDisk::lie_about_folder_syncs(PathTest test) {
  const std::lock_guard guard(mutex_);
  lie_about_folder_ = std::move(test);
}

std::uint64_t FaultDisk::calls() const {
  const std::lock_guard guard(mutex_);
  return calls_;
}

bool FaultDisk::failure_happened() const {
  const std::lock_guard guard(mutex_);
  return happened_;
}

std::vector<std::string> FaultDisk::paths() const {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> list;
  for (const auto& [path, inode] : names_) list.push_back(path);
  return list;
}

Bytes FaultDisk::read(const std::string& path) const {
  const std::shared_ptr<Inode> inode = find(path);
  return inode ? inode->data() : Bytes();
}

void FaultDisk::tamper(const std::string& path, Bytes bytes) {
  const std::lock_guard guard(mutex_);
  auto inode = std::make_shared<Inode>();
  inode->tamper(std::move(bytes));
  names_[path] = durable_names_[path] = inode;
}

void FaultDisk::remove_file(const std::string& path) {
  const std::lock_guard guard(mutex_);
  names_.erase(path);
  durable_names_.erase(path);
}

std::map<std::string, Bytes> FaultDisk::copy() const {
  const std::lock_guard guard(mutex_);
  std::map<std::string, Bytes> files;
  for (const auto& [path, inode] : names_) files[path] = inode->data();
  return files;
}

void FaultDisk::put_back(const std::map<std::string, Bytes>& files) {
  {
    const std::lock_guard guard(mutex_);
    names_.clear();
    durable_names_.clear();
  }
  for (const auto& [path, bytes] : files) tamper(path, bytes);
}

std::uint64_t FaultDisk::epoch() const {
  const std::lock_guard guard(mutex_);
  return epoch_;
}

std::shared_ptr<Inode> FaultDisk::find(const std::string& path) const {
  const std::lock_guard guard(mutex_);
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

Outcome FaultDisk::create(const std::string& path, std::shared_ptr<Inode>& inode) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = step(true);
  if (outcome != Outcome::good) return outcome;
  inode = names_[path] = std::make_shared<Inode>();
  return Outcome::good;
}

Outcome FaultDisk::rename_new(const std::string& path, ByteView bytes, unsigned mode) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = step(true);
  if (outcome != Outcome::good) return outcome;
  auto inode = std::make_shared<Inode>();
  inode->write(0, bytes);
  inode->mode = mode;
  if (!lie_ || !lie_(path + ".tmp")) inode->sync();
  names_[path] = inode;
  return Outcome::good;
}

Outcome FaultDisk::remove(const std::string& path, std::uint64_t epoch) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = epoch == epoch_ ? step(false) : Outcome::io_error;
  if (outcome == Outcome::good) names_.erase(path);
  return outcome;
}

Outcome FaultDisk::write(Inode& inode, std::uint64_t epoch, std::uint64_t offset, ByteView bytes) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = epoch == epoch_ ? step(true) : Outcome::io_error;
  if (outcome == Outcome::good) inode.write(offset, bytes);
  else if (epoch == epoch_ && short_write_) inode.write(offset, bytes.first(bytes.size() / 2));
  return outcome;
}

Outcome FaultDisk::append(Inode& inode, std::uint64_t epoch, ByteView bytes) {
  return write(inode, epoch, inode.data().size(), bytes);
}

Outcome FaultDisk::truncate(Inode& inode, std::uint64_t epoch, std::uint64_t size) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = epoch == epoch_ ? step(false) : Outcome::io_error;
  if (outcome == Outcome::good) inode.truncate(size);
  return outcome;
}

Outcome FaultDisk::sync(Inode& inode, const std::string& path, std::uint64_t epoch) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = epoch == epoch_ ? step(false) : Outcome::io_error;
  if (outcome == Outcome::good && (!lie_ || !lie_(path))) inode.sync();
  return outcome;
}

Outcome FaultDisk::sync_folder(const std::string& folder) {
  const std::lock_guard guard(mutex_);
  const Outcome outcome = step(false);
  if (outcome != Outcome::good || (lie_about_folder_ && lie_about_folder_(folder))) return outcome;
  std::erase_if(durable_names_, [&](const auto& entry) { return folder_of(entry.first) == folder; });
  for (const auto& [path, inode] : names_)
    if (folder_of(path) == folder) durable_names_[path] = inode;
  return outcome;
}

bool FaultDisk::read(const Inode& inode, std::uint64_t epoch, std::uint64_t offset, std::size_t length, Bytes& bytes) const {
  const std::lock_guard guard(mutex_);
  if (epoch != epoch_ || off_) return false;
  const Bytes& data = inode.data();
  const std::size_t begin = std::min<std::size_t>(offset, data.size());
  const std::size_t end = std::min(data.size(), begin + length);
  bytes.assign(data.begin() + static_cast<std::ptrdiff_t>(begin), data.begin() + static_cast<std::ptrdiff_t>(end));
  return true;
}

std::uint64_t FaultDisk::size(const Inode& inode) const {
  const std::lock_guard guard(mutex_);
  return inode.data().size();
}

bool FaultDisk::lock(const std::string& path) {
  const std::lock_guard guard(mutex_);
  return locks_.insert(path).second;
}

void FaultDisk::unlock(const std::string& path, std::uint64_t epoch) {
  const std::lock_guard guard(mutex_);
  if (epoch == epoch_) locks_.erase(path);
}

}  // namespace osler::fault
