#include "neural/dense.h"

#include <algorithm>
#include <cmath>

namespace osler::neural {

namespace {

using dnnl::memory;
using Type = memory::data_type;
using Format = memory::format_tag;

/// A chunk of weights that stays in a core's second-level cache beside the rows that pass by.
constexpr std::size_t kChunkBytes = 384 * 1024;
constexpr std::size_t kChunkColumns = 64;  // chunks are multiples of this, or the whole matrix
constexpr std::size_t kIntegerRows[] = {64, 48, 32, 16};

memory::dim dim(std::size_t size) { return static_cast<memory::dim>(size); }

Type operand_type(Precision precision) {
  return precision == Precision::int8 ? Type::u8 : precision == Precision::bf16 ? Type::bf16 : Type::f32;
}
Type weight_type(Precision precision) {
  return precision == Precision::int8 ? Type::s8 : precision == Precision::bf16 ? Type::bf16 : Type::f32;
}
Type sum_type(Precision precision) { return precision == Precision::int8 ? Type::s32 : Type::f32; }

std::size_t bytes_of_element(Type type) { return type == Type::f32 ? 4 : type == Type::bf16 ? 2 : 1; }

/// The largest chunk that fits and divides the outputs evenly.
std::size_t columns_of_a_chunk(std::size_t inputs, std::size_t outputs, std::size_t element_bytes) {
  const std::size_t most = std::max(kChunkBytes / (inputs * element_bytes), kChunkColumns);
  for (std::size_t columns = most / kChunkColumns * kChunkColumns; columns > 0; columns -= kChunkColumns)
    if (outputs % columns == 0) return columns;
  return outputs;
}

/// Rows of a block in fp32 and bf16, always the same: AMX tiles want 32; elsewhere 16 leave the least padding (ADR 13).
std::size_t fixed_rows() { return cpu_has(dnnl::cpu_isa::avx512_core_amx) ? 32 : 16; }

}  // namespace

Result<std::shared_ptr<const DenseShape>> DenseShape::create(const dnnl::engine& engine, Precision precision, std::size_t inputs, std::size_t outputs) {
  if (precision == Precision::int8 && !is_fast_here(precision))
    return make_error(ErrorCode::configuration, "int8 needs a processor with VNNI or AMX");  // without, 16-bit sums would saturate
  std::shared_ptr<DenseShape> shape(new DenseShape);
  shape->engine_ = engine;
  shape->precision_ = precision;
  shape->inputs_ = inputs;
  shape->outputs_ = outputs;
  shape->chunk_ = columns_of_a_chunk(inputs, outputs, bytes_of_element(weight_type(precision)));
  try {
    if (precision == Precision::int8) {
      for (const std::size_t rows : kIntegerRows) shape->add_block(rows);
    } else {
      shape->add_block(fixed_rows());
    }
  } catch (const dnnl::error& error) {
    return make_error(ErrorCode::configuration, "oneDNN has no " + std::string(name_of(precision)) + " product for this processor", error.what());
  }
  return std::shared_ptr<const DenseShape>(std::move(shape));
}

/// The first block chooses how weights are packed, the others take them so.
void DenseShape::add_block(std::size_t rows) {
  const memory::desc input({dim(rows), dim(inputs_)}, operand_type(precision_), Format::ab);
  const memory::desc sums({dim(rows), dim(chunk_)}, sum_type(precision_), Format::ab);
  const memory::desc any({dim(inputs_), dim(chunk_)}, weight_type(precision_), Format::any);
  const auto description = describe_product(engine_, input, blocks_.empty() ? any : packed_, sums);
  if (blocks_.empty()) {
    packed_ = description.weights_desc();
    implementation_ = description.impl_info_str();
  }
  blocks_.push_back({rows, dnnl::matmul(description), input, sums, description.scratchpad_desc()});
}

/// The smallest that holds all rows left, or the largest.
const DenseShape::Block& DenseShape::block_for(std::size_t rows_left) const {
  const Block* best = &blocks_.front();
  for (const Block& block : blocks_)
    if (block.rows >= rows_left) best = &block;
  return *best;
}

DenseMatrix::DenseMatrix(std::shared_ptr<const DenseShape> shape, std::span<const float> weight, std::span<const float> bias)
    : shape_(std::move(shape)), bias_(bias.begin(), bias.end()) {
  CHECK(weight.size() == shape_->inputs_ * shape_->outputs_ && bias.size() == shape_->outputs_);
  if (shape_->precision_ == Precision::int8) {
    std::vector<std::int8_t> bytes;
    quantise(weight, bytes);
    pack(bytes.data(), Type::s8);
  } else {
    pack(weight.data(), Type::f32);
  }
}

void DenseMatrix::quantise(std::span<const float> weight, std::vector<std::int8_t>& bytes) {
  const std::size_t inputs = shape_->inputs_;
  bytes.resize(weight.size());
  for (std::size_t column = 0; column < shape_->outputs_; ++column) {
    const std::span<const float> values = weight.subspan(column * inputs, inputs);
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    const float factor = largest > 0 ? 127 / largest : 0;
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < inputs; ++k) {
      const auto rounded = static_cast<std::int8_t>(std::nearbyint(values[k] * factor));
      bytes[column * inputs + k] = rounded;
      sum += rounded;
    }
    column_scales_.push_back(largest / 127);
    corrections_.push_back(128 * sum);
  }
}

void DenseMatrix::pack(const void* weight, Type type) {
  const OneThread one_thread;
  dnnl::stream stream(shape_->engine_);
  const std::size_t chunk = shape_->chunk_, chunk_bytes = chunk * shape_->inputs_ * bytes_of_element(type);
  const memory::desc plain({dim(shape_->inputs_), dim(chunk)}, type, Format::ba);
  for (std::size_t at = 0; at < shape_->outputs_; at += chunk) {
    const std::byte* from = static_cast<const std::byte*>(weight) + at / chunk * chunk_bytes;
    memory source(plain, shape_->engine_, const_cast<std::byte*>(from));
    memory& packed = chunks_.emplace_back(shape_->packed_, shape_->engine_);
    dnnl::reorder(source, packed).execute(stream, source, packed);
  }
  stream.wait();
}

/// Runs the blocks of one shape in a thread's workspace.
class DenseMatrix::Runner {
 public:
  Runner(const DenseShape& shape, DenseWorkspace& workspace) : shape_(shape), workspace_(workspace) {
    workspace.sums_.at_least(shape.blocks_.front().sums.get_size());
    for (const DenseShape::Block& block : shape.blocks_) workspace.scratch_.at_least(block.scratch.get_size());
  }

  /// Sums of the rows from `from` on, as they come out of the last block run.
  const void* sums() { return workspace_.sums_.at_least(0); }

  void run(const DenseShape::Block& block, const std::byte* from, const memory& weights) {
    auto found = workspace_.handles_.find(&block);
    if (found == workspace_.handles_.end())
      found = workspace_.handles_.emplace(&block, DenseWorkspace::Handles{made(block.input), made(block.sums), made(block.scratch)}).first;
    DenseWorkspace::Handles& handles = found->second;
    handles.input.set_data_handle(const_cast<std::byte*>(from));
    handles.sums.set_data_handle(workspace_.sums_.at_least(0));
    handles.scratch.set_data_handle(workspace_.scratch_.at_least(0));
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, handles.input.get()},
                                         {DNNL_ARG_WEIGHTS, weights.get()},
                                         {DNNL_ARG_DST, handles.sums.get()},
                                         {DNNL_ARG_SCRATCHPAD, handles.scratch.get()}};
    const int count = static_cast<int>(std::size(arguments));
    CHECK(dnnl_primitive_execute(block.product.get(), workspace_.stream_.get(), count, arguments) == dnnl_success);
  }

 private:
  memory made(const memory::desc& desc) const { return memory(desc, shape_.engine_, DNNL_MEMORY_NONE); }

  const DenseShape& shape_;
  DenseWorkspace& workspace_;
};

void DenseMatrix::run(const RowKernels& kernels, const void* input, const float* row_scales, std::size_t rows, const DenseOutput& output,
                      DenseWorkspace& workspace) const {
  const DenseShape& shape = *shape_;
  Runner runner(shape, workspace);
  const std::size_t row_bytes = shape.inputs_ * bytes_of_element(operand_type(shape.precision_));
  const std::size_t out_bytes = output.output == TileOutput::bfloats ? sizeof(std::uint16_t) : sizeof(float);
  Tile tile{.sums = runner.sums(), .columns = shape.chunk_, .curve = output.curve, .output = output.output, .stride = shape.outputs_};
  for (std::size_t column = 0; column < shape.outputs_; column += shape.chunk_) {
    tile.bias = bias_.data() + column;
    tile.column_scales = row_scales ? column_scales_.data() + column : nullptr;
    tile.corrections = row_scales ? corrections_.data() + column : nullptr;
    for (std::size_t row = 0; row < rows; row += tile.rows) {
      const DenseShape::Block& block = shape.block_for(rows - row);
      runner.run(block, static_cast<const std::byte*>(input) + row * row_bytes, chunks_[column / shape.chunk_]);
      tile.rows = std::min(block.rows, rows - row);
      tile.row_scales = row_scales ? row_scales + row : nullptr;
      tile.out = static_cast<std::byte*>(output.out) + (row * shape.outputs_ + column) * out_bytes;
      kernels.finish(tile);
    }
  }
}

std::size_t DenseMatrix::resident_bytes() const {
  std::size_t bytes = (bias_.size() + column_scales_.size() + corrections_.size()) * sizeof(float);
  for (const memory& chunk : chunks_) bytes += chunk.get_desc().get_size();
  return bytes;
}

}  // namespace osler::neural
