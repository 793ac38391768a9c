// CHECK: a broken invariant ends the process, in release builds too.
#pragma once

namespace osler {

/// Writes the failed condition and its place to standard error, then aborts. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace osler

#ifdef CHECK  // glog, which libtorch brings along, has one too
#undef CHECK
#endif
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::osler::check_failed(#condition, __FILE__, __LINE__))
