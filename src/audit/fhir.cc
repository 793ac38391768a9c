#include "audit/fhir.h"

#include <arpa/inet.h>

#include "audit/actions.h"
#include "base/ids.h"

namespace osler::audit {

namespace {

constexpr const char* kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr const char* kEntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr const char* kObjectRole = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr const char* kSourceType = "http://terminology.hl7.org/CodeSystem/security-source-type";
constexpr const char* kIpAddress = "2";  // http://hl7.org/fhir/network-type
constexpr const char* kMachineName = "1";
constexpr std::size_t kIdKeyDigits = 16;

Json coding(const char* system, std::string_view code, std::string_view display) { return {{"system", system}, {"code", code}, {"display", display}}; }
Json coding(const DicomCode& code) { return coding(kDicom, code.code, code.display); }
Json reference(const char* system, const std::string& value) { return {{"identifier", {{"system", system}, {"value", value}}}}; }

/// http://hl7.org/fhir/audit-event-outcome
const char* outcome_code(Verdict verdict) { return verdict == Verdict::success ? "0" : verdict == Verdict::refused ? "4" : "8"; }

bool is_ip_address(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

Json agent_of(const Entry& entry) {
  Json agent;
  if (!entry.role.empty()) agent["role"] = Json::array({Json{{"coding", Json::array({Json{{"system", "urn:osler:role"}, {"code", entry.role}}})}}});
  agent["who"] = reference("urn:osler:actor", entry.actor.empty() ? "unknown" : entry.actor);
  agent["requestor"] = true;
  if (!entry.client_address.empty())
    agent["network"] = {{"address", entry.client_address}, {"type", is_ip_address(entry.client_address) ? kIpAddress : kMachineName}};
  return agent;
}

Json request_entity(const Entry& entry) {
  Json entity;
  entity["what"] = is_uuid(entry.request_id) ? reference("urn:ietf:rfc:3986", "urn:uuid:" + entry.request_id) : reference("urn:osler:request", entry.request_id);
  entity["type"] = coding(kEntityType, "2", "System Object");
  entity["role"] = coding(kObjectRole, "4", "Domain Resource");
  if (!entry.commitment.empty()) entity["detail"] = Json::array({Json{{"type", "commitment"}, {"valueString", entry.commitment}}});
  return entity;
}

Json patient_entity(const std::string& token) {
  return {{"what", reference("urn:osler:patient-token", token)}, {"type", coding(kEntityType, "1", "Person")}, {"role", coding(kObjectRole, "1", "Patient")}};
}

Json entities_of(const Entry& entry) {
  Json entities = Json::array();
  if (!entry.request_id.empty()) entities.push_back(request_entity(entry));
  if (!entry.subject.empty()) entities.push_back(patient_entity(entry.subject));
  for (const std::string& token : entry.also_shown) entities.push_back(patient_entity(token));
  if (!entry.model_version.empty())
    entities.push_back({{"what", reference("urn:osler:model", entry.model_version)}, {"type", coding(kEntityType, "4", "Other")}, {"role", coding(kObjectRole, "26", "Processing Element")}});
  return entities;
}

}  // namespace

Json to_fhir(const LoggedEntry& logged, const LogIdentity& log) {
  const Entry& entry = logged.entry;
  const std::optional<Action> action = parse_action(entry.action);
  const ActionFacts& facts = facts_of(action.value_or(Action::request));  // a name of another version of Osler: some activity of the application
  Json event;
  event["resourceType"] = "AuditEvent";
  event["id"] = log.public_key.substr(0, kIdKeyDigits) + "-" + std::to_string(logged.index);
  event["type"] = coding(facts.event);
  event["subtype"] = Json::array();
  if (facts.subtype) event["subtype"].push_back(coding(*facts.subtype));
  event["subtype"].push_back({{"system", "urn:osler:audit-action"}, {"code", entry.action}});
  event["action"] = std::string(1, static_cast<char>(facts.deed));
  event["recorded"] = logged.time;
  event["outcome"] = outcome_code(verdict_of(entry.action, entry.outcome));
  if (!entry.outcome.empty()) event["outcomeDesc"] = entry.outcome;
  event["agent"] = Json::array({agent_of(entry)});
  event["source"] = {{"site", log.name}, {"observer", reference("urn:osler:audit-log", log.public_key)}, {"type", Json::array({coding(kSourceType, "4", "Application Server")})}};
  event["source"]["observer"]["display"] = "Osler";
  if (Json entities = entities_of(entry); !entities.empty()) event["entity"] = std::move(entities);
  return event;
}

}  // namespace osler::audit
