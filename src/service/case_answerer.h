// From a request body to an answer, without storing anything: the part of the main use-case that the command line,
// replay and evaluation share with the server.
#pragma once

#include "language/case_reader.h"
#include "models/model_directory.h"
#include "reasoning/network.h"
#include "service/answer_json.h"
#include "service/diagnose.h"

namespace osler::service {

struct DiagnoseDefaults {
  double threshold = 0.65;                   // CONFIDENCE_THRESHOLD
  std::optional<clinical::Setting> setting;  // DEFAULT_SETTING; none: mixes primary and emergency care
};

struct CaseAnswer {
  Json request;                 // as parsed
  Json answer;                  // processing_time_ms still 0
  AnswerStatistics statistics;
  std::string patient_id;
};

/// Immutable; every thread may use it. The referents outlive it.
class CaseAnswerer {
 public:
  CaseAnswerer(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader,
               const reasoning::Network& network, const models::NetworkModel& model, DiagnoseDefaults defaults);

  /// ErrorCode::malformed or invalid for a body that breaks the contract.
  Result<CaseAnswer> answer(std::string_view body, const std::string& request_id, const DiagnoseOptions& options) const;

  /// What a text says, and what to ask next: bodies without request id and time. Errors as above.
  Result<Json> findings(std::string_view body) const;
  Result<Json> next(std::string_view body, std::size_t count) const;

  /// "osler-network-1+kb.0123456789ab": model, version and the start of the knowledge base's hash.
  const std::string& model_version() const { return model_version_; }

 private:
  const clinical::KnowledgeBase& knowledge_;
  const language::CaseReader& reader_;
  const reasoning::Network& network_;
  const models::NetworkModel& model_;
  DiagnoseDefaults defaults_;
  std::string model_version_;
};

}  // namespace osler::service
