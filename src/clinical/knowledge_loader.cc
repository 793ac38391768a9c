#include "clinical/knowledge_loader.h"

#include <algorithm>

#include "base/limits.h"
#include "base/sha256.h"
#include "clinical/raw_knowledge.h"

namespace osler::clinical {

namespace {

bool starts_with(const std::string& text, std::string_view prefix) { return text.rfind(prefix, 0) == 0; }

void read_file(const KnowledgeFile& file, RawKnowledge& raw, std::vector<KnowledgeFault>& all) {
  FaultList faults(file.path, all);
  if (file.content.size() > limits::kMaxKnowledgeFileBytes) return faults.add_at_line(0, "larger than its limit");
  const std::optional<YAML::Node> document = parse_yaml(file.content, faults);
  if (!document) return;
  try {
    if (starts_with(file.path, "findings/")) read_findings(*document, faults, raw);
    else if (starts_with(file.path, "quantities/")) read_quantities(*document, faults, raw);
    else if (starts_with(file.path, "conditions/")) read_condition(*document, faults, raw);
    else faults.add_at_line(0, "belongs in findings/, quantities/ or conditions/");
  } catch (const YAML::Exception& problem) {  // yaml-cpp's edge: a shape no getter foresaw
    faults.add_at_line(problem.mark.line + 1, "unexpected shape: " + problem.msg);
  }
}

/// Hash over "path NUL length NUL content" of each file in path order, so that no two folders share it.
std::string hash_of(const std::vector<const KnowledgeFile*>& files) {
  std::string framed;
  for (const KnowledgeFile* file : files) {
    framed += file->path;
    framed += '\0';
    framed += std::to_string(file->content.size());
    framed += '\0';
    framed += file->content;
  }
  return to_hex(sha256(as_bytes(framed)));
}

}  // namespace

std::string describe(const KnowledgeFault& fault) {
  return fault.path + (fault.line > 0 ? ":" + std::to_string(fault.line) : "") + ": " + fault.message;
}

Result<KnowledgeBase> load_knowledge(const std::vector<KnowledgeFile>& files, std::vector<KnowledgeFault>& faults) {
  std::vector<const KnowledgeFile*> sorted;
  for (const KnowledgeFile& file : files) sorted.push_back(&file);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->path < b->path; });
  if (sorted.empty()) faults.push_back({"", 0, "the knowledge folder is empty"});

  RawKnowledge raw;
  for (const KnowledgeFile* file : sorted) read_file(*file, raw, faults);
  KnowledgeBase knowledge = resolve_knowledge(raw, faults);
  if (faults.empty()) check_knowledge(knowledge, raw, faults);
  if (!faults.empty())
    return make_error(ErrorCode::configuration, "The knowledge base has " + std::to_string(faults.size()) +
                                                    " fault(s); the first: " + describe(faults.front()) + ".");
  knowledge.hash = hash_of(sorted);
  return knowledge;
}

}  // namespace osler::clinical
