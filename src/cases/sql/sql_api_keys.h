// ApiKeys in SQL.
#pragma once

#include "cases/api_keys.h"
#include "cases/sql/database.h"

namespace osler::cases::sql {

class SqlApiKeys final : public ApiKeys {
 public:
  explicit SqlApiKeys(Database& database) : database_(database) {}
  Result<void> add(const StoredApiKey& key) override;
  Result<std::vector<StoredApiKey>> all() override;
  Result<void> revoke(std::string_view name, WallTime when) override;

 private:
  Database& database_;
};

}  // namespace osler::cases::sql
