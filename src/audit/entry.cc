#include "audit/entry.h"

#include <algorithm>

#include "base/json.h"

namespace osler::audit {

namespace {

struct Member {
  const char* name;
  std::string Entry::*field;
};

constexpr const char* kAlsoShown = "also_shown";  // not there where it would be empty

constexpr Member kMembers[] = {
    {"request_id", &Entry::request_id}, {"actor", &Entry::actor},
    {"role", &Entry::role},             {"client", &Entry::client_address},
    {"action", &Entry::action},         {"outcome", &Entry::outcome},
    {"model", &Entry::model_version},   {"subject", &Entry::subject},
    {"commitment", &Entry::commitment},
};

Error not_canonical() { return make_error(ErrorCode::corrupted, "An audit entry is damaged.", "not a canonical entry"); }

}  // namespace

std::string to_canonical_json(const LoggedEntry& logged) {
  Json json;
  json["index"] = logged.index;
  json["time"] = logged.time;
  for (const Member& member : kMembers) json[member.name] = logged.entry.*member.field;
  if (!logged.entry.also_shown.empty()) json[kAlsoShown] = logged.entry.also_shown;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<LoggedEntry> parse_entry(std::string_view text) {
  Result<Json> json = parse_json(text);
  if (!json || !json->is_object()) return not_canonical();
  LoggedEntry logged;
  const auto index = json->find("index");
  const auto time = json->find("time");
  if (index == json->end() || !index->is_number_unsigned() || time == json->end() || !time->is_string()) return not_canonical();
  logged.index = index->get<std::uint64_t>();
  logged.time = time->get<std::string>();
  for (const Member& member : kMembers) {
    const auto value = json->find(member.name);
    if (value == json->end() || !value->is_string()) return not_canonical();
    logged.entry.*member.field = value->get<std::string>();
  }
  if (const auto shown = json->find(kAlsoShown); shown != json->end()) {
    const bool is_list = shown->is_array() && std::all_of(shown->begin(), shown->end(), [](const Json& one) { return one.is_string(); });
    if (!is_list) return not_canonical();
    logged.entry.also_shown = shown->get<std::vector<std::string>>();
  }
  if (to_canonical_json(logged) != text) return not_canonical();
  return logged;
}

}  // namespace osler::audit
