// Makes a stored answer again from what made it, and compares: docs/adr/0023-replay.md.
#pragma once

#include <string>
#include <vector>

#include "service/case_answerer.h"
#include "service/film_case.h"
#include "service/record_payload.h"

namespace osler::service {

enum class ReplayOutcome { same, different, not_comparable };
std::string_view name_of(ReplayOutcome outcome);

/// A member of the answer that is not what it was. The pointer (RFC 6901) is made of our own names; the values are the patient's.
struct ReplayDifference {
  std::string pointer;
  std::string recorded, rebuilt;  // JSON; empty: there is no such member
};

struct ReplayReport {
  ReplayOutcome outcome = ReplayOutcome::same;
  std::string reason;                         // one sentence; empty when same
  std::vector<ReplayDifference> differences;  // at most kMaxReplayDifferences
};

inline constexpr std::size_t kMaxReplayDifferences = 100;

/// Not comparable, because of this.
ReplayReport not_comparable(std::string reason);

/// The answer to the recorded request, on this thread: with the encoder where it spoke then, as many evaluations of an explanation as then, the similar
/// cases that were given then, and the patient id where we made one up. The answerer is of record.engine. Errors as for CaseAnswerer::read().
Result<Json> rebuild(const CaseAnswerer& answerer, const RecordedDiagnosis& record, const std::string& request_id);

/// Likewise of a film; `file` is the upload. ErrorCode::corrupted when it is not the one that was recorded; others as for read_film().
Result<Json> rebuild(const imaging::FilmDecoder& decoder, const FilmReader& reader, const RecordedFilm& record, std::string_view file,
                     const std::string& request_id);

/// Bit for bit, in canonical form: members in order of their names, without processing_time_ms. `program` and `kernels` are those that made the recorded one;
/// where it differs and its kernels are not those of here, nothing follows from that, and where only the program is another, the reason says so.
ReplayReport compare(const Json& recorded, const Json& rebuilt, const std::string& program, const std::string& kernels);

/// False where a model of this precision was served by instructions that this processor lacks.
bool can_repeat(const ModelIdentity& model, const std::string& kernels);

}  // namespace osler::service
