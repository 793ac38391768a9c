// The row kernels for processors with AVX2 and FMA.
#include "neural/row_kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define OSLER_KERNEL_SET avx2
#define OSLER_KERNEL_LANES 8
#define OSLER_KERNEL_BFLOATS 0
#include "neural/row_kernels.inc"

#ifdef __clang__
#pragma clang attribute pop
#endif

namespace osler::neural {

const RowKernels& avx2_kernels() { return avx2::kKernels; }

}  // namespace osler::neural
#endif
