#include "decoder/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/limits.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OSLER_UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OSLER_UNDER_SANITIZER 1
#endif
#endif

namespace osler::decoder {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the numbers of system calls are known for x86-64 and 64-bit ARM"
#endif

#ifdef OSLER_UNDER_SANITIZER
constexpr bool kIsUnderSanitizer = true;
#else
constexpr bool kIsUnderSanitizer = false;
#endif

Error refused(const char* what) { return make_error(ErrorCode::internal, "The decoder cannot be walled in.", std::string(what) + ": " + std::strerror(errno)); }

Result<void> limit(decltype(RLIMIT_AS) what, rlim_t soft, rlim_t hard) {
  const rlimit wanted{soft, hard};
  if (setrlimit(what, &wanted) != 0) return refused("setrlimit");
  return ok();
}

Result<void> set_limits() {
  const rlim_t seconds = limits::kDecoderTimeout.count();
  TRY_VOID(limit(RLIMIT_CPU, seconds, seconds + 1));  // SIGXCPU, then SIGKILL
  TRY_VOID(limit(RLIMIT_CORE, 0, 0));
  TRY_VOID(limit(RLIMIT_FSIZE, 0, 0));
  if (kIsUnderSanitizer) return ok();
  TRY_VOID(limit(RLIMIT_AS, limits::kMaxDecoderMemoryBytes, limits::kMaxDecoderMemoryBytes));
  TRY_VOID(limit(RLIMIT_NOFILE, STDERR_FILENO + 1, STDERR_FILENO + 1));
  return limit(RLIMIT_NPROC, 0, 0);
}

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW, kEnd = SECCOMP_RET_KILL_PROCESS;

constexpr std::uint32_t argument(std::size_t number) {  // the low half of one, little-endian
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + number * sizeof(std::uint64_t));
}

constexpr sock_filter load(std::uint32_t offset) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset}; }
constexpr sock_filter give(std::uint32_t verdict) { return {BPF_RET | BPF_K, 0, 0, verdict}; }
/// Goes on below if equal (or if a bit is set), else skips.
constexpr sock_filter unless_equal_skip(std::uint32_t value, std::uint8_t skip) { return {BPF_JMP | BPF_JEQ | BPF_K, 0, skip, value}; }
constexpr sock_filter unless_any_bit_skip(std::uint32_t bits, std::uint8_t skip) { return {BPF_JMP | BPF_JSET | BPF_K, 0, skip, bits}; }

/// Calls that are harmless whatever their arguments.
constexpr std::array kHarmless = {SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_clock_gettime,
  SYS_getrandom, SYS_sched_getaffinity};

/// Calls that map memory: not to be executed (their third argument).
constexpr std::array kMapping = {SYS_mmap, SYS_mprotect};

/// Opening a file to read it fails (a library asks for the number of processors, and does without); opening one to write it is the end.
constexpr std::uint32_t kNoFile = SECCOMP_RET_ERRNO | ENOENT;

constexpr std::size_t kFilterLength = 4 + 2 * kHarmless.size() + 5 * kMapping.size() + 5 + 6 + 5 + 1;

std::array<sock_filter, kFilterLength> make_filter() {
  std::array<sock_filter, kFilterLength> filter{};
  std::size_t at = 0;
  const auto add = [&](std::initializer_list<sock_filter> lines) { for (const sock_filter& line : lines) filter[at++] = line; };
  constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr), kArch = offsetof(seccomp_data, arch);
  add({load(kArch), {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kArchitecture}, give(kEnd), load(kNumber)});
  for (const long call : kHarmless) add({unless_equal_skip(static_cast<std::uint32_t>(call), 1), give(kAllow)});
  for (const long call : kMapping)
    add({unless_equal_skip(static_cast<std::uint32_t>(call), 4), load(argument(2)), unless_any_bit_skip(PROT_EXEC, 1), give(kEnd), give(kAllow)});
  add({unless_equal_skip(SYS_read, 4), load(argument(0)), unless_equal_skip(STDIN_FILENO, 1), give(kAllow), give(kEnd)});
  add({unless_equal_skip(SYS_write, 5), load(argument(0)), {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, STDOUT_FILENO}, unless_equal_skip(STDERR_FILENO, 1), give(kAllow),
    give(kEnd)});
  add({unless_equal_skip(SYS_openat, 4), load(argument(2)), unless_any_bit_skip(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 1), give(kEnd), give(kNoFile)});
  add({give(kEnd)});
  return filter;
}

Result<void> set_filter() {
  std::array<sock_filter, kFilterLength> filter = make_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return refused("the filter of system calls (seccomp)");
  return ok();
}

}  // namespace

Result<void> enter_sandbox() {
  if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("prctl");
  TRY_VOID(set_limits());
  return kIsUnderSanitizer ? ok() : set_filter();
}

}  // namespace osler::decoder
