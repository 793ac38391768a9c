// The row kernels for processors with AVX-512.
#include "neural/row_kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
#endif

#define OSLER_KERNEL_SET avx512
#define OSLER_KERNEL_LANES 16
#define OSLER_KERNEL_BFLOATS 0
#include "neural/row_kernels.inc"

#ifdef __clang__
#pragma clang attribute pop
#endif

namespace osler::neural {

const RowKernels& avx512_kernels() { return avx512::kKernels; }

}  // namespace osler::neural
#endif
