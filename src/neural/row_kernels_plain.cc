// The row kernels for any processor.
#include "neural/row_kernel_sets.h"

#define OSLER_KERNEL_SET plain
#define OSLER_KERNEL_LANES 4
#define OSLER_KERNEL_BFLOATS 0
#include "neural/row_kernels.inc"

namespace osler::neural {

const RowKernels& plain_kernels() { return plain::kKernels; }

}  // namespace osler::neural
