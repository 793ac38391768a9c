#include "cases/sql/sql_api_keys.h"

#include <algorithm>

#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

constexpr Query kAdd{"add_api_key",
    "INSERT INTO api_keys(name, role, prefix, digest, created_ms, expires_ms, revoked_ms) VALUES($1, $2, $3, $4, $5, $6, $7)"};
constexpr Query kAll{"api_keys", "SELECT name, role, prefix, digest, created_ms, expires_ms, revoked_ms FROM api_keys ORDER BY name", "tttbiII"};
constexpr Query kRevoke{"revoke_api_key", "UPDATE api_keys SET revoked_ms = coalesce(revoked_ms, $2) WHERE name = $1"};

std::optional<WallTime> time_of(const Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(from_ms(row.number(column)));
}

}  // namespace

Result<void> SqlApiKeys::add(const StoredApiKey& key) {
  return database_.write([&](Connection& connection) -> Result<void> {
    TRY(connection.run(kAdd, std::string_view(key.name), std::string_view(key.role), std::string_view(key.prefix), ByteView(key.digest), to_ms(key.created),
                       to_ms(key.expires), to_ms(key.revoked)));
    return ok();
  });
}

Result<std::vector<StoredApiKey>> SqlApiKeys::all() {
  return database_.read([](Connection& connection) -> Result<std::vector<StoredApiKey>> {
    Rows rows = TRY(connection.run(kAll));
    std::vector<StoredApiKey> list;
    for (Row& row : rows) {
      StoredApiKey key{row.text(0), row.text(1), row.text(2), {}, from_ms(row.number(4)), time_of(row, 5), time_of(row, 6)};
      if (row.bytes(3).size() != key.digest.size()) return make_error(ErrorCode::corrupted, "The store of API keys is damaged.");
      std::copy(row.bytes(3).begin(), row.bytes(3).end(), key.digest.begin());
      list.push_back(std::move(key));
    }
    return list;
  });
}

Result<void> SqlApiKeys::revoke(std::string_view name, WallTime when) {
  return database_.write([&](Connection& connection) -> Result<void> {
    if (TRY(connection.run(kRevoke, name, to_ms(when))).changed != 0) return ok();
    return make_error(ErrorCode::not_found, "There is no API key of this name.");
  });
}

}  // namespace osler::cases::sql
