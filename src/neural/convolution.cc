#include "neural/convolution.h"

#include <algorithm>

#include "base/check.h"

namespace osler::neural {

namespace {

using dnnl::memory;
using Type = memory::data_type;
using Format = memory::format_tag;

memory::dim dim(std::size_t size) { return static_cast<memory::dim>(size); }

Type type_of(MapType type) { return type == MapType::bfloats ? Type::bf16 : Type::f32; }

memory::desc description_of(const MapShape& map) {
  const Format blocks = channels_of_a_block() == 16 ? Format::nChw16c : Format::nChw8c;
  return {{1, dim(map.channels), dim(map.side), dim(map.side)}, type_of(map.type), map.planes ? Format::nchw : blocks};
}

/// Weights as models store them, or as oneDNN likes them best.
memory::desc weights_of(const ConvolutionShape& shape, Type type, bool as_stored) {
  const memory::dim outputs = dim(shape.outputs), inputs = dim(shape.input.channels), kernel = dim(shape.kernel);
  if (shape.depthwise) return {{outputs, 1, 1, kernel, kernel}, type, as_stored ? Format::goihw : Format::any};
  return {{outputs, inputs, kernel, kernel}, type, as_stored ? Format::oihw : Format::any};
}

dnnl::post_ops steps_of(Finish finish) {
  dnnl::post_ops then;
  if (finish == Finish::relu) append_curve(then, dnnl::algorithm::eltwise_relu, 0, 0);
  if (finish == Finish::relu6) append_curve(then, dnnl::algorithm::eltwise_clip, 0, 6);
  if (finish == Finish::add) then.append_sum(1);
  return then;
}

}  // namespace

std::size_t channels_of_a_block() { return cpu_has(dnnl::cpu_isa::avx512_core) ? 16 : 8; }

std::size_t MapShape::bytes() const {
  const std::size_t block = planes ? 1 : channels_of_a_block();
  return (channels + block - 1) / block * block * side * side * (type == MapType::bfloats ? 2 : 4);
}

MapShape ConvolutionShape::output() const { return {outputs, (input.side + before + after - kernel) / stride + 1, output_type}; }

Result<Convolution> Convolution::create(const dnnl::engine& engine, const ConvolutionShape& shape, std::span<const float> weight,
                                        std::span<const float> bias) {
  CHECK(shape.input.side + shape.before + shape.after >= shape.kernel && bias.size() == shape.outputs);
  CHECK(!shape.depthwise || shape.outputs == shape.input.channels);
  CHECK(weight.size() == shape.outputs * (shape.depthwise ? 1 : shape.input.channels) * shape.kernel * shape.kernel);
  const memory::dim stride = dim(shape.stride), before = dim(shape.before), after = dim(shape.after);
  const memory::desc bias_form({dim(shape.outputs)}, Type::f32, Format::x);
  Convolution made;
  made.shape_ = shape;
  try {
    made.description_ = describe_convolution(engine,
                                             {description_of(shape.input), weights_of(shape, type_of(shape.input.type), false), bias_form,
                                              description_of(shape.output()), {stride, stride}, {before, before}, {after, after}},
                                             steps_of(shape.finish));
    made.convolution_ = dnnl::convolution_forward(made.description_);
  } catch (const dnnl::error& error) {
    return make_error(ErrorCode::configuration, "oneDNN has no convolution of this precision for this processor", error.what());
  }
  dnnl::stream stream(engine);
  memory stored(weights_of(shape, Type::f32, true), engine, const_cast<float*>(weight.data()));
  made.weight_ = memory(made.description_.weights_desc(), engine);
  dnnl::reorder(stored, made.weight_).execute(stream, stored, made.weight_);
  stream.wait();
  made.bias_ = memory(bias_form, engine);
  std::copy(bias.begin(), bias.end(), static_cast<float*>(made.bias_.get_data_handle()));
  return made;
}

Convolution::Handles Convolution::bind(void* input, void* output, void* scratch) const {
  const dnnl::engine engine = weight_.get_engine();
  return {memory(description_.src_desc(), engine, input), memory(description_.dst_desc(), engine, output),
          memory(description_.scratchpad_desc(), engine, scratch)};
}

void Convolution::run(const Handles& handles, const dnnl::stream& stream) const {
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, handles.input.get()},      {DNNL_ARG_WEIGHTS, weight_.get()},
                                       {DNNL_ARG_BIAS, bias_.get()},             {DNNL_ARG_DST, handles.output.get()},
                                       {DNNL_ARG_SCRATCHPAD, handles.scratch.get()}};
  const int count = static_cast<int>(std::size(arguments));
  CHECK(dnnl_primitive_execute(convolution_.get(), stream.get(), count, arguments) == dnnl_success);
}

}  // namespace osler::neural
