#include "language/case_reader.h"

#include <future>

#include "language/case_merge.h"
#include "language/completion.h"
#include "language/measurements.h"
#include "language/text_reader.h"

namespace osler::language {

/// Everything built once from the knowledge base.
class CaseReader::Lexicon {
 public:
  explicit Lexicon(const clinical::KnowledgeBase& knowledge)
      : building(std::async(std::launch::async, [&knowledge] { return CompletionIndex(knowledge); })), texts(knowledge),
        measurements(knowledge), completions(building.get()) {}

 private:
  std::future<CompletionIndex> building;  // beside the texts, on another core

 public:
  TextReader texts;
  MeasurementReader measurements;
  CompletionIndex completions;
};

CaseReader::CaseReader(const clinical::KnowledgeBase& knowledge)
    : knowledge_(knowledge), lexicon_(std::make_unique<const Lexicon>(knowledge)) {}

CaseReader::~CaseReader() = default;
CaseReader::CaseReader(CaseReader&&) noexcept = default;

CaseReading CaseReader::read(const clinical::PatientCase& patient) const {
  return CaseMerge(knowledge_, lexicon_->texts, lexicon_->measurements, patient).run();
}

std::vector<CaseReader::Completion> CaseReader::complete(std::string_view typed, std::string_view kind, std::size_t limit) const {
  return lexicon_->completions.complete(typed, kind, limit);
}

}  // namespace osler::language
