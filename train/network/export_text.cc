#include "train/network/export_text.h"

#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"

namespace osler::train {

namespace {

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
