#include "neural/precision.h"

#include <sstream>

#include "base/check.h"
#include "neural/dnnl_compat.h"
#include "neural/row_kernels.h"

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

std::string kernels_here() {
  const dnnl_version_t& version = *dnnl::version();
  std::ostringstream text;
  text << "onednn " << version.major << "." << version.minor << "." << version.patch << " isa 0x" << std::hex
       << static_cast<unsigned>(dnnl::get_effective_cpu_isa()) << "; rows " << row_kernels_here().front()->name;
  return text.str();
}

}  // namespace osler::neural
