#include "service/diagnosis_record.h"

#include "service/record_payload.h"

namespace osler::service {

Result<RecordRequest> make_diagnosis_record(const vault::KeyRing& keys, const vault::Names& names, audit::Entry entry, CaseAnswer answer,
                                            const std::string& given, const DiagnoseOptions& options, WallTime now) {
  entry.also_shown = answer.also_shown;
  const RecordedDiagnosis recorded{std::move(answer.engine), std::move(answer.request), options, std::move(answer.evaluations), std::move(answer.encoder_left_out), {}, std::move(answer.also_shown)};
  const cases::RecordDraft draft{entry.request_id, vault::Phi<std::string>(std::move(answer.patient_id)), entry.actor, now,
                                 answer.model_version, vault::Phi<std::string>(write_payload(recorded, given))};
  return make_record_request(keys, names, std::move(entry), draft);
}

}  // namespace osler::service
