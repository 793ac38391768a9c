// osler evaluate cases and osler fit.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/commands.h"
#include "app/engine.h"
#include "base/sha256.h"
#include "evaluate/fit.h"
#include "evaluate/scoring.h"
#include "evaluate/vignettes.h"
#include "service/case_json.h"

namespace osler::app {

using namespace evaluate;

namespace {

Result<std::vector<Vignette>> read_vignettes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorCode::not_found, "The vignettes cannot be read: " + path + ".");
  return parse_vignettes(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// The findings of a vignette, read exactly as the server reads a request.
Result<clinical::CaseFindings> read_findings(const language::CaseReader& reader, const Vignette& vignette, const Config& config) {
  Result<service::ParsedCase> parsed = service::parse_case(vignette.request);
  if (!parsed) return make_error(ErrorCode::invalid, "Vignette " + vignette.id + " breaks the contract.", describe(parsed.error()));
  if (!parsed->patient.setting) parsed->patient.setting = config.default_setting;
  return reader.read(parsed->patient).findings;
}

ScoredCase score_case(const Engine& engine, const Vignette& vignette, const clinical::CaseFindings& findings) {
  constexpr double kWorthCounting = 0.02;
  const auto right = matching_conditions(engine.knowledge, vignette.diagnosis);
  const auto acceptable = acceptable_conditions(engine.knowledge, vignette);
  const clinical::Differential differential = engine.network.diagnose(findings, 0, 2.0);
  ScoredCase scored;
  scored.id = vignette.id;
  scored.specialty = vignette.specialty;
  scored.covered = !right.empty();
  for (std::size_t i = 0; i < differential.suspected.size(); ++i) {
    const clinical::RankedCondition& ranked = differential.suspected[i];
    const bool hit = right.contains(ranked.condition);
    if ((hit || acceptable.contains(ranked.condition)) && scored.rank == 0) scored.rank = i + 1;
    if (ranked.confidence >= kWorthCounting && (hit || !acceptable.contains(ranked.condition)))
      scored.pairs.emplace_back(ranked.confidence, hit);
  }
  if (!differential.suspected.empty()) {
    scored.first_confidence = differential.suspected.front().confidence;
    scored.first_is_right = scored.rank == 1;
  }
  scored.urgency_expected = vignette.urgency;
  scored.urgency_given = clinical::name_of(differential.urgency.urgency);
  return scored;
}

Json interval_json(const Interval& interval) { return Json::array({interval.value, interval.low, interval.high}); }

Json scores_json(const Scores& scores) {
  Json json;
  json["cases"] = scores.cases;
  json["covered"] = scores.covered;
  json["coverage"] = interval_json(scores.coverage);
  json["top1"] = interval_json(scores.top1);
  json["top3"] = interval_json(scores.top3);
  json["top5"] = interval_json(scores.top5);
  json["top10"] = interval_json(scores.top10);
  json["mean_reciprocal_rank"] = scores.mean_reciprocal_rank;
  json["brier"] = scores.brier;
  json["ece"] = scores.ece;
  json["ece_of_a_perfectly_calibrated_predictor"] = Json::array({scores.ece_perfect_low, scores.ece_perfect_high});
  json["calibration_slope"] = scores.calibration_slope;
  json["calibration_intercept"] = scores.calibration_intercept;
  json["emergencies"] = scores.emergencies;
  json["emergencies_sent_lower"] = scores.emergencies_sent_lower;
  json["over_triaged"] = scores.over_triaged;
  return json;
}

void print_scores(const char* title, const Scores& scores) {
  const auto line = [](const char* name, const Interval& interval) {
    std::printf("  %-22s %5.1f %%  [%.1f, %.1f]\n", name, interval.value * 100, interval.low * 100, interval.high * 100);
  };
  std::printf("%s: %zu cases\n", title, scores.cases);
  line("diagnosis is known", scores.coverage);
  line("first", scores.top1);
  line("in the first three", scores.top3);
  line("in the first five", scores.top5);
  line("in the first ten", scores.top10);
  std::printf("  %-22s %.3f\n  %-22s %.3f\n", "mean reciprocal rank", scores.mean_reciprocal_rank, "Brier (first)", scores.brier);
  std::printf("  %-22s %.3f  (perfectly calibrated: [%.3f, %.3f])\n", "ECE (first, 5 bins)", scores.ece, scores.ece_perfect_low,
              scores.ece_perfect_high);
  std::printf("  %-22s slope %.2f, intercept %.2f\n", "calibration of pairs", scores.calibration_slope, scores.calibration_intercept);
  std::printf("  %-22s %zu of %zu emergencies sent lower; %zu of %zu sent higher than needed\n", "triage",
              scores.emergencies_sent_lower, scores.emergencies, scores.over_triaged, scores.urgency_cases);
}

void print_failures(const std::vector<ScoredCase>& cases) {
  std::printf("\nNot in the first three although known:\n");
  for (const ScoredCase& scored : cases)
    if (scored.covered && (scored.rank == 0 || scored.rank > 3)) std::printf("  %s  rank %zu  (%s)\n", scored.id.c_str(), scored.rank, scored.specialty.c_str());
}

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

/// The same patient as a busy caller would send them: complaint and history, no narrative, no measurement. Requests of
/// both kinds reach the server, so confidences must hold for both.
Vignette reduced(Vignette vignette) {
  for (const char* member : {"narrative", "vitals", "lab_results", "absent_findings", "family_history"}) vignette.request.erase(member);
  return vignette;
}

struct FitInput {
  std::vector<FitCase> cases;
  std::size_t read = 0;
};

Result<FitInput> fit_input(const clinical::KnowledgeBase& knowledge, const std::vector<Vignette>& vignettes, const Config& config) {
  const language::CaseReader reader(knowledge);
  FitInput input;
  input.read = vignettes.size();
  for (const Vignette& vignette : vignettes) {
    const auto right = matching_conditions(knowledge, vignette.diagnosis);
    if (right.empty()) continue;
    const auto acceptable = acceptable_conditions(knowledge, vignette);
    for (const bool reduce : {false, true})
      input.cases.push_back({TRY(read_findings(reader, reduce ? reduced(vignette) : vignette, config)), {right.begin(), right.end()},
                             {acceptable.begin(), acceptable.end()}, vignette.urgency == "emergency", reduce});
  }
  return input;
}

std::string today() { return to_rfc3339(SystemClock{}.now()).substr(0, 10); }

}  // namespace

int evaluate_cases(const Config& config, const std::string& path, bool aggregates_only, Output output) {
  const auto engine = Engine::load(config);
  if (!engine) return refuse(engine.error());
  const auto vignettes = read_vignettes(path);
  if (!vignettes) return refuse(vignettes.error());
  std::vector<ScoredCase> all, covered;
  for (const Vignette& vignette : *vignettes) {
    const auto findings = read_findings((*engine)->reader, vignette, config);
    if (!findings) return refuse(findings.error());
    all.push_back(score_case(**engine, vignette, *findings));
    if (all.back().covered) covered.push_back(all.back());
  }
  if (output == Output::json) {
    std::cout << Json{{"all", scores_json(score(all))}, {"known_diagnoses", scores_json(score(covered))}}.dump(2) << "\n";
    return 0;
  }
  print_scores("All", score(all));
  print_scores("Those whose diagnosis the knowledge base knows", score(covered));
  if (!aggregates_only) print_failures(all);
  return 0;
}

int fit_network(const Config& config, const std::string& path, const std::string& out_folder, const std::string& population) {
  const auto knowledge = load_knowledge_base(config);
  if (!knowledge) return refuse(knowledge.error());
  const auto vignettes = read_vignettes(path);
  if (!vignettes) return refuse(vignettes.error());
  const auto input = fit_input(*knowledge, *vignettes, config);
  if (!input) return refuse(input.error());
  const FitReport report = fit(*knowledge, input->cases, {}, [](int evaluations) {
    if (evaluations % 20 == 0) std::fprintf(stderr, "\rfitting: %d evaluations", evaluations);
  });
  std::fprintf(stderr, "\n");
  Json data;
  data["cases_read"] = input->read;
  data["cases_with_a_known_diagnosis"] = input->cases.size() / 2;
  data["versions_of_each_case"] = {"as written", "complaint and history only"};
  data["knowledge_hash"] = knowledge->hash;
  reasoning::CalibrationRecord record{population, static_cast<int>(input->cases.size() / 2), today(),
                                      "Confidences hold for this population. They are not your local prevalence until your "
                                      "site has recalibrated on its own confirmed outcomes."};
  const auto files = make_file_system();
  if (const auto written = write_model(*files, out_folder, report, record, data); !written) return refuse(written.error());
  std::printf("mean log loss a case: start %.3f, fitted %.3f, cross-validated %.3f\n", report.start_loss, report.fitted_loss,
              report.cross_validated_loss);
  std::cout << models::write_calibration(report.parameters, record).dump(2) << "\n";
  return 0;
}

}  // namespace osler::app
