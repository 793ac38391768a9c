#include "train/network/run_text.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/files.h"
#include "base/sha256.h"
#include "train/text/vocabulary.h"
#include "train/text/word_vectors.h"

namespace osler::train {

namespace {

constexpr std::size_t kVocabularyCases = 60'000;  // generated ones whose words are counted

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorCode::not_found, path + " cannot be read.");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void count_patient(const clinical::PatientCase& patient, WordCounts& counts) {
  count_words(patient.narrative, counts);
  for (const auto* list : {&patient.symptoms, &patient.absent_findings, &patient.preexisting_conditions, &patient.family_history})
    for (const std::string& text : *list) count_words(text, counts);
}

/// Every wording of the knowledge base counts twice, so that all its words are whole.
void count_knowledge(const clinical::KnowledgeBase& knowledge, WordCounts& counts) {
  for (int twice = 0; twice < 2; ++twice) {
    for (const clinical::Finding& finding : knowledge.findings) {
      count_words(finding.name, counts);
      for (const auto* list : {&finding.clinical_phrases, &finding.lay_phrases})
        for (const std::string& phrase : *list) count_words(phrase, counts);
    }
    for (const clinical::Condition& condition : knowledge.conditions) {
      count_words(condition.name, counts);
      for (const std::string& synonym : condition.synonyms) count_words(synonym, counts);
    }
    for (const clinical::Quantity& quantity : knowledge.quantities) count_words(quantity.name, counts);
  }
}

Result<std::vector<WrittenCase>> read_folders(const clinical::KnowledgeBase& knowledge, const std::vector<std::string>& folders,
                                              const std::function<void(const std::string&)>& say) {
  std::vector<WrittenCase> all;
  for (const std::string& folder : folders) {
    std::size_t unknown = 0;
    std::vector<WrittenCase> cases = TRY(read_written_cases(knowledge, folder, unknown));
    say(folder + ": " + std::to_string(cases.size()) + " written cases" + (unknown ? ", and " + std::to_string(unknown) + " of conditions that nobody knows here" : ""));
    std::move(cases.begin(), cases.end(), std::back_inserter(all));
  }
  return all;
}

Result<std::string> build_vocabulary(const TextTrainingConfig& config, const clinical::KnowledgeBase& knowledge, const std::function<void(const std::string&)>& say) {
  say("making a vocabulary of " + std::to_string(config.vocabulary_size) + " pieces");
  WordCounts counts;
  count_knowledge(knowledge, counts);
  const CaseGenerator generator(knowledge, config.seed, config.flattening);
  for (std::size_t i = 0; i < kVocabularyCases; ++i) count_patient(generator.make(i).words.patient, counts);
  for (const WrittenCase& one : TRY(read_folders(knowledge, config.written, [](const std::string&) {}))) count_patient(one.patient, counts);
  for (const std::string& path : config.plain_texts) count_words(TRY(read_text(path)), counts);
  WordVectors vectors;
  if (!config.word_vectors.empty()) vectors = TRY(read_word_vectors(config.word_vectors));
  return make_vocabulary(counts, vectors.words, config.vocabulary_size);
}

}  // namespace

TextRun::TextRun(const TextTrainingConfig& configuration, const clinical::KnowledgeBase& base, std::string vocabulary_text, neural::WordPiece pieces)
    : config(configuration), knowledge(base), vocabulary(std::move(vocabulary_text)), word_piece(std::move(pieces)),
      generator(base, configuration.seed, configuration.flattening), maker(base, word_piece, configuration.max_length) {}

Result<std::unique_ptr<TextRun>> TextRun::prepare(const TextTrainingConfig& config, const clinical::KnowledgeBase& knowledge,
                                                  const std::function<void(const std::string&)>& say) {
  std::error_code failure;
  std::filesystem::create_directories(config.work_folder, failure);
  const std::string path = config.work_folder + "/vocab.txt";
  if (!std::filesystem::exists(path)) {
    const std::string made = config.start_from.empty() ? TRY(build_vocabulary(config, knowledge, say)) : TRY(read_text(config.start_from + "/vocab.txt"));
    TRY_VOID(make_file_system()->write_atomically(path, as_bytes(made), 0644));
  }
  std::string vocabulary = TRY(read_text(path));
  neural::WordPiece word_piece = TRY(neural::WordPiece::from_vocabulary(vocabulary, {}));
  std::unique_ptr<TextRun> run(new TextRun(config, knowledge, std::move(vocabulary), std::move(word_piece)));
  TRY_VOID(run->read_data(say));
  TRY_VOID(run->make_network());
  return run;
}

Result<void> TextRun::read_data(const std::function<void(const std::string&)>& say) {
  for (const WrittenCase& one : TRY(read_folders(knowledge, config.written, say))) data.written.push_back(maker.from(one));
  for (const WrittenCase& one : TRY(read_folders(knowledge, config.held_out, say))) held_out.push_back(maker.from(one));
  for (const std::string& path : config.plain_texts) {
    const std::string text = TRY(read_text(path));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (end > at) data.plain.push_back(maker.from_plain(std::string_view(text).substr(at, end - at)));
      at = end + 1;
    }
  }
  identity = to_hex(sha256(as_bytes(vocabulary + knowledge.hash + std::to_string(config.architecture.layers) + "x" + std::to_string(config.architecture.hidden))));
  return ok();
}

Result<void> TextRun::make_network() {
  torch::manual_seed(config.seed);
  torch::Tensor vectors;
  if (!config.word_vectors.empty()) {
    const WordVectors read = TRY(read_word_vectors(config.word_vectors));
    vectors = torch::zeros({static_cast<std::int64_t>(word_piece.size()), static_cast<std::int64_t>(read.width)});
    for (std::size_t id = 0; id < word_piece.size(); ++id) {
      const auto found = read.index.find(std::string(word_piece.piece(static_cast<neural::TokenId>(id))));
      if (found == read.index.end()) continue;
      std::copy_n(read.numbers.begin() + static_cast<std::ptrdiff_t>(found->second * read.width), read.width, vectors.data_ptr<float>() + id * read.width);
    }
  }
  neural::BertConfig architecture = config.architecture;
  architecture.vocabulary = word_piece.size();
  const HeadSizes heads{static_cast<std::int64_t>(knowledge.conditions.size()), kTags, static_cast<std::int64_t>(knowledge.findings.size())};
  network = std::make_unique<TextNetwork>(architecture, heads, vectors, config.mixed_precision);
  if (config.start_from.empty()) return ok();
  const std::size_t filled = TRY(start_from(config.start_from + "/model.safetensors", *network));
  if (filled == 0) return make_error(ErrorCode::configuration, "The weights in " + config.start_from + " fit nothing of this architecture.");
  torch::NoGradGuard guard;
  // What is served has the word vectors folded in already.
  if (const auto projection = network->parameters().find("word_vectors.projection"); projection != network->parameters().end()) projection->second.zero_();
  return ok();
}

}  // namespace osler::train
