#include "app/film_engine.h"

#include <filesystem>

#include "app/engine.h"

namespace osler::app {

namespace {

Result<std::unique_ptr<models::ImageModel>> load_model(FileSystem& files, const std::string& folder, std::optional<neural::Precision> precision) {
  auto model = TRY(models::ImageModel::load(files, folder, precision));
  if (!model->is_calibrated())
    return make_error(ErrorCode::configuration, "The image model in " + folder + " has no calibration.json: `osler fit-image` makes one from your own films.");
  return model;
}

}  // namespace

std::optional<neural::Precision> image_precision(const Config& config) {
  using neural::Precision;
  if (config.image_precision == neural::name_of(Precision::fp32)) return Precision::fp32;
  if (config.image_precision == neural::name_of(Precision::bf16)) return Precision::bf16;
  return std::nullopt;
}

std::string decoder_program(const Config& config) {
  if (!config.decoder_program.empty()) return config.decoder_program;
  std::error_code failure;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
  return failure ? "osler-decoder" : (self.parent_path() / "osler-decoder").string();
}

FilmEngine FilmEngine::load(FileSystem& files, const Config& config) {
  FilmEngine engine{imaging::FilmDecoder(decoder_program(config)), nullptr, nullptr, "", ""};
  const auto folder = config.image_model_folder.empty() ? newest_model_folder(files, config, "cxr") : Result<std::string>(config.image_model_folder);
  if (!folder) {
    engine.trouble = "No image model is installed on this server.";
    return engine;
  }
  auto model = load_model(files, *folder, image_precision(config));
  if (!model) {
    engine.trouble = "The image model of this server could not be loaded; its log says why.";
    engine.refusal = printable(describe(model.error()));
    return engine;
  }
  engine.model = std::move(*model);
  engine.reader = std::make_unique<const service::FilmReader>(*engine.model);
  return engine;
}

Result<FilmEngine> FilmEngine::load_archived(FileSystem& files, models::Archive& archive, const Config& config, const service::ModelIdentity& identity) {
  FilmEngine engine{imaging::FilmDecoder(decoder_program(config)), nullptr, nullptr, "", ""};
  const std::string folder = TRY(archive.model_folder("image", identity.hash));
  engine.model = TRY(load_model(files, folder, precision_called(identity.precision)));
  TRY_VOID(check_archived(engine.model->manifest(), identity.hash, folder));
  engine.reader = std::make_unique<const service::FilmReader>(*engine.model);
  return engine;
}

}  // namespace osler::app
