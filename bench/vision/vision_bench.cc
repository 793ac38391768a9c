// One image network on one film again and again: the contestant of bench/vision/compare.mjs. Prints one line of JSON.
//
//   vision_bench --make densenet121|mobilenet_v2 --side N --model DIR      random weights, written as config.json and model.safetensors
//   vision_bench --model DIR --precision fp32|bf16 --seconds S [--logits FILE]
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>

#include "../../tests/unit/neural/random_image.h"

namespace {

using namespace osler;
using namespace osler::neural;

constexpr unsigned kSeed = 1;

int make(const std::string& folder, const std::string& architecture, std::size_t side) {
  const bool densenet = architecture == "densenet121";
  ImageNetworkConfig config = random_image_config(densenet ? ImageArchitecture::densenet121 : ImageArchitecture::mobilenet_v2, side, 256);
  std::mt19937 random(kSeed);
  const RandomTensors tensors = random_image_tensors(config, random);
  std::map<std::string, TensorView> views;
  for (const auto& [name, tensor] : tensors) views[name] = {TensorType::f32, tensor.shape, std::as_bytes(std::span(tensor.values))};
  const std::vector<std::byte> bytes = write_safetensors(views, {});
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/model.safetensors", std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  std::ofstream(folder + "/config.json") << Json{{"architecture", architecture}, {"side", side}, {"mean", config.mean}, {"deviation", config.deviation},
                                                 {"padding", "symmetric"}, {"hidden", config.hidden}, {"labels", config.labels}}.dump(1)
                                         << "\n";
  return 0;
}

/// What bench/vision/onnx_graph.mjs gives the other.
std::vector<float> fixed_film(std::size_t side) {
  std::vector<float> film(side * side);
  for (std::size_t i = 0; i < film.size(); ++i) film[i] = static_cast<float>((i * 7919) % 256) / 255;
  return film;
}

Result<ImageNetwork> load(const std::string& folder, Precision precision) {
  std::ifstream file(folder + "/config.json");
  const Json json = TRY(parse_json(std::string(std::istreambuf_iterator<char>(file), {})));
  const ImageNetworkConfig config = TRY(parse_image_config(json));
  const SafetensorsFile weights = TRY(SafetensorsFile::open(folder + "/model.safetensors"));
  return ImageNetwork::create(weights, config, precision);
}

double milliseconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Milliseconds of the processor that this thread has had.
double processor_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

int run(const std::string& folder, Precision precision, double seconds, const std::string& logits_file) {
  std::optional<Result<ImageNetwork>> network;
  const double load_ms = milliseconds_of([&] { network.emplace(load(folder, precision)); });
  if (!*network) {
    std::cerr << describe(network->error()) << "\n";
    return 1;
  }
  const ImageNetwork& loaded = **network;
  ImageWorkspace workspace = loaded.make_workspace();
  const std::vector<float> film = fixed_film(loaded.config().side);
  ImageOutput output = loaded.run(film, workspace);
  std::vector<double> times;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  double least_cpu = std::numeric_limits<double>::infinity();
  while (times.size() < 3 || std::chrono::steady_clock::now() < end) {
    const double before = processor_milliseconds();
    times.push_back(milliseconds_of([&] { output = loaded.run(film, workspace); }));
    least_cpu = std::min(least_cpu, processor_milliseconds() - before);
  }
  std::sort(times.begin(), times.end());
  if (!logits_file.empty()) std::ofstream(logits_file) << Json{{"logits", std::vector<float>(output.logits.begin(), output.logits.end())}}.dump() << "\n";
  std::cout << Json{{"precision", name_of(precision)}, {"side", loaded.config().side}, {"runs", times.size()}, {"best_ms", times.front()}, {"cpu_ms", least_cpu},
                    {"median_ms", times[times.size() / 2]}, {"load_ms", load_ms}, {"weight_bytes", loaded.resident_bytes()},
                    {"workspace_bytes", workspace.resident_bytes()}}.dump()
            << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("Times one image network on one thread.");
  std::string folder, architecture, precision = "fp32", logits;
  std::size_t side = 224;
  double seconds = 2;
  cli.add_option("--model", folder, "folder of config.json and model.safetensors")->required();
  cli.add_option("--make", architecture, "write random weights there instead")->check(CLI::IsMember({"densenet121", "mobilenet_v2"}));
  cli.add_option("--side", side, "of the film, with --make")->check(CLI::Range(224, 512));
  cli.add_option("--precision", precision, "fp32 or bf16")->check(CLI::IsMember({"fp32", "bf16"}));
  cli.add_option("--seconds", seconds, "to run")->check(CLI::Range(0.0, 600.0));
  cli.add_option("--logits", logits, "file to write the logits to");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {  // CLI11's edge: also --help
    return cli.exit(problem) == 0 ? 0 : 2;
  }
  if (!architecture.empty()) return make(folder, architecture, side);
  return run(folder, precision == "bf16" ? Precision::bf16 : Precision::fp32, seconds, logits);
}
