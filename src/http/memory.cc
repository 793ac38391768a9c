#include "http/memory.h"

#include <unistd.h>

#include <fstream>

namespace osler::http {

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0, resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

bool MemoryWatch::crosses(std::uint64_t bytes) {
  if (threshold_ == 0) return false;
  if (above_ && bytes < threshold_ / 100 * 95) above_ = false;
  if (above_ || bytes <= threshold_) return false;
  above_ = true;
  return true;
}

}  // namespace osler::http
