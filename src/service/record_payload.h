// What a record says, before it is sealed and after it is opened. docs/formats/record_payload.md is the grammar. All of it describes a patient.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "service/diagnose.h"
#include "service/engine_identity.h"

namespace osler::service {

inline constexpr int kRecordFormat = 2;

struct RecordedDiagnosis {
  std::optional<EngineIdentity> engine;   // none in format 1
  Json request;
  DiagnoseOptions options;
  std::vector<std::size_t> evaluations;   // of each estimate of the explanation
  std::string encoder_left_out;           // why, as the answer says; empty: it was not
  Json answer;                            // as it was given
  std::vector<std::string> also_shown{};  // keyed tokens of the patients of the answer's similar cases
};

struct RecordedFilm {
  std::optional<FilmEngineIdentity> engine;  // none in format 1
  std::string sha256;                        // of the upload, lower-case hexadecimal
  std::size_t bytes = 0;
  std::string film_record;                   // request id under which the upload is kept; empty: it is not
  std::optional<std::size_t> frame;
  std::string age_years;                     // as typed
  Json answer;                               // as it was given, without pictures
};

using RecordedInteraction = std::variant<RecordedDiagnosis, RecordedFilm>;

/// Canonical JSON of this format. `answer`: the text that is given; record.answer is not looked at.
std::string write_payload(const RecordedDiagnosis& record, const std::string& answer);
std::string write_payload(const RecordedFilm& record);

/// Why somebody opened a case that is not theirs: a record of its own, of the same patient.
std::string write_emergency(std::string_view case_id, std::string_view reason);

/// Whether it is what somebody asked and was answered, rather than a film that was kept or a reason.
bool is_interaction(std::string_view payload);

/// Formats 1 and 2. ErrorCode::corrupted for anything else.
Result<RecordedInteraction> parse_payload(std::string_view payload);

}  // namespace osler::service
