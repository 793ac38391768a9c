// `osler-train`: making cases and training networks. A second binary, so that a server never links the training library.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "clinical/knowledge_folder.h"
#include "train/network/export_text.h"
#include "train/network/progress.h"
#include "train/network/run_text.h"

namespace osler::train {

namespace {

int refuse(const Error& error) {
  std::cerr << "osler-train: " << describe(error) << '\n';
  return 1;
}

void say(const std::string& line) { std::cerr << line << std::endl; }

Result<clinical::KnowledgeBase> load(const std::string& folder) {
  std::vector<clinical::KnowledgeFault> faults;
  return clinical::load_knowledge(TRY(clinical::read_knowledge_folder(folder)), faults);
}

struct CasesOptions {
  std::string knowledge = "knowledge", out;
  std::uint64_t count = 1000, seed = 1;
  double flattening = 0.35;
};

int make_cases(const CasesOptions& options) {
  const Result<clinical::KnowledgeBase> knowledge = load(options.knowledge);
  if (!knowledge) return refuse(knowledge.error());
  std::ofstream file;
  if (options.out != "-") file.open(options.out, std::ios::binary);
  std::ostream& out = options.out == "-" ? std::cout : file;
  const CaseGenerator generator(*knowledge, options.seed, options.flattening);
  const std::function<void(const std::string&)> print = say;
  Progress progress(print);
  progress.begin("cases", 0, options.count);
  for (std::uint64_t i = 0; i < options.count && out; ++i) {
    out << write_generated(*knowledge, generator.make(i)).dump() << '\n';
    progress.advance(1, 0, {});
  }
  out.flush();
  return out ? 0 : refuse(make_error(ErrorCode::unavailable, options.out + " cannot be written."));
}

struct TextOptions {
  std::string knowledge = "knowledge", config;
  double minutes = 0;
  int threads = 0;
};

Result<TextTrainingConfig> read_configuration(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorCode::not_found, path + " cannot be read.");
  return parse_training_config(std::string(std::istreambuf_iterator<char>(file), {}), path);
}

Result<bool> run_text(const TextOptions& options) {
  const TextTrainingConfig config = TRY(read_configuration(options.config));
  const clinical::KnowledgeBase knowledge = TRY(load(options.knowledge));
  if (options.threads > 0) at::set_num_threads(options.threads);
  const std::unique_ptr<TextRun> run = TRY(TextRun::prepare(config, knowledge, say));
  return train_text(run->parts(), *run->network, options.minutes * 60, say);
}

int text(const TextOptions& options) {
  const Result<bool> done = run_text(options);
  if (!done) return refuse(done.error());
  say(*done ? "all phases are done" : "time is up; run the same command to go on");
  return 0;
}

struct ExportOptions {
  std::string knowledge = "knowledge", config, out, storage = "int8";
};

Result<void> run_export(const ExportOptions& options) {
  const TextTrainingConfig config = TRY(read_configuration(options.config));
  const clinical::KnowledgeBase knowledge = TRY(load(options.knowledge));
  const std::unique_ptr<TextRun> run = TRY(TextRun::prepare(config, knowledge, say));
  AdamW unused(run->network->parameters(), 0);
  const auto position = TRY(load_checkpoint(config.work_folder + "/checkpoint.safetensors", run->identity, *run->network, unused));
  if (!position) return make_error(ErrorCode::not_found, "Nothing was trained yet in " + config.work_folder + ".");
  const std::map<std::string, Storage> storages = {{"fp32", Storage::fp32}, {"bf16", Storage::bf16}, {"int8", Storage::int8}};
  return export_text(*run, options.out, storages.at(options.storage), position->updates);
}

int export_model(const ExportOptions& options) {
  const Result<void> done = run_export(options);
  return done ? 0 : refuse(done.error());
}

}  // namespace

}  // namespace osler::train

int main(int argc, char** argv) {
  using namespace osler::train;
  CLI::App cli("Makes cases from the knowledge base, and trains networks.");
  cli.require_subcommand(1);
  CasesOptions cases;
  CLI::App* make = cli.add_subcommand("cases", "write generated cases, one JSON object a line");
  make->add_option("--count", cases.count, "how many");
  make->add_option("--seed", cases.seed, "the same seed gives the same cases");
  make->add_option("--flattening", cases.flattening, "power of the visit frequencies: 1 as met, 0 all alike")->check(CLI::Range(0.0, 1.0));
  make->add_option("--out", cases.out, "file, or - for standard output")->required();
  make->add_option("--knowledge", cases.knowledge, "folder of the knowledge base");
  TextOptions text_options;
  CLI::App* train = cli.add_subcommand("text", "train a text encoder, or go on where it was cut");
  train->add_option("--config", text_options.config, "JSON file (docs/formats/training.md)")->required();
  train->add_option("--minutes", text_options.minutes, "stop after so long and keep the state (0: until done)");
  train->add_option("--threads", text_options.threads, "cores to use (0: all)");
  train->add_option("--knowledge", text_options.knowledge, "folder of the knowledge base");
  ExportOptions export_options;
  CLI::App* give = cli.add_subcommand("export", "write what was trained as a model directory");
  give->add_option("--config", export_options.config, "the configuration it was trained with")->required();
  give->add_option("--out", export_options.out, "new folder")->required();
  give->add_option("--storage", export_options.storage, "of weight matrices")->check(CLI::IsMember({"fp32", "bf16", "int8"}));
  give->add_option("--knowledge", export_options.knowledge, "folder of the knowledge base");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {  // CLI11's edge: also --help
    return cli.exit(problem) == 0 ? 0 : 2;
  }
  if (give->parsed()) return export_model(export_options);
  return make->parsed() ? make_cases(cases) : text(text_options);
}
