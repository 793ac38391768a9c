// The store of several machines: a PostgreSQL database with pgvector.
#pragma once

#include <memory>
#include <string>

#include "cases/postgres/address.h"
#include "cases/store.h"
#include "vault/key_ring.h"

namespace osler::cases {

struct PostgresOptions {
  std::string url;              // as check_address() takes it
  std::size_t connections = 8;  // at most, opened when they are needed; leave some of the server's max_connections to others
  postgres::Timeouts timeouts{};
};

/// Opens the store, or makes its tables in a database that is there, or brings older ones forward. ErrorCode::configuration for an address beyond this
/// machine without verified TLS, a newer schema, a store written under another key, and a server without pgvector; unavailable when it cannot be reached.
/// A connection that breaks later is replaced at the next call. `keys` is used during the call only.
Result<std::unique_ptr<Store>> open_postgres_store(const vault::KeyRing& keys, const PostgresOptions& options);

}  // namespace osler::cases
