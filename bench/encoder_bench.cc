// One model directory through the encoder again and again: the contestant of bench/encoder/compare.mjs. Prints one line of JSON.
//
//   encoder_bench --model DIR --length N --precision fp32|bf16|int8 --seconds S [--logits FILE]
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>

#include "base/json.h"
#include "models/encoder_model.h"

namespace {

using namespace osler;

/// [CLS], then ids spread over the vocabulary: those that bench/encoder/session.mjs gives the others.
models::EncoderInput fixed_input(const models::EncoderModel& model, std::size_t length) {
  models::EncoderInput input;
  const std::size_t pieces = model.word_piece().size();
  for (std::size_t i = 0; i < length; ++i) input.ids.push_back(i == 0 ? model.word_piece().begin() : static_cast<neural::TokenId>(1 + (i * 7919) % (pieces - 1)));
  return input;
}

double milliseconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

int run(const std::string& folder, std::size_t length, neural::Precision precision, double seconds, const std::string& logits_file) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto model = models::EncoderModel::load(*files, folder, precision);
  if (!model) {
    std::cerr << describe(model.error()) << "\n";
    return 1;
  }
  const models::EncoderInput input = fixed_input(**model, length);
  neural::BertWorkspace workspace = (*model)->encoder().make_workspace();
  std::vector<models::EncoderOutput> output = (*model)->run({&input, 1}, workspace);
  std::vector<double> times;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (times.size() < 3 || std::chrono::steady_clock::now() < end)
    times.push_back(milliseconds_of([&] { output = (*model)->run({&input, 1}, workspace); }));
  std::sort(times.begin(), times.end());
  if (!logits_file.empty()) std::ofstream(logits_file) << Json{{"logits", output.front().logits}}.dump() << "\n";
  std::cout << Json{{"model", (*model)->version()}, {"length", length}, {"precision", neural::name_of(precision)}, {"runs", times.size()},
                    {"best_ms", times.front()}, {"median_ms", times[times.size() / 2]}}.dump()
            << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("Times one model directory on one thread.");
  std::string folder, precision = "fp32", logits;
  std::size_t length = 128;
  double seconds = 2;
  cli.add_option("--model", folder, "model directory")->required();
  cli.add_option("--length", length, "pieces")->check(CLI::Range(1, 4096));
  cli.add_option("--precision", precision, "fp32, bf16 or int8")->check(CLI::IsMember({"fp32", "bf16", "int8"}));
  cli.add_option("--seconds", seconds, "to run")->check(CLI::Range(0.0, 600.0));
  cli.add_option("--logits", logits, "file to write the logits to");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {  // CLI11's edge: also --help
    return cli.exit(problem) == 0 ? 0 : 2;
  }
  using osler::neural::Precision;
  const Precision chosen = precision == "int8" ? Precision::int8 : precision == "bf16" ? Precision::bf16 : Precision::fp32;
  return run(folder, length, chosen, seconds, logits);
}
