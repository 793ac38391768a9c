// One case as a network learns from it: pieces, and what is true of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/encoder_input.h"
#include "train/cases/case_generator.h"
#include "train/text/written_cases.h"

namespace osler::train {

/// Tags of a piece: outside, or at the beginning or inside of a present or an absent finding. -1: nobody knows.
enum class Tag : std::int8_t { unknown = -1, outside, begin_present, inside_present, begin_absent, inside_absent };
inline constexpr int kTags = 5;

struct SpanTarget {
  std::uint32_t first = 0, last = 0;  // pieces, both inclusive
  clinical::FindingIndex finding = clinical::kNone;
};

struct TextExample {
  std::vector<neural::TokenId> ids;
  std::vector<Tag> tags;                                     // one for each id
  std::vector<SpanTarget> spans;
  clinical::ConditionIndex condition = clinical::kNone;      // kNone: plain text, for the masked task only
};

/// Immutable, so every thread may use it; the referents outlive it.
class ExampleMaker {
 public:
  ExampleMaker(const clinical::KnowledgeBase& knowledge, const neural::WordPiece& word_piece, std::size_t max_length)
      : knowledge_(knowledge), word_piece_(word_piece), max_length_(max_length) {}

  TextExample from(const GeneratedCase& generated) const;
  TextExample from(const WrittenCase& written) const;
  TextExample from_plain(std::string_view text) const;

 private:
  TextExample begin(const clinical::PatientCase& patient, std::vector<language::CaseTextUnit>& units, models::EncoderInput& input) const;

  const clinical::KnowledgeBase& knowledge_;
  const neural::WordPiece& word_piece_;
  const std::size_t max_length_;
};

}  // namespace osler::train
