// service/diagnose.h, wired from the floors below.
#pragma once

#include <memory>

#include "base/clock.h"
#include "cases/store.h"
#include "service/case_answerer.h"
#include "service/diagnose.h"
#include "service/lookups.h"
#include "service/recorder.h"
#include "service/similar_case_finder.h"
#include "vault/key_source.h"
#include "vault/names.h"

namespace osler::service {

/// Everything the service works with; the referents outlive it.
struct DiagnoseParts {
  const CaseAnswerer& answerer;
  const clinical::KnowledgeBase& knowledge;
  const language::CaseReader& reader;
  const vault::KeySource& keys;
  const vault::Names& names;
  cases::Store& store;
  const audit::Log& log;
  Recorder& recorder;
  SimilarCaseFinder& finder;
  Lookups& lookups;
  const Clock& clock;
};

std::unique_ptr<DiagnoseService> make_diagnose_service(DiagnoseParts parts);

}  // namespace osler::service
