// The sets that row_kernels.cc chooses from, each in its own file; all but the plain one need a processor that has them.
#pragma once

#include "neural/row_kernels.h"

namespace osler::neural {

const RowKernels& plain_kernels();
const RowKernels& avx2_kernels();
const RowKernels& avx512_kernels();
const RowKernels& avx512_bfloat_kernels();  // with attention_bfloats

}  // namespace osler::neural
