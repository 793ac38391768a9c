#include "service/next_answer.h"

#include <algorithm>
#include <cmath>

#include "service/answer_json.h"

namespace osler::service {

using namespace clinical;

namespace {

constexpr std::size_t kChangesShown = 3;
constexpr double kChangeWorthShowing = 0.01;

bool is_ecg(const Finding& finding) { return finding.id.ends_with("_on_ecg"); }

const char* how(const Finding& finding) {
  switch (finding.kind) {
    case FindingKind::symptom:
    case FindingKind::history:
    case FindingKind::exposure:
    case FindingKind::family: return "question";
    case FindingKind::sign: return is_ecg(finding) ? "bedside_test" : "examination";
    case FindingKind::vital: return "bedside_test";
    case FindingKind::lab: return "laboratory";
    case FindingKind::imaging: return is_ecg(finding) ? "bedside_test" : "imaging";
  }
  return "question";
}

std::string ask(const KnowledgeBase& knowledge, const Finding& finding) {
  const std::string name = finding.name;
  switch (finding.kind) {
    case FindingKind::symptom: return "Any " + name + "?";
    case FindingKind::sign: return "On examination: " + name + "?";
    case FindingKind::history: return "In the history: " + name + "?";
    case FindingKind::exposure: return "Recently: " + name + "?";
    case FindingKind::family: return "In the family: " + name + "?";
    case FindingKind::vital:
    case FindingKind::lab:
      return finding.quantity == kNone ? "Test for " + name : "Measure " + knowledge.quantities[finding.quantity].name + ": " + name + "?";
    case FindingKind::imaging: return "Test for " + name;
  }
  return name + "?";
}

/// Where a yes or a no goes in a request, so that it is read back as this finding.
Json reply(const Finding& finding, bool present) {
  if (finding.kind == FindingKind::family) return present ? Json{{"field", "family_history"}, {"text", finding.name}} : Json(nullptr);
  if (!present) return {{"field", "absent_findings"}, {"text", finding.name}};
  const bool background = finding.kind == FindingKind::history || finding.kind == FindingKind::exposure;
  return {{"field", background ? "preexisting_conditions" : "symptoms"}, {"text", finding.name}};
}

/// The request with the answer in it; false where no field takes it.
bool put(const Json& answer, PatientCase& patient) {
  if (answer.is_null()) return false;
  const std::string field = answer["field"], text = answer["text"];
  if (field == "symptoms") patient.symptoms.push_back(text);
  else if (field == "absent_findings") patient.absent_findings.push_back(text);
  else if (field == "preexisting_conditions") patient.preexisting_conditions.push_back(text);
  else patient.family_history.push_back(text);
  return true;
}

/// Of each condition, as an answer to this case would give them.
std::vector<double> confidences(const NextParts& parts, const PatientCase& patient) {
  const CaseFindings findings = parts.reader.read(patient).findings;
  const reasoning::Posterior posterior = parts.network.posterior(findings);
  std::optional<reasoning::EncoderOpinion> opinion;
  if (parts.encoder != nullptr) opinion = parts.encoder->read(parts.encoder->prepare(patient, findings));
  const std::size_t given = reasoning::findings_given(findings);
  std::vector<double> list;
  for (std::size_t c = 0; c < posterior.log_odds.size(); ++c) {
    const double network = posterior.log_odds[c];
    if (!std::isfinite(network)) list.push_back(0);
    else if (!opinion) list.push_back(reasoning::confidence_of(network, parts.network.parameters()));
    else list.push_back(reasoning::combined_confidence(*opinion, c, network, reasoning::calibrated_log_odds(network, parts.network.parameters()), given));
  }
  return list;
}

/// The conditions that change most.
Json changes(const KnowledgeBase& knowledge, const std::vector<double>& before, const std::vector<double>& after) {
  std::vector<ConditionIndex> order;
  for (ConditionIndex c = 0; c < before.size(); ++c)
    if (std::abs(after[c] - before[c]) >= kChangeWorthShowing) order.push_back(c);
  std::sort(order.begin(), order.end(), [&](ConditionIndex a, ConditionIndex b) {
    const double left = std::abs(after[a] - before[a]), right = std::abs(after[b] - before[b]);
    return left != right ? left > right : knowledge.conditions[a].id < knowledge.conditions[b].id;
  });
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(kChangesShown, order.size()); ++i) {
    const Condition& condition = knowledge.conditions[order[i]];
    list.push_back({{"condition", condition.name}, {"condition_id", condition.id}, {"from", rounded_confidence(before[order[i]])},
                    {"to", rounded_confidence(after[order[i]])}});
  }
  return list;
}

}  // namespace

Json write_next_steps(const NextParts& parts, std::size_t count) {
  const CaseFindings findings = parts.reader.read(parts.patient).findings;
  const std::vector<double> before = confidences(parts, parts.patient);
  Json list = Json::array();
  for (const reasoning::NextStep& step : parts.network.next_steps(findings, count)) {
    const Finding& finding = parts.knowledge.findings[step.finding];
    const auto changes_with = [&](const Json& answer) {
      PatientCase answered = parts.patient;
      if (!put(answer, answered)) return Json::array();
      return changes(parts.knowledge, before, confidences(parts, answered));
    };
    Json json;
    json["finding"] = finding.name;
    json["finding_id"] = finding.id;
    json["kind"] = name_of(finding.kind);
    json["how"] = how(finding);
    json["ask"] = ask(parts.knowledge, finding);
    if (finding.quantity != kNone) json["quantity"] = parts.knowledge.quantities[finding.quantity].name;
    json["gain"] = std::round(step.gain * 1e4) / 1e4;
    json["reply"] = {{"present", reply(finding, true)}, {"absent", reply(finding, false)}};
    json["if_present"] = changes_with(json["reply"]["present"]);
    json["if_absent"] = changes_with(json["reply"]["absent"]);
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace osler::service
