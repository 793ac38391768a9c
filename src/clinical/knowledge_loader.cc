#include "clinical/knowledge_loader.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <thread>

#include "base/limits.h"
#include "base/sha256.h"
#include "clinical/raw_knowledge.h"

namespace osler::clinical {

namespace {

bool starts_with(const std::string& text, std::string_view prefix) { return text.rfind(prefix, 0) == 0; }

void read_file(const KnowledgeFile& file, RawKnowledge& raw, std::vector<KnowledgeFault>& all) {
  FaultList faults(file.path, all);
  if (file.content.size() > limits::kMaxKnowledgeFileBytes) return faults.add_at_line(0, "larger than its limit");
  const std::optional<YamlNode> document = parse_yaml(file.content, faults);
  if (!document) return;
  if (starts_with(file.path, "findings/")) read_findings(*document, faults, raw);
  else if (starts_with(file.path, "quantities/")) read_quantities(*document, faults, raw);
  else if (starts_with(file.path, "conditions/")) read_condition(*document, faults, raw);
  else faults.add_at_line(0, "belongs in findings/, quantities/ or conditions/");
}

/// What one thread read; joined in path order, so that the result does not depend on the number of threads.
struct Share {
  RawKnowledge raw;
  std::vector<KnowledgeFault> faults;
};

template <typename T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

/// Reads all files on up to kMaxReaders threads, each a run of files of about the same number of bytes.
RawKnowledge read_files(const std::vector<const KnowledgeFile*>& files, std::vector<KnowledgeFault>& faults) {
  constexpr std::size_t kMaxReaders = 4;
  const std::size_t readers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxReaders);
  std::size_t total = 0, before = 0;
  for (const KnowledgeFile* file : files) total += file->content.size();
  std::vector<std::vector<const KnowledgeFile*>> runs(readers);
  for (const KnowledgeFile* file : files) {
    runs[std::min(readers - 1, before * readers / std::max<std::size_t>(total, 1))].push_back(file);
    before += file->content.size();
  }
  std::vector<std::future<Share>> shares;
  for (const auto& run : runs)
    shares.push_back(std::async(std::launch::async, [&run] {
      Share share;
      for (const KnowledgeFile* file : run) read_file(*file, share.raw, share.faults);
      return share;
    }));
  RawKnowledge raw;
  for (std::future<Share>& future : shares) {
    Share share = future.get();
    append(raw.findings, std::move(share.raw.findings));
    append(raw.quantities, std::move(share.raw.quantities));
    append(raw.conditions, std::move(share.raw.conditions));
    append(faults, std::move(share.faults));
  }
  return raw;
}

std::vector<const KnowledgeFile*> in_path_order(const std::vector<KnowledgeFile>& files) {
  std::vector<const KnowledgeFile*> sorted;
  for (const KnowledgeFile& file : files) sorted.push_back(&file);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->path < b->path; });
  return sorted;
}

}  // namespace

std::string describe(const KnowledgeFault& fault) {
  return fault.path + (fault.line > 0 ? ":" + std::to_string(fault.line) : "") + ": " + fault.message;
}

std::string knowledge_hash(const std::vector<KnowledgeFile>& files) {
  std::string framed;
  for (const KnowledgeFile* file : in_path_order(files)) {
    framed += file->path;
    framed += '\0';
    framed += std::to_string(file->content.size());
    framed += '\0';
    framed += file->content;
  }
  return to_hex(sha256(as_bytes(framed)));
}

Result<KnowledgeBase> load_knowledge(const std::vector<KnowledgeFile>& files, std::vector<KnowledgeFault>& faults) {
  const std::vector<const KnowledgeFile*> sorted = in_path_order(files);
  if (sorted.empty()) faults.push_back({"", 0, "the knowledge folder is empty"});

  RawKnowledge raw = read_files(sorted, faults);
  KnowledgeBase knowledge = resolve_knowledge(raw, faults);
  if (faults.empty()) check_knowledge(knowledge, raw, faults);
  if (!faults.empty())
    return make_error(ErrorCode::configuration, "The knowledge base has " + std::to_string(faults.size()) +
                                                    " fault(s); the first: " + describe(faults.front()) + ".");
  knowledge.hash = knowledge_hash(files);
  return knowledge;
}

}  // namespace osler::clinical
