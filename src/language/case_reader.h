// Text to findings: reads every text of a request and every number in it, in the knowledge base's terms.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/findings.h"

namespace osler::language {

enum class Subject { patient, relative };

/// One place in the text that means a finding.
struct Mention {
  clinical::FindingIndex finding = clinical::kNone;
  clinical::Polarity polarity = clinical::Polarity::present;
  bool uncertain = false;                 // "possible", "?": reported, not used as evidence
  Subject subject = Subject::patient;
  bool past = false;                      // "history of", "last year": not today's problem
  clinical::TextSpan span;
};

/// What the texts say of the patient, whatever the fields say.
struct StatedPerson {
  std::optional<double> age_years;
  std::optional<clinical::Sex> sex;
  std::optional<bool> pregnant;
};

struct CaseReading {
  clinical::CaseFindings findings;                 // what reasoning uses, labs and vitals included
  /// Measurement warnings (findings.h) and: not_understood, diagnosis_as_symptom, contradiction, measured_otherwise,
  /// age_differs, sex_differs, unit_unclear, unit_unknown, value_implausible. `text` may hold the caller's words.
  std::vector<clinical::CaseWarning> warnings;
  StatedPerson person;
  std::vector<Mention> mentions;                   // everything read, for the page; sorted by span
};

/// Immutable after construction, so every thread may read with it. Keeps a reference to the knowledge base.
class CaseReader {
 public:
  explicit CaseReader(const clinical::KnowledgeBase& knowledge);
  ~CaseReader();
  CaseReader(CaseReader&&) noexcept;
  CaseReader& operator=(CaseReader&&) = delete;

  /// Reads the whole case. Structured fields win over the same thing said in text (a measured temperature over
  /// "fever"; `duration_days` over "for 3 days"); each such override of a contradicting text is a warning.
  CaseReading read(const clinical::PatientCase& patient) const;

  struct Completion {
    std::string id, name, kind;   // kind: a FindingKind, "condition", "lab" or "vital"
  };
  /// Entries with a name, phrase, synonym or alias in which some word starts with each typed word; an entry called exactly so comes first, then names that start with
  /// the text. `kind` empty for all, "symptom" (symptoms and signs), "history" (history, exposures, conditions),
  /// "lab".
  std::vector<Completion> complete(std::string_view typed, std::string_view kind, std::size_t limit) const;

 private:
  class Lexicon;
  const clinical::KnowledgeBase& knowledge_;
  std::unique_ptr<const Lexicon> lexicon_;
};

}  // namespace osler::language
