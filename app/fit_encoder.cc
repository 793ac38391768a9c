// osler fit-encoder: how an encoder's log-odds go together with the network's.
#include <array>
#include <cstdio>
#include <iostream>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/model_copy.h"
#include "evaluate/case_runner.h"
#include "evaluate/fit_ensemble.h"
#include "evaluate/model_comparison.h"

namespace osler::app {

using namespace evaluate;

namespace {

/// Of each case: as written, the complaint alone, and as written with every finding withheld from the network.
enum class Version { written, complaint, withheld };
constexpr std::array kVersions{Version::written, Version::complaint, Version::withheld};

/// Everything that speaks of a case here.
struct Speakers {
  const clinical::KnowledgeBase& knowledge;
  const language::CaseReader reader;
  const reasoning::Network network;
  const service::EncoderStage& encoder;

  Result<EnsembleCase> hear(const Vignette& vignette, Version version, std::optional<clinical::Setting> setting) const {
    const clinical::PatientCase patient = TRY(patient_of(version == Version::complaint ? reduced(vignette) : vignette, setting));
    const clinical::CaseFindings findings = reader.read(patient).findings;
    const clinical::CaseFindings given = version == Version::withheld ? withheld(findings) : findings;
    EnsembleCase one;
    one.encoder = encoder.read(encoder.prepare(patient, findings)).log_odds;
    one.network = network.posterior(given).log_odds;
    one.findings = reasoning::findings_given(given);
    return one;
  }
};

Result<std::vector<EnsembleCase>> hear_all(const Speakers& speakers, const std::vector<Vignette>& vignettes, const Config& config) {
  std::vector<EnsembleCase> cases;
  std::size_t done = 0;
  for (const Vignette& vignette : vignettes) {
    show_progress("reading", ++done, vignettes.size());
    const auto right = matching_conditions(speakers.knowledge, vignette.diagnosis);
    if (right.empty()) continue;
    const auto acceptable = acceptable_conditions(speakers.knowledge, vignette);
    for (const Version version : kVersions) {
      EnsembleCase one = TRY(speakers.hear(vignette, version, config.default_setting));
      one.right.assign(right.begin(), right.end());
      one.acceptable.assign(acceptable.begin(), acceptable.end());
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

Json scores_json(const RankScores& scores) { return {{"first", scores.first}, {"first_three", scores.first_three}, {"log_loss", scores.log_loss}}; }

Json report_json(const EnsembleReport& report) {
  return {{"network", scores_json(report.network)}, {"encoder", scores_json(report.encoder)}, {"fusion", scores_json(report.fusion)},
          {"encoder_cross_validated", scores_json(report.encoder_held_out)}, {"fusion_cross_validated", scores_json(report.fusion_held_out)},
          {"fusion_cross_validated_as_written", scores_json(report.fusion_held_out_by_version[0])},
          {"fusion_cross_validated_complaint_alone", scores_json(report.fusion_held_out_by_version[1])},
          {"fusion_cross_validated_findings_withheld", scores_json(report.fusion_held_out_by_version[2])}};
}

/// A copy of the directory with calibration.json, and the fit in card.json.
Result<void> write_copy(FileSystem& files, const FitEncoderRequest& request, const Json& calibration, const Json& fitted) {
  ModelCopy copy{request.encoder, request.out_folder, "osler-encoder", "encoder", request.card};
  copy.made["calibration.json"] = calibration.dump(2) + "\n";
  copy.card_facts = {{"fit", fitted},
                     {"intended_use", "Decision support for health professionals; never an autonomous diagnosis. A second opinion beside the reasoning network."},
                     {"limits", "Trained on generated and written cases, not on a hospital's texts; fitted on vignettes: not a local prevalence."}};
  return write_model_copy(files, copy);
}

void print(const EnsembleReport& report) {
  const auto line = [](const char* name, const RankScores& s) {
    std::printf("%-26s first %5.1f %%, first three %5.1f %%, log loss %.3f\n", name, 100 * s.first, 100 * s.first_three, s.log_loss);
  };
  std::printf("of every case three versions: as written, the complaint alone, and with every finding withheld from the network\n");
  line("network", report.network);
  line("encoder", report.encoder);
  line("encoder, cross-validated", report.encoder_held_out);
  line("fusion", report.fusion);
  line("fusion, cross-validated", report.fusion_held_out);
  const char* const names[] = {"  as written", "  the complaint alone", "  findings withheld"};
  for (std::size_t version = 0; version < report.fusion_held_out_by_version.size(); ++version) line(names[version], report.fusion_held_out_by_version[version]);
}

Result<void> run(const Config& config, const FitEncoderRequest& request) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  TRY_VOID(check_copy(*files, request.population, request.card, request.out_folder));
  const clinical::KnowledgeBase knowledge = TRY(load_knowledge_base(config));
  const models::NetworkModel model = TRY(models::load_network_model(*files, TRY(newest_model_folder(*files, config, "network"))));
  const std::unique_ptr<models::EncoderModel> encoder = TRY(models::EncoderModel::load(*files, request.encoder, encoder_precision(config)));
  const SystemClock clock;
  const service::EncoderStage stage(*encoder, knowledge, static_cast<std::size_t>(config.max_sequence_length), true, clock);
  const Speakers speakers{knowledge, language::CaseReader(knowledge), reasoning::Network(knowledge, model.parameters), stage};
  const std::vector<Vignette> vignettes = TRY(read_vignettes(request.cases, ""));
  const std::vector<EnsembleCase> cases = TRY(hear_all(speakers, vignettes, config));
  if (cases.empty()) return make_error(ErrorCode::not_found, "There is no case at " + request.cases + " whose diagnosis the knowledge base has.");
  const EnsembleReport report = fit_ensemble(cases, kVersions.size(), model.parameters);
  const reasoning::CalibrationRecord record{request.population, static_cast<int>(cases.size() / kVersions.size()), today(),
                                            "Confidences hold for this population. They are not your local prevalence until your "
                                            "site has recalibrated on its own confirmed outcomes."};
  const Json calibration = models::write_ensemble(report.parameters, record);
  TRY_VOID(write_copy(*files, request, calibration, report_json(report)));
  print(report);
  std::cout << calibration.dump(2) << "\n";
  return ok();
}

}  // namespace

int fit_encoder(const Config& config, const FitEncoderRequest& request) {
  const Result<void> done = run(config, request);
  return done ? 0 : refuse(done.error());
}

}  // namespace osler::app
