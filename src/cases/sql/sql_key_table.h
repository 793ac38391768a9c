// KeyTable in SQL.
#pragma once

#include "cases/key_table.h"
#include "cases/sql/database.h"

namespace osler::cases::sql {

class SqlKeyTable final : public KeyTable {
 public:
  explicit SqlKeyTable(Database& database) : database_(database) {}
  Result<std::vector<KeyVersionUse>> versions() override;
  Result<void> note(vault::KeyVersion version, const Digest& check_value) override;
  Result<std::vector<WrappedKey>> wrapped_under(vault::KeyVersion version, std::size_t limit) override;
  Result<std::size_t> replace(std::span<const Rewrapped> keys) override;
  Result<void> forget(vault::KeyVersion version) override;
  Result<std::optional<vault::SealedText>> secret(std::string_view name) override;
  Result<void> put_secret(std::string_view name, const vault::SealedText& sealed) override;
  Result<void> replace_secret(std::string_view name, const vault::SealedText& sealed) override;

 private:
  Database& database_;
};

}  // namespace osler::cases::sql
