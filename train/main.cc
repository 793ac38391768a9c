// `osler-train`: making cases and training networks. A second binary, so that a server never links the training library.
#include <CLI/CLI.hpp>

#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <set>

#include "clinical/knowledge_folder.h"
#include "train/network/export_image.h"
#include "train/network/export_text.h"
#include "train/network/image_trainer.h"
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

struct TrainOptions {
  std::string knowledge = "knowledge", config;
  double minutes = 0;
  int threads = 0;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorCode::not_found, path + " cannot be read.");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<TextTrainingConfig> read_configuration(const std::string& path) { return parse_training_config(TRY(read_file(path)), path); }

Result<bool> run_text(const TrainOptions& options) {
  const TextTrainingConfig config = TRY(read_configuration(options.config));
  const clinical::KnowledgeBase knowledge = TRY(load(options.knowledge));
  if (options.threads > 0) at::set_num_threads(options.threads);
  const std::unique_ptr<TextRun> run = TRY(TextRun::prepare(config, knowledge, say));
  return train_text(run->parts(), *run->network, options.minutes * 60, say);
}

int end_of(const Result<bool>& done) {
  if (!done) return refuse(done.error());
  say(*done ? "all phases are done" : "time is up; run the same command to go on");
  return 0;
}

Result<bool> run_image(const TrainOptions& options) {
  const ImageTrainingConfig config = TRY(parse_image_config(TRY(read_file(options.config)), options.config));
  if (options.threads > 0) at::set_num_threads(options.threads);
  // Memory that a step gives back is what the next one wants: returned to the system it would be zeroed anew each time.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  const std::unique_ptr<ImageRun> run = TRY(ImageRun::prepare(config, say));
  TRY_VOID(run->load(say));
  return train_image(*run, options.minutes * 60, say);
}

struct ExportOptions {
  std::string knowledge = "knowledge", config, out, storage = "int8";
};

Storage storage_of(const ExportOptions& options) {
  return options.storage == "fp32" ? Storage::fp32 : options.storage == "bf16" ? Storage::bf16 : Storage::int8;
}

Result<void> run_export(const ExportOptions& options) {
  const TextTrainingConfig config = TRY(read_configuration(options.config));
  const clinical::KnowledgeBase knowledge = TRY(load(options.knowledge));
  const std::unique_ptr<TextRun> run = TRY(TextRun::prepare(config, knowledge, say));
  AdamW unused(run->network->parameters(), 0);
  const auto position = TRY(load_checkpoint(config.work_folder + "/checkpoint.safetensors", run->identity, *run->network, unused));
  if (!position) return make_error(ErrorCode::not_found, "Nothing was trained yet in " + config.work_folder + ".");
  return export_text(*run, options.out, storage_of(options), position->updates);
}

Result<void> run_export_image(const ExportOptions& options) {
  const ImageTrainingConfig config = TRY(parse_image_config(TRY(read_file(options.config)), options.config));
  const std::unique_ptr<ImageRun> run = TRY(ImageRun::prepare(config, say));
  const std::string epoch = TRY(load_best(*run));
  say("weights of " + epoch);
  return export_image(*run, epoch, options.out, storage_of(options));
}

int end_of(const Result<void>& done) { return done ? 0 : refuse(done.error()); }

}  // namespace

}  // namespace osler::train

namespace {

using namespace osler::train;

void add_training(CLI::App& command, TrainOptions& options) {
  command.add_option("--config", options.config, "JSON file (docs/formats/training.md)")->required();
  command.add_option("--minutes", options.minutes, "stop after so long and keep the state (0: until done)");
  command.add_option("--threads", options.threads, "cores to use (0: all)");
}

void add_export(CLI::App& command, ExportOptions& options, const std::set<std::string>& storages) {
  command.add_option("--config", options.config, "the configuration it was trained with")->required();
  command.add_option("--out", options.out, "new folder")->required();
  command.add_option("--storage", options.storage, "of weights")->check(CLI::IsMember(storages));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("Makes cases from the knowledge base, and trains networks.");
  cli.require_subcommand(1);
  CasesOptions cases;
  CLI::App* make = cli.add_subcommand("cases", "write generated cases, one JSON object a line");
  make->add_option("--count", cases.count, "how many");
  make->add_option("--seed", cases.seed, "the same seed gives the same cases");
  make->add_option("--flattening", cases.flattening, "power of the visit frequencies: 1 as met, 0 all alike")->check(CLI::Range(0.0, 1.0));
  make->add_option("--out", cases.out, "file, or - for standard output")->required();
  make->add_option("--knowledge", cases.knowledge, "folder of the knowledge base");
  TrainOptions training;
  ExportOptions exporting, image_exporting;
  image_exporting.storage = "bf16";
  CLI::App* text = cli.add_subcommand("text", "train a text encoder, or go on where it was cut");
  add_training(*text, training);
  text->add_option("--knowledge", training.knowledge, "folder of the knowledge base");
  CLI::App* give = cli.add_subcommand("export", "write the text encoder that was trained as a model directory");
  add_export(*give, exporting, {"fp32", "bf16", "int8"});
  give->add_option("--knowledge", exporting.knowledge, "folder of the knowledge base");
  CLI::App* image = cli.add_subcommand("image", "train an image network on films, or go on where it was cut");
  add_training(*image, training);
  CLI::App* give_image = cli.add_subcommand("export-image", "write the image network that was trained as a model directory");
  add_export(*give_image, image_exporting, {"fp32", "bf16"});  // the server has no int8 for convolutions
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {  // CLI11's edge: also --help
    return cli.exit(problem) == 0 ? 0 : 2;
  }
  if (give->parsed()) return end_of(run_export(exporting));
  if (give_image->parsed()) return end_of(run_export_image(image_exporting));
  if (make->parsed()) return make_cases(cases);
  return end_of(image->parsed() ? run_image(training) : run_text(training));
}
