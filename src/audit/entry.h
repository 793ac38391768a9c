// What the audit log says of one interaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace osler::audit {

/// Ids, names of our own and keyed values only: an entry never holds PHI, and never a plain hash of it.
struct Entry {
  std::string request_id;
  std::string actor;           // key name, or "trial", or "system"
  std::string role;
  std::string client_address;
  std::string action;          // "diagnose", "log.recovered", ...
  std::string outcome;         // "answered", "refused:invalid", ...
  std::string model_version;   // empty when no model took part
  std::string subject;         // keyed token of the patient id, or empty
  std::string commitment;      // keyed commitment to the stored record, or empty
  std::vector<std::string> also_shown{};  // keyed tokens of other patients of whom the answer showed something, each once

  bool operator==(const Entry&) const = default;
};

/// An entry in its place. Indexes count from 0 without gaps.
struct LoggedEntry {
  std::uint64_t index = 0;
  std::string time;  // RFC 3339, UTC, milliseconds
  Entry entry;

  bool operator==(const LoggedEntry&) const = default;
};

/// The canonical form: one JSON object without white space, members in the order of docs/formats/audit_log.md. Equal
/// entries give equal bytes. These bytes are the Merkle leaf. Bytes that are not UTF-8 become U+FFFD.
std::string to_canonical_json(const LoggedEntry& entry);

/// ErrorCode::corrupted for anything but a canonical form.
Result<LoggedEntry> parse_entry(std::string_view json);

}  // namespace osler::audit
