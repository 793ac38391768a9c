#include "cases/sql/sealed_keys.h"

namespace osler::cases::sql {

namespace {

constexpr Query kInsert{"insert_key", "INSERT INTO sealed_keys(table_name, row_id, key_version, wrapped_key) VALUES($1, $2, $3, $4)"};
constexpr Query kDelete{"delete_key", "DELETE FROM sealed_keys WHERE table_name = $1 AND row_id = $2"};

}  // namespace

Result<Statement> insert_key(std::string_view table, std::string_view row, ByteView wrapped_key) {
  const vault::KeyVersion version = TRY(vault::version_of(wrapped_key));
  return Statement{&kInsert, {table, row, std::int64_t{version}, wrapped_key}};
}

Statement delete_key(std::string_view table, std::string_view row) { return {&kDelete, {table, row}}; }

}  // namespace osler::cases::sql
