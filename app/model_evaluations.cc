// osler evaluate models and osler evaluate explanations: what each model adds, what a precision costs, what explanations are worth.
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/engine.h"
#include "evaluate/explanation_report.h"
#include "evaluate/model_comparison.h"

namespace osler::app {

using namespace evaluate;

namespace {

/// Adds to every report what it is about.
template <typename SomeReport>
void label(SomeReport& report, const Engine& engine, const std::string& cases) {
  report.file = std::filesystem::path(cases).lexically_normal().filename().string();
  report.model_version = engine.answerer.model_version();
  report.date = today();
}

Result<void> write_pages(const std::string& folder, const ExplanationReport& report) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  TRY_VOID(files->make_folders(folder));
  TRY_VOID(files->write_atomically(folder + "/explanations.json", as_bytes(explanation_report_json(report).dump(2) + "\n"), 0644));
  return files->write_atomically(folder + "/explanations.html", as_bytes(explanation_report_html(report)), 0644);
}

Result<void> explanations(const Config& config, const ExplanationRequest& request, Output output) {
  const std::unique_ptr<Engine> engine = TRY(Engine::load(config));
  const std::vector<Vignette> vignettes = some_of(TRY(read_vignettes(request.cases, "")), request.count);
  const ExplanationTester tester(engine->knowledge, engine->reader, engine->network, engine->encoder_stage.get(), engine->clock, config.default_setting);
  std::vector<ExplainedCase> tested;
  for (const Vignette& vignette : vignettes) {
    tested.push_back(TRY(tester.run(vignette, static_cast<unsigned>(tested.size()))));
    show_progress("explaining", tested.size(), vignettes.size());
  }
  ExplanationReport report = make_explanation_report(tested);
  label(report, *engine, request.cases);
  if (!request.folder.empty()) TRY_VOID(write_pages(request.folder, report));
  std::cout << (output == Output::json ? explanation_report_json(report).dump(2) + "\n" : explanation_report_text(report));
  return ok();
}

/// The encoder of the engine in every precision that this machine can do, fp32 first.
struct Precisions {
  std::vector<std::unique_ptr<const models::EncoderModel>> encoders;
  std::vector<std::unique_ptr<const service::EncoderStage>> stages;
  std::vector<std::string> names;
  std::size_t served = 0;
};

Result<Precisions> every_precision(const Engine& engine, const Config& config) {
  using neural::Precision;
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto max_length = static_cast<std::size_t>(config.max_sequence_length);
  Precisions all;
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    auto encoder = models::EncoderModel::load(*files, engine.encoder->folder(), precision);
    if (!encoder && encoder.error().code == ErrorCode::configuration && precision != Precision::fp32) {
      std::fprintf(stderr, "osler: %s is left out: %s\n", std::string(neural::name_of(precision)).c_str(), describe(encoder.error()).c_str());
      continue;
    }
    if (!encoder) return encoder.error();
    if (precision == engine.encoder->encoder().precision()) all.served = all.names.size();
    all.names.emplace_back(neural::name_of(precision));
    all.encoders.push_back(std::move(*encoder));
    all.stages.push_back(std::make_unique<const service::EncoderStage>(*all.encoders.back(), engine.knowledge, max_length, false, engine.clock));
  }
  return all;
}

Result<void> models_compared(const Config& config, const std::string& cases, Output output) {
  const std::unique_ptr<Engine> engine = TRY(Engine::load(config));
  const std::string why = engine->encoder_refusal.empty() ? "MODEL_NAME is network." : engine->encoder_refusal;
  if (engine->encoder == nullptr) return make_error(ErrorCode::configuration, "There is no encoder to compare: " + why);
  const Precisions all = TRY(every_precision(*engine, config));
  std::vector<const service::EncoderStage*> stages;
  for (const auto& stage : all.stages) stages.push_back(stage.get());
  const ModelComparer comparer(engine->knowledge, engine->reader, engine->network, stages, all.served, config.default_setting);
  const std::vector<Vignette> vignettes = TRY(read_vignettes(cases, ""));
  std::vector<ComparedCase> compared;
  for (const Vignette& vignette : vignettes) {
    compared.push_back(TRY(comparer.run(vignette)));
    show_progress("comparing", compared.size(), vignettes.size());
  }
  ComparisonReport report = make_comparison_report(compared, all.names);
  label(report, *engine, cases);
  std::cout << (output == Output::json ? comparison_json(report).dump(2) + "\n" : comparison_text(report));
  return ok();
}

int code_of(const Result<void>& done) { return done ? 0 : refuse(done.error()); }

}  // namespace

int evaluate_explanations(const Config& config, const ExplanationRequest& request, Output output) { return code_of(explanations(config, request, output)); }

int evaluate_models(const Config& config, const std::string& cases, Output output) { return code_of(models_compared(config, cases, output)); }

}  // namespace osler::app
