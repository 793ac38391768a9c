// The safetensors format (docs/formats/safetensors.md): named tensors in one file, read by mapping it. Nothing in the file is
// trusted: every offset, shape and size is checked before a byte of a tensor is touched. Never pickle, never code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "neural/float_formats.h"

namespace osler::neural {

enum class TensorType { f32, f16, bf16, i8, u8, i32, i64, boolean };
std::size_t bytes_of(TensorType type);
std::string_view name_of(TensorType type);  // as safetensors spells it: "F32", "BF16", "BOOL"

/// A tensor inside somebody else's bytes, row-major; valid as long as those are.
struct TensorView {
  TensorType type = TensorType::f32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;  // little-endian, at any alignment: copy values out, do not cast

  std::size_t elements() const;  // 1 for a scalar (no dimensions), 0 when a dimension is 0
};

struct ParsedTensors {
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;
};

/// Checks the whole header: its length, JSON, types, shapes (no overflow), and that the tensors' ranges lie in the file, are as
/// long as type and shape say, do not overlap and leave no hole. ErrorCode::corrupted, naming the tensor; ErrorCode::too_large
/// for what is over a bound of limits.h. `bytes` may be unaligned. Thread-safe.
Result<ParsedTensors> parse_safetensors(std::span<const std::byte> bytes);

/// A mapped file. Immutable, so every thread may read it; it must not be changed on disk while it is open.
class SafetensorsFile {
 public:
  /// ErrorCode::not_found, corrupted, too_large, unavailable (it is there and cannot be read); the message names the file.
  static Result<SafetensorsFile> open(const std::string& path);

  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;
  ~SafetensorsFile();

  const std::map<std::string, TensorView>& tensors() const;
  const std::map<std::string, std::string>& metadata() const;
  const std::string& path() const;
  /// The whole file, for hashing.
  std::span<const std::byte> bytes() const;

  /// The tensor of that name and shape, as floats: from F32, F16, BF16, or, with two dimensions or more, rows of I8 (the first
  /// dimension counts them), each times its number in the F32 tensor "<name>.scale". ErrorCode::corrupted when it is missing, has another shape or type, or holds a value that is not finite;
  /// the message names file and tensor.
  Result<std::vector<float>> floats(const std::string& name, const std::vector<std::size_t>& shape) const;

 private:
  Result<std::vector<float>> scaled_rows(const std::string& name, const TensorView& view) const;

  struct Mapping;
  explicit SafetensorsFile(std::unique_ptr<Mapping> mapping);
  std::unique_ptr<Mapping> mapping_;
};

/// The bytes of a file that holds these tensors, in the order of their names; the header is padded with blanks so that the first
/// tensor begins at a multiple of 64 bytes. The same input gives the same bytes. CHECKs that parse_safetensors() would take them:
/// bytes as type and shape say, names and metadata in UTF-8, no tensor named "__metadata__", within limits.h.
std::vector<std::byte> write_safetensors(const std::map<std::string, TensorView>& tensors, const std::map<std::string, std::string>& metadata);

}  // namespace osler::neural
