#include "tiny_image.h"

#include <filesystem>

#include "tiny_encoder.h"

namespace osler::models {

namespace {

void write_bytes(const std::string& path, const std::vector<std::byte>& bytes) {
  write_file(path, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

TinyImageModel::TinyImageModel(std::mt19937& random) {
  neural::ImageNetworkConfig network = neural::random_image_config(neural::ImageArchitecture::mobilenet_v2, 224, 8);
  network.labels = {"normal", "pneumonia"};
  tensors = neural::random_image_tensors(network, random);
  config = {{"architecture", "mobilenet_v2"}, {"side", 224}, {"mean", network.mean}, {"deviation", network.deviation}, {"padding", "symmetric"},
            {"hidden", network.hidden}, {"labels", network.labels}};
  constexpr std::size_t kChannels = 1280;
  outlier.mean.assign(kChannels, 0);
  outlier.components.assign(kChannels, 0);
  outlier.components[0] = 1;
  outlier.variances = {1};
  calibration.slope = 0.01;
  calibration.conformal = {0.1, {0.9, 0.9}, {100, 100}};
  calibration.outlier_threshold = 1e5;
  calibration.operating_point = {0.5, "half", "nothing", 0.9, 0.9};
  calibration.age = {0, 150};
  calibration.record = {"Films of nobody", 200, "2026-01-02", "For tests."};
}

void TinyImageModel::write_to(const std::string& folder, const std::string& version) const {
  std::filesystem::create_directories(folder);
  write_file(folder + "/config.json", config.dump());
  std::map<std::string, neural::TensorView> views;
  for (const auto& [name, tensor] : tensors) views[name] = {neural::TensorType::f32, tensor.shape, std::as_bytes(std::span(tensor.values))};
  write_bytes(folder + "/model.safetensors", neural::write_safetensors(views, {}));
  if (calibrated) {
    write_file(folder + "/calibration.json", write_film_calibration(calibration).dump());
    write_bytes(folder + "/outlier.safetensors", write_outlier(outlier));
  }
  Json manifest = manifest_over(folder, version);
  manifest["name"] = "osler-cxr";
  manifest["kind"] = "image";
  write_file(folder + "/manifest.json", manifest.dump());
}

}  // namespace osler::models
