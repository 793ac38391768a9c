// An answer as it is stored and audited: what a request and a case of a batch have in common.
#pragma once

#include <string>

#include "service/case_answerer.h"
#include "service/recorder.h"

namespace osler::service {

/// Seals on this thread. `given`: the answer's text as the caller gets it. `entry` says who asked and what for; the record is its actor's. Errors as for
/// cases::seal_record().
Result<RecordRequest> make_diagnosis_record(const vault::KeyRing& keys, const vault::Names& names, audit::Entry entry, CaseAnswer answer,
                                            const std::string& given, const DiagnoseOptions& options, WallTime now);

}  // namespace osler::service
