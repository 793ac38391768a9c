// How much memory the process holds, and when to say that it is too much.
#pragma once

#include <cstdint>

namespace osler::http {

/// Resident bytes of this process (/proc/self/statm); 0 when the kernel does not tell.
std::uint64_t resident_bytes();

/// Says once for each crossing that memory went above a threshold. Not thread-safe.
class MemoryWatch {
 public:
  /// A threshold of 0 never warns.
  explicit MemoryWatch(std::uint64_t threshold_bytes) : threshold_(threshold_bytes) {}

  /// True when `bytes` is above the threshold for the first time since it was last below 95 % of it, so that memory which
  /// hovers around the threshold does not fill the log.
  bool crosses(std::uint64_t bytes);

 private:
  std::uint64_t threshold_;
  bool above_ = false;
};

}  // namespace osler::http
