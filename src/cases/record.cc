#include "cases/record.h"

#include "base/limits.h"

namespace osler::cases {

namespace {

/// What stands in clear beside a payload: patient_token, owner and model_version, each with its length and a colon before it, then the time in milliseconds.
std::string beside(const SealedRecord& record) {
  std::string text;
  for (const std::string* part : {&record.patient_token, &record.owner, &record.model_version}) text += std::to_string(part->size()) + ":" + *part;
  return text + std::to_string(record.time.time_since_epoch().count());
}

}  // namespace

void seal_into(const vault::KeyRing& keys, SealedRecord& record, ByteView payload) {
  record.content = vault::seal(keys, {kRecordTable, record.request_id, beside(record)}, payload);
}

Result<SealedRecord> seal_record(const vault::KeyRing& keys, const vault::Names& names, const RecordDraft& draft) {
  const std::string& payload = draft.payload.reveal_phi();
  if (payload.size() > limits::kMaxRecordBytes) return make_error(ErrorCode::too_large, "The record is too large to keep.");
  SealedRecord record;
  record.request_id = draft.request_id;
  record.patient_token = names.token("patient", draft.patient_id.reveal_phi());
  record.owner = draft.owner;
  record.time = draft.time;
  record.model_version = draft.model_version;
  seal_into(keys, record, as_bytes(payload));
  return record;
}

Result<vault::Phi<std::string>> open_record(const vault::KeyRing& keys, const SealedRecord& record) {
  Bytes payload = TRY(vault::open(keys, {kRecordTable, record.request_id, beside(record)}, record.content));
  return vault::Phi<std::string>(std::string(as_text(payload)));
}

}  // namespace osler::cases
