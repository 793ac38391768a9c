// osler patients delete | hold | release, and osler export --patient.
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "base/json.h"
#include "service/patient_records.h"

namespace osler::app {

namespace {

Result<void> delete_patient(const Config& config, const std::string& argument) {
  const Trust trust = TRY(open_records(config));
  service::PatientRecords records(*trust.store, *trust.keys, *trust.names);
  const std::string token = records.token_of(TRY(patient_id_of(argument)));
  if (TRY(trust.store->is_held(token))) {
    TRY_VOID(audit_command(trust, config, audit::Action::delete_patient, "refused:held", token));
    return make_error(ErrorCode::conflict, "The records of this patient are under legal hold: release it first.");
  }
  // The entry comes first: a restored copy is told of a deletion also when this one is cut off.
  TRY_VOID(audit_command(trust, config, audit::Action::delete_patient, "begun", token));
  const std::uint64_t removed = TRY(records.remove(token));
  TRY_VOID(audit_command(trust, config, audit::Action::delete_patient, "deleted:" + std::to_string(removed), token));
  std::printf("%llu records of this patient were removed with their keys and vectors.\n", static_cast<unsigned long long>(removed));
  return ok();
}

Result<void> hold_patient(const Config& config, const std::string& argument, bool held) {
  const Trust trust = TRY(open_records(config));
  service::PatientRecords records(*trust.store, *trust.keys, *trust.names);
  const std::string token = records.token_of(TRY(patient_id_of(argument)));
  // The entry comes first: what cannot be audited is not done, and what was cut off can be done again.
  TRY_VOID(audit_command(trust, config, held ? audit::Action::hold : audit::Action::release_hold, held ? "held" : "released", token));
  TRY_VOID(records.set_hold(token, held));
  std::printf(held ? "The records of this patient are held: neither age nor a request removes them.\n" : "The hold on this patient's records is released.\n");
  return ok();
}

/// One record as it goes out of the house: what it says, and where it stands. Films as base64. Similar cases are other patients'.
Json opened(const cases::RecordSummary& summary, const vault::Phi<std::string>& payload) {
  Json line{{"request_id", summary.request_id}, {"time", to_rfc3339(summary.time)}, {"model_version", summary.model_version}, {"owner", summary.owner}};
  Result<Json> json = parse_json(payload.reveal_phi());
  if (json) {
    json->erase("also_shown");
    if (json->contains("answer")) json->at("answer").erase("similar_cases");
    line["record"] = std::move(*json);
  } else {
    line["file"] = to_base64(as_bytes(payload.reveal_phi()));
  }
  return line;
}

Result<void> export_one(const Config& config, const std::string& argument, const std::string& path) {
  const Trust trust = TRY(open_records(config));
  service::PatientRecords records(*trust.store, *trust.keys, *trust.names);
  const std::string token = records.token_of(TRY(patient_id_of(argument)));
  if (trust.files->exists(path)) return make_error(ErrorCode::conflict, "The file to write exists already: name another one.", path);
  TRY_VOID(audit_command(trust, config, audit::Action::export_records, "begun:patient", token));
  const std::unique_ptr<AppendFile> file = TRY(trust.files->open_append(path));  // mode 0600
  const std::uint64_t count = TRY(records.visit(token, [&](const cases::RecordSummary& summary, const vault::Phi<std::string>& payload) {
    return file->append(as_bytes(opened(summary, payload).dump() + "\n"));
  }));
  TRY_VOID(file->sync());
  std::printf("%llu records were written to %s IN CLEAR: whoever reads the file reads the patient's data. Similar cases are other patients' and were left out.\n", static_cast<unsigned long long>(count), path.c_str());
  return ok();
}

int finish(const Result<void>& result) { return result ? 0 : refuse(result.error()); }

}  // namespace

Result<vault::Phi<std::string>> patient_id_of(const std::string& argument) {
  std::string id = argument;
  if (argument == "-" && !std::getline(std::cin, id)) return make_error(ErrorCode::invalid, "Standard input holds no patient id.");
  if (id.empty()) return make_error(ErrorCode::invalid, "The patient id is empty.");
  return vault::Phi<std::string>(std::move(id));
}

int patients_delete(const Config& config, const std::string& id) { return finish(delete_patient(config, id)); }
int patients_hold(const Config& config, const std::string& id, bool held) { return finish(hold_patient(config, id, held)); }
int export_patient(const Config& config, const std::string& id, const std::string& path) { return finish(export_one(config, id, path)); }

}  // namespace osler::app
