#include "train/network/stored_tensors.h"

#include <cmath>

namespace osler::train {

void StoredTensors::add(const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.detach().contiguous();
  std::vector<std::size_t> shape;
  for (const std::int64_t n : whole.sizes()) shape.push_back(static_cast<std::size_t>(n));
  const std::span<const float> values(whole.data_ptr<float>(), static_cast<std::size_t>(whole.numel()));
  if (shape.size() < 2 || storage_ == Storage::fp32) return put(name, neural::TensorType::f32, shape, std::as_bytes(values));
  if (storage_ == Storage::bf16) {
    std::vector<std::uint16_t> bits;
    for (const float value : values) bits.push_back(neural::bfloat16_from_float(value));
    return put(name, neural::TensorType::bf16, shape, std::as_bytes(std::span(bits)));
  }
  const QuantisedRows rows = quantise_rows(values, shape[0]);
  put(name, neural::TensorType::i8, shape, std::as_bytes(std::span(rows.values)));
  put(name + ".scale", neural::TensorType::f32, {shape[0]}, std::as_bytes(std::span(rows.scales)));
}

std::vector<std::byte> StoredTensors::bytes() const {
  std::map<std::string, neural::TensorView> views;
  for (const auto& [name, one] : tensors_) views.emplace(name, neural::TensorView{one.type, one.shape, one.bytes});
  return neural::write_safetensors(views, {{"format", "pt"}});
}

void StoredTensors::put(const std::string& name, neural::TensorType type, const std::vector<std::size_t>& shape, std::span<const std::byte> bytes) {
  tensors_.insert_or_assign(name, Owned{type, shape, {bytes.begin(), bytes.end()}});
}

QuantisedRows quantise_rows(std::span<const float> values, std::size_t rows) {
  QuantisedRows out;
  const std::size_t width = rows == 0 ? 0 : values.size() / rows;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::span<const float> row = values.subspan(r * width, width);
    float largest = 0;
    for (const float value : row) largest = std::max(largest, std::abs(value));
    const float scale = largest > 0 ? largest / 127 : 1;
    out.scales.push_back(scale);
    for (const float value : row) out.values.push_back(static_cast<std::int8_t>(std::lround(value / scale)));
  }
  return out;
}

}  // namespace osler::train
