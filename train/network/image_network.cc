#include "train/network/image_network.h"

#include <cstring>

#include "base/check.h"
#include "base/sha256.h"
#include "neural/safetensors.h"

namespace osler::train {

namespace {

void add_dense(NamedTensors& tensors, const std::string& name, std::int64_t out, std::int64_t in) {
  const double bound = std::sqrt(6.0 / static_cast<double>(in));  // He et al. 2015, uniform
  tensors.parameters[name + ".weight"] = torch::empty({out, in}).uniform_(-bound, bound).requires_grad_(true);
  tensors.parameters[name + ".bias"] = torch::zeros({out}).requires_grad_(true);
}

torch::Tensor channels(const std::array<double, 3>& values) {
  return torch::tensor(std::vector<float>(values.begin(), values.end())).view({1, 3, 1, 1});
}

Result<void> fill(const neural::SafetensorsFile& file, std::map<std::string, torch::Tensor>& tensors) {
  for (auto& [name, tensor] : tensors) {
    if (ImageNetwork::is_head(name)) continue;
    std::vector<std::size_t> shape;
    for (const std::int64_t n : tensor.sizes()) shape.push_back(static_cast<std::size_t>(n));
    const std::vector<float> values = TRY(file.floats(name, shape));
    std::memcpy(tensor.data_ptr<float>(), values.data(), values.size() * sizeof(float));
  }
  return ok();
}

}  // namespace

Normalisation normalisation_of(const std::string& architecture) {
  if (architecture == "mobilenet_v2") return {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};  // (x - 127.5) / 127.5
  return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};                          // torchvision's, of ImageNet
}

ImageNetwork::ImageNetwork(const ImageNetworkSettings& settings, std::size_t labels) : settings_(settings) {
  CHECK(settings.architecture == "mobilenet_v2" || settings.architecture == "densenet121");
  backbone_ = settings.architecture == "mobilenet_v2" ? make_mobilenet_v2(tensors_, settings.mixed_precision) : make_densenet121(tensors_, settings.mixed_precision);
  add_dense(tensors_, "head.hidden", static_cast<std::int64_t>(settings.hidden), backbone_->width());
  add_dense(tensors_, "head.classes", static_cast<std::int64_t>(labels), static_cast<std::int64_t>(settings.hidden));
  const Normalisation normalisation = normalisation_of(settings.architecture);
  mean_ = channels(normalisation.mean);
  deviation_ = channels(normalisation.deviation);
}

Result<std::string> ImageNetwork::load_backbone(const std::string& path) {
  torch::NoGradGuard guard;
  const neural::SafetensorsFile file = TRY(neural::SafetensorsFile::open(path));
  TRY_VOID(fill(file, tensors_.parameters));
  TRY_VOID(fill(file, tensors_.buffers));
  return to_hex(sha256(ByteView(reinterpret_cast<const std::uint8_t*>(file.bytes().data()), file.bytes().size())));
}

torch::Tensor ImageNetwork::features(const torch::Tensor& grey, bool training) {
  const torch::Tensor input = ((grey.unsqueeze(1) - mean_) / deviation_).contiguous(torch::MemoryFormat::ChannelsLast);
  return backbone_->pooled(input, training);
}

torch::Tensor ImageNetwork::logits(const torch::Tensor& features, bool training) const {
  const auto at = [&](const char* name) -> const torch::Tensor& { return tensors_.parameters.at(name); };
  const torch::Tensor hidden = torch::relu(torch::linear(features, at("head.hidden.weight"), at("head.hidden.bias")));
  return torch::linear(torch::dropout(hidden, settings_.dropout, training), at("head.classes.weight"), at("head.classes.bias"));
}

void ImageNetwork::train_base(bool yes) {
  for (auto& [name, tensor] : tensors_.parameters) tensor.requires_grad_(yes || is_head(name));
}

}  // namespace osler::train
