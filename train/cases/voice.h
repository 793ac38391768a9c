// Putting a sampled patient into words, in one of several voices, with every finding's place known.
#pragma once

#include <string>
#include <vector>

#include "clinical/patient_case.h"
#include "train/cases/case_sampler.h"

namespace osler::train {

enum class Voice { doctors_note, triage_note, own_words, relative, complaints_only, telegram, report };
inline constexpr int kVoices = 7;
std::string_view name_of(Voice voice);

/// Bytes [span.begin, span.end) of that field and item are the words of the finding.
struct LabelledSpan {
  clinical::TextSpan span;
  clinical::FindingIndex finding = clinical::kNone;
  clinical::Polarity polarity = clinical::Polarity::present;
};

struct WordedCase {
  clinical::PatientCase patient;
  std::vector<LabelledSpan> spans;  // of symptoms, narrative and absent_findings
};

/// The same case, voice and random numbers give the same words. Misspellings, dropped words and irrelevant talk come from `random`.
WordedCase put_into_words(const clinical::KnowledgeBase& knowledge, const SampledCase& sampled, Voice voice, Random& random);

}  // namespace osler::train
