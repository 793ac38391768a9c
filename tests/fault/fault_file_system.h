// base/files.h on a FaultDisk.
#pragma once

#include "base/files.h"
#include "fault/fault_disk.h"

namespace osler::fault {

/// The disk outlives it. Folders exist by being named.
std::unique_ptr<FileSystem> make_fault_file_system(FaultDisk& disk);

}  // namespace osler::fault
