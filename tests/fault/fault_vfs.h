// A SQLite VFS on a FaultDisk: files in memory, unsynced writes lost or torn at a crash, shared memory and locks between the
// connections of this process only. As the unix VFS does, it syncs the folder at the first sync of a journal or log that it
// has made, and leaves the folder of a new database to its opener.
#pragma once

#include <memory>
#include <string>

#include "fault/fault_disk.h"

namespace osler::fault {

/// Registered while it lives. All connections must be closed before it goes.
class FaultVfs {
 public:
  explicit FaultVfs(FaultDisk& disk);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  const std::string& name() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace osler::fault
