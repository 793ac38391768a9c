// A random knowledge base and case in which everything said is a unit, and what its parts are worth by running the network anew.
#pragma once

#include <random>
#include <vector>

#include "random_world.h"
#include "reasoning/attribution_units.h"
#include "reasoning/hypotheses.h"

namespace osler::reasoning {

inline Coalition random_coalition_of(std::mt19937& random, std::size_t units) {
  Coalition present(units);
  const std::uint32_t share = random() % 10;
  for (std::size_t i = 0; i < units; ++i) present[i] = random() % 10 < share;
  return present;
}

struct AttributionWorld {
  AttributionWorld(std::mt19937& random, std::size_t conditions, std::size_t finding_count, std::size_t observations)
      : knowledge(random_knowledge(random, conditions, finding_count)), tables(knowledge), findings(random_case(random, knowledge, observations)) {
    using clinical::CaseField;
    for (std::size_t i = 0; i < findings.findings.size(); ++i) {
      findings.findings[i].spans = {add_unit(CaseField::symptoms, i)};
      if (random() % 4 == 0) findings.findings[i].spans.push_back(units[random() % units.size()].front());  // said there too
    }
    for (std::size_t i = 0; i < findings.quantities.size(); ++i) findings.quantities[i].span = add_unit(CaseField::lab_results, i);
    for (std::size_t i = 0; i < findings.known.size(); ++i) findings.known[i].span = add_unit(CaseField::preexisting_conditions, i);
    for (const CaseField field : {CaseField::age, CaseField::sex, CaseField::severity, CaseField::onset, CaseField::duration_days, CaseField::pregnant})
      add_unit(field, 0);
    pieces = pieces_of(findings, units);
  }

  clinical::TextSpan add_unit(clinical::CaseField field, std::size_t item) {
    const clinical::TextSpan span{field, item, 0, 0};
    units.push_back({span});
    return span;
  }

  bool age_said(const Coalition& present) const {
    for (const Piece& piece : pieces)
      if (piece.kind == Piece::Kind::age) return is_said(piece, present);
    return true;
  }

  /// The network on the reduced case, with silence as in the whole case of this patient, and the prior without an age that was not said.
  double run_anew(const Coalition& present, clinical::ConditionIndex condition) const {
    const clinical::CaseFindings said = said_by(findings, pieces, present);
    CaseModel model(tables, parameters, said);
    clinical::CaseFindings patient = findings;
    patient.sex = said.sex;
    patient.pregnant = said.pregnant;
    model.silence = CaseModel(tables, parameters, patient).silence;
    if (!age_said(present)) model.prior = log_priors(tables, said, model.candidates, parameters, {false, true, true});
    const Hypotheses hypotheses(model);
    return hypotheses.log_odds(hypotheses.weights(), hypotheses.sums(hypotheses.weights()), model.candidates.position[condition]);
  }

  clinical::KnowledgeBase knowledge;
  Tables tables;
  NetworkParameters parameters;
  clinical::CaseFindings findings;
  std::vector<Unit> units;
  std::vector<Piece> pieces;
};

}  // namespace osler::reasoning
