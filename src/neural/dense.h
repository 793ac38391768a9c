// Dense products on oneDNN: rows of activations times a matrix of weights that is packed once, then bias, curve and output form of each
// tile while it is in the cache (row_kernels.h). A row's result does not depend on the rows beside it: int8 sums are exact in int32,
// and for fp32 and bf16 every block has the same number of rows, the last one padded. docs/adr/0013-neural-kernels.md.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "neural/aligned_buffer.h"
#include "neural/dnnl_compat.h"
#include "neural/precision.h"
#include "neural/row_kernels.h"

namespace osler::neural {

/// A buffer that a product reads holds a multiple of this many rows; those beyond the last are read, and what comes of them is dropped.
inline constexpr std::size_t kRowPadding = 64;

/// What one thread needs to run products of shapes that outlive it. Not thread-safe.
class DenseWorkspace {
 public:
  explicit DenseWorkspace(const dnnl::engine& engine) : stream_(engine) {}
  /// Bytes of its buffers.
  std::size_t resident_bytes() const { return sums_.size() + scratch_.size(); }

 private:
  friend class DenseMatrix;
  struct Handles {  // oneDNN's, of one block; made once, since each costs an allocation, and pointed at tile after tile
    dnnl::memory input, sums, scratch;
  };
  dnnl::stream stream_;
  AlignedBuffer sums_, scratch_;
  std::unordered_map<const void*, Handles> handles_;  // by block
};

/// oneDNN's code for products of one shape, shared by all matrices of that shape and by all threads. The matrix is cut into chunks of
/// columns that stay in a core's cache while all rows pass by.
class DenseShape {
 public:
  /// ErrorCode::configuration where oneDNN has no code for this precision on this processor.
  static Result<std::shared_ptr<const DenseShape>> create(const dnnl::engine& engine, Precision precision, std::size_t inputs, std::size_t outputs);

  Precision precision() const { return precision_; }
  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }
  /// oneDNN's name of the code.
  const std::string& implementation() const { return implementation_; }

 private:
  friend class DenseMatrix;
  struct Block {  // so many rows at a time
    std::size_t rows = 0;
    dnnl::matmul product;
    dnnl::memory::desc input, sums, scratch;
  };
  DenseShape() = default;
  void add_block(std::size_t rows);
  const Block& block_for(std::size_t rows_left) const;

  dnnl::engine engine_;
  Precision precision_ = Precision::fp32;
  std::size_t inputs_ = 0, outputs_ = 0, chunk_ = 0;  // chunk_: columns of a chunk, a divisor of outputs_
  dnnl::memory::desc packed_;                         // a chunk of the matrix
  std::vector<Block> blocks_;                         // most rows first
  std::string implementation_;
};

/// Where a product's values go; see Tile.
struct DenseOutput {
  Curve curve = Curve::none;
  TileOutput output = TileOutput::floats;
  void* out = nullptr;  // [rows][outputs]
};

/// One packed matrix with its bias. Immutable, so every thread may use it.
class DenseMatrix {
 public:
  /// `weight` is [outputs][inputs], as models store it; `bias` is [outputs].
  DenseMatrix(std::shared_ptr<const DenseShape> shape, std::span<const float> weight, std::span<const float> bias);

  /// `input` is [rows][inputs] of floats, bfloat16 bits, or bytes as RowKernels::quantise gives them, with its scale for each row.
  void run(const RowKernels& kernels, const void* input, const float* row_scales, std::size_t rows, const DenseOutput& output,
           DenseWorkspace& workspace) const;

  std::size_t resident_bytes() const;

 private:
  class Runner;
  void quantise(std::span<const float> weight, std::vector<std::int8_t>& bytes);
  void pack(const void* weight, dnnl::memory::data_type type);

  std::shared_ptr<const DenseShape> shape_;
  std::vector<dnnl::memory> chunks_;
  std::vector<float> bias_, column_scales_;
  std::vector<std::int32_t> corrections_;  // 128 times the column's sum, since the input's bytes stand 128 too high
};

}  // namespace osler::neural
