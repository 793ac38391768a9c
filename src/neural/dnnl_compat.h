// Where oneDNN 2.6 (Debian 12) and 3.7 (Debian 13) differ, and how both are kept to one thread. oneDNN's own headers say what
// is used here: https://oneapi-src.github.io/oneDNN/.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

// libgomp's, which Debian's oneDNN runs on; declared here so that no compiler's <omp.h> is needed.
extern "C" void omp_set_num_threads(int count) noexcept;
extern "C" int omp_get_max_threads() noexcept;

namespace osler::neural {

/// While it lives, oneDNN called from this thread uses this thread alone: OpenMP's team size is a setting of each thread, and with
/// one oneDNN opens no parallel region at all, so that no team is spawned and nothing spins.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// c[M][N] = a[M][K] b[K][N]. Scratch memory is the caller's, so that any thread may run what another has made. Throws dnnl::error.
inline dnnl::matmul::primitive_desc describe_product(const dnnl::engine& engine, const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                                     const dnnl::memory::desc& c) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {engine, a, b, c, attributes};
#else
  return {dnnl::matmul::desc(a, b, c), attributes, engine};
#endif
}

/// One convolution; `weights` may leave its format open. Scratch memory is the caller's. Throws dnnl::error.
struct ConvolutionMemory {
  dnnl::memory::desc input, weights, bias, output;
  dnnl::memory::dims strides, before, after;
};
inline dnnl::convolution_forward::primitive_desc describe_convolution(const dnnl::engine& engine, const ConvolutionMemory& made, const dnnl::post_ops& then) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(then);
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return {engine, kind, algorithm, made.input, made.weights, made.bias, made.output, made.strides, made.before, made.after, attributes};
#else
  return {{kind, algorithm, made.input, made.weights, made.bias, made.output, made.strides, made.before, made.after}, attributes, engine};
#endif
}

/// What follows a primitive's sums: a curve of one value.
inline void append_curve(dnnl::post_ops& then, dnnl::algorithm curve, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  then.append_eltwise(curve, alpha, beta);
#else
  then.append_eltwise(1, curve, alpha, beta);
#endif
}

/// An instruction set's number holds the bits of those that it builds on.
inline bool cpu_has(dnnl::cpu_isa set) {
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & static_cast<unsigned>(set)) == static_cast<unsigned>(set);
}

}  // namespace osler::neural
