#include "cases/sql/sql_key_table.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "cases/sql/sealed_keys.h"

namespace osler::cases::sql {

namespace {

constexpr std::string_view kSecretTable = "secrets";

constexpr Query kVersions{"key_versions",
    "SELECT version, check_value, (SELECT count(*) FROM sealed_keys WHERE key_version = version) FROM key_versions ORDER BY version", "ibi"};
constexpr Query kCheckValue{"key_check_value", "SELECT check_value FROM key_versions WHERE version = $1", "b"};
constexpr Query kNote{"add_key_version",
    "INSERT INTO key_versions(version, check_value) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM forgotten_key_versions WHERE version = $1)"};
constexpr Query kForget{"delete_key_version", "DELETE FROM key_versions WHERE version = $1"};
constexpr Query kRememberForgotten{"forgotten_key_version", "INSERT INTO forgotten_key_versions(version) VALUES($1) ON CONFLICT(version) DO NOTHING"};
constexpr Query kWrappedUnder{"wrapped_under", "SELECT table_name, row_id, wrapped_key FROM sealed_keys WHERE key_version = $1 LIMIT $2", "ttb"};
constexpr Query kReplace{"replace_key",
    "UPDATE sealed_keys SET wrapped_key = $4, key_version = $5 WHERE table_name = $1 AND row_id = $2 AND wrapped_key = $3"};
constexpr Query kSecret{"secret",
    "SELECT wrapped_key, payload FROM secrets JOIN sealed_keys ON table_name = 'secrets' AND row_id = name WHERE name = $1", "bb"};
constexpr Query kPutSecret{"put_secret", "INSERT INTO secrets(name, payload) VALUES($1, $2)"};

constexpr Query kDeleteSecret{"delete_secret", "DELETE FROM secrets WHERE name = $1"};

/// note() and forget() exclude each other, and let through who stores under a version. SQLite has one writer anyway.
constexpr QueryPair kLock{{"lock_key_versions", "SELECT 1 WHERE 0", "i"}, {"lock_key_versions", "LOCK TABLE key_versions IN SHARE ROW EXCLUSIVE MODE"}};

std::string versioned(vault::KeyVersion version) { return "key version " + std::to_string(version); }

Error conflict(std::string external, vault::KeyVersion version) { return make_error(ErrorCode::conflict, std::move(external), versioned(version)); }

}  // namespace

Result<std::vector<KeyVersionUse>> SqlKeyTable::versions() {
  return database_.read([](Connection& connection) -> Result<std::vector<KeyVersionUse>> {
    Rows rows = TRY(connection.run(kVersions));
    std::vector<KeyVersionUse> list;
    for (Row& row : rows) {
      KeyVersionUse use{static_cast<vault::KeyVersion>(row.number(0)), {}, row.count(2)};
      if (row.bytes(1).size() != use.check_value.size()) return make_error(ErrorCode::corrupted, "The store of records is damaged.", versioned(use.version));
      std::copy(row.bytes(1).begin(), row.bytes(1).end(), use.check_value.begin());
      list.push_back(use);
    }
    return list;
  });
}

Result<void> SqlKeyTable::note(vault::KeyVersion version, const Digest& check_value) {
  return database_.write([&](Connection& connection) -> Result<void> {
    Transaction transaction = TRY(Transaction::begin(connection));
    TRY(connection.run(kLock.in(connection.dialect())));
    Rows known = TRY(connection.run(kCheckValue, std::int64_t{version}));
    if (!known.empty()) {
      if (constant_time_equal(known[0].bytes(0), check_value)) return ok();
      return conflict("The store knows another key of this version.", version);
    }
    if (TRY(connection.run(kNote, std::int64_t{version}, ByteView(check_value))).changed == 0)
      return conflict("The store has retired this version of the key.", version);
    return transaction.commit();
  });
}

Result<std::vector<WrappedKey>> SqlKeyTable::wrapped_under(vault::KeyVersion version, std::size_t limit) {
  return database_.read([&](Connection& connection) -> Result<std::vector<WrappedKey>> {
    Rows rows = TRY(connection.run(kWrappedUnder, std::int64_t{version}, static_cast<std::int64_t>(limit)));
    std::vector<WrappedKey> list;
    for (Row& row : rows) list.push_back({std::move(row.text(0)), std::move(row.text(1)), std::move(row.bytes(2))});
    return list;
  });
}

Result<std::size_t> SqlKeyTable::replace(std::span<const Rewrapped> keys) {
  // In the order in which a removal takes them (SqlStore::remove): so neither waits for the other in a circle.
  std::vector<std::reference_wrapper<const Rewrapped>> in_order(keys.begin(), keys.end());
  std::sort(in_order.begin(), in_order.end(), [](const Rewrapped& one, const Rewrapped& other) {
    return std::tie(one.before.table, one.before.row) < std::tie(other.before.table, other.before.row);
  });
  std::vector<Statement> statements;
  for (const Rewrapped& key : in_order) {
    const vault::KeyVersion version = TRY(vault::version_of(key.after));
    statements.push_back({&kReplace, {key.before.table, key.before.row, ByteView(key.before.wrapped), ByteView(key.after), std::int64_t{version}}});
  }
  return database_.write([&](Connection& connection) -> Result<std::size_t> {
    std::size_t replaced = 0;
    for (const std::uint64_t changed : TRY(connection.run_all(statements))) replaced += changed;
    return replaced;
  });
}

Result<void> SqlKeyTable::forget(vault::KeyVersion version) {
  return database_.write([&](Connection& connection) -> Result<void> {
    Transaction transaction = TRY(Transaction::begin(connection));
    TRY(connection.run(kLock.in(connection.dialect())));
    const Result<Rows> deleted = connection.run(kForget, std::int64_t{version});
    // Something refers to it still.
    if (!deleted && deleted.error().code == ErrorCode::not_found) return conflict("Data keys are wrapped under this version still.", version);
    if (!deleted) return deleted.error();
    TRY(connection.run(kRememberForgotten, std::int64_t{version}));
    return transaction.commit();
  });
}

Result<std::optional<vault::SealedText>> SqlKeyTable::secret(std::string_view name) {
  return database_.read([&](Connection& connection) -> Result<std::optional<vault::SealedText>> {
    Rows rows = TRY(connection.run(kSecret, name));
    if (rows.empty()) return std::optional<vault::SealedText>();
    return std::optional(vault::SealedText{std::move(rows[0].bytes(0)), std::move(rows[0].bytes(1))});
  });
}

Result<void> SqlKeyTable::replace_secret(std::string_view name, const vault::SealedText& sealed) {
  const std::vector<Statement> statements = {delete_key(kSecretTable, name), {&kDeleteSecret, {name}}, {&kPutSecret, {name, ByteView(sealed.payload)}},
                                             TRY(insert_key(kSecretTable, name, sealed.wrapped_key))};
  return database_.write([&](Connection& connection) -> Result<void> {
    TRY(connection.run_all(statements));
    return ok();
  });
}

Result<void> SqlKeyTable::put_secret(std::string_view name, const vault::SealedText& sealed) {
  const std::vector<Statement> statements = {{&kPutSecret, {name, ByteView(sealed.payload)}}, TRY(insert_key(kSecretTable, name, sealed.wrapped_key))};
  return database_.write([&](Connection& connection) -> Result<void> {
    TRY(connection.run_all(statements));
    return ok();
  });
}

}  // namespace osler::cases::sql
