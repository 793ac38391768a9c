// What a forward pass does beside its dense products, row by row: layer normalisation, quantising, the ends of products, attention;
// and beside its convolutions, channels by channels: batch normalisation before a convolution, pooling.
// Written once (row_kernels.inc) and compiled for three instruction sets; the widest that this processor has is taken at start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace osler::neural {

/// What is applied to a product's value after its bias.
enum class Curve { none, gelu_erf, gelu_tanh, relu };

/// How the values of a tile leave it: as floats, added to the floats that are there, or as bfloat16 bits.
enum class TileOutput { floats, add, bfloats };

/// Sums of one product, rows x columns of a larger matrix, and what becomes of them:
/// value = curve(sum + bias), where sum = (integer sum - correction of the column) * scale of the row * scale of the column in int8.
struct Tile {
  const void* sums = nullptr;  // [rows][columns] floats, or std::int32_t when row_scales is set
  std::size_t rows = 0, columns = 0;
  const float* row_scales = nullptr;
  const float* column_scales = nullptr;
  const std::int32_t* corrections = nullptr;
  const float* bias = nullptr;
  Curve curve = Curve::none;
  TileOutput output = TileOutput::floats;
  void* out = nullptr;           // the tile's first value: float or std::uint16_t
  std::size_t stride = 0;        // values from one row of out to the next
};

/// Self-attention of one head over one sequence: out = softmax(query key^T / sqrt(width)) value.
struct AttentionHead {
  const void *query = nullptr, *key = nullptr, *value = nullptr;  // [length] rows of width floats, or of bfloat16 bits
  std::size_t stride = 0;                                         // values from one row to the next, the same for all three
  std::size_t length = 0, width = 0;
  float* out = nullptr;
  std::size_t out_stride = 0;
  void* scratch = nullptr;  // attention_scratch_bytes(), aligned to 64
};
std::size_t attention_scratch_bytes(std::size_t length, std::size_t width);

/// One block of channels of a square feature map, [side][side][width], as floats or bfloat16 bits; `out` is of the same type.
struct ChannelBlock {
  const void* in = nullptr;
  void* out = nullptr;
  bool bfloats = false;
  std::size_t side = 0, width = 0;
  const float *scale = nullptr, *shift = nullptr;  // [width]
};

/// Pure functions of their arguments; a row's values depend on nothing but that row.
struct RowKernels {
  const char* name;
  /// out = a + b; a is floats or bfloat16 bits.
  void (*add)(const void* a, bool bfloats, const float* b, std::size_t width, float* out);
  /// (in - mean) / sqrt(variance + epsilon) * weight + bias; out may be in.
  void (*layer_norm)(const float* in, const float* weight, const float* bias, float epsilon, std::size_t width, float* out);
  /// out = 128 + round(in / scale), ties to even, with the scale returned: largest magnitude / 127.
  float (*quantise)(const float* in, std::size_t width, std::uint8_t* out);
  void (*to_bfloats)(const float* in, std::size_t width, std::uint16_t* out);  // to nearest, ties to even; finite values only
  void (*finish)(const Tile& tile);
  void (*attention)(const AttentionHead& head);
  /// From bfloat16 bits, width even, products in bfloat16, sums in fp32; nullptr where the processor has no instruction for it.
  void (*attention_bfloats)(const AttentionHead& head);
  float (*dot)(const float* a, const float* b, std::size_t width);
  /// out = max(0, in * scale + shift).
  void (*scale_relu)(const ChannelBlock& block);
  /// The same, and of that the mean of each two by two; [side / 2][side / 2], an odd last row or column is left out.
  void (*scale_relu_mean)(const ChannelBlock& block);
  /// The largest of three by three around every second position, less beyond the border: [(side + 1) / 2][(side + 1) / 2]. No scale.
  void (*max_pool)(const ChannelBlock& block);
};

/// For this processor, best first; never empty.
std::vector<const RowKernels*> row_kernels_here();

}  // namespace osler::neural
