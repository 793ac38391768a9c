// The row kernels for processors with AVX-512 and its bfloat16 products.
#include "neural/row_kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512bf16,avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
#endif

#define OSLER_KERNEL_SET avx512_bfloat
#define OSLER_KERNEL_LANES 16
#define OSLER_KERNEL_BFLOATS 1
#include "neural/row_kernels.inc"

#ifdef __clang__
#pragma clang attribute pop
#endif

namespace osler::neural {

const RowKernels& avx512_bfloat_kernels() { return avx512_bfloat::kKernels; }

}  // namespace osler::neural
#endif
