#include "cases/postgres/postgres_store.h"

#include "cases/postgres/connection.h"
#include "cases/sql/schema.h"
#include "cases/sql/sql_store.h"

namespace osler::cases {

Result<std::unique_ptr<Store>> open_postgres_store(const vault::KeyRing& keys, const PostgresOptions& options) {
  TRY_VOID(postgres::check_address(options.url));
  const auto open = [options]() -> Result<std::unique_ptr<sql::Connection>> {
    return std::unique_ptr<sql::Connection>(TRY(postgres::Connection::open(options.url, options.timeouts)));
  };
  TRY_VOID([&]() -> Result<void> {  // on a connection of its own: what it looked at has changed under it
    const std::unique_ptr<sql::Connection> connection = TRY(open());
    return sql::prepare_schema(*connection, keys);
  }());
  auto pool = std::make_unique<sql::Pool>(open, options.connections, sql::kTimeLimit);
  return std::unique_ptr<Store>(std::make_unique<sql::SqlStore>(std::make_unique<sql::Database>(sql::Dialect::postgres, std::move(pool))));
}

}  // namespace osler::cases
