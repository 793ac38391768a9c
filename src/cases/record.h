// A stored interaction: what was asked and what was answered, sealed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "vault/envelope.h"
#include "vault/phi.h"

namespace osler::cases {

/// What stands in the store. In clear are ids of our own making, a keyed token, a time and a model; docs/threat_model.md
/// says why these.
struct SealedRecord {
  std::string request_id;
  std::string patient_token;  // vault::KeyRing::token("patient", patient_id)
  WallTime time{};
  std::string model_version;
  vault::SealedText content;

  std::size_t bytes() const { return content.payload.size(); }
};

/// What a list of records shows without opening any.
struct RecordSummary {
  std::string request_id;
  std::string patient_token;
  WallTime time{};
  std::string model_version;
  std::size_t bytes = 0;
};

/// What is known of a record before it is sealed.
struct RecordDraft {
  std::string request_id;
  vault::Phi<std::string> patient_id;
  WallTime time{};
  std::string model_version;
  vault::Phi<std::string> payload;  // canonical JSON of request and answer
};

/// Seals on the calling thread (some 20 us for 20 kB). ErrorCode::too_large over limits::kMaxRecordBytes.
Result<SealedRecord> seal_record(const vault::KeyRing& keys, const RecordDraft& draft);

/// The payload. Errors as for vault::open().
Result<vault::Phi<std::string>> open_record(const vault::KeyRing& keys, const SealedRecord& record);

}  // namespace osler::cases
