// osler diagnose and osler version.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/commands.h"
#include "app/engine.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/version.h"

namespace osler::app {

namespace {

Result<std::string> read_input(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& input = path == "-" ? std::cin : file;
  if (!input) return make_error(ErrorCode::not_found, "The case file cannot be read: " + path + ".");
  std::string content(std::istreambuf_iterator<char>(input), {});
  if (content.size() > limits::kMaxBodyBytes) return make_error(ErrorCode::too_large, "The case is larger than 1 MiB.");
  return content;
}

std::string joined(const Json& texts) {
  std::string line;
  for (const Json& text : texts) line += (line.empty() ? "" : ", ") + text.get<std::string>();
  return line;
}

void print_condition(const Json& condition) {
  std::printf("%5.1f %%  %s (%s)%s\n", condition["confidence"].get<double>() * 100,
              condition["condition"].get_ref<const std::string&>().c_str(),
              condition["condition_code"].get_ref<const std::string&>().c_str(),
              condition["status"] == "known" ? ", known" : "");
  const auto line = [&](const char* label, const Json& texts) {
    if (!texts.empty()) std::printf("          %s: %s\n", label, joined(texts).c_str());
  };
  if (condition["status"] == "known") return;
  line("for", condition["supporting_evidence"]);
  line("against", condition["opposing_evidence"]);
  line("tests", condition["recommended_tests"]);
}

void print_answer(const Json& answer) {
  std::printf("Urgency: %s\n", answer["urgency"]["level"].get_ref<const std::string&>().c_str());
  for (const Json& reason : answer["urgency"]["reasons"]) std::printf("  %s\n", reason.get_ref<const std::string&>().c_str());
  std::printf("\nDiagnoses at or above the threshold:\n");
  for (const Json& diagnosis : answer["diagnoses"]) print_condition(diagnosis);
  std::printf("\nCandidates:\n");
  for (const Json& candidate : answer["candidates"]) print_condition(candidate);
  if (!answer["warnings"].empty()) std::printf("\nWarnings:\n");
  for (const Json& warning : answer["warnings"]) std::printf("  %s\n", warning["text"].get_ref<const std::string&>().c_str());
  std::printf("\n%s\nmodel %s, calibrated on %s (%d cases, %s)\n", answer["intended_use"].get_ref<const std::string&>().c_str(),
              answer["model_version"].get_ref<const std::string&>().c_str(),
              answer["calibration"]["population"].get_ref<const std::string&>().c_str(),
              answer["calibration"]["cases"].get<int>(), answer["calibration"]["date"].get_ref<const std::string&>().c_str());
}

}  // namespace

int diagnose_file(const Config& config, const std::string& path, Output output) {
  const Result<std::string> body = read_input(path);
  if (!body) return refuse(body.error());
  const auto engine = Engine::load(config);
  if (!engine) return refuse(engine.error());
  const auto answer = (*engine)->answerer.answer(*body, make_uuid(), {});
  if (!answer) return refuse(answer.error());
  if (output == Output::json) std::cout << answer->answer.dump(2) << "\n";
  else print_answer(answer->answer);
  return 0;
}

int print_version(const Config& config, Output output) {
  const auto engine = Engine::load(config);
  const std::string model = engine ? (*engine)->answerer.model_version() : "none (" + describe(engine.error()) + ")";
  if (output == Output::json) std::cout << Json{{"osler", kVersion}, {"model", model}}.dump(2) << "\n";
  else std::cout << "osler " << kVersion << "\nmodel " << model << "\n";
  return engine ? 0 : 1;
}

}  // namespace osler::app
