// Entries as FHIR R4 AuditEvent resources (hl7.org/fhir/R4/auditevent.html), for what a hospital gathers its audit records in.
#pragma once

#include <string>

#include "audit/entry.h"
#include "base/json.h"

namespace osler::audit {

/// Which log an entry stands in.
struct LogIdentity {
  std::string name;        // of its folder
  std::string public_key;  // 64 hexadecimal digits
};

/// One resource that says what the entry says and nothing else. Its id is `<first 16 digits of the log's public key>-<index>`: the same entry always gives
/// the same resource, and no two entries of any logs share one.
Json to_fhir(const LoggedEntry& entry, const LogIdentity& log);

}  // namespace osler::audit
