#include "neural/row_kernels.h"

#include "neural/row_kernel_sets.h"

namespace osler::neural {

namespace {

constexpr std::size_t kMostLanes = 16, kMostPanel = 64, kMostRows = 8;

std::size_t rounded_up(std::size_t count, std::size_t step) { return (count + step - 1) / step * step; }

}  // namespace

std::size_t attention_scratch_bytes(std::size_t length, std::size_t width) {
  // Packed keys, packed values, scores of a block of rows, its outcome; the widest kernels' padding covers the others'.
  const std::size_t keys = rounded_up(length, kMostPanel), columns = rounded_up(width, kMostPanel);
  return sizeof(float) * (columns * keys + keys * columns + kMostRows * keys + kMostRows * columns + kMostLanes);
}

std::vector<const RowKernels*> row_kernels_here() {
  std::vector<const RowKernels*> here;
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq");
  if (avx512 && __builtin_cpu_supports("avx512bf16")) here.push_back(&avx512_bfloat_kernels());
  if (avx512) here.push_back(&avx512_kernels());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) here.push_back(&avx2_kernels());
#endif
  here.push_back(&plain_kernels());
  return here;
}

}  // namespace osler::neural
