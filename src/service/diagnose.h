// The main use-case: a request body in, an audited and stored answer out. All business rules end here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "clinical/differential.h"
#include "clinical/knowledge.h"
#include "clinical/patient_case.h"
#include "vault/phi.h"

namespace osler::service {

/// Who asks, and under which number. Holds no PHI but in `break_glass`.
struct RequestContext {
  std::string request_id;      // UUID of our making
  std::string actor;           // key name, or "trial"
  std::string role;            // "clinician", "integrator", ...
  std::string client_address;  // for the audit
  bool others_wait = false;    // more requests stand behind this one: a model may gather them
  std::function<bool()> gone{};  // true once nobody waits for the answer any more; may be empty
  std::shared_ptr<const vault::Phi<std::string>> break_glass{};  // the reason, as somebody typed it, to look at what is not theirs: for the audit alone; null: none
  std::shared_ptr<std::atomic<bool>> has_entry{};  // true once a use-case makes the request's audit entry; may be null
  std::optional<SteadyTime> arrived{};  // when the whole request had been read, since when its answer is waited for; none: now
};

/// How `explanation` of an answer is worked out (service/explanation.h).
enum class ExplanationMethod { none, shap, lime };

/// What `?threshold=` and the like change for one request.
struct DiagnoseOptions {
  std::optional<double> threshold;  // 0..1
  ExplanationMethod explain = ExplanationMethod::none;
  std::string explained_condition;  // id of the knowledge base; empty: the first candidate
};

/// What drift monitoring may know of an answer: numbers, never a patient.
struct AnswerStatistics {
  std::vector<double> candidate_confidences;      // of the ten candidates
  std::vector<std::string> reported_condition_codes;  // ICD-10 of suspected diagnoses at or above the threshold
  std::string urgency;
  std::size_t warnings = 0;
  std::size_t texts_not_understood = 0;
  bool encoder_left_out = false;                  // the network answered alone although there should be an encoder
  bool similar_cases_left_out = false;            // the store did not give them in time
  std::vector<std::string> missing_fields;        // optional fields the caller left out
};

struct DiagnoseAnswer {
  std::string json;            // the response body
  AnswerStatistics statistics;
};

class DiagnoseService {
 public:
  using Done = std::function<void(Result<DiagnoseAnswer>)>;
  using JsonDone = std::function<void(Result<std::string>)>;
  virtual ~DiagnoseService() = default;

  /// Parses and validates `body`, reasons on the calling thread, then hands record and audit entry to the
  /// recorder. With an encoder the work may go on in a batch on another thread. `done` is called exactly once: on the thread that refused the
  /// request, else on the recorder's thread after both are on stable storage. An answer whose audit entry cannot be written becomes
  /// ErrorCode::unavailable. Refusals (malformed, invalid) are audited too. Thread-safe.
  virtual void diagnose(std::string_view body, const RequestContext& context, const DiagnoseOptions& options,
                        Done done) = 0;

  /// What a text says (service/findings_answer.h). Nothing is stored; the audit says that a text was read. `done` as above.
  virtual void findings(std::string_view body, const RequestContext& context, JsonDone done) = 0;

  /// What to ask or test next for a case (the body of diagnose), at most `count` steps. Nothing is stored, audited as above.
  virtual void next(std::string_view body, const RequestContext& context, std::size_t count, JsonDone done) = 0;

  /// For the page: findings, conditions and quantities whose name or phrase starts with or contains `prefix`, as a
  /// JSON array of {"id","name","kind"} (at most `limit`). Thread-safe.
  virtual std::string complete(std::string_view prefix, std::string_view kind, std::size_t limit) const = 0;

  /// Readiness of each part: {"model": {...}, "store": {...}, "audit": {...}} and whether all are ready.
  virtual std::pair<bool, std::string> readiness() const = 0;

  /// "network-1+kb.<first 12 of the knowledge hash>"
  virtual const std::string& model_version() const = 0;
};

}  // namespace osler::service
