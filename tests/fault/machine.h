// Keys, store, audit log and recorder on a FaultDisk, and a memory of what was acknowledged.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "audit/verify.h"
#include "base/clock.h"
#include "cases/sqlite/sqlite_store.h"
#include "fault/fault_disk.h"
#include "fault/fault_file_system.h"
#include "fault/fault_vfs.h"
#include "service/recorder.h"

namespace osler::fault {

inline constexpr const char* kAuditFolder = "/var/audit";
inline constexpr const char* kStorePath = "/var/cases/osler.db";

/// What the callers of one machine were told, over all its crashes.
struct Told {
  std::set<std::string> answered;         // a record and an entry must be there
  std::set<std::string> refused;          // an entry must be there
  std::set<std::string> failed;           // an error was given
};

class Machine {
 public:
  explicit Machine(FaultDisk& disk);
  ~Machine() { stop(); }

  /// Opens everything; makes it on a fresh disk. On an error nothing stays open.
  Result<void> start();
  /// Drains and closes; errors of the disk are swallowed, as at a crash.
  void stop();
  /// Submits `count` requests (about one in four refused, without a record) and waits for every answer.
  void serve(std::size_t count, std::mt19937_64& random);

  /// Everything that is not as it was promised, one line each; the machine runs.
  std::vector<std::string> broken_promises();

  /// The outcome that the log holds for each request.
  std::map<std::string, std::string> outcomes();

  Told told;
  service::Recorder* recorder() { return recorder_.get(); }
  audit::Log* log() { return log_.get(); }
  cases::Store* store() { return store_.get(); }

 private:
  service::RecordRequest make_request(const std::string& id, bool refused) const;
  void check_records(std::vector<std::string>& broken);
  void check_entries(std::vector<std::string>& broken);

  FaultDisk& disk_;
  FaultVfs vfs_;
  SystemClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<vault::KeySource> keys_;
  std::optional<vault::Names> names_;
  std::optional<audit::Keys> audit_keys_;
  std::unique_ptr<cases::Store> store_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<service::Recorder> recorder_;
};

}  // namespace osler::fault
