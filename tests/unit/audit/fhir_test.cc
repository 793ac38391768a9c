#include "audit/fhir.h"

#include <gtest/gtest.h>
#include <regex.h>

#include <functional>
#include <map>
#include <set>

#include "audit/actions.h"
#include "base/ids.h"

namespace osler::audit {
namespace {

// The rules of FHIR R4 for an AuditEvent, written down from its specification: which elements there are, how many of each, of which type, and from which
// closed list of codes.

using Codes = std::set<std::string>;
using Check = std::function<void(const Json&, const std::string& at)>;

struct Element {
  bool required;
  bool many;
  Check check;
};
using Elements = std::map<std::string, Element>;

void check_object(const Json& json, const Elements& elements, const std::string& at) {
  ASSERT_TRUE(json.is_object()) << at;
  EXPECT_FALSE(json.empty()) << at << ": an element must have a value or children (ele-1)";
  for (const auto& [name, value] : json.items()) {
    const auto element = elements.find(name);
    ASSERT_TRUE(element != elements.end()) << at << "." << name << " is no element of FHIR R4";
    const std::string place = at + "." + name;
    if (!element->second.many) {
      element->second.check(value, place);
      continue;
    }
    ASSERT_TRUE(value.is_array() && !value.empty()) << place << " must be a list that is not empty";
    for (const Json& one : value) element->second.check(one, place);
  }
  for (const auto& [name, element] : elements) EXPECT_TRUE(!element.required || json.contains(name)) << at << "." << name << " is required";
}

Check matches(const char* pattern) {
  return [pattern](const Json& json, const std::string& at) {
    ASSERT_TRUE(json.is_string()) << at;
    regex_t expression;
    ASSERT_EQ(regcomp(&expression, (std::string("^(") + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB), 0) << pattern;
    EXPECT_EQ(regexec(&expression, json.get<std::string>().c_str(), 0, nullptr, 0), 0) << at << ": " << json;
    regfree(&expression);
  };
}
Check one_of(Codes codes) {
  return [codes = std::move(codes)](const Json& json, const std::string& at) {
    ASSERT_TRUE(json.is_string()) << at;
    EXPECT_TRUE(codes.contains(json.get<std::string>())) << at << ": " << json;
  };
}
Check object(Elements elements) {
  return [elements = std::move(elements)](const Json& json, const std::string& at) { check_object(json, elements, at); };
}

// Datatypes: hl7.org/fhir/R4/datatypes.html
const Check kString = matches(".*[^[:space:]].*");
const Check kCode = matches("[^[:space:]]+( [^[:space:]]+)*");
const Check kUri = matches("[^[:space:]]+");
const Check kId = matches("[A-Za-z0-9.-]{1,64}");
const Check kInstant = matches("([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?(Z|[+-][0-9][0-9]:[0-9][0-9])");
const Check kBoolean = [](const Json& json, const std::string& at) { EXPECT_TRUE(json.is_boolean()) << at; };
const Elements kCodingElements = {{"system", {false, false, kUri}}, {"version", {false, false, kString}}, {"code", {false, false, kCode}}, {"display", {false, false, kString}}, {"userSelected", {false, false, kBoolean}}};
const Check kCoding = object(kCodingElements);
const Check kConcept = object({{"coding", {false, true, kCoding}}, {"text", {false, false, kString}}});
const Check kIdentifier = object({{"use", {false, false, one_of({"usual", "official", "temp", "secondary", "old"})}}, {"type", {false, false, kConcept}}, {"system", {false, false, kUri}}, {"value", {false, false, kString}}});
const Check kReference = object({{"reference", {false, false, kString}}, {"type", {false, false, kUri}}, {"identifier", {false, false, kIdentifier}}, {"display", {false, false, kString}}});

/// A Coding from a closed code system.
Check coding_of(const char* system, Codes codes) {
  return [system, codes = std::move(codes)](const Json& json, const std::string& at) {
    check_object(json, kCodingElements, at);
    EXPECT_EQ(json.value("system", ""), system) << at;
    EXPECT_TRUE(codes.contains(json.value("code", ""))) << at << ": " << json;
  };
}

// The value sets: audit-event-type (the DICOM part of it), audit-event-action, audit-event-outcome, network-type, audit-source-type, audit-entity-type,
// object-role. The first is extensible, and ours uses only codes that it has.
const Codes kEventTypes = {"110100", "110101", "110102", "110103", "110104", "110105", "110106", "110107", "110108", "110109", "110110", "110111", "110112", "110113", "110114"};
const Codes kSubtypes = {"110120", "110121", "110122", "110123", "110124", "110125", "110126", "110127", "110128", "110129", "110130", "110131", "110132", "110133",
                         "110134", "110135", "110136", "110137", "110138", "110139", "110140", "110141", "110142"};
Codes up_to(int last) {
  Codes codes;
  for (int i = 1; i <= last; ++i) codes.insert(std::to_string(i));
  return codes;
}

const Check kSubtype = [](const Json& json, const std::string& at) {
  check_object(json, kCodingElements, at);
  if (json.value("system", "") == "http://dicom.nema.org/resources/ontology/DCM") EXPECT_TRUE(kSubtypes.contains(json.value("code", ""))) << at << json;
  else EXPECT_EQ(json.value("system", ""), "urn:osler:audit-action");
};

const Check kNetwork = object({{"address", {false, false, kString}}, {"type", {false, false, one_of(up_to(5))}}});
const Check kAgent = object({{"type", {false, false, kConcept}}, {"role", {false, true, kConcept}}, {"who", {false, false, kReference}}, {"altId", {false, false, kString}},
                             {"name", {false, false, kString}}, {"requestor", {true, false, kBoolean}}, {"location", {false, false, kReference}}, {"policy", {false, true, kUri}},
                             {"media", {false, false, kCoding}}, {"network", {false, false, kNetwork}}, {"purposeOfUse", {false, true, kConcept}}});
const Check kSource = object({{"site", {false, false, kString}}, {"observer", {true, false, kReference}},
                              {"type", {false, true, coding_of("http://terminology.hl7.org/CodeSystem/security-source-type", up_to(9))}}});
const Check kDetail = object({{"type", {true, false, kString}}, {"valueString", {true, false, kString}}});
const Check kEntity = [](const Json& json, const std::string& at) {
  object({{"what", {false, false, kReference}}, {"type", {false, false, coding_of("http://terminology.hl7.org/CodeSystem/audit-entity-type", up_to(4))}},
          {"role", {false, false, coding_of("http://terminology.hl7.org/CodeSystem/object-role", up_to(26))}}, {"lifecycle", {false, false, kCoding}},
          {"securityLabel", {false, true, kCoding}}, {"name", {false, false, kString}}, {"description", {false, false, kString}}, {"query", {false, false, kString}},
          {"detail", {false, true, kDetail}}})(json, at);
  EXPECT_FALSE(json.contains("name") && json.contains("query")) << at << " has a name and a query (sev-1)";
};
const Check kAuditEvent = object({{"resourceType", {true, false, one_of({"AuditEvent"})}}, {"id", {false, false, kId}},
                                  {"type", {true, false, coding_of("http://dicom.nema.org/resources/ontology/DCM", kEventTypes)}}, {"subtype", {false, true, kSubtype}},
                                  {"action", {false, false, one_of({"C", "R", "U", "D", "E"})}}, {"recorded", {true, false, kInstant}}, {"outcome", {false, false, one_of({"0", "4", "8", "12"})}},
                                  {"outcomeDesc", {false, false, kString}}, {"purposeOfEvent", {false, true, kConcept}}, {"agent", {true, true, kAgent}}, {"source", {true, false, kSource}},
                                  {"entity", {false, true, kEntity}}});

const LogIdentity kLog{"commands", std::string(64, 'a')};

LoggedEntry full(std::string_view action) {
  return {7, "2026-11-21T22:03:25.120Z", {make_uuid(), "ward", "clinician", "10.0.0.7", std::string(action), "answered", "network-1", "1:ab", "1:cd"}};
}

TEST(Fhir, EveryActionGivesAResourceThatKeepsTheRulesOfR4) {
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    const Json event = to_fhir(full(name_of(action)), kLog);
    kAuditEvent(event, std::string(name_of(action)));
    EXPECT_EQ(event["action"], std::string(1, static_cast<char>(facts_of(action).deed)));
    EXPECT_EQ(event["subtype"].back()["code"], std::string(name_of(action)));
  }
}

TEST(Fhir, EveryMemberMayBeMissingOrOdd) {
  std::string Entry::* const members[] = {&Entry::request_id, &Entry::actor, &Entry::role, &Entry::client_address, &Entry::outcome, &Entry::model_version, &Entry::subject, &Entry::commitment};
  for (unsigned bits = 0; bits < 1u << std::size(members); ++bits) {
    LoggedEntry logged = full("diagnose");
    for (std::size_t i = 0; i < std::size(members); ++i)
      if ((bits >> i & 1) != 0) (logged.entry.*members[i]).clear();
    kAuditEvent(to_fhir(logged, kLog), std::to_string(bits));
  }
  LoggedEntry odd = full("flown.by.another.version");
  odd.entry.request_id = "no uuid";
  odd.entry.client_address = "ward-7.example";
  const Json event = to_fhir(odd, kLog);
  kAuditEvent(event, "odd");
  EXPECT_EQ(event["agent"][0]["network"]["type"], "1") << "a name, no address";
}

TEST(Fhir, SaysWhatTheEntrySays) {
  LoggedEntry logged = full("predict");
  const Json event = to_fhir(logged, kLog);
  EXPECT_EQ(event["id"], std::string(16, 'a') + "-7");
  EXPECT_EQ(event["recorded"], logged.time);
  EXPECT_EQ(event["outcome"], "0");
  EXPECT_EQ(event["agent"][0]["who"]["identifier"]["value"], "ward");
  EXPECT_EQ(event["agent"][0]["role"][0]["coding"][0]["code"], "clinician");
  EXPECT_EQ(event["agent"][0]["network"], (Json{{"address", "10.0.0.7"}, {"type", "2"}}));
  EXPECT_EQ(event["source"]["site"], "commands");
  ASSERT_EQ(event["entity"].size(), 3u);
  EXPECT_EQ(event["entity"][0]["what"]["identifier"]["value"], "urn:uuid:" + logged.entry.request_id);
  EXPECT_EQ(event["entity"][0]["detail"][0]["valueString"], "1:cd");
  EXPECT_EQ(event["entity"][1]["what"]["identifier"]["value"], "1:ab");
  EXPECT_EQ(event["entity"][2]["what"]["identifier"]["value"], "network-1");
  logged.entry.also_shown = {"1:ef", "1:01"};
  const Json shown = to_fhir(logged, kLog);
  kAuditEvent(shown, "more patients");
  ASSERT_EQ(shown["entity"].size(), 5u);
  EXPECT_EQ(shown["entity"][3]["what"]["identifier"], (Json{{"system", "urn:osler:patient-token"}, {"value", "1:01"}}));
  logged.entry.outcome = "refused:invalid";
  EXPECT_EQ(to_fhir(logged, kLog)["outcome"], "4");
  logged.entry.outcome = "unavailable";
  EXPECT_EQ(to_fhir(logged, kLog)["outcome"], "8");
}

}  // namespace
}  // namespace osler::audit
