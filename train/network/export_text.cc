#include "train/network/export_text.h"

#include <cmath>

#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "neural/safetensors.h"

namespace osler::train {

namespace {

/// Tensors with the bytes they own, under the names that are served.
class StoredTensors {
 public:
  explicit StoredTensors(Storage storage) : storage_(storage) {}

  void add(const std::string& name, const torch::Tensor& tensor) {
    const torch::Tensor whole = tensor.detach().contiguous();
    std::vector<std::size_t> shape;
    for (const std::int64_t n : whole.sizes()) shape.push_back(static_cast<std::size_t>(n));
    const std::span<const float> values(whole.data_ptr<float>(), static_cast<std::size_t>(whole.numel()));
    if (shape.size() != 2 || storage_ == Storage::fp32) return put(name, neural::TensorType::f32, shape, std::as_bytes(values));
    if (storage_ == Storage::bf16) {
      std::vector<std::uint16_t> bits;
      for (const float value : values) bits.push_back(neural::bfloat16_from_float(value));
      return put(name, neural::TensorType::bf16, shape, std::as_bytes(std::span(bits)));
    }
    const QuantisedRows rows = quantise_rows(values, shape[0]);
    put(name, neural::TensorType::i8, shape, std::as_bytes(std::span(rows.values)));
    put(name + ".scale", neural::TensorType::f32, {shape[0]}, std::as_bytes(std::span(rows.scales)));
  }

  std::vector<std::byte> bytes() const {
    std::map<std::string, neural::TensorView> views;
    for (const auto& [name, one] : tensors_) views.emplace(name, neural::TensorView{one.type, one.shape, one.bytes});
    return neural::write_safetensors(views, {{"format", "pt"}});
  }

 private:
  struct Owned {
    neural::TensorType type;
    std::vector<std::size_t> shape;
    std::vector<std::byte> bytes;
  };
  void put(const std::string& name, neural::TensorType type, const std::vector<std::size_t>& shape, std::span<const std::byte> bytes) {
    tensors_.insert_or_assign(name, Owned{type, shape, {bytes.begin(), bytes.end()}});
  }

  Storage storage_;
  std::map<std::string, Owned> tensors_;
};

Json architecture_json(const TextRun& run) {
  const neural::BertConfig& a = run.config.architecture;
  return {{"model_type", "bert"}, {"architectures", {"BertForSequenceClassification"}}, {"num_hidden_layers", a.layers}, {"num_attention_heads", a.heads},
          {"hidden_size", a.hidden}, {"intermediate_size", a.intermediate}, {"vocab_size", run.word_piece.size()}, {"max_position_embeddings", a.positions},
          {"type_vocab_size", a.token_types}, {"hidden_act", "gelu"}, {"layer_norm_eps", 1e-12}, {"position_embedding_type", "absolute"}};
}

Json labels_json(const clinical::KnowledgeBase& knowledge) {
  Json labels = Json::array();
  for (const clinical::Condition& condition : knowledge.conditions) labels.push_back({{"id", condition.id}, {"code", condition.code}});
  return labels;
}

Json training_json(const TextRun& run, std::size_t updates) {
  Json json{{"updates", updates}, {"seed", run.config.seed}, {"knowledge_hash", run.knowledge.hash}, {"written_cases", run.data.written.size()},
            {"word_vectors", !run.config.word_vectors.empty()}, {"plain_texts", run.data.plain.size()}, {"tokens_a_batch", run.config.tokens_a_batch},
            {"max_length", run.config.max_length}, {"flattening", run.config.flattening}};
  json["phases"] = Json::array();
  for (const TrainingPhase& phase : run.config.phases)
    json["phases"].push_back({{"name", phase.name}, {"steps", phase.steps}, {"learning_rate", phase.learning_rate}, {"written_share", phase.written_share}});
  return json;
}

StoredTensors served_tensors(const TextNetwork& network, Storage storage) {
  StoredTensors stored(storage);
  for (const auto& [name, tensor] : network.parameters())
    if (!name.starts_with("cls.") && !name.starts_with("word_vectors.")) stored.add(name, tensor);
  stored.add("bert.embeddings.word_embeddings.weight", network.word_embeddings());
  return stored;
}

}  // namespace

QuantisedRows quantise_rows(std::span<const float> values, std::size_t rows) {
  QuantisedRows out;
  const std::size_t width = rows == 0 ? 0 : values.size() / rows;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::span<const float> row = values.subspan(r * width, width);
    float largest = 0;
    for (const float value : row) largest = std::max(largest, std::abs(value));
    const float scale = largest > 0 ? largest / 127 : 1;
    out.scales.push_back(scale);
    for (const float value : row) out.values.push_back(static_cast<std::int8_t>(std::lround(value / scale)));
  }
  return out;
}

Result<void> export_text(const TextRun& run, const std::string& folder, Storage storage, std::size_t updates) {
  torch::NoGradGuard guard;
  const std::unique_ptr<FileSystem> files = make_file_system();
  if (files->exists(folder)) return make_error(ErrorCode::conflict, "A model directory is immutable, and " + folder + " exists.");
  TRY_VOID(files->make_folders(folder));
  Json manifest{{"name", run.config.name}, {"version", run.config.version}, {"kind", "encoder"}};
  const auto put = [&](const char* name, ByteView bytes) -> Result<void> {
    manifest["files"][name] = to_hex(sha256(bytes));
    return files->write_atomically(folder + "/" + name, bytes, 0644);
  };
  const auto put_json = [&](const char* name, const Json& json) { return put(name, as_bytes(json.dump(1) + "\n")); };
  TRY_VOID(put_json("config.json", architecture_json(run)));
  TRY_VOID(put_json("tokenizer_config.json", {{"do_lower_case", true}}));
  TRY_VOID(put_json("labels.json", labels_json(run.knowledge)));
  Json findings = Json::array();
  for (const clinical::Finding& finding : run.knowledge.findings) findings.push_back(finding.id);
  TRY_VOID(put_json("findings.json", findings));
  TRY_VOID(put_json("training.json", training_json(run, updates)));
  TRY_VOID(put("vocab.txt", as_bytes(run.vocabulary)));
  const std::vector<std::byte> weights = served_tensors(*run.network, storage).bytes();
  TRY_VOID(put("model.safetensors", ByteView(reinterpret_cast<const std::uint8_t*>(weights.data()), weights.size())));
  return files->write_atomically(folder + "/manifest.json", as_bytes(manifest.dump(2) + "\n"), 0644);
}

}  // namespace osler::train
