#include "tiny_encoder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "base/sha256.h"
#include "models/calibration.h"

namespace osler::models {

namespace {

/// Even over +-0.5, so that logits differ well.
neural::RandomTensor random_tensor(std::vector<std::size_t> shape, std::mt19937& random) {
  neural::RandomTensor tensor{std::move(shape), {}};
  std::size_t count = 1;
  for (const std::size_t size : tensor.shape) count *= size;
  for (std::size_t i = 0; i < count; ++i) tensor.values.push_back(static_cast<float>(random()) * 0x1p-32F - 0.5F);
  return tensor;
}

std::vector<std::string> some_pieces() {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cough", "fever", "years", "old", "pain", "##ing"};
  for (char c = '!'; c <= '~'; ++c) {
    if (c >= 'A' && c <= 'Z') continue;
    pieces.push_back(std::string(1, c));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) pieces.push_back("##" + std::string(1, c));
  }
  return pieces;
}

}  // namespace

TinyEncoder::TinyEncoder(Json its_labels, std::mt19937& random) : pieces(some_pieces()), labels(std::move(its_labels)) {
  config.layers = 1;
  config.heads = 2;
  config.hidden = 16;
  config.intermediate = 24;
  config.vocabulary = pieces.size();
  config.positions = 96;
  config.token_types = 2;
  tensors = with_prefix(neural::random_tensors(config, random));
  tensors["classifier.weight"] = random_tensor({labels.size(), config.hidden}, random);
  tensors["classifier.bias"] = random_tensor({labels.size()}, random);
}

void TinyEncoder::write_to(const std::string& folder) const {
  std::filesystem::create_directories(folder);
  Json json{{"model_type", "bert"}, {"num_hidden_layers", config.layers}, {"num_attention_heads", config.heads}, {"hidden_size", config.hidden},
            {"intermediate_size", config.intermediate}, {"vocab_size", pieces.size()}, {"max_position_embeddings", config.positions},
            {"type_vocab_size", config.token_types}};
  json.update(config_more);
  write_file(folder + "/config.json", json.dump());
  std::string vocabulary;
  for (const std::string& piece : pieces) vocabulary += piece + "\n";
  write_file(folder + "/vocab.txt", vocabulary);
  write_file(folder + "/labels.json", labels.dump());
  std::map<std::string, neural::TensorView> views;
  for (const auto& [name, tensor] : tensors) views[name] = {neural::TensorType::f32, tensor.shape, std::as_bytes(std::span(tensor.values))};
  const std::vector<std::byte> bytes = neural::write_safetensors(views, {});
  write_file(folder + "/model.safetensors", std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  CHECK(file.flush().good());
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string ensemble_calibration(const reasoning::EnsembleParameters& parameters) {
  return write_ensemble(parameters, {"Visits to one clinic", 210, "2026-01-02", "Not yours."}).dump(2) + "\n";
}

Json manifest_over(const std::string& folder, const std::string& version) {
  Json manifest{{"name", "osler-encoder"}, {"version", version}, {"kind", "encoder"}, {"files", Json::object()}};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != "manifest.json") manifest["files"][name] = to_hex(sha256(as_bytes(read_file(entry.path().string()))));
  }
  return manifest;
}

void write_manifest(const std::string& folder, const std::string& version) {
  write_file(folder + "/manifest.json", manifest_over(folder, version).dump(2));
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "osler-test-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace osler::models
