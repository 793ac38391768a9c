// `osler`: the commands. This folder is the only place that builds and wires objects.
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "app/commands.h"

namespace osler::app {

namespace {

std::optional<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<Config> configuration() {
  std::map<std::string, std::string> dot_env;
  if (std::ifstream file(".env", std::ios::binary); file)
    dot_env = TRY(parse_dot_env(std::string(std::istreambuf_iterator<char>(file), {})));
  return read_config(from_environment, dot_env);
}

/// Reads the configuration, then runs; a wrong setting is one clear line and exit code 1.
int with_configuration(const std::function<int(const Config&)>& run) {
  const Result<Config> config = configuration();
  return config ? run(*config) : refuse(config.error());
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App cli{"Osler: a self-hosted clinical diagnostic assistant. Decision support for health professionals."};
  cli.require_subcommand(1);
  cli.footer("Settings come from the environment and ./.env; deploy/env.example lists them.");
  int code = 0;
  bool json = false;
  const auto output = [&] { return json ? Output::json : Output::human; };
  const auto command = [&](CLI::App& parent, const char* name, const char* what) {
    CLI::App* sub = parent.add_subcommand(name, what);
    sub->add_flag("--json", json, "print JSON");
    return sub;
  };

  command(cli, "serve", "run the server until it is told to stop")->callback([&] { code = with_configuration(serve); });

  std::string path;
  CLI::App* diagnose = command(cli, "diagnose", "answer one case from a file (- reads standard input); nothing is stored");
  diagnose->add_option("case", path, "a request in the API's JSON")->required();
  diagnose->callback([&] {
    code = with_configuration([&](const Config& config) { return diagnose_file(config, path, output()); });
  });

  CLI::App* knowledge = cli.add_subcommand("knowledge", "look into the knowledge base");
  knowledge->require_subcommand(1);
  command(*knowledge, "check", "check every rule of docs/formats/knowledge.md")->callback([&] {
    code = with_configuration([&](const Config& config) { return knowledge_check(config, output()); });
  });
  std::string id;
  CLI::App* show = command(*knowledge, "show", "print one condition or finding");
  show->add_option("id", id, "e.g. acute_myocardial_infarction or chest_pain")->required();
  show->callback([&] {
    code = with_configuration([&](const Config& config) { return knowledge_show(config, id, output()); });
  });

  CLI::App* compare = knowledge->add_subcommand("compare", "compare with published frequencies and findings; prints Markdown");
  compare->add_option("folder", path, "a folder with namcs/, healthkg/ and ddxplus/")->required();
  compare->callback([&] { code = with_configuration([&](const Config& config) { return knowledge_compare(config, path); }); });

  CLI::App* audit = cli.add_subcommand("audit", "the record of who did what");
  audit->require_subcommand(1);
  command(*audit, "verify", "find any change, deletion, reordering or truncation of the audit log")->callback([&] {
    code = with_configuration([&](const Config& config) { return audit_verify(config, output()); });
  });

  CLI::App* evaluate = cli.add_subcommand("evaluate", "measure on cases with known diagnoses");
  evaluate->require_subcommand(1);
  EvaluationRequest evaluation;
  CLI::App* cases = command(*evaluate, "cases", "rank, calibration and triage on a JSON Lines file of vignettes");
  cases->add_option("file", evaluation.cases, "one vignette a line; docs/evaluation.md lists its members")->required();
  cases->add_option("--mapping", evaluation.mapping, "JSON with further acceptable codes, by case or by code");
  cases->add_option("--report", evaluation.report, "also write an HTML page with plots and failures");
  cases->add_flag("--aggregates", evaluation.aggregates_only, "print no case, only totals: for files nobody may tune on");
  cases->callback([&] {
    code = with_configuration([&](const Config& config) { return evaluate_cases(config, evaluation, output()); });
  });

  CLI::App* texts = command(*evaluate, "text", "precision and recall of reading on labelled sentences");
  texts->add_option("path", path, "a file, or a folder of *.text; docs/evaluation.md has the marks")->required();
  texts->callback([&] { code = with_configuration([&](const Config& config) { return evaluate_text(config, path, output()); }); });

  std::string folder, population;
  CLI::App* fit = cli.add_subcommand("fit", "fit the network's shared parameters on vignettes; writes a model directory");
  fit->add_option("file", path, "JSON Lines")->required();
  fit->add_option("--out", folder, "the model directory to write; must not exist yet")->required();
  fit->add_option("--population", population, "for whom the confidences will hold, in words")->required();
  fit->callback([&] {
    code = with_configuration([&](const Config& config) { return fit_network(config, path, folder, population); });
  });

  command(cli, "version", "print the version of program, model and knowledge")->callback([&] {
    code = with_configuration([&](const Config& config) { return print_version(config, output()); });
  });

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {  // CLI11's edge: also --help
    const int status = cli.exit(problem);
    return status == 0 ? 0 : 2;
  }
  return code;
}

}  // namespace osler::app

int main(int argc, char** argv) { return osler::app::run(argc, argv); }
