// osler migrate.
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/trust.h"
#include "base/json.h"
#include "cases/sql/schema_steps.h"

namespace osler::app {

int migrate(const Config& config, Output output) {
  Result<Trust> trust = open_store_alone(config);  // opening a store migrates it
  if (!trust) return refuse(trust.error());
  const Result<std::uint64_t> count = trust->store->count();
  if (!count) return refuse(count.error());
  if (output == Output::json) std::cout << Json{{"schema", cases::sql::kSchemaVersion}, {"records", *count}}.dump(2) << "\n";
  else std::printf("The store has schema %lld and holds %llu records.\n", static_cast<long long>(cases::sql::kSchemaVersion), static_cast<unsigned long long>(*count));
  return 0;
}

}  // namespace osler::app
