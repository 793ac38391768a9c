// osler evaluate, osler fit and osler knowledge compare.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/engine.h"
#include "base/sha256.h"
#include "evaluate/fit.h"
#include "evaluate/knowledge_comparison.h"
#include "evaluate/labelled_text.h"
#include "evaluate/report.h"
#include "evaluate/vignettes.h"

namespace osler::app {

using namespace evaluate;

namespace {

Result<void> write_model(FileSystem& files, const std::string& folder, const FitReport& report,
                         const reasoning::CalibrationRecord& record, const Json& data) {
  if (files.exists(folder)) return make_error(ErrorCode::conflict, "A model directory is immutable, and " + folder + " exists.");
  TRY_VOID(files.make_folders(folder));
  const std::filesystem::path path(folder);
  Json card;
  card["name"] = "osler-network";
  card["intended_use"] = "Decision support for health professionals; never an autonomous diagnosis.";
  card["fitted_on"] = data;
  card["mean_log_loss_a_case"] = {{"start", report.start_loss}, {"fitted", report.fitted_loss}, {"cross_validated", report.cross_validated_loss}};
  for (const auto& [name, worth] : report.worth) card["worth_of_each_parameter"][name] = worth;
  card["limits"] = "Fitted on written vignettes, not on a hospital's patients: not a local prevalence.";
  Json manifest;
  manifest["name"] = "osler-network";
  manifest["version"] = path.filename().string();
  manifest["kind"] = "network";
  manifest["data"] = data;
  const auto put = [&](const char* name, const Json& json) -> Result<void> {
    const std::string text = json.dump(2) + "\n";
    manifest["files"][name] = to_hex(sha256(as_bytes(text)));
    return files.write_atomically(folder + "/" + name, as_bytes(text), 0644);
  };
  TRY_VOID(put("calibration.json", models::write_calibration(report.parameters, record)));
  TRY_VOID(put("card.json", card));
  return files.write_atomically(folder + "/manifest.json", as_bytes(manifest.dump(2) + "\n"), 0644);
}

struct FitInput {
  std::vector<FitCase> cases;
  std::size_t read = 0;
};

Result<FitInput> fit_input(const clinical::KnowledgeBase& knowledge, const std::vector<Vignette>& vignettes, const Config& config) {
  const language::CaseReader reader(knowledge);
  const auto findings_of = [&](const Vignette& vignette) -> Result<clinical::CaseFindings> {
    return reader.read(TRY(patient_of(vignette, config.default_setting))).findings;
  };
  FitInput input;
  input.read = vignettes.size();
  for (const Vignette& vignette : vignettes) {
    const auto right = matching_conditions(knowledge, vignette.diagnosis);
    if (right.empty()) continue;
    const auto acceptable = acceptable_conditions(knowledge, vignette);
    for (const bool reduce : {false, true})
      input.cases.push_back({TRY(findings_of(reduce ? reduced(vignette) : vignette)), {right.begin(), right.end()},
                             {acceptable.begin(), acceptable.end()}, vignette.urgency == "emergency", vignette.urgency == "urgent", reduce});
  }
  return input;
}

}  // namespace

int evaluate_cases(const Config& config, const EvaluationRequest& request, Output output) {
  const auto engine = Engine::load(config);
  if (!engine) return refuse(engine.error());
  auto vignettes = read_vignettes(request.cases, request.mapping);
  if (!vignettes) return refuse(vignettes.error());
  const CaseRunner runner((*engine)->knowledge, (*engine)->reader, (*engine)->network, (*engine)->encoder_stage.get(), config.default_setting);
  std::vector<CaseOutcome> outcomes;
  for (const Vignette& vignette : *vignettes) {
    auto outcome = runner.run(vignette);
    if (!outcome) return refuse(outcome.error());
    outcomes.push_back(std::move(*outcome));
    show_progress("evaluating", outcomes.size(), vignettes->size());
  }
  Report report = make_report(outcomes, request.aggregates_only);
  report.file = std::filesystem::path(request.cases).filename().string();
  report.model_version = (*engine)->answerer.model_version();
  report.date = today();
  if (!request.report.empty()) {
    const auto files = make_file_system();
    if (const auto written = files->write_atomically(request.report, as_bytes(report_html(report)), 0644); !written) return refuse(written.error());
  }
  std::cout << (output == Output::json ? report_json(report).dump(2) + "\n" : report_text(report));
  return 0;
}

int knowledge_compare(const Config& config, const std::string& folder) {
  const auto engine = Engine::load(config);
  if (!engine) return refuse(engine.error());
  const auto text = compare_knowledge({(*engine)->knowledge, (*engine)->reader, (*engine)->network,
                                       [&](const std::string& file) { return read_text(folder + "/" + file); }});
  if (!text) return refuse(text.error());
  std::cout << *text;
  return 0;
}

int evaluate_text(const Config& config, const std::string& path, Output output) {
  const auto knowledge = load_knowledge_base(config);
  if (!knowledge) return refuse(knowledge.error());
  std::vector<LabelledSentence> sentences;
  for (const std::filesystem::path& file : files_at(path, ".text")) {
    const auto content = read_text(file.string());
    if (!content) return refuse(content.error());
    auto read = parse_labelled_text(file.filename().string(), *content, *knowledge);
    if (!read) return refuse(read.error());
    sentences.insert(sentences.end(), read->begin(), read->end());
  }
  if (sentences.empty()) return refuse(make_error(ErrorCode::not_found, "There is no labelled sentence at " + path + "."));
  const TextScores scores = score_texts(*knowledge, language::CaseReader(*knowledge), sentences);
  std::cout << (output == Output::json ? text_scores_json(scores).dump(2) + "\n" : text_scores_text(scores));
  return 0;
}

int fit_network(const Config& config, const FitRequest& request) {
  const auto knowledge = load_knowledge_base(config);
  if (!knowledge) return refuse(knowledge.error());
  const auto input_at = [&](const std::string& path) -> Result<FitInput> {
    if (path.empty()) return FitInput{};
    return fit_input(*knowledge, TRY(read_vignettes(path, "")), config);
  };
  const auto input = input_at(request.cases);
  if (!input) return refuse(input.error());
  const auto triage = input_at(request.triage);
  if (!triage) return refuse(triage.error());
  const FitReport report = fit(*knowledge, input->cases, triage->cases, {}, [](int evaluations) {
    if (evaluations % 20 == 0) std::fprintf(stderr, "\rfitting: %d evaluations", evaluations);
  });
  std::fprintf(stderr, "\n");
  Json data;
  data["cases_read"] = input->read;
  data["cases_with_a_known_diagnosis"] = input->cases.size() / 2;
  if (triage->read > 0) data["cases_for_urgency"] = triage->read;
  data["versions_of_each_case"] = {"as written", "complaint and history only"};
  data["knowledge_hash"] = knowledge->hash;
  reasoning::CalibrationRecord record{request.population, static_cast<int>(input->cases.size() / 2), today(),
                                      "Confidences hold for this population. They are not your local prevalence until your "
                                      "site has recalibrated on its own confirmed outcomes."};
  const auto files = make_file_system();
  if (const auto written = write_model(*files, request.out_folder, report, record, data); !written) return refuse(written.error());
  std::printf("mean log loss a case: start %.3f, fitted %.3f, cross-validated %.3f\n", report.start_loss, report.fitted_loss,
              report.cross_validated_loss);
  std::cout << models::write_calibration(report.parameters, record).dump(2) << "\n";
  return 0;
}

}  // namespace osler::app
