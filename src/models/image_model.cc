#include "models/image_model.h"

#include "base/check.h"

namespace osler::models {

namespace {

constexpr const char* kCalibration = "calibration.json";
constexpr const char* kOutlier = "outlier.safetensors";

/// The classes of the network in our order: every array of probabilities depends on it.
Result<void> check_labels(const std::string& folder, const neural::ImageNetworkConfig& config) {
  bool right = config.labels.size() == kFilmLabels.size();
  for (std::size_t i = 0; right && i < kFilmLabels.size(); ++i) right = config.labels[i] == name_of(kFilmLabels[i]);
  return right ? ok() : model_refused(folder, "config.json: labels must be [\"normal\", \"pneumonia\"]");
}

neural::Precision best_precision(neural::ImageArchitecture architecture) {
  const bool bf16 = architecture == neural::ImageArchitecture::densenet121 && neural::is_fast_here(neural::Precision::bf16);
  return bf16 ? neural::Precision::bf16 : neural::Precision::fp32;
}

}  // namespace

Result<std::unique_ptr<ImageModel>> ImageModel::load(FileSystem& files, const std::string& folder, std::optional<neural::Precision> wanted) {
  const ModelManifest manifest = TRY(open_model_directory(files, folder));
  if (manifest.kind != "image") return model_refused(folder, "manifest.json: kind must be \"image\"");
  const Result<neural::ImageNetworkConfig> parsed = neural::parse_image_config(TRY(read_model_json(files, folder, "config.json")));
  if (!parsed) return model_refused(folder, "config.json: " + parsed.error().external);
  const neural::ImageNetworkConfig& config = *parsed;
  TRY_VOID(check_labels(folder, config));
  const neural::Precision precision = wanted.value_or(best_precision(config.architecture));
  const neural::SafetensorsFile weights = TRY(neural::SafetensorsFile::open(folder + "/model.safetensors"));
  std::unique_ptr<ImageModel> model(new ImageModel());
  model->folder_ = folder;
  model->manifest_ = manifest;
  model->version_ = manifest.name + "-" + manifest.version + "." + std::string(neural::name_of(precision));
  model->network_ = TRY(neural::ImageNetwork::create(weights, config, precision));
  const bool calibrated = manifest.files.contains(kCalibration);
  if (calibrated != manifest.files.contains(kOutlier)) return model_refused(folder, "calibration.json and outlier.safetensors go together, and one is missing");
  if (!calibrated) return model;
  model->calibration_ = TRY(parse_film_calibration(TRY(read_model_json(files, folder, kCalibration))));
  model->outlier_ = TRY(OutlierScorer::load(TRY(neural::SafetensorsFile::open(folder + "/" + kOutlier))));
  if (model->outlier_->channels() != model->network_->channels()) return model_refused(folder, "outlier.safetensors is of another network: its channels differ");
  return model;
}

const FilmCalibration& ImageModel::calibration() const {
  CHECK(calibration_.has_value());
  return *calibration_;
}

const OutlierScorer& ImageModel::outlier() const {
  CHECK(outlier_.has_value());
  return *outlier_;
}

}  // namespace osler::models
