// Network, encoder and both on the same cases, and the encoder's precisions beside each other.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "evaluate/scoring.h"
#include "evaluate/vignettes.h"
#include "language/case_reader.h"
#include "reasoning/network.h"
#include "service/encoder_stage.h"

namespace osler::evaluate {

/// Ranks, from 1, of the best hit (scoring.h); 0: none.
struct RanksOfCase {
  std::size_t network = 0, encoder = 0, both = 0;
};

/// How far confidences are from those of the reference, absolute.
struct ConfidenceChange {
  double first = 0;    // of the condition that the reference has first
  double ten = 0;      // mean over the ten that it has first
  double largest = 0;  // among these ten
};

struct PrecisionOfCase {
  std::size_t rank_alone = 0, rank_both = 0;
  ConfidenceChange alone, both;
};

struct ComparedCase {
  bool nothing_found = false;               // the network was given no finding
  RanksOfCase ranks;
  RanksOfCase withheld;                     // no finding, measurement or stated condition reaches the network; the encoder reads the whole case
  std::vector<PrecisionOfCase> precisions;  // one for each stage
};

/// As if nothing of what was said or measured had been understood.
clinical::CaseFindings withheld(clinical::CaseFindings findings);

/// Keeps references; every thread may use it.
class ModelComparer {
 public:
  /// `stages`: one encoder in several precisions, the reference first. `served`: the one of them that stands for "the encoder" in ranks.
  ModelComparer(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
                std::vector<const service::EncoderStage*> stages, std::size_t served, std::optional<clinical::Setting> default_setting);

  /// ErrorCode::invalid when the case breaks the contract.
  Result<ComparedCase> run(const Vignette& vignette) const;

 private:
  const clinical::KnowledgeBase& knowledge_;
  const language::CaseReader& reader_;
  const reasoning::Network& network_;
  std::vector<const service::EncoderStage*> stages_;
  std::size_t served_;
  std::optional<clinical::Setting> default_setting_;
};

/// Shares of cases with a hit in the first place, and among the first three.
struct HitShares {
  Interval first, first_three;
};

struct SpeakerScores {
  std::size_t cases = 0;
  HitShares network, encoder, both;
};

struct PrecisionScores {
  std::string name;
  HitShares alone, both;
  ConfidenceChange alone_change, both_change;  // means over cases; `largest` the largest of all
};

struct ComparisonReport {
  std::string file, model_version;
  std::string date;                            // ISO 8601
  SpeakerScores all, nothing_found, withheld;
  std::vector<PrecisionScores> precisions;     // the reference first
};

/// `names`: of the precisions, in the order of the stages.
ComparisonReport make_comparison_report(const std::vector<ComparedCase>& cases, const std::vector<std::string>& names);

/// Totals alone, no case.
Json comparison_json(const ComparisonReport& report);
std::string comparison_text(const ComparisonReport& report);

}  // namespace osler::evaluate
