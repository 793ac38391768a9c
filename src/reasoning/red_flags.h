// Findings and vital signs that make a case urgent whatever the favourite is: an independent "or" beside the network.
#pragma once

#include <string>
#include <vector>

#include "reasoning/case_state.h"

namespace osler::reasoning {

struct Alarm {
  clinical::Urgency urgency = clinical::Urgency::urgent;
  std::string reason;
};

/// The table of red flags with its ids resolved. Immutable.
class RedFlags {
 public:
  explicit RedFlags(const clinical::KnowledgeBase& knowledge);

  /// Every alarm of the case, most urgent first.
  std::vector<Alarm> alarms(const clinical::CaseFindings& findings, const CaseState& state) const;

  /// Ids in the table that this knowledge base lacks, for the log: rules that name them never fire.
  const std::vector<std::string>& unknown_ids() const { return unknown_ids_; }

 private:
  struct Flag {
    std::vector<clinical::FindingIndex> all;
    double age_from = 0, age_to = 1000;
    bool severe = false;
    double days_to = 0;
    Alarm alarm;
  };
  struct Measurement {
    clinical::QuantityIndex quantity;
    clinical::Grade grade;
    double age_from = 0, age_to = 1000;
    Alarm alarm;
  };
  void add_findings();
  void add_measurements();

  const clinical::KnowledgeBase& knowledge_;
  std::vector<Flag> flags_;
  std::vector<Measurement> measurements_;
  std::vector<std::string> unknown_ids_;
};

}  // namespace osler::reasoning
