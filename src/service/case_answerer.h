// From a request body to an answer, without storing anything: the part of the main use-case that the command line,
// replay and evaluation share with the server.
#pragma once

#include "language/case_reader.h"
#include "models/model_directory.h"
#include "reasoning/attribution.h"
#include "reasoning/network.h"
#include "service/answer_json.h"
#include "service/case_json.h"
#include "service/case_summary.h"
#include "service/case_vector.h"
#include "service/diagnose.h"
#include "service/encoder_stage.h"
#include "service/engine_identity.h"

namespace osler::service {

struct DiagnoseDefaults {
  double threshold = 0.65;                   // CONFIDENCE_THRESHOLD
  std::optional<clinical::Setting> setting;  // DEFAULT_SETTING; none: mixes primary and emergency care
};

/// A request that was parsed and read, before any model gave an opinion.
struct ReadCase {
  Json request;                              // as parsed
  ParsedCase parsed;
  language::CaseReading reading;
  std::optional<EncoderCase> for_encoder;    // where there is an encoder
};

struct CaseAnswer {
  Json request;                 // as parsed
  Json answer;                  // processing_time_ms still 0
  AnswerStatistics statistics;
  std::string patient_id;
  std::string model_version;    // of what gave this answer
  EngineIdentity engine;        // likewise
  std::string encoder_left_out; // why; empty: it was not
  std::vector<std::size_t> evaluations;  // of each estimate of the explanation
  CaseVector vector;            // by which similar cases are found; before any rotation
  SummaryContent summary;       // what is stored beside the record
  std::vector<std::string> also_shown{};  // keyed tokens of the patients of its similar cases
};

/// Immutable; every thread may use it. The referents outlive it.
class CaseAnswerer {
 public:
  /// `encoder` may be null: then the network answers alone. `encoder_trouble` tells every answer why, where there should be one; else empty.
  CaseAnswerer(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
               const models::NetworkModel& model, const EncoderStage* encoder, std::string encoder_trouble, DiagnoseDefaults defaults);

  /// ErrorCode::malformed or invalid for a body that breaks the contract.
  Result<ReadCase> read(std::string_view body) const;
  /// `opinion` of the encoder on this case, or null: the network alone, for which `why` is a warning unless empty. `counts` that repeat make the explanation
  /// cost what it did cost then.
  CaseAnswer write(ReadCase one, const reasoning::EncoderOpinion* opinion, const std::string& why, const std::string& request_id,
                   const DiagnoseOptions& options, reasoning::EvaluationCounts counts = {}) const;
  /// ErrorCode::invalid when the condition to explain is not in the knowledge base.
  Result<void> check(const DiagnoseOptions& options) const;
  /// All of it, with the encoder in between, on this thread.
  Result<CaseAnswer> answer(std::string_view body, const std::string& request_id, const DiagnoseOptions& options) const;

  /// What a text says, and what to ask next: bodies without request id and time. Errors as above.
  Result<Json> findings(std::string_view body) const;
  Result<Json> next(std::string_view body, std::size_t count) const;

  /// "osler-network-1+osler-encoder-1.int8+kb.0123456789ab": models, versions and the start of the knowledge base's hash.
  const std::string& model_version() const { return encoder_ == nullptr ? network_version_ : model_version_; }
  const EncoderStage* encoder() const { return encoder_; }
  const std::string& encoder_trouble() const { return encoder_trouble_; }
  /// The vector set of answers with the encoder, where there is one; else of the network's.
  std::string vector_set() const;
  /// What gives an answer, with the encoder's opinion or without.
  EngineIdentity identity(bool with_encoder) const;

 private:
  /// None where nothing is asked for, or where that condition is not suspected in such a patient.
  std::optional<clinical::ConditionIndex> condition_to_explain(const clinical::Differential& differential, const DiagnoseOptions& options) const;

  const SystemClock clock_;
  const clinical::KnowledgeBase& knowledge_;
  const language::CaseReader& reader_;
  const reasoning::Network& network_;
  const models::NetworkModel& model_;
  const EncoderStage* encoder_;
  std::string encoder_trouble_;
  DiagnoseDefaults defaults_;
  std::string network_version_, model_version_;
  const std::string kernels_ = neural::kernels_here();
};

}  // namespace osler::service
