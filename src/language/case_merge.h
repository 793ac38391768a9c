// The rules of the fields: what each text of a request may say, and who wins when two disagree.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "language/case_reader.h"
#include "language/measurements.h"
#include "language/text_reader.h"

namespace osler::language {

/// Gathers the readings of one request; add the texts in the order symptoms, absent findings, history, family, narrative, so that
/// structured fields are known before the narrative. Used by one thread at a time.
class CaseMerge {
 public:
  CaseMerge(const clinical::KnowledgeBase& knowledge, const TextReader& texts, const MeasurementReader& measurements,
            const clinical::PatientCase& patient);

  CaseReading run();

 private:
  struct Statement {
    clinical::ObservedFinding finding;
    clinical::CaseField field = clinical::CaseField::narrative;  // the strongest that said so
  };

  struct Source {
    clinical::CaseField field = clinical::CaseField::narrative;
    std::size_t item = 0;
    std::string_view words;   // of patient_
    TextReading text;
  };

  void read_sources();
  void read_people();
  void warn_of_another_person();
  void fill_in_people();
  void add_source(const Source& source);
  bool add_reading(const Reading& reading, const Source& source);
  bool add_finding(const Reading& reading, clinical::TextSpan span, std::string_view source);
  bool add_condition(const Reading& reading, const Source& source, clinical::TextSpan span);
  bool is_symptom_here(const Reading& condition, const Source& source) const;
  void state(clinical::FindingIndex finding, clinical::Polarity polarity, const clinical::TextSpan& span, std::string_view source);
  bool add_measurements(const Source& source);
  void add_measurement(const TextMeasurement& measurement, const Source& source);
  void add_timing(const TextReading& text, clinical::CaseField field);
  void drop_measured();
  void drop_contradicted_ancestors();
  void warn(std::string code, std::string pointer, std::string text);

  const clinical::KnowledgeBase& knowledge_;
  const TextReader& texts_;
  const MeasurementReader& measurements_;
  clinical::PatientCase patient_;  // with sex and pregnancy filled in from text where the fields lack them
  std::vector<Source> sources_;
  CaseReading reading_;
  std::map<clinical::FindingIndex, Statement> stated_;
};

}  // namespace osler::language
