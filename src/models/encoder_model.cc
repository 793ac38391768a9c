#include "models/encoder_model.h"

#include <algorithm>

#include "base/limits.h"
#include "base/sha256.h"

namespace osler::models {

namespace {

constexpr std::size_t kLeastPositions = 16;  // as MAX_SEQUENCE_LENGTH

Result<std::string> read_vocabulary(FileSystem& files, const std::string& folder) {
  const Result<Bytes> bytes = files.read(folder + "/vocab.txt", limits::kMaxVocabularyBytes);
  if (!bytes) return model_refused(folder, "vocab.txt cannot be read or is too large");
  return std::string(as_text(*bytes));
}

/// Whether a piece has a capital, special tokens such as [CLS] aside.
bool has_capitals(std::string_view vocabulary) {
  bool special = false;
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    if (i == 0 || vocabulary[i - 1] == '\n') special = vocabulary[i] == '[';
    if (!special && vocabulary[i] >= 'A' && vocabulary[i] <= 'Z') return true;
  }
  return false;
}

/// tokenizer_config.json says it; without one, a vocabulary with capitals belongs to a model that reads them.
Result<neural::WordPieceOptions> word_piece_options(FileSystem& files, const std::string& folder, const std::string& vocabulary) {
  const Json json = files.exists(folder + "/tokenizer_config.json") ? TRY(read_model_json(files, folder, "tokenizer_config.json")) : Json::object();
  if (!json.is_object()) return model_refused(folder, "tokenizer_config.json is not an object");
  const auto flag = [&](const char* name, bool otherwise) -> Result<bool> {
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) return otherwise;
    if (!found->is_boolean()) return model_refused(folder, std::string("tokenizer_config.json: ") + name + " is not true or false");
    return found->get<bool>();
  };
  neural::WordPieceOptions options;
  options.lower_case = TRY(flag("do_lower_case", !has_capitals(vocabulary)));
  options.strip_accents = TRY(flag("strip_accents", options.lower_case));
  options.split_chinese = TRY(flag("tokenize_chinese_chars", options.split_chinese));
  return options;
}

Result<std::vector<EncoderLabel>> read_labels(FileSystem& files, const std::string& folder) {
  const Json json = TRY(read_model_json(files, folder, "labels.json"));
  if (!json.is_array() || json.empty()) return model_refused(folder, "labels.json is not a list");
  std::vector<EncoderLabel> labels;
  for (const Json& one : json) {
    EncoderLabel label;
    if (one.is_string()) label.code = one.get<std::string>();
    if (one.is_object() && one.contains("id") && one["id"].is_string()) label.id = one["id"].get<std::string>();
    if (one.is_object() && one.contains("code") && one["code"].is_string()) label.code = one["code"].get<std::string>();
    if (label.id.empty() && label.code.empty())
      return model_refused(folder, "labels.json, entry " + std::to_string(labels.size()) + " is neither an ICD-10 code nor an object with id or code");
    labels.push_back(std::move(label));
  }
  return labels;
}

/// The result, or its error with the folder.
template <typename T>
Result<T> of_folder(const std::string& folder, const std::string& file, Result<T> result) {
  if (!result) return model_refused(folder, file + describe(result.error()));
  return result;
}

/// For logs and answers; a folder may be called anything.
std::string plain_name(std::string_view name) {
  constexpr std::size_t kMostBytes = 64;
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  std::string plain(name.substr(0, kMostBytes));
  std::replace_if(plain.begin(), plain.end(), [&](char c) { return !is_plain(c); }, '-');
  return plain.find_first_not_of('.') == std::string::npos ? "encoder" : plain;
}

/// The last part of a path.
std::string_view last_name(std::string_view folder) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return folder.substr(folder.find_last_of('/') + 1);
}

/// Without a manifest a directory is known by its weights.
std::string version_of(const ModelManifest& manifest, const std::string& folder) {
  if (!manifest.name.empty()) return plain_name(manifest.name) + "-" + plain_name(manifest.version);
  constexpr std::size_t kDigits = 12;
  return plain_name(last_name(folder)) + "-" + manifest.files.at("model.safetensors").substr(0, kDigits);
}

/// What stands in for the manifest of a directory that has none.
Result<void> list_files(FileSystem& files, const std::string& folder, const neural::SafetensorsFile& weights, ModelManifest& manifest) {
  const auto bytes = weights.bytes();
  manifest.files["model.safetensors"] = to_hex(sha256(ByteView(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())));
  for (const char* name : {"config.json", "vocab.txt", "labels.json", "tokenizer_config.json", "calibration.json"})
    if (files.exists(folder + "/" + name)) manifest.files[name] = to_hex(sha256(TRY(files.read(folder + "/" + name, limits::kMaxVocabularyBytes))));
  std::string list(last_name(folder));
  for (const auto& [name, hash] : manifest.files) list += "\n" + name + " " + hash;
  manifest.hash = to_hex(sha256(as_bytes(list)));
  return ok();
}

Result<ModelManifest> manifest_of(FileSystem& files, const std::string& folder) {
  if (!files.exists(folder + "/manifest.json")) return ModelManifest{};
  ModelManifest manifest = TRY(open_model_directory(files, folder));
  if (manifest.kind != "encoder") return model_refused(folder, "its kind is not 'encoder'");
  return manifest;
}

Result<void> check_labels(const neural::SafetensorsFile& weights, const std::string& folder, std::size_t labels) {
  const auto head = weights.tensors().find("classifier.weight");
  if (head == weights.tensors().end()) return model_refused(folder, "model.safetensors has no classifier.weight");
  if (head->second.shape.empty() || head->second.shape.front() == labels) return ok();
  return model_refused(folder, "labels.json has " + std::to_string(labels) + " labels, classifier.weight of model.safetensors has " +
                                   std::to_string(head->second.shape.front()) + " rows");
}

Result<void> check_present(FileSystem& files, const std::string& folder) {
  if (!files.exists(folder + "/model.safetensors")) {
    const bool pickle = files.exists(folder + "/pytorch_model.bin");
    return model_refused(folder, pickle ? "it has only pytorch_model.bin, a pickle, which can run code when it is read; convert it to model.safetensors"
                                        : "it lacks model.safetensors");
  }
  for (const char* name : {"config.json", "vocab.txt", "labels.json"})
    if (!files.exists(folder + "/" + name)) return model_refused(folder, std::string("it lacks ") + name);
  return ok();
}

}  // namespace

Result<std::unique_ptr<EncoderModel>> EncoderModel::load(FileSystem& files, const std::string& folder, neural::Precision precision) {
  TRY_VOID(check_present(files, folder));
  std::unique_ptr<EncoderModel> model(new EncoderModel());
  model->folder_ = folder;
  model->manifest_ = TRY(manifest_of(files, folder));
  const std::string vocabulary = TRY(read_vocabulary(files, folder));
  const neural::WordPieceOptions options = TRY(word_piece_options(files, folder, vocabulary));
  model->word_piece_ = std::make_unique<neural::WordPiece>(TRY(of_folder(folder, "vocab.txt: ", neural::WordPiece::from_vocabulary(vocabulary, options))));
  const neural::BertConfig config = TRY(of_folder(folder, "", neural::parse_bert_config(TRY(read_model_json(files, folder, "config.json")))));
  if (config.positions < kLeastPositions)
    return model_refused(folder, "config.json: max_position_embeddings is below " + std::to_string(kLeastPositions));
  if (model->word_piece_->size() != config.vocabulary)
    return model_refused(folder, "vocab.txt has " + std::to_string(model->word_piece_->size()) + " pieces, config.json says " + std::to_string(config.vocabulary));
  model->labels_ = TRY(read_labels(files, folder));
  const neural::SafetensorsFile weights = TRY(neural::SafetensorsFile::open(folder + "/model.safetensors"));
  model->encoder_ = std::make_unique<neural::BertEncoder>(TRY(neural::BertEncoder::create(weights, config, precision)));
  if (!model->encoder_->has_pooler()) return model_refused(folder, "model.safetensors has no bert.pooler, which the classifier reads");
  TRY_VOID(check_labels(weights, folder, model->labels_.size()));
  model->classifier_ = std::make_unique<neural::DenseHead>(TRY(neural::DenseHead::create(weights, "classifier", config.hidden, model->labels_.size())));
  if (model->manifest_.kind.empty()) TRY_VOID(list_files(files, folder, weights, model->manifest_));
  model->version_ = version_of(model->manifest_, folder) + "." + std::string(neural::name_of(precision));
  if (files.exists(folder + "/calibration.json")) {
    auto [parameters, record] = TRY(of_folder(folder, "", parse_ensemble(TRY(read_model_json(files, folder, "calibration.json")))));
    model->ensemble_ = parameters;
    model->calibration_ = std::move(record);
  }
  return model;
}

std::vector<EncoderOutput> EncoderModel::run(std::span<const EncoderInput> inputs, neural::BertWorkspace& workspace) const {
  std::vector<std::span<const neural::TokenId>> sequences;
  std::vector<std::size_t> lengths;
  for (const EncoderInput& input : inputs) {
    sequences.emplace_back(input.ids);
    lengths.push_back(input.ids.size());
  }
  const neural::BertOutput output = encoder_->forward(sequences, workspace);
  const std::vector<float> logits = classifier_->apply(output.pooled);
  const std::size_t hidden = encoder_->config().hidden, labels = labels_.size();
  const std::vector<float> embeddings = neural::mean_pooled(output.hidden_states, lengths, hidden);
  std::vector<EncoderOutput> out(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    out[i].logits.assign(logits.begin() + static_cast<std::ptrdiff_t>(i * labels), logits.begin() + static_cast<std::ptrdiff_t>((i + 1) * labels));
    out[i].embedding.assign(embeddings.begin() + static_cast<std::ptrdiff_t>(i * hidden), embeddings.begin() + static_cast<std::ptrdiff_t>((i + 1) * hidden));
  }
  return out;
}

}  // namespace osler::models
