// A stored interaction: what was asked and what was answered, sealed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "vault/envelope.h"
#include "vault/names.h"
#include "vault/phi.h"

namespace osler::cases {

/// The tables that sealed texts are bound to (vault::RowBinding): rows of `records` and of `case_summaries` by request id.
inline constexpr std::string_view kRecordTable = "records";
inline constexpr std::string_view kSummaryTable = "case_summaries";

/// What a case is found and shown by among similar ones. The vector stands under a secret rotation and the filters are keyed tokens, since both
/// describe the patient; the summary (age, sex, findings, outcome) is sealed under a key of its own that goes with the patient.
struct CaseSummary {
  std::string vector_set;               // the model that made the vector: only vectors of one set can be compared
  std::vector<float> vector;            // length 1; rotated; at most limits::kMaxVectorDimensions
  std::string age_band;                 // vault::Names::token("age band", ...)
  std::string sex;                      // likewise
  std::string condition;                // of the confirmed diagnosis, or empty
  vault::SealedText content;            // canonical JSON (docs/formats/record.md)
};

/// What stands in the store. In clear are ids of our own making, a keyed token, a time, a model and who asked; docs/threat_model.md says why these.
struct SealedRecord {
  std::string request_id;
  std::string patient_token;  // vault::Names::token("patient", patient_id)
  std::string owner;          // the actor who asked: name of a key or of a person, as in the audit log
  WallTime time{};
  std::string model_version;
  vault::SealedText content;
  std::optional<CaseSummary> summary{};

  std::size_t bytes() const { return content.payload.size(); }
};

/// What a list of records shows without opening any.
struct RecordSummary {
  std::uint64_t sequence = 0;  // order of storing, ascending; with gaps
  std::string request_id;
  std::string patient_token;
  std::string owner;
  WallTime time{};
  std::string model_version;
  std::size_t bytes = 0;
};

/// What is known of a record before it is sealed.
struct RecordDraft {
  std::string request_id;
  vault::Phi<std::string> patient_id;
  std::string owner;
  WallTime time{};
  std::string model_version;
  vault::Phi<std::string> payload;  // canonical JSON of request and answer
};

/// Seals on the calling thread (some 20 us for 20 kB). ErrorCode::too_large over limits::kMaxRecordBytes.
Result<SealedRecord> seal_record(const vault::KeyRing& keys, const vault::Names& names, const RecordDraft& draft);

/// Seals a payload into a record of which all but content and summary is set. Those members are bound to it: a row that is given to another patient or
/// owner, or another time, does not open.
void seal_into(const vault::KeyRing& keys, SealedRecord& record, ByteView payload);

/// The payload. Errors as for vault::open().
Result<vault::Phi<std::string>> open_record(const vault::KeyRing& keys, const SealedRecord& record);

}  // namespace osler::cases
