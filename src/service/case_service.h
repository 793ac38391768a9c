// service/cases.h, wired from the floors below.
#pragma once

#include <memory>

#include "base/clock.h"
#include "service/case_answerer.h"
#include "service/cases.h"
#include "service/lookups.h"
#include "service/patient_records.h"
#include "service/recorder.h"
#include "service/similar_case_finder.h"

namespace osler::service {

/// Everything the service works with; the referents outlive it.
struct CaseServiceParts {
  const CaseAnswerer& answerer;
  const clinical::KnowledgeBase& knowledge;
  SimilarCaseFinder& finder;
  Lookups& lookups;
  PatientRecords& patients;
  cases::Store& store;
  const vault::KeySource& keys;
  const vault::Names& names;
  Recorder& recorder;
  const Clock& clock;
};

std::unique_ptr<CaseService> make_case_service(CaseServiceParts parts);

}  // namespace osler::service
