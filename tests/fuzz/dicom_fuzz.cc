// libFuzzer: any bytes as a DICOM file. What is decoded is a whole film. GDCM ends the process by assertions of its own where a file surprises it: the
// decoder's process may (docs/adr/0016), this one goes on.
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

void check(const osler::Result<osler::imaging::Film>& film) {
  if (!film) {
    CHECK(!film.error().external.empty());
    return;
  }
  CHECK(film->width > 0 && film->height > 0 && film->values.size() == film->width * film->height && film->display.size() == 65536);
}

}  // namespace

/// The memory that the decoder's process has: GDCM sets aside whatever a length declares.
void* operator new(std::size_t size) {
  void* memory = size <= osler::limits::kMaxDecoderMemoryBytes ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" {

[[noreturn]] void __assert_fail(const char*, const char*, unsigned, const char*) noexcept { std::longjmp(after_assertion, 1); }

const char* __asan_default_options() { return "detect_leaks=0:alloc_dealloc_mismatch=0"; }  // a jump leaves memory behind; libFuzzer allocates by its own

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(osler::decoder::read_codestream({data, size}));
  if (setjmp(after_assertion) == 0) check(osler::decoder::decode_dicom({data, size}, 0));
  return 0;
}

}
