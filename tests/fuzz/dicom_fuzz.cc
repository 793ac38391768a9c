// libFuzzer: any bytes as a DICOM file. What is decoded is a whole film. GDCM ends the process by assertions of its own where a file surprises it: the
// decoder's process may (docs/adr/0016), this one goes on.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "base/check.h"
#include "base/limits.h"
#include "decoder/codestream.h"
#include "decoder/dicom.h"

namespace {

std::jmp_buf after_assertion;

/// The memory that the decoder's process has, as a whole: GDCM sets aside whatever lengths declare, one beside the other.
class Memory {
 public:
  void begin_input() {
    held_ = 0;
    large_.fill(nullptr);
  }
  /// After a jump out of GDCM: nobody else would free the values that it held.
  void free_large_blocks() {
    for (void* block : large_) give_back(block);
  }
  /// Nothing where there is no more.
  void* take(std::size_t bytes) {
    if (bytes > osler::limits::kMaxDecoderMemoryBytes || held_ + static_cast<std::ptrdiff_t>(bytes) > kMost) return nullptr;
    if (bytes >= kLargeBlockBytes && !std::count(large_.begin(), large_.end(), nullptr)) return nullptr;
    void* block = std::malloc(bytes);
    if (block != nullptr) held_ += static_cast<std::ptrdiff_t>(malloc_usable_size(block));
    if (bytes >= kLargeBlockBytes) replace(nullptr, block);
    return block;
  }
  void give_back(void* block) {
    if (block == nullptr) return;
    const std::size_t bytes = malloc_usable_size(block);
    held_ -= static_cast<std::ptrdiff_t>(bytes);
    if (bytes >= kLargeBlockBytes) replace(block, nullptr);
    std::free(block);
  }

 private:
  static constexpr auto kMost = static_cast<std::ptrdiff_t>(osler::limits::kMaxDecoderMemoryBytes);
  static constexpr std::size_t kLargeBlockBytes = std::size_t{1} << 20;

  void replace(void* from, void* to) {
    const auto found = std::find(large_.begin(), large_.end(), from);
    if (found != large_.end()) *found = to;
  }

  std::ptrdiff_t held_ = 0;  // of this input; below zero where something older was given back
  std::array<void*, osler::limits::kMaxDecoderMemoryBytes / kLargeBlockBytes> large_{};
};

constinit Memory memory;

void check(const osler::Result<osler::imaging::Film>& film) {
  if (!film) {
    CHECK(!film.error().external.empty());
    return;
  }
  CHECK(film->width > 0 && film->height > 0 && film->values.size() == film->width * film->height && film->display.size() == 65536);
}

}  // namespace

void* operator new(std::size_t bytes) {
  void* block = memory.take(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept { memory.give_back(block); }
void operator delete(void* block, std::size_t) noexcept { memory.give_back(block); }

extern "C" {

[[noreturn]] void __assert_fail(const char*, const char*, unsigned, const char*) noexcept { std::longjmp(after_assertion, 1); }

const char* __asan_default_options() { return "detect_leaks=0:alloc_dealloc_mismatch=0"; }  // a jump leaves memory behind; libFuzzer allocates by its own

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  memory.begin_input();
  static_cast<void>(osler::decoder::read_codestream({data, size}));
  if (setjmp(after_assertion) == 0) check(osler::decoder::decode_dicom({data, size}, 0));
  else memory.free_large_blocks();
  return 0;
}

}
