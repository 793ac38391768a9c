// The tasks that a server does beside its requests.
#pragma once

#include <vector>

#include "app/config.h"
#include "app/housekeeping.h"
#include "base/files.h"
#include "base/result.h"
#include "cases/store.h"
#include "service/batch_service.h"
#include "service/patient_records.h"
#include "service/recorder.h"
#include "vault/key_source.h"

namespace osler::app {

/// What the tasks work on. All of it outlives them.
struct HousekeepingParts {
  const Config& config;
  FileSystem& files;
  const Clock& clock;
  vault::KeySource& keys;
  cases::Store& store;
  service::PatientRecords& patients;
  service::Recorder& recorder;
  service::BatchService& batches;
};

/// To be made before the server answers anything: they look at what was stored last. Errors are the store's. Takes up new keys, gives up uploads of servers that died, notes which deletions the store knows, and removes what is older than RETENTION_DAYS where that is set.
Result<std::vector<Housekeeping::Task>> housekeeping_tasks(const HousekeepingParts& parts, const Logger& logger);

}  // namespace osler::app
