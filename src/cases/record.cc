#include "cases/record.h"

#include "base/limits.h"

namespace osler::cases {

namespace {

constexpr std::string_view kTable = "records";

}  // namespace

Result<SealedRecord> seal_record(const vault::KeyRing& keys, const RecordDraft& draft) {
  const std::string& payload = draft.payload.reveal_phi();
  if (payload.size() > limits::kMaxRecordBytes) return make_error(ErrorCode::too_large, "The record is too large to keep.");
  SealedRecord record;
  record.request_id = draft.request_id;
  record.patient_token = keys.token("patient", draft.patient_id.reveal_phi());
  record.time = draft.time;
  record.model_version = draft.model_version;
  record.content = vault::seal(keys, {kTable, draft.request_id}, as_bytes(payload));
  return record;
}

Result<vault::Phi<std::string>> open_record(const vault::KeyRing& keys, const SealedRecord& record) {
  Bytes payload = TRY(vault::open(keys, {kTable, record.request_id}, record.content));
  return vault::Phi<std::string>(std::string(as_text(payload)));
}

}  // namespace osler::cases
