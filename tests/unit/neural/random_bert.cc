#include "random_bert.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace osler::neural {

namespace {

/// Even over `middle` +- `spread`: quick, since a BERT-base has 110 million.
std::vector<float> around(float middle, float spread, std::size_t count, std::mt19937& random) {
  std::vector<float> values(count);
  for (float& value : values) value = middle + spread * (static_cast<float>(random()) * 0x1p-31F - 1);
  return values;
}

class Maker {
 public:
  explicit Maker(std::mt19937& random) : random_(random) {}

  void table(const std::string& name, std::size_t rows, std::size_t width) { tensors[name] = {{rows, width}, around(0, 0.1F, rows * width, random_)}; }
  void dense(const std::string& name, std::size_t inputs, std::size_t outputs) {
    const float spread = std::sqrt(3.0F / static_cast<float>(inputs));
    tensors[name + ".weight"] = {{outputs, inputs}, around(0, spread, inputs * outputs, random_)};
    tensors[name + ".bias"] = {{outputs}, around(0, 0.2F, outputs, random_)};
  }
  void norm(const std::string& name, std::size_t width) {
    tensors[name + ".weight"] = {{width}, around(1, 0.3F, width, random_)};
    tensors[name + ".bias"] = {{width}, around(0, 0.2F, width, random_)};
  }

  RandomTensors tensors;

 private:
  std::mt19937& random_;
};

RandomTensors renamed(const RandomTensors& tensors, const auto& rename) {
  RandomTensors out;
  for (const auto& [name, tensor] : tensors) out[rename(name)] = tensor;
  return out;
}

}  // namespace

RandomTensors random_tensors(const BertConfig& config, std::mt19937& random, bool with_pooler) {
  Maker maker(random);
  maker.table("embeddings.word_embeddings.weight", config.vocabulary, config.hidden);
  maker.table("embeddings.position_embeddings.weight", config.positions, config.hidden);
  maker.table("embeddings.token_type_embeddings.weight", config.token_types, config.hidden);
  maker.norm("embeddings.LayerNorm", config.hidden);
  for (std::size_t layer = 0; layer < config.layers; ++layer) {
    const std::string name = "encoder.layer." + std::to_string(layer) + ".";
    for (const char* part : {"query", "key", "value"}) maker.dense(name + "attention.self." + part, config.hidden, config.hidden);
    maker.dense(name + "attention.output.dense", config.hidden, config.hidden);
    maker.norm(name + "attention.output.LayerNorm", config.hidden);
    maker.dense(name + "intermediate.dense", config.hidden, config.intermediate);
    maker.dense(name + "output.dense", config.intermediate, config.hidden);
    maker.norm(name + "output.LayerNorm", config.hidden);
  }
  if (with_pooler) maker.dense("pooler.dense", config.hidden, config.hidden);
  return std::move(maker.tensors);
}

RandomTensors with_prefix(const RandomTensors& tensors) {
  return renamed(tensors, [](const std::string& name) { return "bert." + name; });
}

RandomTensors with_old_names(const RandomTensors& tensors) {
  return renamed(tensors, [](std::string name) {
    const std::size_t norm = name.find("LayerNorm.");
    if (norm != std::string::npos) name = name.substr(0, norm) + (name.ends_with("weight") ? "LayerNorm.gamma" : "LayerNorm.beta");
    return name;
  });
}

SafetensorsFile file_of(const RandomTensors& tensors) {
  std::map<std::string, TensorView> views;
  for (const auto& [name, tensor] : tensors) views[name] = {TensorType::f32, tensor.shape, std::as_bytes(std::span(tensor.values))};
  return file_of_views(views);
}

SafetensorsFile file_of_views(const std::map<std::string, TensorView>& views) {
  const std::vector<std::byte> bytes = write_safetensors(views, {});
  std::string folder = (std::filesystem::temp_directory_path() / "osler-bert-XXXXXX").string();
  CHECK(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/model.safetensors";
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  SafetensorsFile file = SafetensorsFile::open(path).value();
  std::filesystem::remove_all(folder);
  return file;
}

std::vector<std::vector<TokenId>> random_sequences(const BertConfig& config, const std::vector<std::size_t>& lengths, std::mt19937& random) {
  std::vector<std::vector<TokenId>> sequences;
  for (const std::size_t length : lengths)
    for (std::vector<TokenId>& ids = sequences.emplace_back(); ids.size() < length;)
      ids.push_back(static_cast<TokenId>(random() % config.vocabulary));
  return sequences;
}

std::vector<std::span<const TokenId>> spans_of(const std::vector<std::vector<TokenId>>& sequences) {
  return {sequences.begin(), sequences.end()};
}

}  // namespace osler::neural
