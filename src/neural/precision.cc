#include "neural/precision.h"

#include "base/check.h"
#include "neural/dnnl_compat.h"

namespace osler::neural {

std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::fp32: return "fp32";
    case Precision::bf16: return "bf16";
    case Precision::int8: return "int8";
  }
  CHECK(false);
}

bool is_fast_here(Precision precision) {
  switch (precision) {
    case Precision::fp32: return true;
    case Precision::bf16: return cpu_has(dnnl::cpu_isa::avx512_core_bf16);
    case Precision::int8: return cpu_has(dnnl::cpu_isa::avx512_core_vnni) || cpu_has(dnnl::cpu_isa::avx2_vnni);
  }
  CHECK(false);
}

}  // namespace osler::neural
