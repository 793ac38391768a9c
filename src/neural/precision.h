// The arithmetic of a network's dense products, and what this processor has instructions for.
#pragma once

#include <string>
#include <string_view>

namespace osler::neural {

/// fp32 is the reference. bf16: weights and activations of the dense products in bfloat16, sums in fp32. int8: weights per output
/// channel (symmetric), activations per row (a row is a token), quantised as they come; sums in int32, exact.
enum class Precision { fp32, bf16, int8 };
std::string_view name_of(Precision precision);

/// Whether this processor has instructions for it (bf16: AVX512-BF16 or AMX; int8: AVX512-VNNI, AVX-VNNI or AMX). fp32 always.
bool is_fast_here(Precision precision);

/// Which code oneDNN and the row kernels take here: "onednn 2.6.3 isa 0x3ef; rows avx512_bfloat". Where two machines (or libraries) differ in it, the same
/// weights and input may differ in the last bits.
std::string kernels_here();

}  // namespace osler::neural
